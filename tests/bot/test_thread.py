"""The thread of a conversation: what is open and what was spoken of, when it ends, and how the tracker keeps it."""

from __future__ import annotations

import json
from dataclasses import replace
from datetime import timedelta

import pytest

from bot.dialogue.thread import MAX_FORMER, SILENCE, SLOT, Said, Thread
from tests.bot.making import NOW

TALKED = Thread(
    item="replace",
    facets=("fee",),
    applicant="个人",
    told="个人",
    former=("report",),
    chosen=(("replace", "坏了"),),
    whole=("report",),
    at=NOW.timestamp(),
    digest="0123456789ab",
    explained=("承诺书",),
    log=(Said("补卡收钱吗", "answered", ("replace",), ("fee",)),),
)
OPEN = replace(TALKED, offered=("report", "replace"), asking="replace", ways=("facet:phone",), asked_back=1, failed=1)


# ---------------------------------------------------------------- silence


@pytest.mark.parametrize(("minutes", "is_silent"), [(0, False), (29, False), (30, False), (31, True), (60 * 24, True)])
def test_after_half_an_hour_of_silence_a_new_thread_begins(minutes: int, is_silent: bool) -> None:
    assert TALKED.is_silent_since(NOW + timedelta(minutes=minutes)) is is_silent


def test_a_thread_in_which_nothing_was_said_is_not_silent() -> None:
    assert not Thread().is_silent_since(NOW)


def test_half_an_hour_it_is() -> None:
    assert timedelta(minutes=30) == SILENCE


def test_a_thread_begun_anew_has_nothing_open_and_nobody_told_and_still_knows_what_was_spoken_of() -> None:
    assert OPEN.begun_anew() == Thread(former=("replace", "report"), log=TALKED.log)


# ---------------------------------------------------------------- items


def test_a_turn_to_another_item_makes_the_one_before_the_latest_of_the_former() -> None:
    after = TALKED.turned_to("retire", ("materials",))
    assert (after.item, after.facets, after.former) == ("retire", ("materials",), ("replace", "report"))


def test_a_turn_to_another_aspect_leaves_the_former_items_as_they_were() -> None:
    assert TALKED.turned_to("replace", ("phone",)).former == ("report",)


def test_a_turn_back_to_a_former_item_takes_it_out_of_them() -> None:
    assert TALKED.turned_to("report", ("phone",)).former == ("replace",)


def test_an_answer_closes_every_question_and_begins_counting_anew() -> None:
    after = OPEN.turned_to("replace", ("phone",))
    assert after == replace(TALKED, facets=("phone",))


def test_an_answer_forgets_neither_choices_nor_who_is_asking() -> None:
    after = OPEN.turned_to("retire", ("materials",))
    for name in ("applicant", "told", "chosen", "whole", "explained", "log"):
        assert getattr(after, name) == getattr(TALKED, name)


def test_only_the_latest_items_are_remembered() -> None:
    thread = Thread()
    for number in range(MAX_FORMER + 5):
        thread = thread.turned_to(f"item-{number}", ("fee",))
    newest = MAX_FORMER + 4
    assert thread.former == tuple(f"item-{newest - back}" for back in range(1, MAX_FORMER + 1))


def test_an_item_shown_whole_twice_is_remembered_once() -> None:
    assert TALKED.with_all_of("report").with_all_of("replace").with_all_of("report").whole == ("report", "replace")


# ---------------------------------------------------------------- in the tracker


@pytest.mark.parametrize("thread", [Thread(), TALKED, OPEN])
def test_a_thread_survives_the_tracker_which_keeps_json(thread: Thread) -> None:
    assert Thread.from_slots(json.loads(json.dumps(thread.as_slots()))) == thread


def test_what_is_empty_is_not_kept() -> None:
    assert Thread(item="replace", at=1.0).as_slots() == {SLOT: {"item": "replace", "at": 1.0}}


@pytest.mark.parametrize("kept", [{}, {SLOT: None}, {SLOT: {}}])
def test_a_slot_never_set_is_an_empty_thread(kept: dict[str, object]) -> None:
    assert Thread.from_slots(kept) == Thread()


def test_what_another_version_kept_beside_it_is_passed_over() -> None:
    assert Thread.from_slots({SLOT: {"item": "replace", "mood": "curious"}}) == Thread(item="replace")
