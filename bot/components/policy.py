"""Rasa's policy: a message is read in its thread, and the decision names the action."""

from __future__ import annotations

from typing import Any

from rasa.core.constants import POLICY_PRIORITY
from rasa.core.policies.policy import Policy, PolicyPrediction, SupportedData, confidence_scores_for
from rasa.engine.recipes.default_recipe import DefaultV1Recipe
from rasa.engine.storage.resource import Resource
from rasa.shared.core.constants import ACTION_LISTEN_NAME
from rasa.shared.core.domain import Domain
from rasa.shared.core.trackers import DialogueStateTracker

from bot.components.decision import QUERY
from bot.dialogue.resolve import resolve
from bot.dialogue.situation import Situation
from bot.dialogue.thread import SLOT, Thread
from bot.door import note_step, services
from bot.query import Candidate, Decision, Evidence, Query
from bot.understanding.evidence import OUTCOMES

ACTION_PREFIX = "action_"


@DefaultV1Recipe.register(DefaultV1Recipe.ComponentType.POLICY_WITHOUT_END_TO_END_SUPPORT, is_trainable=True)
class DecisionPolicy(Policy):
    """Predicts the action of the decision once, then listens. Learns nothing: what is learned is understanding."""

    @staticmethod
    def get_default_config() -> dict[str, Any]:
        """Return the priority that Rasa asks of every policy; there is no other to compete with."""
        return {POLICY_PRIORITY: 6}

    @staticmethod
    def supported_data() -> SupportedData:
        """The rules of nlu_data/rules.yml are ours, and there may be stories."""
        return SupportedData.ML_AND_RULE_DATA

    def train(self, training_trackers: Any, domain: Domain, **kwargs: Any) -> Resource:
        """Do nothing; Rasa wants a resource."""
        with self._model_storage.write_to(self._resource) as folder:
            (folder / "policy.txt").write_text("bot.components.policy.DecisionPolicy\n", encoding="utf-8")
        return self._resource

    def predict_action_probabilities(
        self, tracker: DialogueStateTracker, domain: Domain, rule_only_data: Any = None, **kwargs: Any
    ) -> PolicyPrediction:
        """Name the action for the latest message, or listening after it."""
        return self._prediction(confidence_scores_for(self._action(tracker), 1.0, domain))

    @staticmethod
    def _action(tracker: DialogueStateTracker) -> str:
        message = tracker.latest_message
        if message is None or tracker.latest_action_name != ACTION_LISTEN_NAME:
            return ACTION_LISTEN_NAME
        record = message.parse_data.get(QUERY)
        if record is None and not message.intent_name:
            return ACTION_LISTEN_NAME
        query = Query.from_record(record) if record else _query_of(message.intent_name, message.text or "")
        thread = Thread.from_slots({SLOT: tracker.get_slot(SLOT)})
        at_hand = services()
        situation = Situation.from_metadata(message.metadata)
        step = resolve(query, thread, at_hand.ground, at_hand.now(), situation)
        note_step(step)
        return f"{ACTION_PREFIX}{step.decision.value}"


def _query_of(intent: str, text: str) -> Query:
    """Return what an intent says by itself: under `rasa test core` and `rasa interactive` messages carry no more."""
    scope, _, topic = intent.partition("_")
    if scope in ("oos", "chitchat", "handoff"):
        return Query(text, Decision(scope), topic=topic, evidence=_certain(scope))
    if intent in ("clarify", "followup"):
        return Query(text, Decision.CLARIFY, topic=intent, evidence=_certain(intent))
    item = Candidate(intent, intent, 1.0)
    return Query(text, Decision.ANSWER, (item,), names_item=True, evidence=_certain("right", item))


def _certain(outcome: str, *items: Candidate) -> Evidence:
    return Evidence({name: float(name == outcome) for name in OUTCOMES}, items, ())
