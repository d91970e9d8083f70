"""The engine: a Rasa agent with its actions in this process. Everything that answers goes through here."""

from __future__ import annotations

import asyncio
import logging
from collections import OrderedDict
from typing import Any

from bot.dialogue.reply import apology
from bot.door import Services, install, open_services
from bot.query import Query
from bot.runtime.quiet import quieten
from bot.runtime.training import model_path
from bot.settings import Settings
from bot.understanding.normalise import mask_personal_numbers

quieten()

from rasa.core.actions.action import Action as RasaAction  # noqa: E402
from rasa.core.agent import Agent  # noqa: E402
from rasa.core.channels.channel import CollectingOutputChannel, UserMessage  # noqa: E402
from rasa.core.processor import MessageProcessor  # noqa: E402
from rasa.core.tracker_store import InMemoryTrackerStore  # noqa: E402
from rasa.shared.core.events import BotUttered, deserialise_events  # noqa: E402
from rasa_sdk import Tracker as SdkTracker  # noqa: E402
from rasa_sdk.executor import ActionExecutor, CollectingDispatcher  # noqa: E402

from bot.understanding.encoder import EncoderError  # noqa: E402
from bot.understanding.explain import EXPLAIN, EXPLANATION  # noqa: E402  # brings scipy, which skops would walk

logger = logging.getLogger(__name__)

MAX_EVENTS = 60
"""Events kept of a conversation, some four turns: every turn sets all slots anew, so nothing older is needed."""


class EngineError(Exception):
    """The engine cannot start; the message says what to do."""


class Engine:
    """Understands messages and leads conversations, one turn at a time in each session."""

    def __init__(self, agent: Agent, services: Services, settings: Settings) -> None:
        self._agent = agent
        self._services = services
        self._settings = settings

    @classmethod
    def open(cls, settings: Settings) -> Engine:
        """Load model and base. Raises EngineError without a model, StoreError without a base."""
        path = model_path(settings)
        if not path.exists():
            raise EngineError("还没有训练好的模型，请先运行 python -m bot train")
        services = open_services(settings.database_url)
        install(services)
        agent = _InProcessAgent(tracker_store=_BoundedTrackerStore(settings.max_sessions))
        try:
            agent.load_model(path)
        except Exception as error:  # whatever Rasa stumbles over in a damaged archive
            if encoder := _cause(error, EncoderError):
                raise EngineError(str(encoder)) from error
            raise EngineError(
                f"模型 {path} 读不了（{type(error).__name__}），请重新训练：python -m bot train --force"
            ) from error
        return cls(agent, services, settings)

    @property
    def services(self) -> Services:
        """The base and wording in use."""
        return self._services

    async def understand(self, text: str) -> Query:
        """Understand one message by itself, without touching a session."""
        parsed = await self._agent.parse_message(_at_the_door(text))
        return Query.from_record(parsed["query"])

    async def explain(self, text: str) -> dict[str, Any]:
        """Understand one message as understand does; return the query in the contract's form, and why, as "explain"."""
        processor = self._agent.processor
        assert processor is not None
        parsed = await processor.parse_message(UserMessage(_at_the_door(text), metadata={EXPLAIN: True}))
        return {**Query.from_record(parsed["query"]).as_json(), "explain": parsed[EXPLANATION]}

    async def turn(self, session: str, text: str) -> dict[str, Any]:
        """Lead one turn; return session, decision, items, facets, applicant and messages."""
        channel = CollectingOutputChannel()
        try:
            await self._agent.handle_message(UserMessage(_at_the_door(text), channel, session))
            messages = [message["custom"] for message in channel.messages if "custom" in message]
            turn = messages[0].pop("turn")
        except Exception:  # the turn's catch-all: whatever broke, the resident gets a sentence and a number to call
            logger.exception("a turn failed")
            return {"session": session, **apology(self._services.wording).as_json()}
        return {"session": session, **turn, "messages": messages}


def _cause(error: BaseException | None, kind: type[Exception]) -> BaseException | None:
    """Return the first error of *kind* among what led to *error*."""
    while error is not None and not isinstance(error, kind):
        error = error.__cause__ or error.__context__
    return error


def _at_the_door(text: str) -> str:
    """Mask personal numbers before anything keeps the text, and take Rasa's command language ("/intent") for words."""
    masked = mask_personal_numbers(text)
    return "／" + masked[1:] if masked.startswith("/") else masked


class _InProcessAgent(Agent):
    """An agent whose custom actions run here: no HTTP, and no schema check of our own answers at every turn."""

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
            latest.parse_data if latest else {},
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
            BotUttered(text=message.get("text"), data={"custom": message["custom"]}) for message in dispatcher.messages
        ]
        return [*uttered, *deserialise_events(events or [])]


class _BoundedTrackerStore(InMemoryTrackerStore):
    """Conversations in memory, the longest silent dropped first when there are too many."""

    def __init__(self, limit: int) -> None:
        super().__init__(domain=None)
        self.max_event_history = MAX_EVENTS
        self.store: OrderedDict[str, Any] = OrderedDict()
        self._limit = limit

    async def save(self, tracker: Any) -> None:
        """Keep the tracker."""
        await super().save(tracker)
        self.store.move_to_end(tracker.sender_id)
        while len(self.store) > self._limit:
            self.store.popitem(last=False)
