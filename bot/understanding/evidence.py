"""From margins to what is probably the case: the evidence of all classifiers weighed by a calibrated regression."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from bot.understanding.arrays import Floats

SCOPES = ("item", "oos", "chitchat", "handoff", "clarify", "followup")
"""What kind of message it is: a question on an item, or one of the scope classes."""

OUTCOMES = ("right", "other_item", "oos", "chitchat", "handoff", "clarify", "followup")
"""What may be the case: the first item is right, another is, or none is asked for."""

SHARPNESS = 6.0
"""Scale of the item margins in the soft maximum; any value of the order serves, the regression does the rest."""


@dataclass(frozen=True)
class Margins:
    """What the classifiers say of one message: margins of item and scope classes, and of the six scopes."""

    classes: Floats
    scopes: Floats


class Layout:
    """Which columns of the class margins are items, and which belong to each scope."""

    def __init__(self, classes: Sequence[str]) -> None:
        prefixes = [name.split("_")[0] for name in classes]
        self.names = tuple(classes)
        self.items = np.array([i for i, prefix in enumerate(prefixes) if prefix not in SCOPES[1:]])
        self.of_scope = {
            scope: np.array([i for i, prefix in enumerate(prefixes) if prefix == scope], dtype=int)
            for scope in SCOPES[1:]
        }

    def best_item(self, margins: Margins) -> str:
        """Return the item with the largest margin."""
        return self.names[int(self.items[margins.classes[self.items].argmax()])]


def describe(margins: Margins, layout: Layout) -> Floats:
    """Return the features of the regression: how far ahead the best item is, and how strong each scope."""
    items = np.sort(margins.classes[layout.items])[::-1]
    first, second, third = items[:3]
    soft = np.log(np.exp(SHARPNESS * items).sum()) / SHARPNESS
    best = [margins.classes[columns].max() if columns.size else -1.0 for columns in layout.of_scope.values()]
    return np.array([first, second, third, first - second, second - third, soft, *best, *margins.scopes])


@dataclass(frozen=True)
class Calibration:
    """A multinomial regression from the features to OUTCOMES, fitted on messages of authors left out of training."""

    weights: Floats
    bias: Floats

    def probabilities(self, features: Floats) -> dict[str, float]:
        """Return the probability of each outcome."""
        scores = features @ self.weights + self.bias
        powers = np.exp(scores - scores.max())
        return dict(zip(OUTCOMES, (powers / powers.sum()).tolist(), strict=True))

    @classmethod
    def load(cls, path: Path) -> Calibration:
        """Read what save wrote."""
        data = json.loads(path.read_text(encoding="utf-8"))
        return cls(np.array(data["weights"]), np.array(data["bias"]))

    def save(self, path: Path, about: dict[str, object]) -> None:
        """Write the regression with what is to be known *about* its making."""
        data = {
            "about": about,
            "outcomes": list(OUTCOMES),
            "weights": np.round(self.weights, 4).tolist(),
            "bias": np.round(self.bias, 4).tolist(),
        }
        path.write_text(json.dumps(data, ensure_ascii=False, indent=1) + "\n", encoding="utf-8")
