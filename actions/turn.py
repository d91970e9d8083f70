"""One action a decision; all do the same: read the query in its thread, say the reply, keep the thread."""

from __future__ import annotations

from typing import Any

from rasa_sdk import Action, Tracker
from rasa_sdk.events import SlotSet
from rasa_sdk.executor import CollectingDispatcher

from bot.dialogue.desk import act_on_desk
from bot.dialogue.reply import reply_to
from bot.dialogue.resolve import resolve
from bot.dialogue.situation import Situation
from bot.dialogue.thread import SLOT, Thread
from bot.door import noted_step, services
from bot.query import Query


class _Turn:
    """What all actions do; no Action itself, or rasa_sdk would register it."""

    decision = ""

    def name(self) -> str:
        return f"action_{self.decision}"

    async def run(
        self, dispatcher: CollectingDispatcher, tracker: Tracker, domain: dict[str, Any]
    ) -> list[dict[str, Any]]:
        """Utter each message of the reply and return the thread."""
        at_hand = services()
        query = Query.from_record(tracker.latest_message["query"])
        situation = Situation.from_metadata(tracker.latest_message.get("metadata"))
        speech = at_hand.speech(situation.elder)
        step = noted_step()
        if step is None:
            thread = Thread.from_slots({SLOT: tracker.get_slot(SLOT)})
            step = resolve(query, thread, at_hand.ground, speech.now, situation)
        called = await act_on_desk(
            at_hand.desk,
            tracker.sender_id,
            query.text,
            step,
            situation,
            at_hand.base,
            speech,
            at_hand.desk_patience,
        )
        reply = reply_to(step, query, at_hand.ground, speech, situation, called)
        envelope = {key: value for key, value in reply.as_json().items() if key != "messages"}
        # The turn comes first and says nothing; channels that know no JSON see the texts after it alone.
        dispatcher.utter_message(json_message={"turn": {**envelope, "outcome": reply.outcome.value}})
        for message in reply.messages:
            data = message.as_json()
            dispatcher.utter_message(text=data["text"], json_message=data)
        return [SlotSet(name, value) for name, value in reply.thread.as_slots().items()]


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
