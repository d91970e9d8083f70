"""A Rasa agent whose custom actions run in this process: no HTTP between a message and its reply."""

from __future__ import annotations

import asyncio
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

from bot.runtime.light import import_rasa
from bot.runtime.quiet import quieten

quieten()
import_rasa()

from rasa.core.actions.action import Action as RasaAction  # noqa: E402
from rasa.core.agent import Agent  # noqa: E402
from rasa.core.processor import MessageProcessor  # noqa: E402
from rasa.engine.loader import load_predict_graph_runner  # noqa: E402
from rasa.engine.storage.local_model_storage import LocalModelStorage  # noqa: E402
from rasa.shared.core.events import BotUttered, SlotSet  # noqa: E402
from rasa_sdk import Tracker as SdkTracker  # noqa: E402
from rasa_sdk.executor import ActionExecutor, CollectingDispatcher  # noqa: E402

from bot.runtime.conversations import TurnTrackers  # noqa: E402
from bot.runtime.runner import DirectGraphRunner  # noqa: E402


class InProcessAgent(Agent):
    """An agent whose custom actions run here: no HTTP, and no schema check of our own answers at every turn."""

    @staticmethod
    def _create_tracker_store(store: Any, _domain: Any) -> Any:
        """Take the store as it is: Rasa would wrap it, and begin a new conversation whenever it cannot be read."""
        return store

    @property
    def trackers(self) -> TurnTrackers:
        """The conversations with a turn under way."""
        store: TurnTrackers = self.tracker_store
        return store

    def load_model(self, model_path: Any, fingerprint: str | None = None) -> None:
        """Load the model into a processor of ours."""
        executor = ActionExecutor()
        executor.register_package("actions")
        self.processor = _InProcessProcessor(
            model_path=model_path,
            tracker_store=self.tracker_store,
            lock_store=self.lock_store,
            action_endpoint=self.action_endpoint,
            generator=self.nlg,
            http_interpreter=self.http_interpreter,
        )
        self.processor.custom_actions = executor.actions
        self.domain = self.processor.domain
        self.tracker_store.domain = self.domain


class _InProcessProcessor(MessageProcessor):
    custom_actions: dict[str, Any]

    @staticmethod
    def _load_model(model_path: Any) -> tuple[str, Any, Any]:
        """Unpack and load the model with a runner of ours."""
        with TemporaryDirectory() as folder:
            loaded = load_predict_graph_runner(Path(folder), Path(model_path), LocalModelStorage, DirectGraphRunner)
        return Path(model_path).name, *loaded

    def predict_next_with_tracker_if_should(self, tracker: Any) -> tuple[RasaAction, Any]:
        """Predict as Rasa does; an action of ours is run here instead of by an action server."""
        action, prediction = super().predict_next_with_tracker_if_should(tracker)
        run = self.custom_actions.get(action.name())
        return (_InProcessAction(action.name(), run) if run else action), prediction


class _InProcessAction(RasaAction):
    """Runs one action of rasa_sdk on the tracker's state."""

    def __init__(self, name: str, run: Any) -> None:
        self._name = name
        self._run = run

    def name(self) -> str:
        return self._name

    async def run(self, output_channel: Any, nlg: Any, tracker: Any, domain: Any) -> list[Any]:
        latest = tracker.latest_message
        state = SdkTracker(
            tracker.sender_id,
            tracker.current_slot_values(),
            {**latest.parse_data, "metadata": latest.metadata} if latest else {},
            [],
            False,
            None,
            {},
            None,
        )
        dispatcher = CollectingDispatcher()
        result = self._run(dispatcher, state, {})
        events = await result if asyncio.iscoroutine(result) else result
        uttered = [
            _Uttered(text=message.get("text"), data={"custom": message["custom"]}) for message in dispatcher.messages
        ]
        return [*uttered, *(_Set(event["name"], event["value"]) for event in events or [])]


class _Lasting:
    """An event that nobody changes: Rasa copies all events of a turn, to the depth, for a debug line."""

    def __deepcopy__(self, _memo: Any) -> Any:
        return self


class _Uttered(_Lasting, BotUttered):
    pass


class _Set(_Lasting, SlotSet):
    pass
