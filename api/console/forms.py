"""What the console's calls take and give, as OpenAPI shows it."""

from __future__ import annotations

from datetime import datetime
from enum import Enum
from typing import Any, Literal

from pydantic import BaseModel, Field, StrictBool, validator

from api.access.account import LONGEST_NAME
from api.access.role import Role
from api.live.forms import FoundItem
from api.reading import one_line, only_text
from bot.desk.endings import Ending
from bot.desk.presence import Presence
from bot.desk.ticket import Author, Reason, TicketState
from bot.query import Decision
from bot.records.transcripts import EntryAuthor
from knowledge.model import Facet

LONGEST_WORDS = 2000
LONGEST_NOTE = 300
LONGEST_CANNED = 500

_NUMBER = "1126-003"
_AT = "2026-11-26T04:34:24.120000+00:00"
_SAID = "您好，申请表在窗口领。"


# ---------------------------------------------------------------- tickets


class SaidShown(BaseModel):
    """What resident or agent said last on a ticket."""

    id: int = Field(example=812)
    author: Author
    text: str
    at: datetime


class TicketLine(BaseModel):
    """A ticket as it stands on the board."""

    number: str = Field(example=_NUMBER)
    channel: str = Field(example="web")
    reason: Reason
    state: TicketState
    opened: datetime
    taken: datetime | None
    closed: datetime | None
    agent: str | None = Field(example="李敏")
    place: int | None = Field(description="in the queue, 1 for the next; null where it does not wait", example=1)
    question: str = Field(description="what was said when a person was called", example="转人工")
    has_contact: bool = Field(description="the resident left a number to call")
    last: SaidShown | None
    ending: Ending | None
    outcome: str | None = Field(description="what came of it, in words", example="已答复：下周带材料来窗口")


class HoursShown(BaseModel):
    """Whether the office is open now."""

    open: bool | None = Field(description="null where the office sets no hours or the year's calendar is not known")
    opens: datetime | None = Field(description="when it opens next, while it is closed")


class BoardShown(BaseModel):
    """The desk as one agent sees it: who waits, the own tickets, those of others, what ended today."""

    now: datetime = Field(example=_AT)
    office: HoursShown
    waiting: list[TicketLine]
    mine: list[TicketLine]
    others: list[TicketLine]
    ended: list[TicketLine]


class Understood(BaseModel):
    """What the bot understood of a message, and what it made of it."""

    decision: Decision
    outcome: str | None = Field(example="answered")
    items: list[FoundItem]
    facets: list[str] = Field(example=["materials"])
    applicant: str | None


class EntryShown(BaseModel):
    """One thing said in the conversation; *understood* is there on the bot's."""

    seq: int = Field(example=4712)
    at: datetime = Field(example=_AT)
    author: EntryAuthor
    name: str | None = Field(description="the agent's")
    text: str
    understood: Understood | None


class Underway(BaseModel):
    """Words of an agent that have not reached the resident yet."""

    id: int = Field(example=813)
    at: datetime
    name: str | None
    text: str = Field(example=_SAID)


class NoteShown(BaseModel):
    """A note for agents alone."""

    at: datetime
    name: str | None = Field(example="李敏")
    text: str


class ReachState(str, Enum):
    """Whether words reach the resident."""

    CONNECTED = "connected"
    """The page is open: at once."""
    LATER = "later"
    """The page is closed: as soon as it is opened again."""
    PUSHED = "pushed"
    """The channel brings them by itself."""

    def __str__(self) -> str:
        return self.value


class ReachShown(BaseModel):
    """How the resident is reached."""

    state: ReachState
    note: str | None = Field(description="what an agent should know of the channel")


class TicketShown(TicketLine):
    """A ticket with all that its agent needs beside the conversation."""

    summary: list[str] = Field(description="what was asked and answered before, a line a turn")
    contact: str | None = Field(description="for the agent who has the ticket alone")
    consented: datetime | None
    notes: list[NoteShown]
    underway: list[Underway]
    reach: ReachShown
    read_at: int = Field(description="grows: of two views of a ticket the one with the greater number is the later")


class Conversation(BaseModel):
    """A ticket with the conversation before and during it, the latest 500 entries."""

    ticket: TicketShown
    entries: list[EntryShown]
    earlier: bool = Field(description="there are earlier entries, which are not shown")


class Explanation(BaseModel):
    """Why a message is understood as it is: by itself, without the conversation before it, by the model of today."""

    seq: int
    text: str
    decision: Decision
    items: list[FoundItem]
    facets: list[str]
    applicant: str | None
    explain: dict[str, Any] = Field(
        description="outcomes, candidates, facets with their shares; features: what carried the likeliest item; "
        "questions: where the message asks several, how each is understood by itself"
    )


def _not_blank(text: str) -> str:
    if not text.strip():
        raise ValueError("the text is blank")
    return text


class _Words(BaseModel):
    text: str

    _is_text = validator("text", pre=True, allow_reuse=True)(only_text)

    _says_something = validator("text", allow_reuse=True)(_not_blank)


class Words(_Words):
    """What an agent says to the resident; it goes as it is typed."""

    text: str = Field(min_length=1, max_length=LONGEST_WORDS, example=_SAID)
    message_id: str | None = Field(
        None,
        min_length=1,
        max_length=64,
        regex=r"^[A-Za-z0-9-]+$",
        description="made by the page; a repeat says nothing",
    )
    confirmed: StrictBool = Field(
        False, description="say it although a personal number is in it, which is 409 personal_numbers otherwise"
    )

    _is_one_line = validator("message_id", allow_reuse=True)(one_line)


class HandOver(BaseModel):
    """Who gets the ticket, and a note for them."""

    to: str = Field(min_length=1, max_length=2 * LONGEST_NAME, example="王强")
    note: str | None = Field(None, max_length=LONGEST_NOTE, example="材料说过了，还差补缴")

    _are_texts = validator("to", "note", pre=True, allow_reuse=True)(only_text)


class Closing(BaseModel):
    """What came of the ticket."""

    outcome: Ending
    note: str | None = Field(None, max_length=LONGEST_NOTE, description="personal numbers in it are masked")

    _is_text = validator("note", pre=True, allow_reuse=True)(only_text)


# ---------------------------------------------------------------- agents


class Colleague(BaseModel):
    """Somebody who can take tickets."""

    name: str = Field(example="王强")
    role: Role
    presence: Presence
    tickets: int = Field(description="how many they have", example=2)
    me: bool


class Colleagues(BaseModel):
    """All who can take tickets: those who are there first."""

    colleagues: list[Colleague]


class PresenceChange(BaseModel):
    """Where one is from now on."""

    presence: Literal["here", "away"]


# ---------------------------------------------------------------- canned replies


class CannedShown(BaseModel):
    """A canned reply."""

    id: int = Field(example=7)
    text: str = Field(example="您好，我来接着帮您。")
    shared: bool = Field(description="for all agents; kept by editors")
    by: str = Field(example="李敏")
    deletable: bool


class CannedReplies(BaseModel):
    """What an agent can say by a tap: the own replies, then the shared ones."""

    replies: list[CannedShown]


class NewCanned(_Words):
    """A reply to keep."""

    text: str = Field(min_length=1, max_length=LONGEST_CANNED, example="您好，我来接着帮您。")
    shared: StrictBool = Field(False, description="for all agents: editors only")


# ---------------------------------------------------------------- suggestions


class SuggestedFact(BaseModel):
    """One statement of the guide."""

    text: str
    lines: str = Field(example="2897")
    insert: str = Field(description="the words with their source, as they are put into a reply")


class Suggested(BaseModel):
    """What the guide says on one facet of an item, in one branch of it."""

    item: str = Field(example="injury_determination")
    title: str = Field(example="工伤认定——工伤认定申请")
    facet: Facet
    facet_name: str = Field(example="办理材料")
    branch: list[str] = Field(description="the headings under which it stands", example=["必要材料"])
    text: str
    lines: str = Field(description="of the guide", example="2897–2904")
    insert: str = Field(description="the words with their source, as they are put into a reply")
    facts: list[SuggestedFact]


class Suggestions(BaseModel):
    """What may be said next, in the guide's words, the likeliest first."""

    suggestions: list[Suggested]


# ---------------------------------------------------------------- what happens


class TicketEntry(BaseModel):
    """Something said on a ticket."""

    ticket: str = Field(example=_NUMBER)
    entry: EntryShown


class Changes(BaseModel):
    """How things stand, and what was said since; for pages that have no socket."""

    after: int = Field(description="the number to ask with next")
    board: BoardShown
    colleagues: list[Colleague]
    entries: list[TicketEntry] = Field(description="on the own tickets and the one named; some may come twice")
    ticket: TicketShown | None = Field(description="the one named")
    typing: list[str] = Field(description="own tickets whose residents are writing, and the one named")
