"""The reply to a step: messages in our wording and the guide's words, channel-neutral, and the thread after it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime
from typing import Any

from bot.answering.beside import explain_terms, links_of, phones_of, say_dates, say_hours
from bot.answering.checklist import count_papers
from bot.answering.compose import Composer, ended_on, expand_facets
from bot.answering.messages import Answer, Choice, Choices, Message, PhoneNumber, Text
from bot.dialogue.calling import Called, say_called
from bot.dialogue.ground import Ground
from bot.dialogue.narrowing import Narrowing, open_choices
from bot.dialogue.outcome import outcome_of
from bot.dialogue.passing import say_passed
from bot.dialogue.situation import Situation
from bot.dialogue.steps import Step
from bot.dialogue.thread import MAX_LOG, Said, Thread
from bot.dialogue.ways import suggest, suggest_elsewhere
from bot.office import Office
from bot.query import OVERVIEW, Candidate, Decision, Query
from bot.records.outcomes import Outcome
from bot.wording import Wording
from knowledge.model import Facet
from knowledge.vocabulary.glossary import Glossary
from knowledge.vocabulary.look_alikes import find_group

HOTLINE = "12333"
MAX_EXPLAINED = 40


@dataclass(frozen=True)
class Speech:
    """What a reply is made with: the wording, the office's own settings, the terms explained, and the time there."""

    wording: Wording
    office: Office
    glossary: Glossary
    now: datetime


@dataclass(frozen=True)
class Reply:
    """What one turn comes to, in the contract's form once the session is added, and the thread after it."""

    decision: Decision
    items: tuple[Candidate, ...]
    facets: tuple[str, ...]
    applicant: str | None
    messages: tuple[Message, ...]
    outcome: Outcome
    thread: Thread = field(default_factory=Thread)

    def as_json(self) -> dict[str, Any]:
        """Return the contract's form, without session."""
        return {
            "decision": self.decision.value,
            "items": [{"id": c.id, "title": c.title, "confidence": round(c.confidence, 4)} for c in self.items],
            "facets": list(self.facets),
            "applicant": self.applicant,
            "messages": [message.as_json() for message in self.messages],
        }


def reply_to(
    step: Step, query: Query, ground: Ground, speech: Speech, situation: Situation, called: Called | None = None
) -> Reply:
    """Compose what *step* says; *query* lends the confidences, *called* is the ticket that the step opened or ended."""
    return _Composing(step, query, ground, speech, situation, called).reply()


def apology(wording: Wording) -> Reply:
    """Return what is said when a turn failed: the one sentence for it, and the hotline."""
    messages = (Text(wording.say("failed")), PhoneNumber(HOTLINE, HOTLINE, HOTLINE))
    return Reply(Decision.HANDOFF, (), (), None, messages, Outcome.FAILED)


class _Composing:
    """One reply in the making."""

    def __init__(
        self, step: Step, query: Query, ground: Ground, speech: Speech, situation: Situation, called: Called | None
    ) -> None:
        self._step = step
        self._query = query
        self._ground = ground
        self._speech = speech
        self._wording = speech.wording
        self._situation = situation
        self._called = called
        self._thread = step.thread

    def reply(self) -> Reply:
        """Return the reply."""
        step = self._step
        if step.topic == "silent":
            return self._finished([], Outcome.SILENT)
        messages = [Text(self._wording.say(note, **step.note_values)) for note in step.notes]
        if self._situation.masked and not self._situation.contact_left and step.topic != "personal_data":
            messages.append(Text(self._wording.say("number_not_needed")))
        said = {
            Decision.ANSWER: self._answers,
            Decision.CLARIFY: self._question,
            Decision.HANDOFF: self._person,
            Decision.OOS: self._elsewhere,
            Decision.CHITCHAT: self._elsewhere,
        }[step.decision]()
        everything = [*messages, *said]
        outcome = outcome_of(step, everything, self._expired(), self._query.silent_on is not None)
        return self._finished(everything, outcome)

    def _finished(self, messages: Sequence[Message], outcome: Outcome) -> Reply:
        step, base = self._step, self._ground.base
        evidence = self._query.evidence.items if self._query.evidence else ()
        confidence = {candidate.id: candidate.confidence for candidate in (*evidence, *self._query.items)}
        items = tuple(Candidate(id_, base.by_id[id_].title, confidence.get(id_, 1.0)) for id_ in step.items)
        said = Said(self._query.text, outcome.value, step.items[: step.asked], step.facets)
        thread = replace(self._thread, log=(*self._thread.log, said)[-MAX_LOG:])
        return Reply(step.decision, items, step.facets, step.applicant, tuple(messages), outcome, thread)

    def _expired(self) -> bool:
        by_id = self._ground.base.by_id
        today = self._speech.now.date()
        return self._step.decision is Decision.ANSWER and ended_on(by_id[self._step.items[0]], today) is not None

    # ------------------------------------------------------------ answers

    def _answers(self) -> list[Message]:
        step, messages = self._step, list[Message]()
        for id_, narrowing in zip(step.items, step.narrowings, strict=False):
            messages.extend(self._answer(id_, narrowing))
        messages.extend(self._silence())
        question = step.narrowings[0].question
        choices = open_choices(question, step.items[0], self._thread) if question else ()
        if question is not None:
            asked = self._wording.say("clarify_between", question=question.question)
            messages.append(_numbered(self._wording, asked, [(choice.label, None) for choice in choices]))
        elif step.asked == 1:
            messages.extend(self._ways_on(step.items[0]))
        if step.topic == "no_such_choice" and (choices or self._thread.ways):
            count = len(choices or self._thread.ways)
            messages.insert(0, Text(self._wording.say("no_such_choice", count=count)))
        return messages

    def _answer(self, id_: str, narrowing: Narrowing) -> list[Message]:
        step, wording, item = self._step, self._wording, self._ground.base.by_id[id_]
        composer = Composer(wording, self._speech.now.date())
        messages: list[Message] = []
        label = "”或“".join(branch.label for settled in narrowing.settled for branch in settled.remaining)
        if label:
            messages.append(Text(wording.say("narrowed_by", label=label)))
        stated = composer.answer(item, step.facets, narrowing.shows)
        messages.extend(stated)
        for facet in expand_facets(step.facets):
            if facet in narrowing.held_back:
                held_back = wording.say("held_back", title=item.title, facet=wording.facet(facet.value))
                messages.append(Text(held_back))
        facts = [fact for message in stated if isinstance(message, Answer) for fact in message.facts]
        if narrowing.question is None:
            messages.extend(count_papers(facts, wording))
        if not self._expired():
            messages.extend(say_dates(facts, self._speech.now.date(), wording))
        messages.extend(say_passed(self._query.text, item, step.facets, self._speech.now.date(), wording))
        terms, explained = explain_terms(facts, self._speech.glossary, self._thread.explained, wording)
        messages.extend(terms)
        self._thread = replace(self._thread, explained=(*self._thread.explained, *explained)[-MAX_EXPLAINED:])
        if {OVERVIEW, Facet.LOCATION.value, Facet.METHODS.value, Facet.PHONE.value} & set(step.facets):
            office = self._speech.office
            messages.extend(links_of(facts, wording, office.map_link, office.city))
            messages.extend(phones_of(facts))
        return messages

    def _silence(self) -> list[Message]:
        """Say of what else is asked in the message that the guide does not answer it, in the words for its kind."""
        topic = self._query.silent_on
        if topic is None:
            return []
        return [Text(self._wording.say(f"oos_{topic}" if self._wording.has(f"oos_{topic}") else "also_silent"))]

    def _ways_on(self, id_: str) -> list[Message]:
        ways = suggest(id_, self._step.facets, self._ground, self._thread)
        return self._offer_ways(self._wording.say("ways"), ways)

    def _offer_ways(self, question: str, ways: Sequence[tuple[str, str]]) -> list[Message]:
        if not ways:
            return []
        self._thread = replace(self._thread, ways=tuple(key for key, _ in ways))
        labels = [
            (self._wording.next_facet(key.removeprefix("facet:")) if key.startswith("facet:") else label, None)
            for key, label in ways
        ]
        return [_numbered(self._wording, question, labels)]

    # ------------------------------------------------------------ everything else

    def _question(self) -> list[Message]:
        step, wording, base = self._step, self._wording, self._ground.base
        messages: list[Message] = []
        if step.topic == "no_such_choice":
            messages.append(Text(wording.say("no_such_choice", count=len(step.items or self._thread.ways))))
            if not step.items:
                return messages
        elif step.topic == "none_of_these":
            return [Text(wording.say("none_of_these"))]
        enough = step.topic == "asked_enough"
        group = find_group(self._ground.look_alikes, step.items) if len(step.items) > 1 and not enough else None
        composer = Composer(wording, self._speech.now.date())
        asked = composer.choices([base.by_id[id_] for id_ in step.items], group)
        if enough and step.items:
            labels = [(base.by_id[id_].title, None) for id_ in step.items]
            return [_numbered(wording, wording.say("asked_enough"), labels)]
        return [*messages, *asked]

    def _person(self) -> list[Message]:
        phone = PhoneNumber(HOTLINE, HOTLINE, HOTLINE)
        step, wording, office = self._step, self._wording, self._speech.office
        if step.topic == "contact_left":
            return [Text(wording.say("contact_left", ticket=self._situation.ticket))]
        key = f"handoff_{step.topic}" if wording.has(f"handoff_{step.topic}") else "handoff_person"
        messages: list[Message] = []
        if self._called is None or step.topic in ("complaint", "crisis", "failed_turns"):
            messages.append(Text(wording.say(key, complaint_phone=office.complaint_phone or HOTLINE)))
        if self._called is not None:
            messages.extend(say_called(self._called, office.hours, self._speech.now, wording))
        return [*messages, phone]

    def _elsewhere(self) -> list[Message]:
        step, wording, office = self._step, self._wording, self._speech.office
        if step.topic == "opening_hours" and office.hours is not None:
            return say_hours(office.hours, self._ground.base.document.office, self._speech.now, wording)
        topic = "unreadable" if step.topic in ("gibberish", "foreign") else step.topic
        key = f"oos_{topic}" if step.decision is Decision.OOS else topic
        if not wording.has(key):
            key = "oos" if step.decision is Decision.OOS else "greeting"
        messages: list[Message] = [Text(wording.say(key, office=self._ground.base.document.office, city=office.city))]
        if step.decision is Decision.OOS:
            asked, ways = suggest_elsewhere(step.topic, self._query, self._ground)
            if ways:
                messages.extend(self._offer_ways(wording.say(asked), ways))
        return messages


def _numbered(wording: Wording, question: str, labels: Sequence[tuple[str, str | None]]) -> Choices:
    """Return a question with numbered choices; what choosing sends is its number."""
    lines = [wording.say("way", number=number, label=label) for number, (label, _) in enumerate(labels, 1)]
    choices = tuple(Choice(label, value or str(number)) for number, (label, value) in enumerate(labels, 1))
    return Choices("\n".join([question, *lines]), choices)
