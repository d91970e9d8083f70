"""The tuned sentence encoder: what a message is probably about and asks for, by a network on numpy alone.

Its arrays are made by `python -m bot tune` (bot.tuning) and lie in nlu_data/encoder.npz.
"""

from __future__ import annotations

import hashlib
import zipfile
import zlib
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from threadpoolctl import ThreadpoolController

from bot.understanding.arrays import Floats

ENCODER_FILE = "encoder.npz"
BRANCHES = (2, 3, 5)
"""Widths of the three convolutions over pieces; each looks as far back as ahead, the even one further ahead."""

BRANCH_WEIGHTS = ("w1", "b1", "w2", "b2")
BODY_WEIGHTS = (
    "proj_W",
    "proj_b",
    "ln_g_all",
    "ln_b_all",
    "ln_g",
    "ln_b",
    "cnn_W",
    "cnn_b",
    "d0",
    "d1",
    "d2",
    "d3",
    "p1",
    "p3",
)
HEAD_WEIGHTS = ("head_W", "head_b", "fac_W", "fac_b")
"""What the network is made of, beside the table of pieces; the branches' weights once for each width (w1_2)."""

BRANCH_SIZE = 256
MAX_PIECES = 160
"""Pieces read of a message; 500 characters, the most that is let in, come to some 300, and stories lose no question
by it: what is asked stands at the end, so the beginning is cut."""

REMEMBERED = 4096
"""Pieces whose own part of the network is kept at hand, 15 KB each: nearly all that is ever written."""

_UNKNOWN, _BEGIN, _END = 0, 1, 2
_EPSILON = 1e-12


class EncoderError(Exception):
    """The encoder's file is missing or is none; the message says what to do."""


class Pieces:
    """Cuts a normalised text into the pieces of a unigram vocabulary, the likeliest way (Viterbi)."""

    def __init__(self, pieces: Sequence[str], scores: Floats) -> None:
        self._index = {piece: number for number, piece in enumerate(pieces)}
        self._scores = np.asarray(scores, dtype=np.float64).tolist()
        self._longest = max(map(len, pieces))
        self._unknown_score = min(self._scores) - 10.0

    def cut(self, text: str) -> list[int]:
        """Return the numbers of the pieces, between the marks of beginning and end."""
        text = "▁" + text.replace(" ", "▁")
        best = [0.0] + [-np.inf] * len(text)
        steps = [(0, _UNKNOWN)] * (len(text) + 1)
        for start in range(len(text)):
            for end in range(start + 1, min(start + self._longest, len(text)) + 1):
                piece = self._index.get(text[start:end])
                if piece is None and end > start + 1:
                    continue
                score = best[start] + (self._unknown_score if piece is None else self._scores[piece])
                if score > best[end]:
                    best[end], steps[end] = score, (start, _UNKNOWN if piece is None else piece)
        found, end = [], len(text)
        while end:
            end, piece = steps[end]
            found.append(piece)
        return [_BEGIN, *found[::-1], _END]


@dataclass(frozen=True)
class Reading:
    """What the encoder says of some messages: logits, one row a message, a column an intent and a facet."""

    intents: Floats
    facets: Floats


class _Inner:
    """What the network makes of a piece alone, before it looks at its neighbours; remembered, as few pieces make up
    most messages.

    A row: the embedding, the inner vectors of the branches side by side, and for each branch what the piece brings to
    each place of a window. Each piece is worked out by itself, so that it is the same to the last bit in any company.
    """

    def __init__(self, table: Floats, low: Floats, step: Floats, weights: Mapping[str, Floats]) -> None:
        self._table, self._low, self._step = table, low, step
        self._weights = weights
        self.width = table.shape[1]
        self._known: dict[int, Floats] = {}

    def of(self, pieces: Sequence[int]) -> Floats:
        """Return a row for each of *pieces*."""
        known = self._known
        if len(known) > REMEMBERED:
            known = self._known = {}
        # Looked up once each: another thread may begin to remember anew meanwhile.
        return np.stack(
            [known[piece] if piece in known else known.setdefault(piece, self._row(piece)) for piece in pieces]
        )

    def _row(self, piece: int) -> Floats:
        w = self._weights
        embedded = self._table[piece].astype(np.float32) * self._step[piece] + self._low[piece]
        inner = _normalise(embedded @ w["proj_W"] + w["proj_b"], w["ln_g_all"], w["ln_b_all"])
        parts = [embedded, inner]
        for number, width in enumerate(BRANCHES):
            x = inner[number * BRANCH_SIZE : (number + 1) * BRANCH_SIZE]
            parts.extend(x @ place for place in w[f"w1_{width}"].reshape(width, BRANCH_SIZE, BRANCH_SIZE))
        return np.concatenate(parts)


class Encoder:
    """Three convolutions over pieces, summed and put through three layers; heads for intents and facets."""

    def __init__(self, arrays: Mapping[str, Any]) -> None:
        self.intents = tuple(str(name) for name in arrays["intents"])
        self.facets = tuple(str(name) for name in arrays["facets"])
        self._pieces = Pieces([str(piece) for piece in arrays["pieces"]], arrays["scores"])
        self._weights = {name: np.asarray(arrays[name], dtype=np.float32) for name in weight_names()}
        low, step = (np.asarray(arrays[name], dtype=np.float32) for name in ("table_low", "table_step"))
        self._inner = _Inner(np.asarray(arrays["table"]), low, step, self._weights)
        self._threads = ThreadpoolController()

    @classmethod
    def load(cls, path: Path) -> Encoder:
        """Read what save_encoder wrote. Raises EncoderError naming the file."""
        try:
            with np.load(path, allow_pickle=False) as data:
                return cls({name: data[name] for name in data.files})
        except FileNotFoundError as error:
            raise EncoderError(f"{path}: no encoder; make it by python -m bot tune") from error
        except (OSError, KeyError, ValueError, EOFError, AttributeError, zipfile.BadZipFile, zlib.error) as error:
            raise EncoderError(f"{path}: not an encoder ({error}); make it anew by python -m bot tune") from error

    def cut(self, text: str) -> list[int]:
        """Return the pieces of a normalised text that the network reads."""
        return clip(self._pieces.cut(text))

    def read(self, texts: Sequence[str]) -> Reading:
        """Return the logits of normalised texts."""
        # One message is too small to share: more threads than idle cores make it ten times slower.
        with self._threads.limit(limits=1, user_api="blas"):
            rows = [self._read(self.cut(text)) for text in texts]
        width = len(self.intents)
        logits = np.stack(rows) if rows else np.zeros((0, width + len(self.facets)), dtype=np.float32)
        return Reading(logits[:, :width], logits[:, width:])

    def _read(self, pieces: list[int]) -> Floats:
        """Return the logits of one message, those of the facets behind those of the intents."""
        w = self._weights
        known = self._inner.of(pieces)
        embedded, inner = known[:, : self._inner.width], known[:, self._inner.width :]
        found = [embedded]
        for number, width in enumerate(BRANCHES):
            x = inner[:, number * BRANCH_SIZE : (number + 1) * BRANCH_SIZE]
            seen = inner[:, BRANCH_SIZE * (len(BRANCHES) + sum(BRANCHES[:number])) :][:, : width * BRANCH_SIZE]
            h = np.maximum(_sums(seen, width) + w[f"b1_{width}"], 0) + x
            found.append(np.maximum(_windows(h, width) @ w[f"w2_{width}"] + w[f"b2_{width}"], 0) + h)
        features = _normalise(np.hstack(found), w["ln_g"], w["ln_b"])
        count = len(pieces)
        mean = (features.sum(axis=0) @ w["cnn_W"] + count * w["cnn_b"]) / np.sqrt(count)
        first = np.maximum(mean @ w["d0"], 0)
        second = np.maximum(mean @ w["p1"] + first @ w["d1"], 0)
        third = np.maximum(second @ w["d2"], 0)
        vector = np.tanh(second @ w["p3"] + third @ w["d3"])
        strongest = features[:, embedded.shape[1] :].max(axis=0)
        facets = np.concatenate([vector, strongest]) @ w["fac_W"] + w["fac_b"]
        return np.concatenate([vector @ w["head_W"] + w["head_b"], facets])


def clip(pieces: list[int]) -> list[int]:
    """Return the pieces that the network reads of a message: its end, behind the mark of the beginning."""
    return pieces if len(pieces) <= MAX_PIECES else [_BEGIN, *pieces[-MAX_PIECES + 1 :]]


def weight_names() -> tuple[str, ...]:
    """Return the names of the weights beside the table of pieces."""
    branches = (f"{name}_{width}" for width in BRANCHES for name in BRANCH_WEIGHTS)
    return (*BODY_WEIGHTS, *branches, *HEAD_WEIGHTS)


def save_encoder(path: Path, arrays: Mapping[str, Any]) -> str:
    """Write the arrays small (the table in bytes, weights in half precision); return the file's SHA-256."""
    table = np.asarray(arrays["table"], dtype=np.float32)
    low, high = table.min(axis=1), table.max(axis=1)
    step = np.maximum(high - low, _EPSILON) / 255
    small = {name: np.asarray(arrays[name]).astype(np.float16) for name in weight_names()}
    kept = {name: np.asarray(arrays[name]) for name in ("pieces", "scores", "intents", "facets")}
    path.parent.mkdir(parents=True, exist_ok=True)
    draft = path.with_suffix(".part")
    with draft.open("wb") as file:
        np.savez_compressed(
            file,
            table=np.round((table - low[:, None]) / step[:, None]).astype(np.uint8),
            table_low=low.astype(np.float32),
            table_step=step.astype(np.float32),
            **small,
            **kept,
        )
    draft.replace(path)
    return digest_of(path)


def digest_of(path: Path) -> str:
    """Return the SHA-256 of a file."""
    return hashlib.sha256(path.read_bytes()).hexdigest()


def _normalise(x: Floats, gain: Floats, bias: Floats) -> Floats:
    x = x - x.mean(axis=-1, keepdims=True)
    return np.asarray(x / np.sqrt((x * x).mean(axis=-1, keepdims=True) + _EPSILON) * gain + bias)


def _sums(parts: Floats, width: int) -> Floats:
    """Return for each row the sum of what the *width* rows around it bring to it: _windows times the weights."""
    count, size = parts.shape[0], parts.shape[1] // width
    sums = np.zeros((count, size), dtype=parts.dtype)
    for offset, rows, neighbours in _places(count, width):
        sums[rows] += parts[neighbours, offset * size : (offset + 1) * size]
    return sums


def _windows(x: Floats, width: int) -> Floats:
    """Return for each row the *width* rows around it, side by side, zeros beyond the ends."""
    count, size = x.shape
    windows = np.zeros((count, width * size), dtype=x.dtype)
    for offset, rows, neighbours in _places(count, width):
        windows[rows, offset * size : (offset + 1) * size] = x[neighbours]
    return windows


def _places(count: int, width: int) -> Iterator[tuple[int, slice, slice]]:
    """Yield each place of a window with the rows that have a neighbour there, and those neighbours."""
    before = (width - 1) // 2
    for offset in range(width):
        first, last = max(0, before - offset), min(count, count + before - offset)
        yield offset, slice(first, last), slice(first + offset - before, last + offset - before)
