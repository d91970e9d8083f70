"""One resident's conversation as the resident knows it, and whether the service has kept and told it just so."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

Json = dict[str, Any]


@dataclass(frozen=True)
class Said:
    """A message that was sent, and the reply that came; None where none came."""

    message_id: str
    text: str
    reply: Json | None


@dataclass
class Conversation:
    """A session with everything that was said in it, and the entries that its live socket told, if it has one."""

    session_id: str
    token: str
    said: list[Said] = field(default_factory=list)
    told: list[Json] | None = None

    @property
    def headers(self) -> dict[str, str]:
        """The headers of a call about the session."""
        return {"Authorization": f"Bearer {self.token}"}


def faults_of(conversation: Conversation, entries: Sequence[Json]) -> list[str]:
    """Return what is lost, twice, in another order or somebody else's in the *entries* that the service has kept.

    A message that got no reply may be kept or not: it counts as an error already.
    """
    replied = [said for said in conversation.said if said.reply is not None]
    unanswered = {said.message_id for said in conversation.said if said.reply is None}
    kept = [entry for entry in entries if entry["message_id"] not in unanswered]
    faults = [fault for said in replied for fault in _faults_of_reply(conversation.session_id, said, kept)]
    if [entry["message_id"] for entry in kept if entry["author"] == "resident"] != [
        said.message_id for said in replied
    ]:
        faults.append("the messages kept are not those sent, in the order in which they were sent")
    if len(kept) != 2 * len(replied):
        faults.append(f"{len(kept)} entries are kept for {len(replied)} messages with their replies")
    if conversation.told is not None and conversation.told != list(entries):
        faults.append("the socket told other entries than those kept")
    return faults


def _faults_of_reply(session_id: str, said: Said, kept: Sequence[Json]) -> list[str]:
    reply = said.reply
    assert reply is not None
    faults = []
    if reply["session_id"] != session_id:
        faults.append("a reply of another session")
    entries = [entry for entry in kept if entry["author"] == "bot" and entry["message_id"] == said.message_id]
    if [entry["turn"] for entry in entries] != [reply]:
        faults.append("a reply is not the one kept for its message")
    if [entry["seq"] for entry in entries] != [reply["seq"]]:
        faults.append("a reply names another entry than its own")
    return faults


def gist(reply: Json) -> tuple[object, ...]:
    """Return what a reply to the same words in the same thread has again, whenever it is given: no times, no places."""
    items = tuple(item["id"] for item in reply["items"])
    return reply["decision"], items, tuple(reply["facets"]), reply["applicant"]
