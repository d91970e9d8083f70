"""A message weighed in its thread: what was just spoken of is likelier meant, a correction or a pointing back aside."""

from __future__ import annotations

from dataclasses import replace

import pytest

from bot.dialogue.cues import Cues, find_cues
from bot.dialogue.thread import Thread
from bot.dialogue.weighing import Habits, Kin, Weighed, weigh
from bot.query import Decision, Evidence
from bot.understanding.decide import Costs
from bot.understanding.evidence import OUTCOMES
from tests.bot.making import evidence_of

VAGUE = evidence_of({"replace": 0.25, "report": 0.25}, right=0.25, other_item=0.25, clarify=0.5)
"""Either of two items, or nothing that can be told."""
FOLLOW_UP = evidence_of({"report": 0.02}, right=0.02, followup=0.9, clarify=0.08)
SURE = evidence_of({"retire": 0.95, "replace": 0.05}, right=0.95, other_item=0.05)
NO_CUES = Cues()
HABITS = Habits()
NO_KIN = Kin()


def weighed(
    evidence: Evidence,
    thread: Thread,
    cues: Cues = NO_CUES,
    kin: Kin = NO_KIN,
    habits: Habits = HABITS,
) -> Weighed:
    return weigh(evidence, thread, kin, cues, Costs(), habits)


def first_of(found: Weighed) -> str:
    return found.items[0].id


def test_what_is_vague_stays_so_where_nothing_of_it_was_spoken_of() -> None:
    assert weighed(VAGUE, Thread(item="retire")).decision is Decision.CLARIFY


@pytest.mark.parametrize(
    "thread", [Thread(item="report"), Thread(item="retire", offered=("retire", "report")), Thread(former=("report",))]
)
def test_what_was_spoken_of_is_likelier_meant(thread: Thread) -> None:
    assert first_of(weighed(VAGUE, thread)) == "report"


@pytest.mark.parametrize("thread", [Thread(item="report"), Thread(offered=("report", "cancel"))])
def test_so_what_is_vague_by_itself_is_answered_after_it(thread: Thread) -> None:
    found = weighed(VAGUE, thread)
    assert (found.decision, first_of(found)) == (Decision.ANSWER, "report")


def test_a_follow_up_is_about_the_item_answered_last() -> None:
    found = weighed(FOLLOW_UP, Thread(item="retire"))
    assert (found.decision, first_of(found), found.followed_up) == (Decision.ANSWER, "retire", "retire")


def test_a_follow_up_to_choices_is_about_the_first_of_them() -> None:
    found = weighed(FOLLOW_UP, Thread(item="retire", offered=("replace", "report")))
    assert (first_of(found), found.followed_up) == ("replace", "replace")


def test_a_follow_up_in_a_thread_begun_anew_is_about_what_was_spoken_of_last() -> None:
    found = weighed(FOLLOW_UP, Thread(former=("retire", "report")))
    assert (found.decision, first_of(found)) == (Decision.ANSWER, "retire")


def test_a_follow_up_with_nothing_before_it_is_asked_back() -> None:
    found = weighed(FOLLOW_UP, Thread())
    assert (found.decision, found.followed_up) == (Decision.CLARIFY, None)


@pytest.mark.parametrize("text", ["那补卡呢", "不是，是补卡"])
def test_a_message_that_names_another_matter_or_corrects_may_be_taken_less_for_a_follow_up(text: str) -> None:
    either = evidence_of({"report": 0.5, "replace": 0.1}, right=0.5, other_item=0.1, followup=0.4)
    habits = Habits(switched_follow_up=0.05, corrected_follow_up=0.05)
    assert first_of(weighed(either, Thread(item="retire"), habits=habits)) == "retire"
    assert first_of(weighed(either, Thread(item="retire"), find_cues(text), habits=habits)) == "report"


def test_a_follow_up_that_points_back_is_about_the_item_before() -> None:
    found = weighed(FOLLOW_UP, Thread(item="retire", former=("replace", "report")), find_cues("刚才那个要多久"))
    assert (found.decision, first_of(found)) == (Decision.ANSWER, "replace")


def test_a_sure_question_is_answered_whatever_was_spoken_of() -> None:
    found = weighed(SURE, Thread(item="replace", former=("report",)))
    assert (found.decision, first_of(found), found.followed_up) == (Decision.ANSWER, "retire", None)


def test_a_correction_does_not_mean_what_was_just_answered() -> None:
    same = weighed(VAGUE, Thread(item="replace"))
    corrected = weighed(VAGUE, Thread(item="replace"), find_cues("不是我问的是卡"))
    assert (first_of(same), first_of(corrected)) == ("replace", "report")


def test_a_correction_means_a_look_alike_sooner_than_anything_else() -> None:
    three = evidence_of({"report": 0.2, "cancel": 0.2}, right=0.2, other_item=0.2, clarify=0.6)
    found = weighed(three, Thread(item="replace"), find_cues("不是我问的是卡"), Kin(relatives=("cancel",)))
    assert first_of(found) == "cancel"


STOPPING = Kin(of_act=("stop_other", "stop_card"), of_named=("stop_other",))
CLAIM_OR_STOP = evidence_of({"claim_other": 0.8, "stop_other": 0.1}, right=0.8, other_item=0.1, followup=0.1)
"""The other benefit is named; what is to be done with it was said before."""


def test_a_correction_keeps_what_is_to_be_done() -> None:
    found = weighed(CLAIM_OR_STOP, Thread(item="stop"), find_cues("不是我领的是补助金"), STOPPING)
    assert (found.decision, first_of(found)) == (Decision.ANSWER, "stop_other")


def test_a_correction_that_names_something_else_altogether_is_taken_at_its_word() -> None:
    card = evidence_of({"replace": 0.8, "stop_card": 0.1}, right=0.8, other_item=0.1, followup=0.1)
    assert first_of(weighed(card, Thread(item="stop"), find_cues("不是我问的是补卡"), STOPPING)) == "replace"


def test_a_correction_that_is_sure_of_itself_is_taken_at_its_word() -> None:
    sure = evidence_of({"claim_other": 0.93, "stop_other": 0.05}, right=0.93, other_item=0.05, followup=0.02)
    assert first_of(weighed(sure, Thread(item="stop"), find_cues("不是我问的是领补助金"), STOPPING)) == "claim_other"


def test_who_only_says_which_benefit_it_is_still_wants_the_same_done() -> None:
    sure = evidence_of({"claim_other": 0.93, "stop_other": 0.02}, right=0.93, other_item=0.02, followup=0.05)
    assert first_of(weighed(sure, Thread(item="stop"), find_cues("不是我领的其实是补助金"), STOPPING)) == "stop_other"


def test_who_only_names_another_matter_means_the_same_to_be_done_with_it() -> None:
    either = evidence_of({"claim_other": 0.4, "stop_other": 0.3}, right=0.4, other_item=0.3, clarify=0.3)
    assert first_of(weighed(either, Thread(item="stop"), find_cues("那补助金呢"), STOPPING)) == "stop_other"
    assert first_of(weighed(either, Thread(item="stop"), find_cues("补助金怎么领"), STOPPING)) == "claim_other"


def test_what_must_come_first_is_asked_about_the_matter_at_hand() -> None:
    named = evidence_of({"assess": 0.6}, right=0.6, followup=0.1)
    assert first_of(weighed(named, Thread(item="retire"), find_cues("那要怎么鉴定"))) == "assess"
    assert first_of(weighed(named, Thread(item="retire"), find_cues("要先去医院鉴定吗"))) == "retire"


@pytest.mark.parametrize("outcome", ["oos", "chitchat", "handoff"])
def test_small_talk_and_the_like_stay_what_they_are_in_a_thread(outcome: str) -> None:
    likely = {"right": 0.02, "followup": 0.03, outcome: 0.95}
    evidence = replace(VAGUE, likely={name: likely.get(name, 0.0) for name in OUTCOMES})
    assert weighed(evidence, Thread(item="replace")).decision.value == outcome


THREADS = [
    Thread(item="replace"),
    Thread(item="retire", offered=("replace", "report"), former=("cancel",)),
    Thread(former=("report", "retire")),
]


@pytest.mark.parametrize("thread", THREADS)
@pytest.mark.parametrize("evidence", [VAGUE, FOLLOW_UP, SURE])
def test_confidences_are_probabilities_the_likeliest_first(evidence: Evidence, thread: Thread) -> None:
    shares = [candidate.confidence for candidate in weighed(evidence, thread).items]
    assert shares == sorted(shares, reverse=True)
    assert all(0 <= share <= 1 for share in shares)
    assert sum(shares) <= 1 + 1e-9
