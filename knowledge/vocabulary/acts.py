"""What is done in an item (办的是什么事), and in which others the same is done: acts.yml, read and checked."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass, field
from pathlib import Path

from knowledge.vocabulary import DEFAULT_FOLDER, VocabularyError, read_yaml

ACTS_FILE = "acts.yml"


@dataclass(frozen=True)
class Acts:
    """For each item its *fellows*, in which the same is done; an item without any is not there."""

    fellows: Mapping[str, frozenset[str]] = field(default_factory=dict)

    def same_act(self, item: str | None) -> frozenset[str]:
        """Return the other items in which the same is done as in *item*."""
        return self.fellows.get(item or "", frozenset())


def load_acts(item_ids: Collection[str], folder: Path | None = None) -> Acts:
    """Read the acts of *folder*, of this office where none is given; another office may have none.

    Raises VocabularyError naming the act that is wrong.
    """
    path = (folder or DEFAULT_FOLDER) / ACTS_FILE
    if folder is not None and not path.exists():
        return Acts()
    fellows: dict[str, frozenset[str]] = {}
    for act, items in read_yaml(path, dict, "a mapping of acts").items():
        if not isinstance(items, list) or len(set(map(str, items))) < 2:
            raise VocabularyError(f"{path}: {act}: a list of two items or more is expected")
        group = frozenset(map(str, items))
        if unknown := sorted(group - frozenset(item_ids)):
            raise VocabularyError(f"{path}: {act}: no such item: {', '.join(unknown)}")
        for item in group:
            fellows[item] = fellows.get(item, frozenset()) | (group - {item})
    return Acts(fellows)
