"""What happens to tickets, told to whoever listens in this process; other processes see the store alone."""

from __future__ import annotations

import logging
import threading
from collections.abc import Callable
from dataclasses import dataclass
from enum import Enum

logger = logging.getLogger(__name__)


class TicketEventKind(str, Enum):
    """What happened."""

    OPENED = "opened"
    TAKEN = "taken"
    HANDED_OVER = "handed_over"
    RELEASED = "released"
    """Its agent was lost or put it back; it waits again."""
    SAID = "said"
    CONTACT_LEFT = "contact_left"
    BECAME_CRISIS = "became_crisis"
    """It goes before all others now."""
    CLOSED = "closed"
    CALLED_OFF = "called_off"
    ERASED = "erased"

    def __str__(self) -> str:
        return self.value


@dataclass(frozen=True)
class TicketEvent:
    """Something that happened to a ticket; what exactly, the store says."""

    kind: TicketEventKind
    number: str
    session: str


Callback = Callable[[TicketEvent], None]


class Events:
    """Who listens. Callbacks run one after the other in the thread that wrote: they should hand on, not work."""

    def __init__(self) -> None:
        self._callbacks: dict[object, Callback] = {}
        self._lock = threading.Lock()

    def subscribe(self, callback: Callback) -> Callable[[], None]:
        """Tell *callback* of every event from now on; return what ends that."""
        key = object()
        with self._lock:
            self._callbacks[key] = callback

        def unsubscribe() -> None:
            with self._lock:
                self._callbacks.pop(key, None)

        return unsubscribe

    def publish(self, event: TicketEvent) -> None:
        """Tell everybody; one that raises is logged and keeps nobody else from hearing."""
        with self._lock:
            callbacks = list(self._callbacks.values())
        for callback in callbacks:
            try:
                callback(event)
            except Exception:  # what was written stands, whoever listens
                logger.exception("a listener failed on %s of ticket %s", event.kind, event.number)
