"""A stage for the conversations of tests/conversations/: a real engine with a clock, and what each line does there."""

from __future__ import annotations

import asyncio
import dataclasses
import itertools
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import TYPE_CHECKING

from typing_extensions import assert_never

from bot.desk.ticket import Author, Reason, Ticket
from bot.settings import OFFICE_TIME
from tests.bot.conftest import Turn
from tests.bot.engines import eventually, item_of, texts_of
from tests.bot.happenings import (
    AgentCloses,
    AgentSays,
    AgentTakes,
    Conversation,
    Demand,
    Happening,
    NewResident,
    OnTicket,
    OthersWait,
    Receives,
    Says,
    SetClock,
    SetHours,
    Wait,
    WriteShort,
)

if TYPE_CHECKING:
    from bot.runtime.engine import Engine

BEGIN = datetime(2026, 6, 1, 9, 0, tzinfo=OFFICE_TIME)
"""When a conversation takes place that says no time: a Monday morning."""

BREATH = timedelta(seconds=10)
"""Time between two sentences."""

_numbers = itertools.count(1)


@dataclass
class Clock:
    """The time that the engine goes by."""

    now: datetime = BEGIN

    def __call__(self) -> datetime:
        return self.now


@dataclass
class Performance:
    """One conversation on the way: its session, the last turn, the choices of the last question back."""

    engine: Engine
    clock: Clock
    session: str = field(default_factory=lambda: f"resident-{next(_numbers)}")
    elder: bool = False
    offered: list[str] = field(default_factory=list)
    others: list[str] = field(default_factory=list)
    ticket: str = ""
    shown: object = ""

    def faults(self, conversation: Conversation) -> Iterator[str]:
        """Lead the conversation; yield each line of which something demanded does not hold."""
        for line, happening in conversation.happenings:
            self.clock.now += BREATH
            wrong = self._happens(happening)
            if wrong:
                yield f"第 {line} 行：{'、'.join(f'{demand.what} {demand.value}' for demand in wrong)}；{self.shown}"

    def forget(self) -> None:
        """Leave nothing to whoever comes next: no ticket in the queue, no outcome, no thread."""
        for session in (self.session, *self.others):
            asyncio.run(self.engine.erase(session))

    # ------------------------------------------------------------ what happens

    def _happens(self, happening: Happening) -> list[Demand]:
        """Let it happen; return the demands that do not hold."""
        desk, now = self.engine.desk, self.clock.now
        match happening:
            case Says():
                return self._says(happening)
            case Receives():
                return self._receives(happening)
            case OnTicket():
                return self._on_ticket(happening)
            case NewResident():
                self._begin_anew()
            case SetClock(to):
                self.clock.now = to
            case Wait(span):
                self.clock.now += span
            case SetHours(hours):
                office = dataclasses.replace(self.engine.services.office, hours=hours)
                self.engine.services = dataclasses.replace(self.engine.services, office=office)
            case WriteShort():
                self.elder = True
            case OthersWait(count):
                self._call_before(count)
            case AgentTakes(name):
                desk.take(self._current_ticket(), name, now)
            case AgentSays(name, text):
                desk.say(self._current_ticket(), Author.AGENT, name, text, now)
            case AgentCloses(name):
                desk.close(self._current_ticket(), name, "已办结", now)
            case _:
                assert_never(happening)
        return []

    def _call_before(self, count: int) -> None:
        for number in range(count):
            self.others.append(f"{self.session}-before-{number}")
            self.engine.desk.open(self.others[-1], "terminal", Reason.WISH, (), self.clock.now)

    def _begin_anew(self) -> None:
        self.forget()
        self.session = f"resident-{next(_numbers)}"
        self.clock.now = BEGIN
        self.elder, self.ticket = False, ""
        self.offered, self.others = [], []

    def _says(self, said: Says) -> list[Demand]:
        turn = asyncio.run(self.engine.turn(self.session, said.text, elder=self.elder))
        self.shown = {key: turn[key] for key in ("decision", "items", "facets")}, texts_of(turn)
        wrong = [demand for demand in said.demands if not self._holds(demand, turn)]
        if turn["decision"] == "clarify":
            self.offered = [item["id"] for item in turn["items"]]
        return wrong

    def _receives(self, received: Receives) -> list[Demand]:
        messages = asyncio.run(self.engine.deliver(self.session))
        self.shown = "\n".join(message.text for message in messages)
        return [demand for demand in received.demands if not _says_so(demand, str(self.shown))]

    def _on_ticket(self, on_ticket: OnTicket) -> list[Demand]:
        number = self._current_ticket()
        ticket = self.engine.desk.find(number) if number else None
        self.shown = ticket
        if ticket is None:
            return [demand for demand in on_ticket.demands if demand.what != "无"]
        kept = "\n".join((*ticket.summary, *(message.text for message in self.engine.desk.messages(number))))
        self.shown = ticket, kept
        return [demand for demand in on_ticket.demands if not _is_on(demand, ticket, kept)]

    def _current_ticket(self) -> str:
        """Return the number of the resident's open ticket, or of the last one that was seen open."""
        ticket = self.engine.desk.open_ticket_of(self.session)
        if ticket is not None:
            self.ticket = ticket.number
        return self.ticket

    # ------------------------------------------------------------ what is demanded

    def _holds(self, demand: Demand, turn: Turn) -> bool:
        self._current_ticket()
        what, value = demand.what, demand.value
        if what == "处置":
            return bool(turn["decision"] == value)
        if what == "结果":
            return self._outcome() == value
        if what == "栏目":
            return set(turn["facets"]) == set(value.split(","))
        if what == "事项":
            wanted = {self._choice(name) for name in value.split("/")}
            found = {item["id"] for item in turn["items"]} if turn["decision"] == "clarify" else {item_of(turn)}
            return bool(found & wanted)
        if what == "消息":
            return not turn["messages"]
        if what in ("选项", "选项含", "选项不含"):
            return _offers(demand, turn)
        return _says_so(demand, texts_of(turn))

    def _outcome(self) -> str:
        def written() -> list[str]:
            return [record.outcome.value for record in self.engine.outcomes.read(self.clock.now)]

        eventually(lambda: bool(written()))
        return "".join(written()[-1:])

    def _choice(self, name: str) -> str:
        """Return the item that 选项2 stands for."""
        number = name.removeprefix("选项")
        return self.offered[int(number) - 1] if number.isdigit() and int(number) <= len(self.offered) else name


def _offers(demand: Demand, turn: Turn) -> bool:
    labels = [choice["label"] for message in turn["messages"] for choice in message.get("choices", ())]
    if demand.what == "选项":
        return len(labels) == (0 if demand.value == "无" else int(demand.value))
    return any(demand.value in label for label in labels) == (demand.what == "选项含")


def _is_on(demand: Demand, ticket: Ticket, kept: str) -> bool:
    if demand.what == "状态":
        return ticket.state.value == demand.value
    if demand.what == "原因":
        return ticket.reason.value == demand.value
    if demand.what == "电话":
        return (ticket.contact or "无") == demand.value
    return _says_so(demand, kept)


def _says_so(demand: Demand, text: str) -> bool:
    if demand.what == "无":
        return not text
    return (demand.value in text) == (demand.what == "含")
