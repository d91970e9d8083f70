"""The one door to what Rasa's components and actions need: Rasa builds them itself and hands them nothing.

The process that starts the service calls install(); under `rasa shell` and `rasa run actions` the first who asks
opens the configured base.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import dataclass
from datetime import datetime

from bot.desk.store import TicketStore
from bot.dialogue.ground import Ground
from bot.dialogue.reply import Speech
from bot.dialogue.steps import Step
from bot.office import Office, office_of
from bot.settings import OFFICE_TIME, Waits, load_settings
from bot.understanding.decide import Costs
from bot.wording import Wording, load_wording
from knowledge.model import KnowledgeBase
from knowledge.store import KnowledgeStore
from knowledge.vocabulary import load_vocabulary
from knowledge.vocabulary.acts import load_acts
from knowledge.vocabulary.branches import load_branches
from knowledge.vocabulary.glossary import Glossary, load_glossary
from knowledge.vocabulary.look_alikes import load_look_alikes
from knowledge.vocabulary.ways_on import load_ways_on


@dataclass(frozen=True)
class Services:
    """What conversations stand on, how we speak, the office's settings, what time it is there, and the desk.

    Without a desk, nobody can be called: a hand-off names the hotline and no ticket.
    """

    ground: Ground
    wording: Wording
    elder_wording: Wording
    office: Office
    glossary: Glossary
    now: Callable[[], datetime]
    desk: TicketStore | None = None
    desk_patience: float = Waits.desk
    """Seconds that a reply waits for the desk."""

    @property
    def base(self) -> KnowledgeBase:
        """The edition in force."""
        return self.ground.base

    def speech(self, elder: bool) -> Speech:
        """Return what a reply is made with at this moment."""
        return Speech(self.elder_wording if elder else self.wording, self.office, self.glossary, self.now())


_installed: list[Services] = []


@dataclass
class _Turn:
    """What belongs to one turn of an engine: its services, and how its message was read once it was."""

    services: Services
    step: Step | None = None


_this_turn: ContextVar[_Turn | None] = ContextVar("turn", default=None)


def install(given: Services) -> None:
    """Make *given* what everybody gets from now on who is in no turn of an engine's."""
    _installed[:] = [given]


@contextmanager
def serving(given: Services) -> Iterator[None]:
    """Make *given* what a turn gets while the block runs, whatever another engine of the process has installed."""
    token = _this_turn.set(_Turn(given))
    try:
        yield
    finally:
        _this_turn.reset(token)


def services() -> Services:
    """Return those of the turn, or what was installed; without it, what the settings say. Raises StoreError where there
    is no base."""
    turn = _this_turn.get()
    if turn is not None:
        return turn.services
    if not _installed:
        install(open_services(load_settings().database_url))
    return _installed[0]


def note_step(step: Step) -> None:
    """Keep how the message of this turn was read: Rasa asks for the action's name first, and for its work after it."""
    turn = _this_turn.get()
    if turn is not None:
        turn.step = step


def noted_step() -> Step | None:
    """Return what note_step has kept; None under an action server, which has read nothing."""
    turn = _this_turn.get()
    return None if turn is None else turn.step


def open_services(database_url: str, desk: TicketStore | None = None) -> Services:
    """Load the current edition of the base at *database_url* and the office's data files."""
    vocabulary = load_vocabulary()
    ids = [entry.id for entry in vocabulary.catalogue]
    ground = Ground(
        base=KnowledgeStore(database_url).load(),
        look_alikes=load_look_alikes(ids),
        branches=load_branches(ids),
        ways=load_ways_on(ids),
        acts=load_acts(ids),
        costs=Costs.load(),
    )
    return Services(
        ground=ground,
        wording=load_wording(),
        elder_wording=load_wording(elder=True),
        office=office_of(vocabulary),
        glossary=load_glossary(),
        now=office_now,
        desk=desk,
    )


def office_now() -> datetime:
    """Return date and time at the office."""
    return datetime.now(OFFICE_TIME)
