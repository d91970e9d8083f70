"""Two questions in one message (一句话问两件事): where it falls into two parts that ask about different items."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from bot.understanding.arrays import Floats
from bot.understanding.normalise import fold

MAX_SPLITS = 8
"""Places looked at in a message, its last ones: one with more is a story, and its questions stand at the end."""

_JOINTS = "还有|另外|顺便|再问|同时|对了|以及|再就是"
_BORDER = re.compile(rf"[，。？！；、,.?!;…~\n]+|(?={_JOINTS})")
_JOINT = re.compile(rf"{_JOINTS}|也想|还想|一个是|第二")


@dataclass(frozen=True)
class Pair:
    """The two items that the parts of a message seem to ask about, in the order asked, and the evidence for it."""

    first: int
    second: int
    features: Floats


def split_parts(text: str) -> list[tuple[str, str]]:
    """Return the ways to cut a message in two at its signs and joints; blanks are no border: search words have them."""
    parts = [part for part in _BORDER.split(fold(text)) if part]
    return [("".join(parts[:k]), "".join(parts[k:])) for k in range(1, len(parts))][-MAX_SPLITS:]


def find_pair(text: str, whole: Floats, parts: Floats, items: Sequence[int]) -> Pair | None:
    """Return the best pair of different items, None where no cut gives one.

    *whole* are the margins of the message, *parts* those of its cuts, two rows a cut (left, right), in the same
    columns; *items* are the columns that are items. The best cut is the one whose weaker side is strongest.
    """
    columns, folded = np.asarray(items), fold(text)
    best: tuple[float, Pair] | None = None
    for left, right in zip(parts[::2], parts[1::2], strict=True):
        a, b = int(columns[left[columns].argmax()]), int(columns[right[columns].argmax()])
        strength = float(min(left[a], right[b]))
        if a == b or (best is not None and strength <= best[0]):
            continue
        top = set(columns[np.argsort(-whole[columns], kind="stable")[:2]].tolist())
        features = [
            strength,
            max(left[a], right[b]),
            min(left[a] - np.delete(left, a).max(), right[b] - np.delete(right, b).max()),
            whole[a],
            whole[b],
            -abs(whole[a] - whole[b]),
            float(len(top & {a, b})),
            float(_JOINT.search(folded) is not None),
            len(folded) / 50,
            left[b],
            right[a],
        ]
        best = (strength, Pair(a, b, np.array(features, dtype=np.float64)))
    return best[1] if best else None
