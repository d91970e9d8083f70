"""What a query means in its thread: follow-ups, choices, new questions, and what small talk leaves alone."""

from __future__ import annotations

import pytest

from bot.dialogue.resolve import resolve
from bot.dialogue.thread import Thread
from bot.query import Decision, Query
from tests.bot.making import base_of, item, query

BASE = base_of(item("replace", "社保卡补领"), item("report", "社保卡挂失"), item("retire", "职工正常退休"))
OFFERED = Thread(offered=("replace", "report"), facets=("fee",))

# ---------------------------------------------------------------- questions and follow-ups


def test_a_question_is_answered_and_starts_a_thread() -> None:
    step = resolve(query("补卡要什么", items=["replace", "report"], facets=["materials"]), Thread(), BASE)
    assert (step.decision, step.items, step.facets) == (Decision.ANSWER, ("replace", "report"), ("materials",))
    assert step.thread == Thread(item="replace", facets=("materials",))


@pytest.mark.parametrize("topic", ["followup", ""])
def test_a_follow_up_keeps_the_item_and_changes_the_facet(topic: str) -> None:
    asked = query("那要多久", Decision.CLARIFY, ["retire"], ["time_limit"], topic, names_item=False)
    step = resolve(asked, Thread(item="replace", facets=("materials",)), BASE)
    assert (step.decision, step.items, step.facets) == (Decision.ANSWER, ("replace",), ("time_limit",))
    assert (step.thread.item, step.thread.facets) == ("replace", ("time_limit",))


def test_a_new_item_changes_the_item() -> None:
    asked = query("退休要什么", items=["retire"], facets=["materials"])
    step = resolve(asked, Thread(item="replace", facets=("fee",)), BASE)
    assert (step.items, step.facets, step.thread.item) == (("retire",), ("materials",), "retire")


def test_a_vague_question_that_names_items_asks_back_even_within_a_thread() -> None:
    asked = query("卡的事", Decision.CLARIFY, ["report", "replace"], ["overview"])
    step = resolve(asked, Thread(item="retire"), BASE)
    assert (step.decision, step.items) == (Decision.CLARIFY, ("report", "replace"))


@pytest.mark.parametrize("thread", [Thread(item="replace"), Thread(item="retire", offered=("report", "replace"))])
def test_what_is_in_doubt_by_itself_is_not_after_what_was_said_before(thread: Thread) -> None:
    asked = query("是仲裁判的呢", Decision.CLARIFY, ["replace", "retire"], ["materials"])
    step = resolve(asked, thread, BASE)
    assert (step.decision, step.items, step.facets) == (Decision.ANSWER, ("replace",), ("materials",))


def test_a_follow_up_without_a_thread_asks_back() -> None:
    asked = query("那要多久", Decision.CLARIFY, ["retire"], ["time_limit"], "followup", names_item=False)
    step = resolve(asked, Thread(), BASE)
    assert step.decision is Decision.CLARIFY
    assert step.thread.facets == ("time_limit",)


def test_a_question_without_a_facet_gets_the_overview() -> None:
    assert resolve(query("补卡", items=["replace"]), Thread(), BASE).facets == ("overview",)


# ---------------------------------------------------------------- two items at once


def test_a_message_about_two_items_is_answered_for_both_in_the_order_asked() -> None:
    asked = query("先挂失再补卡", items=["report", "replace", "retire"], facets=["materials"], asked=2)
    step = resolve(asked, Thread(), BASE)
    assert (step.decision, step.items, step.asked) == (Decision.ANSWER, ("report", "replace", "retire"), 2)
    assert step.facets == ("materials",)


def test_the_thread_goes_on_with_the_first_of_two_items() -> None:
    step = resolve(query("先挂失再补卡", items=["report", "replace"], facets=["fee"], asked=2), OFFERED, BASE)
    assert step.thread == Thread(item="report", facets=("fee",), offered=())


@pytest.mark.parametrize(
    ("items", "left"),
    [(("gone", "replace"), "replace"), (("replace", "gone"), "replace"), (("report", "gone"), "report")],
)
def test_of_two_items_the_one_that_vanished_from_the_base_leaves_the_other(items: tuple[str, str], left: str) -> None:
    step = resolve(query("先挂失再补卡", items=[*items, "retire"], facets=["fee"], asked=2), Thread(), BASE)
    assert (step.decision, step.items[: step.asked]) == (Decision.ANSWER, (left,))
    assert step.thread.item == left


def test_two_items_that_both_vanished_are_not_answered() -> None:
    step = resolve(query("先挂失再补卡", items=["gone", "lost"], asked=2), Thread(), BASE)
    assert (step.decision, step.items) == (Decision.CLARIFY, ())


def test_a_question_about_one_item_is_answered_for_one() -> None:
    assert resolve(query("补卡要什么", items=["replace", "report"]), Thread(), BASE).asked == 1


def test_a_message_about_two_items_within_a_thread_is_no_follow_up() -> None:
    asked = query("挂失和补卡要多久", items=["report", "replace"], facets=["time_limit"], asked=2)
    step = resolve(asked, Thread(item="retire"), BASE)
    assert step.items[: step.asked] == ("report", "replace")


@pytest.mark.parametrize("asked", [1, 2])
def test_how_many_items_are_asked_about_survives_the_tracker(asked: int) -> None:
    understood = query("先挂失再补卡", items=["report", "replace"], asked=asked)
    assert Query.from_record(understood.as_record()) == understood


# ---------------------------------------------------------------- choices


@pytest.mark.parametrize("text", ["2", "第二个", "选2", "二", "最后一个", "挂失", "社保卡挂失", "２", "我选第二个吧。"])
def test_a_choice_by_number_ordinal_or_words_answers_what_was_asked_before(text: str) -> None:
    step = resolve(query(text, Decision.OOS), OFFERED, BASE)
    assert (step.decision, step.items, step.facets) == (Decision.ANSWER, ("report",), ("fee",))
    assert step.thread == Thread(item="report", facets=("fee",), offered=())


def test_a_choice_that_names_a_facet_asks_for_that() -> None:
    step = resolve(query("1", Decision.CLARIFY, facets=["phone"]), OFFERED, BASE)
    assert (step.items, step.facets) == (("replace",), ("phone",))


@pytest.mark.parametrize("text", ["3", "6", "第五个"])
def test_a_number_out_of_range_asks_again(text: str) -> None:
    step = resolve(query(text, Decision.OOS), OFFERED, BASE)
    assert (step.decision, step.items, step.topic) == (Decision.CLARIFY, ("replace", "report"), "no_such_choice")
    assert step.thread == OFFERED


@pytest.mark.parametrize("text", ["7", "0", "12"])
def test_a_number_far_out_of_range_asks_again_too(text: str) -> None:
    assert resolve(query(text, Decision.OOS), OFFERED, BASE).topic == "no_such_choice"


def test_a_number_without_open_choices_is_no_choice() -> None:
    assert resolve(query("2", Decision.OOS, topic="gibberish"), Thread(item="retire"), BASE).decision is Decision.OOS


def test_another_question_instead_of_a_choice_is_answered() -> None:
    step = resolve(query("退休要带什么", items=["retire"], facets=["materials"]), OFFERED, BASE)
    assert (step.items, step.thread.offered) == (("retire",), ())


# ---------------------------------------------------------------- a base that changed meanwhile


def test_an_item_that_vanished_from_the_base_is_not_offered() -> None:
    step = resolve(query("卡", Decision.CLARIFY, ["gone", "replace"]), Thread(), BASE)
    assert (step.items, step.thread.offered) == (("replace",), ("replace",))


def test_an_item_that_vanished_from_the_base_is_not_answered() -> None:
    step = resolve(query("卡", items=["gone"]), Thread(), BASE)
    assert (step.decision, step.items) == (Decision.CLARIFY, ())


def test_a_follow_up_on_an_item_that_vanished_asks_back() -> None:
    asked = query("那要多久", Decision.CLARIFY, facets=["time_limit"], topic="followup", names_item=False)
    assert resolve(asked, Thread(item="gone"), BASE).decision is Decision.CLARIFY


def test_numbers_keep_their_meaning_when_an_offered_item_vanishes() -> None:
    thread = Thread(offered=("gone", "replace", "report"))
    assert resolve(query("2", Decision.OOS), thread, BASE).items == ("replace",)


def test_a_number_out_of_range_does_not_bring_back_an_item_that_vanished() -> None:
    step = resolve(query("6", Decision.OOS), Thread(offered=("gone", "replace", "report")), BASE)
    assert step.items == ("replace", "report")


# ---------------------------------------------------------------- what leaves the thread alone


@pytest.mark.parametrize("decision", [Decision.CHITCHAT, Decision.OOS, Decision.HANDOFF])
def test_small_talk_and_the_like_do_not_break_the_thread(decision: Decision) -> None:
    thread = Thread(item="replace", facets=("fee",), applicant="个人")
    step = resolve(query("谢谢", decision, topic="thanks"), thread, BASE)
    assert (step.decision, step.items, step.facets) == (decision, (), ())
    assert step.thread == thread


def test_small_talk_leaves_the_choices_open() -> None:
    thanked = resolve(query("谢谢", Decision.CHITCHAT, topic="thanks"), OFFERED, BASE)
    assert resolve(query("1", Decision.OOS), thanked.thread, BASE).items == ("replace",)


def test_the_applicant_is_remembered_until_another_is_named() -> None:
    first = resolve(query("退休", items=["retire"], applicant="企业"), Thread(), BASE)
    second = resolve(query("补卡", items=["replace"]), first.thread, BASE)
    third = resolve(query("退休", items=["retire"], applicant="个人"), second.thread, BASE)
    assert (first.applicant, second.applicant, third.applicant) == ("企业", "企业", "个人")


def test_a_thread_survives_the_tracker() -> None:
    thread = Thread("replace", ("fee", "phone"), ("report",), "个人")
    assert Thread.from_slots(thread.as_slots()) == thread
    assert Thread.from_slots({}) == Thread()
