"""What the calls of the review take and give, as JSON."""

from __future__ import annotations

from datetime import datetime

from pydantic import BaseModel, Field, constr

from bot.review.doubts import Doubt
from bot.review.runs import GateRow, Run, RunState
from bot.review.store import Judged, Message
from bot.review.verdict import LONGEST_TEXT, MOST_ITEMS, Kind, Verdict

_Name = constr(max_length=80)


class VerdictGiven(BaseModel):
    """What an editor says of a message; what does not belong to its kind is left out."""

    kind: Kind
    text: str = Field("", max_length=2 * LONGEST_TEXT, description="what training would read: names taken out")
    items: list[_Name] = Field([], max_items=2 * MOST_ITEMS, example=["card_replace"])  # type: ignore[valid-type]
    is_double: bool = Field(False, description="the message asks about both items")
    facets: list[_Name] = Field([], max_items=20, example=["materials"])  # type: ignore[valid-type]
    applicant: str | None = Field(None, max_length=80)
    scope: str | None = Field(None, max_length=80, example="oos")
    topic: str = Field("", max_length=80, example="medical")

    def as_verdict(self) -> Verdict:
        """Return it as a value."""
        return Verdict(
            kind=self.kind,
            text=self.text,
            items=tuple(self.items),
            is_double=self.is_double,
            facets=tuple(self.facets),
            applicant=self.applicant or None,
            scope=self.scope,
            topic=self.topic,
        )


class VerdictShown(BaseModel):
    """What an editor said, and when."""

    editor: str = Field(example="黄小梅")
    at: datetime
    mine: bool
    kind: Kind
    text: str
    items: list[str]
    is_double: bool
    facets: list[str]
    applicant: str | None
    scope: str | None
    topic: str

    @classmethod
    def of(cls, judged: Judged, me: str) -> VerdictShown:
        """Return it for one editor's verdict."""
        found = judged.verdict
        facets = found.topic.split(",") if found.scope == "followup" and found.topic else list(found.facets)
        return cls(
            editor=judged.editor, at=judged.at, mine=judged.editor == me, kind=found.kind, text=found.text,
            items=list(found.items), is_double=found.is_double, facets=facets, applicant=found.applicant,
            scope=found.scope, topic=found.topic,
        )  # fmt: skip


class ItemUnderstood(BaseModel):
    """An item that the bot had in mind, and how sure it was."""

    id: str
    title: str
    confidence: float


class MessageShown(BaseModel):
    """Messages with the same words, masked; *newest* is the *before* of the page that follows."""

    key: str = Field(example="0a1b2c3d4e5f60718293a4b5c6d7e8f9")
    text: str = Field(example="生育津贴怎么领")
    newest: int
    at: datetime
    count: int
    sessions: int
    doubts: list[Doubt]
    thumb_reasons: list[str]
    decision: str
    items: list[ItemUnderstood]
    facets: list[str]
    verdicts: list[VerdictShown]

    @classmethod
    def of(cls, message: Message, title: dict[str, str], me: str) -> MessageShown:
        """Return it for a message; *title* has the items' titles, *me* is who looks."""
        items = [
            ItemUnderstood(id=id_, title=title.get(id_, id_), confidence=confidence)
            for id_, confidence in message.items[:MOST_ITEMS]
        ]
        return cls(
            key=message.key, text=message.text, newest=message.newest, at=message.at, count=message.count,
            sessions=message.sessions, doubts=list(message.doubts), thumb_reasons=list(message.thumb_reasons),
            decision=message.decision, items=items, facets=list(message.facets),
            verdicts=[VerdictShown.of(judged, me) for judged in message.verdicts],
        )  # fmt: skip


class Counts(BaseModel):
    """How many messages stand on each shelf, and how many candidates there are."""

    open: int
    differ: int
    done: int
    candidates: int


class Queue(BaseModel):
    """A page of the queue, newest first; *next* is the *before* of the page that follows."""

    messages: list[MessageShown]
    counts: Counts
    next: int | None


class Choice(BaseModel):
    """Something that can be chosen, and what people call it."""

    id: str = Field(example="card_replace")
    label: str = Field(example="社会保障卡补领、换领、换发")


class ScopeChoice(Choice):
    """A scope class with its topics."""

    topics: list[Choice]


class Choices(BaseModel):
    """What a verdict can name."""

    items: list[Choice]
    facets: list[Choice]
    applicants: list[str]
    scopes: list[ScopeChoice]


class GateRowShown(BaseModel):
    """A figure of the gate: before, now, and its bound."""

    set: str = Field(example="questions")
    figure: str = Field(example="score")
    bound: float
    is_ceiling: bool
    before: float | None
    value: float
    is_good: bool

    @classmethod
    def of(cls, row: GateRow) -> GateRowShown:
        """Return it for a row."""
        return cls(**vars(row))


class LeftOutShown(BaseModel):
    """A candidate that was not trained on, and why."""

    text: str
    why: str = Field(example="measured_by")


class RunShown(BaseModel):
    """A training."""

    id: str = Field(example="20261126T101500-3f2a")
    by: str = Field(example="黄小梅")
    started: datetime
    ended: datetime | None
    state: RunState
    candidates: int
    learned: int | None = Field(description="how many of the candidates its model understands as assigned")
    left_out: list[LeftOutShown]
    measured_by: str | None = Field(description="evaluation_sets, or nlu_data where there are none", example="nlu_data")
    gate: list[GateRowShown]
    why: str | None = Field(description="the reason of a failure")
    in_force: bool

    @classmethod
    def of(cls, run: Run, model: str) -> RunShown:
        """Return it for a run; *model* names the model in force."""
        return cls(
            id=run.id, by=run.by, started=run.started, ended=run.ended, state=run.state, candidates=run.candidates,
            learned=run.learned, left_out=[LeftOutShown(text=text, why=why) for text, why in run.left_out],
            measured_by=run.measured_by, gate=[GateRowShown.of(row) for row in run.gate], why=run.why,
            in_force=bool(run.digest) and run.digest.startswith(model),
        )  # fmt: skip


class Runs(BaseModel):
    """Trainings, the latest first; *said* is the last of what the one under way said."""

    runs: list[RunShown]
    busy: bool
    candidates: int
    said: list[str]
    model: str = Field(description="what answers' records call the model in force", example="5c02ed1cf90a")
    back: bool = Field(description="whether there is a model to go back to")
