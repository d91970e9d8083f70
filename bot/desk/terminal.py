"""python -m bot desk: the queue and the tickets for a clerk at a terminal."""

from __future__ import annotations

import argparse
import sys
from collections.abc import Callable, Iterator
from datetime import datetime, timedelta, timezone

from bot.desk.store import TicketStore
from bot.desk.ticket import Author, Reason, Ticket, TicketError, TicketMessage, TicketState
from bot.records.database import Database
from knowledge.store import StoreError

LOST_AFTER = 30
"""Minutes without a sign of an agent after which `release` lets the agent's tickets wait again."""

_STATES = {
    TicketState.WAITING: "等候",
    TicketState.TAKEN: "办理中",
    TicketState.CLOSED: "已办结",
    TicketState.CALLED_OFF: "已撤回",
}
_REASONS = {
    Reason.WISH: "要求人工",
    Reason.FAILED_TURNS: "机器人没听懂",
    Reason.COMPLAINT: "投诉",
    Reason.CRISIS: "危急",
    Reason.ANGER: "情绪激动",
}
_AUTHORS = {Author.RESIDENT: "来访人", Author.AGENT: "工作人员", Author.SYSTEM: "系统"}

Lines = Iterator[str]
Command = Callable[[argparse.Namespace, TicketStore, datetime], Lines]


def add_desk_commands(commands: argparse._SubParsersAction[argparse.ArgumentParser]) -> argparse.ArgumentParser:
    """Add `desk` and its own commands; return its parser, to which the caller sets what runs it."""
    desk: argparse.ArgumentParser = commands.add_parser("desk", help="tickets of residents who want a person")
    own = desk.add_subparsers(required=True, metavar="COMMAND")

    def add(name: str, command: Command, text: str, number: bool = True, agent: bool = True) -> argparse.ArgumentParser:
        parser: argparse.ArgumentParser = own.add_parser(name, help=text)
        parser.set_defaults(desk_command=command)
        parser.add_argument("--database", default=argparse.SUPPRESS, help="database URL (default: DATABASE_URL)")
        if number:
            parser.add_argument("number", metavar="NUMBER", help="the ticket's number, 1126-003")
        if agent:
            parser.add_argument("--agent", required=True, metavar="NAME", help="who you are")
        return parser

    add("list", _list, "tickets that wait, next one first", number=False, agent=False)
    add("show", _show, "a ticket with its whole transcript", agent=False)
    add("take", _take, "take a waiting ticket")
    add("say", _say, "answer the resident").add_argument("text", nargs="+", metavar="TEXT")
    closing = add("close", _close, "end a ticket")
    closing.add_argument("--outcome", required=True, metavar="TEXT", help="what came of it")
    releasing = add("release", _release, "let tickets of lost agents wait again", number=False, agent=False)
    releasing.add_argument("--minutes", type=int, default=LOST_AFTER, help=f"not seen for so long ({LOST_AFTER})")
    return desk


def run(options: argparse.Namespace, database_url: str, now: datetime) -> int:
    """Run the command that was chosen: results on stdout; 1 and one line on stderr where it cannot be done.

    Times are shown in the zone of *now*, the office's.
    """
    command: Command = options.desk_command
    try:
        database = Database.open(database_url)
        try:
            lines = list(command(options, TicketStore(database, now.tzinfo or timezone.utc), now))
        finally:
            database.close()
    except (TicketError, StoreError) as error:
        sys.stderr.write(f"desk: {error}\n")
        return 1
    sys.stdout.write("".join(f"{line}\n" for line in lines))
    return 0


def _list(_options: argparse.Namespace, store: TicketStore, now: datetime) -> Lines:
    queue = store.waiting()
    if not queue:
        yield "没有等候的工单"
    for place, ticket in enumerate(queue, 1):
        minutes = int((now - ticket.opened).total_seconds() // 60)
        summary = _printable("；".join(ticket.summary))
        yield f"{place}　{ticket.number}　等了 {minutes} 分钟　{_REASONS[ticket.reason]}　{summary}"


def _show(options: argparse.Namespace, store: TicketStore, now: datetime) -> Lines:
    ticket = store.find(options.number)
    if ticket is None:
        raise TicketError(f"没有工单 {options.number}")
    yield from _head(ticket, now)
    yield from (_said(message, now) for message in store.messages(ticket.number))


def _take(options: argparse.Namespace, store: TicketStore, now: datetime) -> Lines:
    store.take(options.number, options.agent, now)
    return _show(options, store, now)


def _say(options: argparse.Namespace, store: TicketStore, now: datetime) -> Lines:
    store.say(options.number, Author.AGENT, options.agent, " ".join(options.text), now)
    yield f"{options.number}　已发出"


def _close(options: argparse.Namespace, store: TicketStore, now: datetime) -> Lines:
    ticket = store.close(options.number, options.agent, options.outcome, now)
    yield f"{ticket.number}　{_STATES[ticket.state]}"


def _release(options: argparse.Namespace, store: TicketStore, now: datetime) -> Lines:
    released = store.release_lost(now - timedelta(minutes=options.minutes))
    if not released:
        yield "没有要放回的工单"
    for ticket in released:
        yield f"{ticket.number}　{_STATES[ticket.state]}"


def _head(ticket: Ticket, now: datetime) -> Lines:
    yield f"工单 {ticket.number}　{_STATES[ticket.state]}　{_REASONS[ticket.reason]}　{_printable(ticket.channel)}"
    yield f"开单 {_moment(ticket.opened, now)}"
    if ticket.agent and ticket.taken:
        yield f"接手 {_moment(ticket.taken, now)}　{_printable(ticket.agent)}"
    if ticket.closed:
        yield f"结束 {_moment(ticket.closed, now)}　{_printable(ticket.outcome or '')}".rstrip()
    if ticket.contact and ticket.consented:
        yield f"联系 {_printable(ticket.contact)}（{_moment(ticket.consented, now)} 本人同意留下）"
    for line in ticket.summary:
        yield f"摘要 {_printable(line)}"


def _said(message: TicketMessage, now: datetime) -> str:
    who = _printable(message.name or _AUTHORS[message.author])
    mark = "" if message.delivered else "（未送达）"
    return f"{_moment(message.at, now)}　{who}：{_printable(message.text)}{mark}"


def _moment(at: datetime, now: datetime) -> str:
    return f"{at.astimezone(now.tzinfo):%m-%d %H:%M}"


def _printable(text: str) -> str:
    """Return *text* without what would steer the clerk's terminal: residents may send anything."""
    return "".join(character if character.isprintable() else " " for character in text)
