"""The tuned sentence encoder: what a message is probably about and asks for, by a network in whole numbers.

Its graph is made by `python -m bot tune` (bot.tuning) and lies in nlu_data/encoder.onnx.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import onnxruntime
from onnxruntime.capi import onnxruntime_pybind11_state as state

from bot.understanding.arrays import Floats

ENCODER_FILE = "encoder.onnx"
NAMES = ("pieces", "scores", "intents", "facets")
"""What the file's metadata hold beside the graph, each a list in JSON."""

MAX_PIECES = 128
"""Pieces read of a message; 500 characters, the most that is let in, come to some 300, and stories lose no question
by it: what is asked stands at the end, so the beginning is cut."""

THREADS = 2
"""Threads for one message. None waits in a loop for the next: that would be quicker alone, and much slower beside any
other work."""

_UNKNOWN, _BEGIN, _END = 0, 1, 2

_FAULTS = (state.Fail, state.InvalidArgument, state.InvalidGraph, state.InvalidProtobuf, state.NotImplemented)
"""What the library raises for a file that is none of its own; they have no class in common."""


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


class Encoder:
    """Twelve layers of attention over pieces; heads for intents and facets."""

    def __init__(self, model: bytes) -> None:
        self._session = onnxruntime.InferenceSession(model, _options(), providers=["CPUExecutionProvider"])
        named = self._session.get_modelmeta().custom_metadata_map
        pieces, scores, intents, facets = (json.loads(named[name]) for name in NAMES)
        self.intents = tuple(intents)
        self.facets = tuple(facets)
        self._pieces = Pieces(pieces, np.array(scores))

    @classmethod
    def load(cls, path: Path) -> Encoder:
        """Read what bot.tuning wrote. Raises EncoderError naming the file.

        The graph has no sum of its own to check: a changed byte would only be a worse answer. Its record has one.
        """
        try:
            if record_of(path).exists():
                record = json.loads(record_of(path).read_text(encoding="utf-8"))
                if record["sha256"] != digest_of(path):
                    raise ValueError("not the file of its record")
            return cls(path.read_bytes())
        except FileNotFoundError as error:
            raise EncoderError(f"{path}: no encoder; make it by python -m bot tune") from error
        except (OSError, KeyError, ValueError, RuntimeError, *_FAULTS) as error:
            raise EncoderError(f"{path}: not an encoder ({error}); make it anew by python -m bot tune") from error

    def cut(self, text: str) -> list[int]:
        """Return the pieces of a normalised text that the network reads."""
        return clip(self._pieces.cut(text))

    def read(self, texts: Sequence[str]) -> Reading:
        """Return the logits of normalised texts; each is read by itself, the same in any company."""
        found = [self._session.run(["intents", "facets"], {"pieces": np.array(self.cut(text))}) for text in texts]
        intents = [row[0] for row, _ in found]
        facets = [row[0] for _, row in found]
        return Reading(_rows(intents, len(self.intents)), _rows(facets, len(self.facets)))


def _rows(rows: list[Floats], width: int) -> Floats:
    return np.stack(rows) if rows else np.zeros((0, width), dtype=np.float32)


def _options() -> onnxruntime.SessionOptions:
    options = onnxruntime.SessionOptions()
    options.intra_op_num_threads = THREADS
    options.add_session_config_entry("session.intra_op.allow_spinning", "0")
    options.log_severity_level = 3
    return options


def clip(pieces: list[int]) -> list[int]:
    """Return the pieces that the network reads of a message: its end, behind the mark of the beginning."""
    return pieces if len(pieces) <= MAX_PIECES else [_BEGIN, *pieces[-MAX_PIECES + 1 :]]


def record_of(path: Path) -> Path:
    """Return where the record of an encoder lies."""
    return path.with_suffix(".json")


def digest_of(path: Path) -> str:
    """Return the SHA-256 of a file."""
    return hashlib.sha256(path.read_bytes()).hexdigest()
