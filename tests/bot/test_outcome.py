"""How a turn ends: one of the closed list, told from what it came to and what was said."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from datetime import date

import pytest

from bot.dialogue.reply import apology
from bot.dialogue.situation import NOTHING_SPECIAL, Person, Situation
from bot.dialogue.thread import Thread
from bot.query import Decision, Query
from bot.records.outcomes import Outcome
from bot.wording import Wording
from knowledge.model import Facet
from knowledge.values import Heading, Validity
from tests.bot.making import NOW, Talk, asks, branch, fact, ground_of, item, query

UNTIL_2022 = Validity(date(2022, 1, 1), date(2022, 12, 31))
GROUND = ground_of(
    item("retire", "职工正常退休", fact("档案", 11), fact("线上", 12, Facet.PROCESS, value=Heading())),
    item("relief", "缓缴", fact("困难企业。", 21, Facet.CONDITIONS, validity=UNTIL_2022), fact("申请表", 22)),
    item("claim", "社保卡申领", *(fact(f"材料{n}", 31 + n, under=["甲" if n < 3 else "乙"]) for n in range(6))),
    branches=[asks("claim", "您是哪一种？", branch("甲类", "甲"), branch("乙类", "乙"))],
)
WAITING = Situation(person=Person.WAITING, ticket="0601-001")


def papers(*items: str, facets: tuple[str, ...] = ("materials",), asked: int = 1) -> Query:
    return query("要什么材料", items=items, facets=facets, asked=asked)


def elsewhere(decision: Decision, topic: str) -> Query:
    return query("……", decision, topic=topic)


ENDS = [
    (papers("retire"), Outcome.ANSWERED),
    (papers("retire", facets=("materials", "fee")), Outcome.PARTLY_ANSWERED),
    (papers("retire", facets=("process",)), Outcome.PARTLY_ANSWERED),
    (papers("claim"), Outcome.NARROWED),
    (papers("claim", facets=("materials", "fee")), Outcome.PARTLY_ANSWERED),
    (replace(papers("retire"), silent_on="amount"), Outcome.PARTLY_ANSWERED),
    (papers("relief"), Outcome.EXPIRED_POLICY),
    (papers("retire", "claim", asked=2), Outcome.ANSWERED),
    (query("卡", Decision.CLARIFY, ["retire", "claim"]), Outcome.CLARIFIED),
    (query("那个", Decision.CLARIFY), Outcome.CLARIFIED),
    (elsewhere(Decision.OOS, "amount"), Outcome.NOT_IN_GUIDE),
    (elsewhere(Decision.OOS, "other_city"), Outcome.NOT_IN_GUIDE),
    (elsewhere(Decision.OOS, "never heard of"), Outcome.NOT_IN_GUIDE),
    (elsewhere(Decision.OOS, "own_record"), Outcome.OWN_RECORD),
    (elsewhere(Decision.OOS, "unreadable"), Outcome.UNREADABLE),
    (elsewhere(Decision.OOS, "gibberish"), Outcome.UNREADABLE),
    (elsewhere(Decision.OOS, "foreign"), Outcome.UNREADABLE),
    (elsewhere(Decision.OOS, "injection"), Outcome.UNREADABLE),
    (elsewhere(Decision.CHITCHAT, "thanks"), Outcome.SMALL_TALK),
    (elsewhere(Decision.HANDOFF, "person"), Outcome.HANDED_OFF),
    (elsewhere(Decision.HANDOFF, "anger"), Outcome.HANDED_OFF),
    (elsewhere(Decision.HANDOFF, "complaint"), Outcome.COMPLAINT),
    (elsewhere(Decision.HANDOFF, "crisis"), Outcome.CRISIS),
]


@pytest.mark.parametrize(("asked", "outcome"), ENDS)
def test_a_turn_in_a_new_thread_ends_in(asked: Query, outcome: Outcome) -> None:
    assert Talk(GROUND).say(asked).outcome is outcome


def after(thread: Thread, text: str, situation: Situation = NOTHING_SPECIAL) -> Outcome:
    return Talk(GROUND, thread=thread).say(query(text, Decision.OOS, topic="gibberish"), situation).outcome


SEEN = NOW.timestamp()
LATER = [
    (lambda: after(Thread(item="claim", facets=("materials",), asking="claim", at=SEEN), "2"), Outcome.NARROWED),
    (lambda: after(Thread(item="claim", facets=("materials",), asking="claim", at=SEEN), "全部"), Outcome.ANSWERED),
    (lambda: after(Thread(offered=("retire", "claim"), at=SEEN), "9"), Outcome.CLARIFIED),
    (lambda: after(Thread(failed=2, at=SEEN), "阿巴"), Outcome.HANDED_OFF),
    (lambda: after(Thread(), "取消", WAITING), Outcome.SMALL_TALK),
    (lambda: after(Thread(), "〔手机号〕", Situation(contact_left=True, ticket="0601-001")), Outcome.HANDED_OFF),
    (lambda: after(Thread(), "补卡要什么", Situation(person=Person.TAKEN, ticket="1")), Outcome.SILENT),
]


@pytest.mark.parametrize(("led", "outcome"), LATER)
def test_a_turn_in_the_middle_of_a_conversation_ends_in(led: Callable[[], Outcome], outcome: Outcome) -> None:
    assert led() is outcome


def test_a_turn_that_broke_has_failed(wording: Wording) -> None:
    assert apology(wording).outcome is Outcome.FAILED


def test_every_outcome_of_the_list_is_one_that_a_turn_may_end_in() -> None:
    assert {outcome for _, outcome in (*ENDS, *LATER)} | {Outcome.FAILED} == set(Outcome)
