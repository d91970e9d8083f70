"""Items, facts, queries and what a conversation stands on, made by hand: each test shows all that it depends on."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime

from bot.answering.messages import Answer, Choices
from bot.dates.hours import OfficeHours
from bot.dialogue.ground import Ground
from bot.dialogue.reply import Reply, Speech, reply_to
from bot.dialogue.resolve import resolve
from bot.dialogue.situation import NOTHING_SPECIAL, Situation
from bot.dialogue.steps import Step
from bot.dialogue.thread import Thread
from bot.office import Office
from bot.query import Candidate, Decision, Evidence, Query
from bot.settings import OFFICE_TIME
from bot.understanding.evidence import OUTCOMES
from bot.wording import load_wording
from knowledge.model import Document, Facet, Fact, KnowledgeBase, Section, ServiceItem, SourceLines
from knowledge.values import Validity, Value
from knowledge.vocabulary.branches import Branch, BranchQuestion
from knowledge.vocabulary.glossary import Glossary
from knowledge.vocabulary.look_alikes import Case, LookAlikes
from knowledge.vocabulary.ways_on import NextStep, WaysOn, When

NOW = datetime(2026, 6, 1, 9, 0, tzinfo=OFFICE_TIME)
"""A Monday, the working day on which conversations are led."""


# ---------------------------------------------------------------- what the guide says


def fact(
    text: str,
    line: int,
    facet: Facet = Facet.MATERIALS,
    under: Sequence[str] = (),
    value: Value | None = None,
    validity: Validity | None = None,
) -> Fact:
    """Return a fact that stands on one *line*, *under* a path of headings."""
    return Fact(facet, text, SourceLines(line, line), tuple(under), value, validity)


def item(id_: str, title: str, *facts: Fact, labels: Sequence[Facet] = ()) -> ServiceItem:
    """Return an item with *facts*; *labels* are facets whose label stands in the guide with nothing under it."""
    sections = tuple(Section(facet, facet.value, 1) for facet in (*labels, *dict.fromkeys(f.facet for f in facts)))
    return ServiceItem(id_, 1, title, "", (), (), SourceLines(1, 1), sections, facts)


def base_of(*items: ServiceItem) -> KnowledgeBase:
    """Return a base that holds just *items*."""
    return KnowledgeBase(Document("guide.txt", "0" * 64, "1", "某市社保中心"), items)


# ---------------------------------------------------------------- what is known beside it


def ground_of(
    *items: ServiceItem,
    look_alikes: Sequence[LookAlikes] = (),
    branches: Sequence[BranchQuestion] = (),
    ways: WaysOn | None = None,
) -> Ground:
    """Return what conversations about just *items* stand on; *branches* are their narrowing questions."""
    questions: dict[str, tuple[BranchQuestion, ...]] = {}
    for question in branches:
        questions[question.item] = (*questions.get(question.item, ()), question)
    return Ground(base_of(*items), tuple(look_alikes), questions, ways or WaysOn())


def branch(label: str, *headings: str, applicant: str | None = None, says: Sequence[str] = ()) -> Branch:
    """Return a choice of a narrowing question that keeps *headings*."""
    return Branch(label, frozenset(headings), applicant, tuple(says))


def asks(item_id: str, question: str, *choices: Branch) -> BranchQuestion:
    """Return a narrowing question about an item."""
    return BranchQuestion(item_id, question, choices)


def group(name: str, question: str, **cases: str) -> LookAlikes:
    """Return a group of look-alikes with a *question* and a case for each item."""
    return LookAlikes(name, question, tuple(Case(id_, when, SourceLines(1, 1)) for id_, when in cases.items()), ())


def leads_to(item_id: str, say: str) -> NextStep:
    """Return a way on to an item, called *say*."""
    return NextStep(item_id, say, When.AFTER, "practice")


def speech_of(
    now: datetime = NOW,
    elder: bool = False,
    hours: OfficeHours | None = None,
    complaint_phone: str | None = None,
    map_link: str | None = None,
    glossary: Glossary | None = None,
) -> Speech:
    """Return what replies are made with at an office that has set nothing else."""
    office = Office("某市", hours, complaint_phone, map_link)
    return Speech(load_wording(elder), office, glossary or Glossary(), now)


# ---------------------------------------------------------------- what was understood

_NAMED: Mapping[Decision, Mapping[str, float]] = {
    Decision.ANSWER: {"right": 0.9, "other_item": 0.1},
    Decision.CLARIFY: {"right": 0.3, "other_item": 0.3, "clarify": 0.4},
}
_UNNAMED: Mapping[Decision, Mapping[str, float]] = {
    Decision.ANSWER: {"followup": 1.0},
    Decision.CLARIFY: {"followup": 0.9, "clarify": 0.1},
    Decision.OOS: {"oos": 1.0},
    Decision.CHITCHAT: {"chitchat": 1.0},
    Decision.HANDOFF: {"handoff": 1.0},
}
_UNHEARD_OF = Candidate("unheard_of", "unheard_of", 0.01)
"""What classifiers give for a message without an item: they always name one."""


def evidence_of(items: Mapping[str, float], facets: Sequence[str] = (), **likely: float) -> Evidence:
    """Return evidence for *items* by their probability; an outcome that is not named is impossible."""
    assert set(likely) <= set(OUTCOMES)
    candidates = tuple(Candidate(id_, id_, share) for id_, share in items.items())
    return Evidence({name: likely.get(name, 0.0) for name in OUTCOMES}, candidates or (_UNHEARD_OF,), tuple(facets))


def query(
    text: str,
    decision: Decision = Decision.ANSWER,
    items: Sequence[str] = (),
    facets: Sequence[str] = (),
    topic: str = "",
    names_item: bool | None = None,
    applicant: str | None = None,
    asked: int = 1,
    evidence: Evidence | None = None,
    silent_on: str | None = None,
) -> Query:
    """Return what was understood of *text*; it names an item where it has items, unless said otherwise.

    Its evidence is such as leads to its decision, most of it for the first of its items; or the one that is given.
    """
    candidates = tuple(Candidate(id_, id_, 0.9) for id_ in items)
    names = bool(items) if names_item is None else names_item
    if evidence is None:
        likely = (_NAMED if names and decision in _NAMED else _UNNAMED)[decision]
        rest = likely.get("other_item", 0.0) / max(1, len(items) - 1)
        shares = {id_: rest if rank else likely.get("right", 0.0) for rank, id_ in enumerate(items)}
        evidence = evidence_of(shares, facets, **likely)
    return Query(text, decision, candidates, tuple(facets), applicant, topic, names, asked, evidence, silent_on)


# ---------------------------------------------------------------- a conversation


class Talk:
    """A conversation led as the actions lead it; *thread* is where it stands, *step* what the last message came to."""

    step: Step

    def __init__(self, ground: Ground, speech: Speech | None = None, thread: Thread | None = None) -> None:
        self.ground = ground
        self.speech = speech or speech_of()
        self.thread = thread or Thread()

    def say(self, asked: Query, situation: Situation = NOTHING_SPECIAL) -> Reply:
        """Return the reply to what was understood of a message, and go on from there."""
        self.step = resolve(asked, self.thread, self.ground, self.speech.now, situation)
        reply = reply_to(self.step, asked, self.ground, self.speech, situation)
        self.thread = reply.thread
        return reply

    def pick(self, text: str) -> Reply:
        """Return the reply to a message of which by itself nothing is understood: an answer to an open question."""
        return self.say(query(text, Decision.OOS, topic="daily"))


def texts_of(reply: Reply) -> list[str]:
    """Return what is said, a message each."""
    return [message.text for message in reply.messages]


def choices_of(reply: Reply) -> list[str]:
    """Return the lines of the numbered question in a reply: the question, then its choices; none without one."""
    return next((message.text.splitlines() for message in reply.messages if isinstance(message, Choices)), [])


def shown_in(reply: Reply) -> list[str]:
    """Return the words of every fact shown, in their order."""
    return [fact.text for message in reply.messages if isinstance(message, Answer) for fact in message.facts]
