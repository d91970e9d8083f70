"""Conversations at random over the real guide: nothing false is shown, nothing missing, and there is always a way on.

WALKS=2000 pytest tests/bot/test_walks.py runs the full count; the suite runs some hundreds. Classifiers take no part:
queries are made by hand (tests/bot/walks.py), and every reply is judged by tests/bot/audit.py.
"""

from __future__ import annotations

import json
import os
import random
from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any

import pytest

from bot.answering.messages import Answer, Choices, Text
from bot.answering.messages import Message as Content
from bot.dialogue.calling import Called
from bot.dialogue.ground import Ground
from bot.dialogue.reply import Reply, Speech, reply_to
from bot.dialogue.resolve import resolve
from bot.dialogue.situation import Person, Situation
from bot.dialogue.steps import Step
from bot.dialogue.thread import Thread
from bot.office import office_of
from bot.query import Decision
from bot.records.outcomes import Outcome
from bot.settings import OFFICE_TIME
from bot.understanding.decide import Costs
from bot.wording import load_wording
from knowledge.model import Facet, KnowledgeBase
from knowledge.vocabulary import Vocabulary
from knowledge.vocabulary.acts import load_acts
from knowledge.vocabulary.branches import load_branches
from knowledge.vocabulary.glossary import load_glossary
from knowledge.vocabulary.look_alikes import load_look_alikes
from knowledge.vocabulary.ways_on import load_ways_on
from tests.bot.audit import Auditor
from tests.bot.making import Talk, asks, branch, fact, ground_of, item, query
from tests.bot.walks import Kind, ListKind, Memory, Message, Walker

WALKS = int(os.environ.get("WALKS", "400"))
TICKET = "0601-001"
LARGEST = 6000
"""Bytes of a stored conversation of short messages."""


@pytest.fixture(scope="module")
def ground(base: KnowledgeBase, vocabulary: Vocabulary) -> Ground:
    ids = [entry.id for entry in vocabulary.catalogue]
    return Ground(base, load_look_alikes(ids), load_branches(ids), load_ways_on(ids), load_acts(ids), Costs.load())


@pytest.fixture(scope="module")
def speeches(vocabulary: Vocabulary) -> tuple[Speech, Speech]:
    """How we speak as of a morning in June, and how to elder residents."""
    morning = datetime(2026, 6, 1, 9, tzinfo=OFFICE_TIME)
    office, glossary = office_of(vocabulary), load_glossary()
    first, second = (Speech(load_wording(elder=elder), office, glossary, morning) for elder in (False, True))
    return first, second


class Conversation:
    """One walk: what was said so far, where the thread stands, and what may be remembered of it."""

    def __init__(self, seed: int, ground: Ground, speech: Speech) -> None:
        self.seed = seed
        self.memories = [Memory()]
        self._walker = Walker(seed, ground, speech.wording)
        self._trying = Walker(seed, ground, speech.wording)  # another, so that the walk is the same, tried or not
        self._ground = ground
        self._speech = speech
        self._auditor = Auditor.of(ground, speech.wording)
        self._thread = Thread()
        self._person = Person.NONE
        self._transcript = [f"seed {seed}"]

    def turn(self) -> tuple[Message, Reply]:
        """Lead one turn; fail where there is something wrong with it."""
        message = self._walker.next_message(self.memories[0], self._person is Person.WAITING)
        now = self._speech.now + timedelta(minutes=message.minutes)
        self._speech = replace(self._speech, now=now)
        step, reply = self._reply(message)
        self._transcript += [f"> {message.query.text} ({message.kind.value})", *(m.text for m in reply.messages)]
        self.memories = self._judged(self.memories, message, reply)
        if step.decision is Decision.HANDOFF or step.topic == "called_off":
            self._person = Person.WAITING if step.decision is Decision.HANDOFF else Person.NONE
        kept = json.dumps(reply.thread.as_slots())
        assert len(kept) <= LARGEST, "\n".join([kept, *self._transcript])
        self._thread = Thread.from_slots(json.loads(kept))
        return message, reply

    def try_numbers(self, tried: set[object]) -> None:
        """Send every number of the list that is shown, each as if the others were not, unless it was *tried* before."""
        memory = self.memories[0]
        shown = memory.shown
        asked = (memory.facets, memory.told, memory.chosen) if shown and shown.kind is ListKind.CASES else None
        if shown is None or (shown, asked) in tried:
            return
        tried.add((shown, asked))
        for index in range(len(shown.labels)):
            message = self._trying.number(index)
            self._judged(self.memories, message, self._reply(message)[1])

    def _reply(self, message: Message) -> tuple[Step, Reply]:
        waiting = self._person is Person.WAITING
        situation = Situation(person=self._person, ticket=TICKET if waiting else None)
        step = resolve(message.query, self._thread, self._ground, self._speech.now, situation)
        called = Called(TICKET, 1, is_new=not waiting) if step.decision is Decision.HANDOFF else None
        return step, reply_to(step, message.query, self._ground, self._speech, situation, called)

    def _judged(self, memories: Sequence[Memory], message: Message, reply: Reply) -> list[Memory]:
        after, faults = self._auditor.follow(memories, message, reply)
        if faults:
            said = [f"> {message.query.text} ({message.kind.value})", *(m.text for m in reply.messages)]
            pytest.fail("\n".join([*faults, *self._transcript, "at last:", *said]), pytrace=False)
        return after


def walk(count: int, ground: Ground, speeches: tuple[Speech, Speech]) -> Counter[object]:
    """Lead *count* conversations; return how often each kind of message, decision and outcome came."""
    seen: Counter[object] = Counter()
    tried: set[object] = set()
    for seed in range(count):
        conversation = Conversation(seed, ground, speeches[seed % 4 == 0])
        for _ in range(random.Random(seed).randint(3, 10)):
            message, reply = conversation.turn()
            conversation.try_numbers(tried)
            seen.update([message.kind, reply.decision, reply.outcome])
    return seen


def test_no_conversation_shows_what_is_false_or_leaves_out_what_applies(
    ground: Ground, speeches: tuple[Speech, Speech]
) -> None:
    seen = walk(WALKS, ground, speeches)
    assert {*Kind, *Decision, *Outcome} - set(seen) == {Outcome.FAILED, Outcome.SILENT}


def test_nothing_is_lost_where_much_waits_for_an_answer(
    ground: Ground, speeches: tuple[Speech, Speech], monkeypatch: pytest.MonkeyPatch
) -> None:
    """The guide in force has no list so long that it waits; another edition may have."""
    monkeypatch.setattr("bot.dialogue.narrowing.SHORT", 60)
    monkeypatch.setattr("tests.bot.audit.LONG", 60)
    assert walk(WALKS // 4, ground, speeches)[Outcome.NARROWED] > WALKS // 8


# ---------------------------------------------------------------- the judge itself

PAPERS = Message(
    Kind.QUESTION,
    query("申领社保卡要带什么材料", items=["card_apply"], facets=["materials"]),
    ("card_apply",),
    ("materials",),
)
ALONE = Message(Kind.CHOICE, query("1", Decision.CLARIFY), picks=0)
"""A question that can be narrowed, and the choice of its first case."""

ALONE_OR_NOT = asks("claim", "您是自己办，还是单位办？", branch("自己办", "个人申请"), branch("单位办", "单位申请"))
LONG = ground_of(
    item(
        "claim",
        "待遇申领",
        *(fact("材" * 90, 10 + n, under=[case]) for case in ("个人申请", "单位申请") for n in range(8)),
    ),
    branches=[ALONE_OR_NOT],
)
ASKED_AT_LENGTH = Message(
    Kind.QUESTION, query("申领要带什么", items=["claim"], facets=["materials"]), ("claim",), ("materials",)
)
"""A question whose answer is so long that it waits for who is asking."""

MATERIALS = Facet.MATERIALS
NOWHERE = fact("户口簿", 7)
SILENT = load_wording().say("silent", facet=load_wording().facet("materials"))

Tamper = Callable[[Reply], Reply]


def with_messages(change: Callable[[Sequence[Content]], Sequence[Content]]) -> Tamper:
    return lambda reply: replace(reply, messages=tuple(change(reply.messages)))


def with_answer(**changes: Callable[[Answer], Any]) -> Tamper:
    """Change fields of the first answer."""

    def change(messages: Sequence[Content]) -> list[Content]:
        first = next(message for message in messages if isinstance(message, Answer))
        changed = replace(first, **{name: make(first) for name, make in changes.items()})
        return [changed if message is first else message for message in messages]

    return with_messages(change)


def with_list(**changes: Callable[[Choices], Any]) -> Tamper:
    """Change fields of the list."""
    return with_messages(
        lambda messages: [
            replace(m, **{name: make(m) for name, make in changes.items()}) if isinstance(m, Choices) else m
            for m in messages
        ]
    )


PLANTED: dict[str, tuple[Sequence[Message], Tamper]] = {
    "a fact is missing": ((PAPERS,), with_answer(facts=lambda answer: answer.facts[:-1])),
    "a fact is missing after a choice": ((PAPERS, ALONE), with_answer(facts=lambda answer: answer.facts[:-1])),
    "another case's fact is shown": (
        (PAPERS, ALONE),
        with_answer(facts=lambda answer: answer.item.facts_on(MATERIALS)),
    ),
    "a fact is of another item": ((PAPERS,), with_answer(facts=lambda answer: (*answer.facts, NOWHERE))),
    "facts change places": ((PAPERS,), with_answer(facts=lambda answer: answer.facts[::-1])),
    "a word is changed": ((PAPERS,), with_answer(text=lambda answer: answer.text.replace("原件", "复印件", 1))),
    "a line is wrong": ((PAPERS,), with_answer(text=lambda answer: answer.text.replace("318", "319", 1))),
    "the guide is said to be silent": ((PAPERS,), with_answer(text=lambda answer: answer.text + SILENT)),
    "another facet is answered": ((PAPERS,), with_answer(facet=lambda _answer: "fee")),
    "the narrowing is not said": ((PAPERS, ALONE), with_messages(lambda messages: messages[1:])),
    "nothing is said": ((PAPERS,), with_messages(lambda _messages: ())),
    "the decision is another": ((PAPERS,), lambda reply: replace(reply, decision=Decision.OOS)),
    "the facets are others": ((PAPERS,), lambda reply: replace(reply, facets=("fee",))),
    "the papers are counted wrong": (
        (PAPERS, ALONE),
        with_messages(
            lambda m: [replace(o, text=o.text.replace("4 样材料", "5 样材料")) if isinstance(o, Text) else o for o in m]
        ),
    ),
    "a choice sends another number": ((PAPERS,), with_list(choices=lambda asked: asked.choices[::-1])),
    "the list is numbered otherwise": ((PAPERS,), with_list(text=lambda asked: asked.text.replace("2.", "3."))),
    "a choice is missing": ((PAPERS,), with_list(choices=lambda asked: asked.choices[:1])),
}

WAITING: dict[str, Tamper] = {
    "that something waits is not said": with_messages(lambda m: [one for one in m if "分几种情况" not in one.text]),
    "what it waits for is not asked": with_messages(lambda m: [one for one in m if not isinstance(one, Choices)]),
}


@pytest.mark.parametrize("name", PLANTED)
def test_the_judge_finds_what_is_planted_and_nothing_where_nothing_is(
    ground: Ground, speeches: tuple[Speech, Speech], name: str
) -> None:
    messages, tamper = PLANTED[name]
    assert found(messages, tamper, ground, speeches[0])


@pytest.mark.parametrize("name", WAITING)
def test_the_judge_finds_what_is_planted_where_the_answer_waits(speeches: tuple[Speech, Speech], name: str) -> None:
    assert found([ASKED_AT_LENGTH], WAITING[name], LONG, speeches[0])


def found(messages: Sequence[Message], tamper: Tamper, ground: Ground, speech: Speech) -> list[str]:
    """Return the faults of the last reply to *messages* once it is tampered with; before, it has none."""
    talk, auditor = Talk(ground, speech), Auditor.of(ground, speech.wording)
    memories = [Memory()]
    for message in messages[:-1]:
        memories, _ = auditor.follow(memories, message, talk.say(message.query))
    reply = talk.say(messages[-1].query)
    tampered = tamper(reply)
    assert tampered != reply
    assert auditor.follow(memories, messages[-1], reply)[1] == []
    return auditor.follow(memories, messages[-1], tampered)[1]


def test_the_judge_misses_whoever_is_not_offered_a_person(ground: Ground, speeches: tuple[Speech, Speech]) -> None:
    """The same list thrice is twice too often; the third time it is to say how to get a person."""
    talk, auditor = Talk(ground, speeches[0]), Auditor.of(ground, speeches[0].wording)
    vague = Message(Kind.VAGUE, query("那个事想问问", Decision.CLARIFY, ["card_apply", "card_replace"]))
    first = talk.say(vague.query)
    memories = [Memory()]
    faults = []
    for _ in range(3):
        memories, found = auditor.follow(memories, vague, first)
        faults.append(bool(found))
        memories = memories or [Memory()]
    assert faults == [False, False, True]
