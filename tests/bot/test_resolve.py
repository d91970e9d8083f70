"""What a query means in its thread: follow-ups, choices, corrections, new questions, and what leaves it alone."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

import pytest

from bot.dialogue.resolve import resolve
from bot.dialogue.situation import NOTHING_SPECIAL, Person, Situation
from bot.dialogue.steps import Step
from bot.dialogue.thread import Thread
from bot.query import MAX_ITEMS, Decision, Query
from knowledge.model import Facet
from tests.bot.making import NOW, evidence_of, fact, ground_of, group, item, query

CARDS = group("cards", "您的卡还在吗？", replace="不在了", report="也许还在")
GROUND = ground_of(
    item("replace", "社保卡补领", fact("身份证", 11), fact("不收费", 12, Facet.FEE)),
    item("report", "社保卡挂失", fact("身份证", 21)),
    item("retire", "职工正常退休", fact("档案", 31), fact("19个工作日", 32, Facet.TIME_LIMIT)),
    item("enroll", "职工参保登记"),
    look_alikes=[CARDS],
)
OFFERED = Thread(offered=("replace", "report"), facets=("fee",))
NEW = Thread()


def meant(asked: Query, thread: Thread = NEW, situation: Situation = NOTHING_SPECIAL, minutes: int = 0) -> Step:
    """Return what *asked* comes to in *thread*, some *minutes* after its last turn."""
    return resolve(asked, replace(thread, at=NOW.timestamp()), GROUND, NOW + timedelta(minutes=minutes), situation)


def unchanged(step: Step, thread: Thread) -> bool:
    """Tell whether *step* left everything of *thread* but its time as it was."""
    return replace(step.thread, at=None) == replace(thread, at=None)


def follow_up(text: str = "那要多久", *facets: str) -> Query:
    """Return a message that asks on and names no item."""
    return query(text, Decision.CLARIFY, (), facets or ("time_limit",), "followup")


# ---------------------------------------------------------------- questions and follow-ups


def test_a_question_is_answered_and_starts_a_thread() -> None:
    step = meant(query("补卡要什么", items=["replace", "report"], facets=["materials"]))
    assert (step.decision, step.items, step.facets) == (Decision.ANSWER, ("replace", "report"), ("materials",))
    assert (step.thread.item, step.thread.facets, step.thread.at) == ("replace", ("materials",), NOW.timestamp())


@pytest.mark.parametrize("topic", ["followup", ""])
def test_a_follow_up_keeps_the_item_and_changes_the_facet(topic: str) -> None:
    asked = query("那要多久", Decision.CLARIFY, ["retire"], ["time_limit"], topic, names_item=False)
    step = meant(asked, Thread(item="replace", facets=("materials",)))
    assert (step.decision, step.items[0], step.facets) == (Decision.ANSWER, "replace", ("time_limit",))
    assert (step.thread.item, step.thread.facets) == ("replace", ("time_limit",))


def test_a_new_item_changes_the_item_and_remembers_the_one_before() -> None:
    asked = query("退休要什么", items=["retire"], facets=["materials"])
    step = meant(asked, Thread(item="replace", facets=("fee",)))
    assert (step.items[0], step.facets) == ("retire", ("materials",))
    assert (step.thread.item, step.thread.former) == ("retire", ("replace",))


def test_an_item_named_without_an_aspect_is_asked_the_same_as_the_one_before() -> None:
    step = meant(query("那职工退休呢", items=["retire"], facets=["overview"]), Thread(item="replace", facets=("fee",)))
    assert (step.items[0], step.facets) == ("retire", ("fee",))


def test_a_whole_question_is_asked_for_itself_whatever_was_asked_before() -> None:
    asked = query("我想问一下职工正常退休应该怎么办理才好", items=["retire"], facets=["overview"])
    assert meant(asked, Thread(item="replace", facets=("fee",))).facets == ("overview",)


def test_a_vague_question_that_names_items_asks_back_even_within_a_thread() -> None:
    vague = evidence_of({"report": 0.25, "replace": 0.25}, right=0.25, other_item=0.25, clarify=0.5)
    asked = query("卡的事", Decision.CLARIFY, ["report", "replace"], ["overview"], evidence=vague)
    step = meant(asked, Thread(item="retire"))
    assert (step.decision, step.items) == (Decision.CLARIFY, ("report", "replace"))


@pytest.mark.parametrize(
    "thread", [Thread(item="replace"), Thread(item="enroll", facets=("materials",), offered=("report", "replace"))]
)
def test_what_is_in_doubt_by_itself_is_not_after_what_was_said_before(thread: Thread) -> None:
    asked = query("是仲裁判的呢", Decision.CLARIFY, ["replace", "retire"], ["materials"])
    step = meant(asked, thread)
    assert (step.decision, step.items[0], step.facets) == (Decision.ANSWER, "replace", ("materials",))


def test_a_follow_up_without_a_thread_asks_back_and_keeps_what_was_asked() -> None:
    asked = query("那要多久", Decision.CLARIFY, ["retire"], ["time_limit"], "followup", names_item=False)
    step = meant(asked)
    assert step.decision is Decision.CLARIFY
    assert step.thread.facets == ("time_limit",)


def test_a_question_without_a_facet_gets_the_overview() -> None:
    assert meant(query("补卡", items=["replace"])).facets == ("overview",)


def test_asking_on_without_picking_a_choice_is_answered_for_the_first_and_that_is_said() -> None:
    step = meant(follow_up(), OFFERED)
    assert (step.decision, step.items[0], step.notes) == (Decision.ANSWER, "replace", ("assumed",))
    assert step.note_values["title"] == "社保卡补领"


# ---------------------------------------------------------------- two items at once


def test_a_message_about_two_items_is_answered_for_both_in_the_order_asked() -> None:
    asked = query("先挂失再补卡", items=["report", "replace", "retire"], facets=["materials"], asked=2)
    step = meant(asked)
    assert (step.decision, step.items, step.asked) == (Decision.ANSWER, ("report", "replace", "retire"), 2)
    assert step.facets == ("materials",)


def test_the_thread_goes_on_with_the_first_of_two_items() -> None:
    step = meant(query("先挂失再补卡", items=["report", "replace"], facets=["fee"], asked=2), OFFERED)
    assert (step.thread.item, step.thread.facets, step.thread.offered) == ("report", ("fee",), ())


@pytest.mark.parametrize(
    ("items", "left"),
    [(("gone", "replace"), "replace"), (("replace", "gone"), "replace"), (("report", "gone"), "report")],
)
def test_of_two_items_the_one_that_vanished_from_the_base_leaves_the_other(items: tuple[str, str], left: str) -> None:
    step = meant(query("先挂失再补卡", items=[*items, "retire"], facets=["fee"], asked=2))
    assert (step.decision, step.items[: step.asked]) == (Decision.ANSWER, (left,))
    assert step.thread.item == left


def test_two_items_that_both_vanished_are_not_answered() -> None:
    step = meant(query("先挂失再补卡", items=["gone", "lost"], asked=2))
    assert (step.decision, step.items) == (Decision.CLARIFY, ())


def test_a_question_about_one_item_is_answered_for_one() -> None:
    assert meant(query("补卡要什么", items=["replace", "report"])).asked == 1


def test_a_message_about_two_items_within_a_thread_is_no_follow_up() -> None:
    asked = query("挂失和补卡要多久", items=["report", "replace"], facets=["time_limit"], asked=2)
    step = meant(asked, Thread(item="retire"))
    assert step.items[: step.asked] == ("report", "replace")


@pytest.mark.parametrize("asked", [1, 2])
def test_what_was_understood_survives_the_tracker(asked: int) -> None:
    understood = query("先挂失再补卡", items=["report", "replace"], facets=["fee"], asked=asked)
    assert understood.evidence is not None
    assert Query.from_record(understood.as_record()) == understood


def test_what_could_not_be_read_survives_the_tracker_too() -> None:
    unread = replace(query("？？", Decision.OOS, topic="unreadable"), evidence=None)
    assert Query.from_record(unread.as_record()) == unread


# ---------------------------------------------------------------- choices


@pytest.mark.parametrize(
    "text",
    ["2", "第二个", "选2", "二", "最后一个", "挂失", "社保卡挂失", "２", "我选第二个吧。", "好的，2", "社保卡 挂失"],
)
def test_a_choice_by_number_ordinal_or_words_answers_what_was_asked_before(text: str) -> None:
    step = meant(query(text, Decision.OOS), OFFERED)
    assert (step.decision, step.items, step.facets) == (Decision.ANSWER, ("report",), ("fee",))
    assert (step.thread.item, step.thread.offered) == ("report", ())


@pytest.mark.parametrize("text", ["也许还在", "还在的那个"])
def test_a_choice_among_look_alikes_is_picked_by_what_makes_it_so(text: str) -> None:
    assert meant(query(text, Decision.OOS), OFFERED).items == ("report",)


def test_a_choice_with_a_typo_in_it_is_picked_all_the_same() -> None:
    step = meant(query("职工正长退休", Decision.OOS), Thread(offered=("replace", "retire"), facets=("fee",)))
    assert step.items == ("retire",)


def test_a_choice_that_asks_for_an_aspect_is_answered_on_that() -> None:
    step = meant(query("挂失打什么电话", Decision.CLARIFY, facets=["phone"]), Thread(offered=("replace", "report")))
    assert (step.decision, step.facets) == (Decision.ANSWER, ("phone",))


@pytest.mark.parametrize("text", ["3", "6", "第五个", "7", "0", "12"])
def test_a_number_out_of_range_asks_again(text: str) -> None:
    step = meant(query(text, Decision.OOS), OFFERED)
    assert (step.decision, step.items, step.topic) == (Decision.CLARIFY, ("replace", "report"), "no_such_choice")
    assert step.thread.offered == OFFERED.offered


def test_a_number_without_open_choices_is_no_choice() -> None:
    step = meant(query("2", Decision.OOS, topic="gibberish"), Thread(item="retire"))
    assert step.decision is Decision.OOS


def test_another_question_instead_of_a_choice_is_answered() -> None:
    step = meant(query("退休要带什么", items=["retire"], facets=["materials"]), OFFERED)
    assert (step.items[0], step.thread.offered) == ("retire", ())


def test_none_of_the_choices_asks_openly_and_offers_them_no_more() -> None:
    step = meant(query("都不是", Decision.OOS), OFFERED)
    assert (step.decision, step.items, step.topic) == (Decision.CLARIFY, (), "none_of_these")
    assert step.thread.offered == ()


# ---------------------------------------------------------------- corrections and going back


def test_a_plain_no_after_an_answer_asks_what_it_is_then_and_does_not_say_it_again() -> None:
    step = meant(query("不是", Decision.CHITCHAT, topic="acknowledge"), Thread(item="replace", facets=("fee",)))
    assert (step.decision, step.items, step.topic) == (Decision.CLARIFY, (), "none_of_these")


def test_a_plain_no_at_the_beginning_is_small_talk() -> None:
    assert meant(query("不是", Decision.CHITCHAT, topic="acknowledge")).decision is Decision.CHITCHAT


def test_a_correction_turns_to_the_look_alike_and_keeps_what_was_asked() -> None:
    """By itself the message says too little; right after 补领, a look-alike of it must be meant."""
    either = evidence_of({"replace": 0.25, "report": 0.25}, right=0.25, other_item=0.25, clarify=0.5)
    asked = query("不是，是卡那个", Decision.CLARIFY, ["replace", "report"], ["overview"], evidence=either)
    step = meant(asked, Thread(item="replace", facets=("materials",)))
    assert (step.decision, step.items[0], step.facets) == (Decision.ANSWER, "report", ("materials",))


def test_pointing_back_goes_on_with_the_former_item() -> None:
    thread = Thread(item="replace", facets=("fee",), former=("retire", "enroll"))
    step = meant(follow_up("刚才那个要多久"), thread)
    assert (step.items[0], step.facets) == ("retire", ("time_limit",))
    assert step.thread.former == ("replace", "enroll")


def test_pointing_back_to_a_former_item_by_its_name_finds_it() -> None:
    doubtful = evidence_of({"enroll": 0.3, "retire": 0.3}, right=0.3, other_item=0.3, clarify=0.4)
    asked = query("刚才那个退休的要带什么", Decision.CLARIFY, ["enroll", "retire"], ["materials"], evidence=doubtful)
    step = meant(asked, Thread(item="replace", former=("report", "retire")))
    assert (step.decision, step.items[0]) == (Decision.ANSWER, "retire")


# ---------------------------------------------------------------- silence


def test_after_half_an_hour_nothing_is_known_any_more_of_who_is_asking_and_what_was_chosen() -> None:
    thread = Thread(item="replace", facets=("fee",), told="个人", applicant="个人", chosen=(("replace", "坏了"),))
    step = meant(query("退休要什么", items=["retire"]), thread, minutes=31)
    assert (step.applicant, step.thread.told, step.thread.chosen) == (None, None, ())


def test_within_half_an_hour_it_goes_on() -> None:
    step = meant(follow_up(), Thread(item="replace", facets=("fee",)), minutes=29)
    assert (step.decision, step.items[0], step.notes) == (Decision.ANSWER, "replace", ())


def test_after_half_an_hour_numbers_pick_nothing_any_more() -> None:
    step = meant(query("2", Decision.OOS, topic="gibberish"), OFFERED, minutes=31)
    assert (step.decision, step.items) == (Decision.OOS, ())


@pytest.mark.parametrize("text", ["刚才那个要多久", "那要多久"])
def test_a_thread_picked_up_after_silence_is_said_to_be(text: str) -> None:
    step = meant(follow_up(text), Thread(item="replace", facets=("fee",)), minutes=31)
    assert (step.items[0], step.facets, step.notes) == ("replace", ("time_limit",), ("picked_up_again",))


def test_so_it_is_where_the_resident_points_back_and_names_the_matter() -> None:
    asked = query("刚才那个补卡的要多久", items=["replace"], facets=["time_limit"])
    assert meant(asked, Thread(item="replace"), minutes=31).notes == ("picked_up_again",)


@pytest.mark.parametrize("items", [["replace"], ["retire"]])
def test_a_whole_question_after_silence_is_a_new_one_and_nothing_is_said(items: list[str]) -> None:
    asked = query("补卡要什么", items=items, facets=["materials"])
    assert meant(asked, Thread(item="replace"), minutes=31).notes == ()


# ---------------------------------------------------------------- asked back at most twice


def test_the_third_time_in_a_row_that_it_is_not_clear_the_candidates_are_offered_as_they_are() -> None:
    topics, thread = [], Thread()
    asked = query("卡的事", Decision.CLARIFY, ["report", "replace"], ["overview"])
    for _ in range(4):
        step = resolve(replace(asked, evidence=None), thread, GROUND, NOW)
        topics.append(step.topic)
        thread = step.thread
    assert topics == ["", "", "asked_enough", "asked_enough"]


def test_an_answer_in_between_begins_counting_anew() -> None:
    step = meant(query("补卡要什么", items=["replace"]), Thread(asked_back=2, failed=2))
    assert (step.thread.asked_back, step.thread.failed) == (0, 0)


# ---------------------------------------------------------------- a person after turns that came to nothing

NOTHING = {
    "not understood": query("阿巴", Decision.OOS, topic="gibberish"),
    "not readable": replace(query("？？", Decision.OOS, topic="unreadable"), evidence=None),
    "no item": replace(query("那个事", Decision.CLARIFY), evidence=None),
    "no such number": query("9", Decision.OOS),
}


@pytest.mark.parametrize("asked", NOTHING.values(), ids=NOTHING)
def test_the_third_turn_in_a_row_that_comes_to_nothing_calls_a_person(asked: Query) -> None:
    topics, thread = [], OFFERED
    for _ in range(3):
        step = resolve(asked, thread, GROUND, NOW)
        topics.append((step.decision is Decision.HANDOFF, step.topic == "failed_turns"))
        thread = replace(step.thread, offered=OFFERED.offered)
    assert topics == [(False, False), (False, False), (True, True)]
    assert thread.failed == 0


@pytest.mark.parametrize(
    "between", [query("谢谢", Decision.CHITCHAT, topic="thanks"), query("补卡要什么", items=["replace"])]
)
def test_a_turn_that_came_to_something_breaks_the_row(between: Query) -> None:
    assert meant(between, Thread(failed=2)).thread.failed == 0


def test_a_question_out_of_the_guide_is_no_failed_turn() -> None:
    assert meant(query("能领多少钱", Decision.OOS, topic="amount"), Thread(failed=1)).thread.failed == 0


def test_none_of_the_choices_for_the_third_time_calls_a_person() -> None:
    step = meant(query("都不是", Decision.OOS), replace(OFFERED, failed=2))
    assert (step.decision, step.topic) == (Decision.HANDOFF, "failed_turns")


# ---------------------------------------------------------------- a base that changed meanwhile


def test_an_item_that_vanished_from_the_base_is_not_offered() -> None:
    step = meant(query("卡", Decision.CLARIFY, ["gone", "replace"]))
    assert (step.items, step.thread.offered) == (("replace",), ("replace",))


def test_an_item_that_vanished_from_the_base_is_not_answered() -> None:
    step = meant(query("卡", items=["gone"]))
    assert (step.decision, step.items) == (Decision.CLARIFY, ())


def test_a_follow_up_on_an_item_that_vanished_asks_back_and_says_why() -> None:
    step = meant(follow_up(), Thread(item="gone", facets=("fee",)))
    assert (step.decision, step.notes, step.thread.item) == (Decision.CLARIFY, ("item_gone",), None)


def test_it_is_said_once() -> None:
    first = meant(query("谢谢", Decision.CHITCHAT, topic="thanks"), Thread(item="gone"))
    assert first.notes == ("item_gone",)
    assert meant(query("谢谢", Decision.CHITCHAT, topic="thanks"), first.thread).notes == ()


def test_who_turns_to_another_matter_need_not_be_told() -> None:
    assert meant(query("退休要什么", items=["retire"]), Thread(item="gone")).notes == ()


def test_instead_of_an_item_that_vanished_no_more_are_offered_than_can_be_shown() -> None:
    many = {"gone": 0.9} | {f"other-{number}": 0.01 for number in range(11)}
    ground = ground_of(*(item(id_, id_) for id_ in many if id_ != "gone"))
    asked = query("卡", items=["gone"], evidence=evidence_of(many, right=0.9, other_item=0.1))
    step = resolve(asked, Thread(item="other-1"), ground, NOW)
    assert step.decision is Decision.CLARIFY
    assert 1 <= len(step.items) <= MAX_ITEMS


def test_numbers_keep_their_meaning_when_an_offered_item_vanishes() -> None:
    thread = Thread(offered=("gone", "replace", "report"))
    assert meant(query("2", Decision.OOS), thread).items == ("replace",)


def test_a_number_out_of_range_does_not_bring_back_an_item_that_vanished() -> None:
    step = meant(query("6", Decision.OOS), Thread(offered=("gone", "replace", "report")))
    assert step.items == ("replace", "report")


def test_a_number_after_all_choices_vanished_asks_openly_and_not_about_an_older_matter() -> None:
    step = meant(query("1", Decision.OOS), Thread(item="retire", offered=("gone", "lost")))
    assert (step.decision, step.items) == (Decision.CLARIFY, ())


def in_edition(paper: str) -> Step:
    """Return what comes of asking on, in an edition of the guide by which *paper* is to be brought."""
    before = ground_of(item("replace", "社保卡补领", fact("身份证", 11)))
    after = ground_of(item("replace", "社保卡补领", fact(paper, 87)))
    thread = resolve(query("补卡要什么", items=["replace"], facets=["materials"]), Thread(), before, NOW).thread
    return resolve(follow_up(), thread, after, NOW)


def test_an_item_that_a_new_edition_changed_is_said_to_be_and_that_once() -> None:
    step = in_edition("身份证和照片")
    assert step.notes == ("item_changed",)
    again = resolve(follow_up(), step.thread, ground_of(item("replace", "社保卡补领", fact("身份证和照片", 87))), NOW)
    assert again.notes == ()


def test_an_item_that_only_moved_to_other_lines_has_not_changed() -> None:
    assert in_edition("身份证").notes == ()


# ---------------------------------------------------------------- what leaves the thread alone


@pytest.mark.parametrize("decision", [Decision.CHITCHAT, Decision.OOS, Decision.HANDOFF])
def test_small_talk_and_the_like_do_not_break_the_thread(decision: Decision) -> None:
    thread = Thread(item="replace", facets=("fee",), applicant="个人", chosen=(("replace", "坏了"),))
    step = meant(query("谢谢", decision, topic="thanks"), thread)
    assert (step.decision, step.items, step.facets) == (decision, (), ())
    assert unchanged(step, thread)


def test_small_talk_leaves_the_choices_open() -> None:
    thanked = meant(query("谢谢", Decision.CHITCHAT, topic="thanks"), OFFERED)
    assert meant(query("1", Decision.OOS), thanked.thread).items == ("replace",)


def test_asking_for_the_hours_does_not_break_the_thread_whatever_was_understood() -> None:
    step = meant(query("你们几点下班", Decision.OOS, topic="daily"), OFFERED)
    assert (step.decision, step.topic) == (Decision.OOS, "opening_hours")
    assert unchanged(step, OFFERED)


def test_the_applicant_is_remembered_until_another_is_named() -> None:
    first = meant(query("退休", items=["retire"], applicant="企业"))
    second = meant(query("补卡", items=["replace"]), first.thread)
    third = meant(query("退休", items=["retire"], applicant="个人"), second.thread)
    assert (first.applicant, second.applicant, third.applicant) == ("企业", "企业", "个人")


def test_only_the_residents_own_words_tell_who_is_asking() -> None:
    guessed = meant(query("退休要什么", items=["retire"], applicant="灵活就业人员"))
    told = meant(query("灵活就业的退休要什么", items=["retire"], applicant="灵活就业人员"))
    assert (guessed.thread.applicant, guessed.thread.told) == ("灵活就业人员", None)
    assert (told.thread.applicant, told.thread.told) == ("灵活就业人员", "灵活就业人员")


# ---------------------------------------------------------------- a person


def test_while_a_person_has_the_conversation_nothing_is_said_and_nothing_forgotten() -> None:
    step = meant(query("补卡要什么", items=["replace"]), OFFERED, Situation(person=Person.TAKEN, ticket="0601-001"))
    assert (step.decision, step.topic, step.items) == (Decision.HANDOFF, "silent", ())
    assert unchanged(step, OFFERED)


def test_while_nobody_has_taken_it_questions_are_answered() -> None:
    step = meant(query("补卡要什么", items=["replace"]), NEW, Situation(person=Person.WAITING, ticket="0601-001"))
    assert (step.decision, step.items) == (Decision.ANSWER, ("replace",))


def test_who_waits_for_a_person_can_call_it_off() -> None:
    step = meant(query("取消", Decision.CLARIFY, ["report"]), OFFERED, Situation(person=Person.WAITING, ticket="1"))
    assert (step.decision, step.topic) == (Decision.CHITCHAT, "called_off")
    assert unchanged(step, OFFERED)


def test_who_waits_for_nobody_calls_nothing_off() -> None:
    step = meant(query("算了", Decision.CLARIFY, ["report"]), OFFERED)
    assert (step.decision, step.topic) == (Decision.CHITCHAT, "acknowledge")


def test_a_number_left_on_the_ticket_is_confirmed_and_read_as_nothing_else() -> None:
    left = Situation(person=Person.WAITING, ticket="0601-001", masked=True, contact_left=True)
    step = meant(query("〔手机号〕", Decision.OOS, topic="personal_data"), OFFERED, left)
    assert (step.decision, step.topic) == (Decision.HANDOFF, "contact_left")
    assert unchanged(step, OFFERED)


def test_a_situation_survives_rasas_metadata() -> None:
    told = Situation("wechat", Person.WAITING, "0601-001", masked=True, contact_left=True, elder=True)
    assert Situation.from_metadata(told.as_metadata()) == told


@pytest.mark.parametrize("metadata", [None, {}, {"locale": "zh"}])
def test_a_message_that_came_past_the_engine_is_in_no_special_situation(metadata: dict[str, object] | None) -> None:
    assert Situation.from_metadata(metadata) == NOTHING_SPECIAL


# ---------------------------------------------------------------- the office itself


def test_the_offices_telephone_is_that_of_the_matter_in_hand() -> None:
    asked = query("社保局电话多少", Decision.OOS, topic="other_city", names_item=False)
    step = meant(asked, Thread(item="retire", facets=("materials",)))
    assert (step.decision, step.items, step.facets) == (Decision.ANSWER, ("retire",), ("phone",))


def test_without_a_matter_it_is_asked_back_for_with_the_aspect_kept() -> None:
    asked = query("社保局怎么走", Decision.CLARIFY, ["enroll", "retire"], ["process"], names_item=False)
    step = meant(asked)
    assert (step.decision, step.facets, step.thread.facets) == (Decision.CLARIFY, ("location",), ("location",))


def test_beside_an_open_question_the_choices_stay_and_the_aspect_is_taken_over() -> None:
    asked = query("社保大厅地址", Decision.OOS, names_item=False)
    step = meant(asked, OFFERED)
    assert (step.decision, step.items, step.thread.facets) == (Decision.CLARIFY, ("replace", "report"), ("location",))


def test_the_name_of_an_item_that_was_not_offered_answers_the_open_question_too() -> None:
    asked = query("退休的", items=["retire"], facets=["conditions"])
    step = meant(asked, replace(OFFERED, facets=("phone",)))
    assert (step.decision, step.items[0], step.facets) == (Decision.ANSWER, "retire", ("phone",))
