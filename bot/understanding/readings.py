"""How a message is read at once: as it stands and, where a town in it is only where somebody is, without the town too.

What is learned from messages that name a town is mostly what people ask of that town. Who only says where he is asks
what everybody asks; the mean of both readings hears either (decision 25).
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, TypeVar, cast

import numpy as np
import scipy.sparse as sp
from numpy.typing import NDArray

from bot.understanding.arrays import Floats
from bot.understanding.encoder import Encoder, Reading
from bot.understanding.places import without_town

Rows = TypeVar("Rows", Floats, sp.csr_matrix)


@dataclass(frozen=True)
class Readings:
    """The texts that some messages are read in, the readings of a message beside each other, and how many each has."""

    texts: tuple[str, ...]
    counts: NDArray[np.intp]

    @classmethod
    def of(cls, forms: Sequence[str]) -> Readings:
        """Return the readings of messages in normal form."""
        found = [readings(form) for form in forms]
        return cls(
            tuple(text for texts in found for text in texts), np.array([len(texts) for texts in found], dtype=int)
        )

    def mean(self, rows: Rows) -> Rows:
        """Return one row a message, the mean of its readings' in *rows*, which has one a text."""
        if len(self.texts) == len(self.counts):
            return rows
        of = np.repeat(np.arange(len(self.counts)), self.counts)
        shares = sp.csr_matrix((1 / self.counts[of], (of, np.arange(len(of)))), dtype=np.float32)
        mean: Any = shares @ rows
        if sp.issparse(mean):
            mean.sort_indices()
        return cast(Rows, mean)

    def mean_reading(self, reading: Reading) -> Reading:
        """Return the mean of what the encoder says of each message's readings: *reading* has one row a text."""
        return Reading(self.mean(reading.intents), self.mean(reading.facets))


def readings(form: str) -> tuple[str, ...]:
    """Return a message in normal form, and without its town where that can be left out."""
    without = without_town(form)
    return (form,) if without is None else (form, without)


def read_by(encoder: Encoder, forms: Sequence[str]) -> Reading:
    """Return what the encoder says of messages in normal form: the mean of the logits of their readings."""
    several = Readings.of(forms)
    return several.mean_reading(encoder.read(several.texts))
