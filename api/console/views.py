"""What an agent sees: board, ticket, conversation, colleagues, read from the stores. Everything here blocks."""

from __future__ import annotations

import time
from collections import deque
from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any

from api.access.role import Role
from api.access.staff import StaffAccess
from api.console.console import Console
from api.console.forms import ReachState
from api.edge.problems import Refusal
from api.live.hub import PAGE, Hub
from bot.desk.board import Board, Line, read_board
from bot.desk.endings import Ending
from bot.desk.presence import Presence
from bot.desk.ticket import Author, Ticket, TicketMessage
from bot.records.transcripts import Entry, EntryAuthor
from bot.runtime.engine import Engine
from bot.settings import OFFICE_TIME

MOST_ENTRIES = 500
PAGES = ("web", "api")
"""Channels whose residents have a page of ours, or a program, that comes for the words."""

_PRESENCES = list(Presence)


class NoSuchTicket(Refusal):
    """There is no ticket of that number."""

    def __init__(self) -> None:
        super().__init__(404, "no_such_ticket", "there is no ticket of that number")


class Views:
    """Reads for whoever asks, by name. Every method raises StoreError."""

    def __init__(self, engine: Engine, hub: Hub, console: Console, access: StaffAccess) -> None:
        self._engine = engine
        self._hub = hub
        self._console = console
        self._access = access

    # ------------------------------------------------------------ the desk

    def board(self, agent: str) -> dict[str, Any]:
        """Return the board as *agent* sees it."""
        return self._board_json(self._read_board(), agent)

    def overview(self, agent: str) -> tuple[dict[str, Any], list[dict[str, Any]]]:
        """Return board and colleagues of one moment."""
        board = self._read_board()
        return self._board_json(board, agent), self._colleagues_json(board, agent)

    def colleagues(self, agent: str) -> list[dict[str, Any]]:
        """Return who can take tickets, those who are there first."""
        return self._colleagues_json(self._read_board(), agent)

    def presence_of(self, agent: str) -> Presence:
        """Return where *agent* is."""
        return self._console.presence.read(self._engine.services.now()).get(agent, Presence.GONE)

    def sessions_of(self, agent: str) -> dict[str, str]:
        """Return the sessions of the agent's tickets, by the tickets' numbers."""
        return {line.ticket.number: line.ticket.session for line in self._read_board().taken_by(agent)}

    def _read_board(self) -> Board:
        today = self._engine.services.now().astimezone(OFFICE_TIME).replace(hour=0, minute=0, second=0, microsecond=0)
        return read_board(self._engine.database, today)

    def _board_json(self, board: Board, agent: str) -> dict[str, Any]:
        services = self._engine.services
        now = services.now()
        hours = services.office.hours
        is_open = hours.is_open(now) if hours else None
        opens = hours.next_opening(now) if hours and is_open is False else None
        endings = self._console.endings.read(line.ticket.number for line in board.ended)
        others = [line for line in board.taken if line.ticket.agent != agent]
        return {
            "now": now.isoformat(),
            "office": {"open": is_open, "opens": _moment(opens)},
            "waiting": [line_json(line) for line in board.waiting],
            "mine": [line_json(line) for line in board.taken_by(agent)],
            "others": [line_json(line) for line in others],
            "ended": [line_json(line, endings) for line in board.ended],
        }

    def _colleagues_json(self, board: Board, agent: str) -> list[dict[str, Any]]:
        present = self._console.presence.read(self._engine.services.now())
        able = [one for one in self._access.store.all() if one.role.includes(Role.AGENT) and not one.disabled]
        shown = [
            {
                "name": account.name,
                "role": account.role.value,
                "presence": present.get(account.name, Presence.GONE).value,
                "tickets": board.count_of(account.name),
                "me": account.name == agent,
            }
            for account in able
        ]
        return sorted(shown, key=lambda one: _PRESENCES.index(Presence(one["presence"])))

    # ------------------------------------------------------------ one ticket

    def find(self, number: str) -> Ticket:
        """Return the ticket. Raises NoSuchTicket."""
        ticket = self._engine.desk.find(number)
        if ticket is None:
            raise NoSuchTicket
        return ticket

    def ticket(self, number: str, agent: str) -> dict[str, Any]:
        """Return the ticket with its notes and what is under way. Raises NoSuchTicket."""
        read_at = _stamp()
        return self._ticket_json(self.find(number), agent, read_at)

    def conversation(self, number: str, agent: str) -> dict[str, Any]:
        """Return the ticket and what was said before and during it. Raises NoSuchTicket."""
        read_at = _stamp()
        ticket = self.find(number)
        entries, has_earlier = self.entries_of(ticket)
        return {
            "ticket": self._ticket_json(ticket, agent, read_at),
            "entries": [entry_json(entry) for entry in entries],
            "earlier": has_earlier,
        }

    def entries_of(self, ticket: Ticket) -> tuple[list[Entry], bool]:
        """Return the latest entries up to the ticket's end, and whether there are earlier ones.

        What a resident says to the bot afterwards is no business of the ticket any more.
        """
        latest: deque[Entry] = deque(maxlen=MOST_ENTRIES)
        after, count = 0, 0
        while page := self._engine.transcripts.read(ticket.session, after, PAGE):
            after = page[-1].seq
            during = [entry for entry in page if ticket.closed is None or entry.at <= ticket.closed]
            latest.extend(during)
            count += len(during)
        return list(latest), count > len(latest)

    def resident_entry(self, ticket: Ticket, seq: int) -> Entry | None:
        """Return what the resident said under that number."""
        found = self._engine.transcripts.read(ticket.session, seq - 1, 1)
        is_theirs = bool(found) and found[0].seq == seq and found[0].author is EntryAuthor.RESIDENT
        is_during = is_theirs and (ticket.closed is None or found[0].at <= ticket.closed)
        return found[0] if is_during else None

    def _ticket_json(self, ticket: Ticket, agent: str, read_at: int) -> dict[str, Any]:
        board = self._read_board()
        messages = self._engine.desk.messages(ticket.number)
        spoken = [message for message in messages if message.author is not Author.SYSTEM]
        line = board.find(ticket.number) or Line(ticket, None, spoken[-1] if spoken else None)
        is_theirs = ticket.agent == agent
        return {
            **line_json(line, self._console.endings.read([ticket.number])),
            "summary": list(ticket.summary),
            "contact": ticket.contact if is_theirs else None,
            "consented": _moment(ticket.consented) if is_theirs else None,
            "notes": [_note_json(message) for message in messages if message.author is Author.SYSTEM],
            "underway": [_underway_json(message) for message in spoken if not message.delivered],
            "reach": self._reach_json(ticket),
            "read_at": read_at,
        }

    def _reach_json(self, ticket: Ticket) -> dict[str, Any]:
        state = ReachState.PUSHED
        if ticket.channel in PAGES:
            state = ReachState.CONNECTED if self._hub.is_connected(ticket.session) else ReachState.LATER
        note_of = self._console.channel_notes.get(ticket.channel)
        return {"state": state.value, "note": note_of(ticket.session) if note_of else None}


# ---------------------------------------------------------------- forms


def line_json(line: Line, endings: Mapping[str, Ending] | None = None) -> dict[str, Any]:
    """Return a ticket as it stands on the board."""
    ticket, last = line.ticket, line.last
    ending = (endings or {}).get(ticket.number)
    return {
        "number": ticket.number,
        "channel": ticket.channel,
        "reason": ticket.reason.value,
        "state": ticket.state.value,
        "opened": _moment(ticket.opened),
        "taken": _moment(ticket.taken),
        "closed": _moment(ticket.closed),
        "agent": ticket.agent,
        "place": line.place,
        "question": ticket.summary[-1] if ticket.summary else "",
        "has_contact": ticket.contact is not None,
        "last": None if last is None else _said_json(last),
        "ending": ending.value if ending else None,
        "outcome": ticket.outcome,
    }


def entry_json(entry: Entry) -> dict[str, Any]:
    """Return an entry with what the bot understood, if it is the bot's."""
    return {
        "seq": entry.seq,
        "at": entry.at.isoformat(),
        "author": entry.author.value,
        "name": entry.name,
        "text": entry.text,
        "understood": None if entry.turn is None else _understood_json(entry.turn),
    }


def entries_json(number: str, entries: Sequence[Entry]) -> list[dict[str, Any]]:
    """Return entries with the ticket on which they were said."""
    return [{"ticket": number, "entry": entry_json(entry)} for entry in entries]


def _understood_json(turn: Mapping[str, Any]) -> dict[str, Any]:
    return {name: turn.get(name) for name in ("decision", "outcome", "items", "facets", "applicant")}


def _said_json(message: TicketMessage) -> dict[str, Any]:
    return {"id": message.id, "author": message.author.value, "text": message.text, "at": message.at.isoformat()}


def _underway_json(message: TicketMessage) -> dict[str, Any]:
    return {"id": message.id, "at": message.at.isoformat(), "name": message.name, "text": message.text}


def _note_json(message: TicketMessage) -> dict[str, Any]:
    return {"at": message.at.isoformat(), "name": message.name, "text": message.text}


def _stamp() -> int:
    """Return a number that grows: what a call answers may overtake what the socket told before, or be overtaken."""
    return time.time_ns() // 1000


def _moment(at: datetime | None) -> str | None:
    return None if at is None else at.isoformat()
