"""The reply to a step: both items that were asked about, the group's own question, and the sentence for all else."""

from __future__ import annotations

from typing import Protocol

import pytest

from bot.answering.compose import Composer
from bot.answering.messages import Answer, Choices
from bot.dialogue.reply import HOTLINE, Reply, apology, reply_to
from bot.dialogue.resolve import resolve
from bot.dialogue.thread import Thread
from bot.query import Decision, Query
from bot.wording import Wording
from knowledge.model import Facet, SourceLines
from knowledge.vocabulary.look_alikes import Case, LookAlikes
from tests.bot.making import base_of, fact, item, query


def group(name: str, question: str, **cases: str) -> LookAlikes:
    """Return a group with a *question* and a case for each item."""
    return LookAlikes(name, question, tuple(Case(id_, when, SourceLines(1, 1)) for id_, when in cases.items()), ())


BASE = base_of(
    item("report", "社保卡挂失", fact("身份证", 11), fact("当场办", 12, Facet.TIME_LIMIT)),
    item("replace", "社保卡补领", fact("身份证和照片", 21), fact("15个工作日", 22, Facet.TIME_LIMIT)),
    item("cancel", "社保卡注销", fact("死亡证明", 31)),
    item("retire", "职工正常退休", fact("档案", 41)),
)
CARDS = group("cards", "您要办社保卡的哪一步？", report="刚丢", replace="要新卡", cancel="不用了")
LOST = group("lost", "您的卡还找得到吗？", report="也许找得到", replace="找不到了")


class Answering(Protocol):
    """Replies to a query, with the groups of look-alikes that there are."""

    def __call__(self, asked: Query, *groups: LookAlikes) -> Reply: ...


@pytest.fixture
def answer(composer: Composer, wording: Wording) -> Answering:
    """Reply as the actions do."""

    def reply(asked: Query, *groups: LookAlikes) -> Reply:
        return reply_to(resolve(asked, Thread(), BASE), asked, BASE, composer, wording, "某市", groups)

    return reply


def shown(reply: Reply) -> list[tuple[str, str]]:
    """Return item and facet of each answer."""
    return [(message.item.id, message.facet) for message in reply.messages if isinstance(message, Answer)]


def choices(reply: Reply) -> list[str]:
    """Return the lines of the question back."""
    [message] = [message for message in reply.messages if isinstance(message, Choices)]
    return message.text.splitlines()


# ---------------------------------------------------------------- answers


def test_a_message_about_one_item_is_answered_for_the_first(answer: Answering) -> None:
    assert shown(answer(query("怎么补卡", items=["replace", "report"], facets=["materials"]))) == [
        ("replace", "materials")
    ]


@pytest.mark.parametrize("items", [("report", "replace"), ("replace", "report")])
def test_a_message_about_two_items_is_answered_for_both_in_the_order_asked(
    answer: Answering, items: tuple[str, str]
) -> None:
    reply = answer(query("挂失和补卡", items=[*items, "retire"], facets=["materials", "time_limit"], asked=2))
    assert shown(reply) == [(id_, facet) for id_ in items for facet in ("materials", "time_limit")]
    assert [candidate.id for candidate in reply.items] == [*items, "retire"]


def test_an_item_of_the_two_that_the_base_does_not_hold_leaves_one(answer: Answering) -> None:
    for items in (("gone", "replace"), ("replace", "gone")):
        reply = answer(query("挂失和补卡", items=[*items, "retire"], facets=["materials"], asked=2))
        assert (reply.decision, shown(reply)) == (Decision.ANSWER, [("replace", "materials")])


def test_the_items_of_a_reply_have_the_bases_titles_and_the_querys_confidence(answer: Answering) -> None:
    [first, *_] = answer(query("怎么补卡", items=["replace"])).items
    assert (first.title, first.confidence) == ("社保卡补领", 0.9)


# ---------------------------------------------------------------- asking back


def asked_back(*items: str) -> Query:
    """Return a query that is asked back with *items* to choose from."""
    return query("卡的事", Decision.CLARIFY, items, ["fee"])


def test_choices_of_look_alikes_ask_the_groups_question_and_show_each_case(answer: Answering) -> None:
    assert choices(answer(asked_back("cancel", "report"), CARDS)) == [
        "您要办社保卡的哪一步？回复数字就行。",
        "1. 社保卡注销（不用了）",
        "2. 社保卡挂失（刚丢）",
    ]


def test_of_several_groups_the_smallest_asks(answer: Answering) -> None:
    for groups in ((CARDS, LOST), (LOST, CARDS)):
        assert choices(answer(asked_back("report", "replace"), *groups))[0] == "您的卡还找得到吗？回复数字就行。"


PLAIN = [(("report", "retire"), (CARDS, LOST)), (("report", "replace", "cancel"), (LOST,)), (("report", "replace"), ())]


@pytest.mark.parametrize(("items", "groups"), PLAIN)
def test_choices_of_no_group_ask_the_plain_question(
    answer: Answering, wording: Wording, items: tuple[str, ...], groups: tuple[LookAlikes, ...]
) -> None:
    [question, *lines] = choices(answer(asked_back(*items), *groups))
    assert question == wording.say("clarify")
    assert lines == [f"{number}. {BASE.by_id[id_].title}" for number, id_ in enumerate(items, 1)]


def test_one_choice_alone_has_nothing_to_be_separated_from(answer: Answering, wording: Wording) -> None:
    assert choices(answer(asked_back("report"), CARDS)) == [wording.say("clarify"), "1. 社保卡挂失"]


def test_without_choices_the_question_is_open(answer: Answering, wording: Wording) -> None:
    assert [message.text for message in answer(asked_back(), CARDS).messages] == [wording.say("clarify_open")]


def test_a_number_never_offered_is_said_to_be_none_before_the_groups_question(
    composer: Composer, wording: Wording
) -> None:
    picked = query("7", Decision.OOS)
    step = resolve(picked, Thread(offered=("report", "replace")), BASE)
    first, second = reply_to(step, picked, BASE, composer, wording, "某市", [CARDS]).messages
    assert first.text == wording.say("no_such_choice", count=2)
    assert second.text.startswith("您要办社保卡的哪一步？")


# ---------------------------------------------------------------- everything else

ELSE = [
    (Decision.CHITCHAT, "thanks", "thanks"),
    (Decision.CHITCHAT, "never heard of", "greeting"),
    (Decision.OOS, "amount", "oos_amount"),
    (Decision.OOS, "other_city", "oos_other_city"),
    (Decision.OOS, "never heard of", "oos"),
    (Decision.HANDOFF, "complaint", "handoff_complaint"),
    (Decision.HANDOFF, "never heard of", "handoff_person"),
]


@pytest.mark.parametrize(("decision", "topic", "key"), ELSE)
def test_what_is_no_question_gets_the_sentence_of_its_topic(
    answer: Answering, wording: Wording, decision: Decision, topic: str, key: str
) -> None:
    reply = answer(query("……", decision, topic=topic))
    assert reply.messages[0].text == wording.say(key, office=BASE.document.office, city="某市")
    assert (reply.decision, reply.items, reply.facets) == (decision, (), ())


def test_a_hand_over_and_an_apology_give_a_number_to_call(answer: Answering, wording: Wording) -> None:
    for reply in (answer(query("转人工", Decision.HANDOFF, topic="person")), apology(wording)):
        assert [message.as_json()["number"] for message in reply.messages[1:]] == [HOTLINE]
