"""Where tuning starts: the package's file is read as it was written, cut to Chinese, and refused if it is another."""

from __future__ import annotations

import struct
from pathlib import Path

import numpy as np
import pytest

from bot.tuning.pretrained import PretrainedError, cut_to_chinese, read_file
from bot.understanding.arrays import Floats

SIZE, LAYERS, HEADS, INNER, POSITIONS, TYPES = 32, 1, 4, 64, 5, 2
PIECES = ["<s>", "<pad>", "</s>", "<unk>", "▁", "社保", "社保卡", "▁2024", "card", "ab", "繳費", "▁的", "ая"]
BEGIN, PAD, END, UNKNOWN = 0, 1, 2, 3
MATRICES = {"q": (SIZE, SIZE), "k": (SIZE, SIZE), "v": (SIZE, SIZE), "ao": (SIZE, SIZE)}
MATRICES |= {"fi": (INNER, SIZE), "fo": (SIZE, INNER)}


def whole_numbers(*shape: int) -> Floats:
    """Return numbers from -8 to 7: in blocks with a scale of 1 they are kept exactly."""
    return np.random.default_rng(sum(shape)).integers(-8, 8, shape).astype(np.float32)


def in_blocks(matrix: Floats) -> bytes:
    """Return a matrix as the package keeps it."""
    halves = (matrix.reshape(-1, 32) + 8).astype(np.uint8)
    return b"".join(struct.pack("<e", 1.0) + bytes(row[:16] | row[16:] << 4) for row in halves)


def tensors() -> dict[str, tuple[int, int, bytes]]:
    """Return by name the kind of each tensor, how many numbers it has, and its bytes."""
    found = {"emb.word": (1, len(PIECES) * SIZE, in_blocks(whole_numbers(len(PIECES), SIZE)))}
    plain = {"emb.pos": POSITIONS * SIZE, "emb.type": TYPES * SIZE, "emb.ln.w": SIZE, "emb.ln.b": SIZE}
    plain |= {f"l0.{name}.b": shape[0] for name, shape in MATRICES.items()}
    plain |= {f"l0.{name}.{part}": SIZE for name in ("aln", "oln") for part in "wb"}
    for name, count in plain.items():
        found[name] = (0, count, np.arange(count, dtype="<f4").tobytes())
    for name, shape in MATRICES.items():
        found[f"l0.{name}.w"] = (1, shape[0] * shape[1], in_blocks(whole_numbers(*shape)))
    return found


def file() -> bytes:
    """Return a whole file of a small network."""
    texts = [piece.encode() for piece in PIECES]
    scores = -np.arange(len(PIECES), dtype="<f4")
    head = struct.pack("<4sI7ifi", b"E5S1", 1, SIZE, LAYERS, HEADS, INNER, len(PIECES), POSITIONS, TYPES, 1e-12, 32)
    head += struct.pack("<5iQ", len(PIECES), BEGIN, END, PAD, UNKNOWN, sum(map(len, texts)))
    head += np.cumsum([0, *map(len, texts)]).astype("<u4").tobytes() + scores.tobytes() + b"".join(texts)
    head += struct.pack("<iI", 1, 9) + struct.pack("<IBI", ord("Ａ"), 1, ord("A"))
    kept = tensors()
    size = len(head) + 4 + sum(2 + len(name) + 1 + 4 + 16 for name in kept)
    directory, body = struct.pack("<i", len(kept)), b""
    for name, (kind, count, data) in kept.items():
        directory += struct.pack("<H", len(name)) + name.encode() + bytes([kind])
        directory += struct.pack("<IQQ", count, size + len(body), len(data))
        body += data
    return head + directory + body


@pytest.fixture
def path(tmp_path: Path) -> Path:
    path = tmp_path / "model.bin"
    path.write_bytes(file())
    return path


def test_the_shape_is_that_of_the_file(path: Path) -> None:
    shape = read_file(path).shape
    found = (shape.size, shape.layers, shape.heads, shape.inner, shape.positions)
    assert found == (SIZE, LAYERS, HEADS, INNER, POSITIONS)


def test_the_unknown_the_beginning_and_the_end_come_first_with_their_own_rows(path: Path) -> None:
    model = read_file(path)
    assert model.pieces[:3] == ("<unk>", "<s>", "</s>")
    assert sorted(model.pieces) == sorted(PIECES)
    for piece, score, row in zip(model.pieces, model.scores, model.table, strict=True):
        old = PIECES.index(piece)
        assert score == -old
        assert np.array_equal(row, whole_numbers(len(PIECES), SIZE)[old])


def test_matrices_are_turned_to_be_multiplied_from_the_right(path: Path) -> None:
    weights = read_file(path).weights
    assert np.array_equal(weights["0.widen"], whole_numbers(INNER, SIZE).T)
    assert np.array_equal(weights["0.narrow"], whole_numbers(SIZE, INNER).T)
    assert np.array_equal(weights["0.look"], np.hstack([whole_numbers(SIZE, SIZE).T] * 3))


def test_a_place_has_the_vector_of_the_first_type_in_it(path: Path) -> None:
    place = read_file(path).weights["place"]
    assert np.array_equal(place, np.arange(POSITIONS * SIZE).reshape(POSITIONS, SIZE) + np.arange(SIZE))


def test_pieces_that_normalised_chinese_never_holds_are_left_out(path: Path) -> None:
    model = cut_to_chinese(read_file(path), [])
    assert model.pieces == ("<unk>", "<s>", "</s>", "▁", "社保", "社保卡", "▁2024", "ab", "▁的")
    assert len(model.table) == len(model.scores) == len(model.pieces)


def test_a_character_that_is_new_and_not_rare_starts_as_the_unknown(path: Path) -> None:
    model = cut_to_chinese(read_file(path), ["恤恤 社保", "恤", "缴"])
    assert model.pieces[-1] == "恤"
    assert np.array_equal(model.table[-1], model.table[0])
    assert model.scores[-1] == model.scores.min()


@pytest.mark.parametrize("kept", [0, 20, 300, -1])
def test_a_file_that_ends_too_early_is_named(path: Path, kept: int) -> None:
    path.write_bytes(file()[:kept])
    with pytest.raises(PretrainedError) as error:
        read_file(path)
    assert str(error.value).startswith(f"{path}: ")


def test_a_missing_file_is_named(tmp_path: Path) -> None:
    with pytest.raises(PretrainedError) as error:
        read_file(tmp_path / "model.bin")
    assert str(error.value).startswith(f"{tmp_path / 'model.bin'}: ")


def test_another_file_is_named(path: Path) -> None:
    path.write_bytes(b"GGUF" + file()[4:])
    with pytest.raises(PretrainedError) as error:
        read_file(path)
    assert "E5S1" in str(error.value)
