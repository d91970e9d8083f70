"""One action a decision; all do the same: read the query in its thread, say the reply, keep the thread."""

from __future__ import annotations

from typing import Any

from rasa_sdk import Action, Tracker
from rasa_sdk.events import SlotSet
from rasa_sdk.executor import CollectingDispatcher

from bot.answering.compose import Composer
from bot.dialogue.reply import reply_to
from bot.dialogue.resolve import resolve
from bot.dialogue.thread import SLOTS, Thread
from bot.door import services
from bot.query import Query


class _Turn:
    """What all actions do; no Action itself, or rasa_sdk would register it."""

    decision = ""

    def name(self) -> str:
        return f"action_{self.decision}"

    def run(self, dispatcher: CollectingDispatcher, tracker: Tracker, domain: dict[str, Any]) -> list[dict[str, Any]]:
        """Utter each message of the reply and return the thread's slots."""
        at_hand = services()
        query = Query.from_record(tracker.latest_message["query"])
        thread = Thread.from_slots({name: tracker.get_slot(name) for name in SLOTS})
        step = resolve(query, thread, at_hand.base)
        composer = Composer(at_hand.wording, at_hand.today())
        reply = reply_to(step, query, at_hand.base, composer, at_hand.wording, at_hand.city, at_hand.look_alikes)
        envelope = {key: value for key, value in reply.as_json().items() if key != "messages"}
        for index, message in enumerate(reply.messages):
            data = message.as_json()
            # The first message carries what the whole turn came to; channels that know no JSON see text alone.
            dispatcher.utter_message(
                text=data["text"], json_message={**data, **({"turn": envelope} if index == 0 else {})}
            )
        return [SlotSet(name, value) for name, value in step.thread.as_slots().items()]


class ActionAnswer(_Turn, Action):
    """The guide's words."""

    decision = "answer"


class ActionClarify(_Turn, Action):
    """The question which item is meant."""

    decision = "clarify"


class ActionOos(_Turn, Action):
    """What the guide does not say, and the ways on."""

    decision = "oos"


class ActionChitchat(_Turn, Action):
    """Small talk."""

    decision = "chitchat"


class ActionHandoff(_Turn, Action):
    """A person."""

    decision = "handoff"
