"""Training data for Rasa: the labelled messages of nlu_data/ beside its rules, and the intents they need."""

from __future__ import annotations

from functools import cached_property

from rasa.shared.core.domain import Domain
from rasa.shared.importers.rasa import RasaFileImporter
from rasa.shared.nlu.training_data.training_data import TrainingData

from bot.components.message import Example
from bot.settings import load_settings
from bot.understanding.messages import LabelledMessage, load_messages
from knowledge.vocabulary import load_vocabulary


class NluDataImporter(RasaFileImporter):
    """Reads nlu_data/ whatever paths Rasa was given: its messages are tables, which Rasa's own files are not.

    Rasa's YAML takes 2 ms a message to read; a table of 14,000 takes a fraction of a second.
    """

    def __init__(self, config_file=None, domain_path=None, training_data_paths=None):  # type: ignore[no-untyped-def]
        folder = str(load_settings().nlu_data)
        paths = [training_data_paths] if isinstance(training_data_paths, str) else list(training_data_paths or ())
        super().__init__(config_file, domain_path, [*dict.fromkeys([folder, *(path for path in paths if path)])])

    @cached_property
    def _messages(self) -> list[LabelledMessage]:
        catalogue = load_vocabulary().catalogue
        return load_messages(load_settings().nlu_data, frozenset(entry.id for entry in catalogue))

    def get_nlu_data(self, language: str | None = "zh") -> TrainingData:
        """Return all labelled messages; Rasa's own NLU files, where there are any, come too."""
        ours = TrainingData([_as_rasa(message) for message in self._messages])
        return super().get_nlu_data(language).merge(ours)

    def get_domain(self) -> Domain:
        """Return the domain with the intents that the messages carry."""
        intents: dict[str, dict[str, list[str]]] = {m.intent: {"use_entities": []} for m in self._messages}
        return super().get_domain().merge(Domain.from_dict({"intents": [{name: use} for name, use in intents.items()]}))


def _as_rasa(message: LabelledMessage) -> Example:
    labels = {
        "author": message.author,
        "items": list(message.items),
        "facets": list(message.facets),
        "applicant": message.applicant,
        "scope": message.scope,
        "topic": message.topic,
    }
    return Example(data={"text": message.text, "intent": message.intent, "metadata": {"example": labels}})
