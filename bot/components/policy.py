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
from bot.dialogue.thread import SLOTS, Thread
from bot.door import services
from bot.query import Query

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
        record = (tracker.latest_message.parse_data if tracker.latest_message else {}).get(QUERY)
        if record is None or tracker.latest_action_name != ACTION_LISTEN_NAME:
            return ACTION_LISTEN_NAME
        thread = Thread.from_slots({name: tracker.get_slot(name) for name in SLOTS})
        step = resolve(Query.from_record(record), thread, services().base)
        return f"{ACTION_PREFIX}{step.decision.value}"
