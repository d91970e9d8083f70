"""The tuned encoder as it is served: how it cuts, its file, and that it does the sums that tuning does."""

from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import onnx
import pytest
from hypothesis import given
from hypothesis import strategies as st
from onnx import helper

from bot.settings import load_settings
from bot.tuning.artefact import lessons_digest, lessons_of, make_encoder
from bot.tuning.graph import exact_model, read_arrays, save_encoder
from bot.tuning.pretrained import Pretrained, Shape
from bot.tuning.tune import Lesson
from bot.understanding.encoder import ENCODER_FILE, MAX_PIECES, Encoder, EncoderError, Pieces, digest_of, record_of
from bot.understanding.messages import LabelledMessage

# ---------------------------------------------------------------- pieces

UNKNOWN, BEGIN, END = 0, 1, 2
VOCABULARY = {
    "<unk>": 0.0,
    "<s>": 0.0,
    "</s>": 0.0,
    "▁": -3.0,
    "社": -5.0,
    "保": -5.0,
    "卡": -5.0,
    "社保": -6.0,
    "保卡": -9.0,
    "社保卡": -14.0,
    "▁丢": -4.0,
    "丢": -5.0,
    "了": -2.0,
    "card": -6.0,
}
NAMES = list(VOCABULARY)
PIECES = Pieces(NAMES, np.array(list(VOCABULARY.values())))


def cut(text: str) -> list[str]:
    """Return the pieces of *text* without the marks around them."""
    numbers = PIECES.cut(text)
    assert (numbers[0], numbers[-1]) == (BEGIN, END)
    return [NAMES[number] for number in numbers[1:-1]]


CUTS = [
    ("社保", ["▁", "社保"]),
    ("社保卡", ["▁", "社保", "卡"]),
    ("保卡社", ["▁", "保卡", "社"]),
    ("丢了", ["▁丢", "了"]),
    ("卡丢了", ["▁", "卡", "丢", "了"]),
    ("card", ["▁", "card"]),
    ("卡 丢", ["▁", "卡", "▁丢"]),
    ("卡 card", ["▁", "卡", "▁", "card"]),
    ("龘", ["▁", "<unk>"]),
    ("社保龘卡", ["▁", "社保", "<unk>", "卡"]),
    ("龘齉", ["▁", "<unk>", "<unk>"]),
    ("car", ["▁", "<unk>", "<unk>", "<unk>"]),
    ("𠮷", ["▁", "<unk>"]),
    ("", ["▁"]),
    (" ", ["▁", "▁"]),
]


@pytest.mark.parametrize(("text", "pieces"), CUTS)
def test_a_text_is_cut_the_likeliest_way(text: str, pieces: list[str]) -> None:
    assert cut(text) == pieces


@given(st.text(alphabet="社保卡丢了", max_size=12))
def test_pieces_put_together_are_the_text(text: str) -> None:
    assert "".join(cut(text)) == "▁" + text


@given(st.text(max_size=40))
def test_any_text_can_be_cut(text: str) -> None:
    assert 1 <= len(cut(text)) <= len(text) + 1


# ---------------------------------------------------------------- a tiny network

SHAPE = Shape(size=32, layers=2, heads=4, inner=48, positions=MAX_PIECES)
INTENTS = ("card_replace", "oos_medical", "retirement_normal")
FACETS = ("fee", "phone")
TEXTS = ["社保卡丢了", "丢了", "card", "", "龘", "社保卡丢了" * 30, "卡 card 丢了"]


def pretrained() -> Pretrained:
    """Return a network of random weights with the vocabulary above."""
    rng = np.random.default_rng(7)
    size, inner = SHAPE.size, SHAPE.inner
    shapes: dict[str, tuple[int, ...]] = {"place": (SHAPE.positions, size), "gain": (size,), "bias": (size,)}
    for layer in range(SHAPE.layers):
        own: dict[str, tuple[int, ...]] = {
            "look": (size, 3 * size),
            "look_bias": (3 * size,),
            "join": (size, size),
            "join_bias": (size,),
            "seen_gain": (size,),
            "seen_bias": (size,),
            "widen": (size, inner),
            "widen_bias": (inner,),
            "narrow": (inner, size),
            "narrow_bias": (size,),
            "out_gain": (size,),
            "out_bias": (size,),
        }
        shapes |= {f"{layer}.{name}": shape for name, shape in own.items()}
    return Pretrained(
        shape=SHAPE,
        pieces=tuple(NAMES),
        scores=np.array(list(VOCABULARY.values()), dtype=np.float32),
        table=rng.normal(size=(len(NAMES), size)).astype(np.float32),
        weights={name: rng.normal(0, shape[0] ** -0.5, shape).astype(np.float32) for name, shape in shapes.items()},
    )


def arrays() -> dict[str, Any]:
    """Return that network with random heads, as tuning hands it over."""
    start = pretrained()
    rng = np.random.default_rng(8)
    return {
        **start.weights,
        "table": start.table,
        "intents": rng.normal(size=(SHAPE.size, len(INTENTS))),
        "intents_bias": rng.normal(size=len(INTENTS)),
        "facets": rng.normal(0, 0.3, (2 * SHAPE.size, len(FACETS))),
        "facets_bias": rng.normal(size=len(FACETS)),
        "heads": SHAPE.heads,
        "pieces": start.pieces,
        "scores": start.scores,
        "intent_names": INTENTS,
        "facet_names": FACETS,
    }


def exact(given_: dict[str, Any]) -> Encoder:
    """Return the encoder of these very arrays, matrices not yet put into bytes."""
    return Encoder(exact_model(given_).SerializeToString())


@pytest.fixture(scope="module")
def encoder() -> Encoder:
    return exact(arrays())


@pytest.fixture
def saved(tmp_path: Path) -> Path:
    path = tmp_path / "folder" / "encoder.onnx"
    record_of(path).write_text(json.dumps({"sha256": save_encoder(path, arrays())}), encoding="utf-8")
    return path


def test_a_message_gets_a_number_for_each_intent_and_each_facet(encoder: Encoder) -> None:
    reading = encoder.read(TEXTS)
    assert (encoder.intents, encoder.facets) == (INTENTS, FACETS)
    assert reading.intents.shape == (len(TEXTS), len(INTENTS))
    assert reading.facets.shape == (len(TEXTS), len(FACETS))
    assert np.isfinite(reading.intents).all()
    assert np.isfinite(reading.facets).all()


def test_the_same_message_is_read_the_same_every_time(encoder: Encoder) -> None:
    first, second = encoder.read(["社保卡丢了", "社保卡丢了"]).intents
    assert np.array_equal(first, second)
    assert np.array_equal(encoder.read(["社保卡丢了"]).intents[0], first)


def test_a_message_is_read_the_same_whatever_stands_beside_it(encoder: Encoder) -> None:
    together = encoder.read(TEXTS)
    for number, text in enumerate(TEXTS):
        alone = encoder.read([text])
        assert np.array_equal(together.intents[number], alone.intents[0]), text
        assert np.array_equal(together.facets[number], alone.facets[0]), text


def test_different_messages_are_read_differently(encoder: Encoder) -> None:
    rows = encoder.read(["社保卡丢了", "丢了社保卡", "card"]).intents
    assert len({tuple(row.tolist()) for row in rows}) == 3


def test_no_message_gives_no_row(encoder: Encoder) -> None:
    reading = encoder.read([])
    assert (reading.intents.shape, reading.facets.shape) == ((0, len(INTENTS)), (0, len(FACETS)))


# ---------------------------------------------------------------- long messages


@pytest.mark.parametrize("length", [1, 100, MAX_PIECES - 5, MAX_PIECES - 4, MAX_PIECES - 3, 500])
def test_of_a_long_message_the_end_is_read_between_its_marks(encoder: Encoder, length: int) -> None:
    pieces = encoder.cut("了" * length + "丢")
    assert len(pieces) == min(length + 4, MAX_PIECES)
    assert (pieces[0], *pieces[-2:]) == (BEGIN, NAMES.index("丢"), END)


def test_the_beginning_of_a_story_changes_nothing_and_its_end_does(encoder: Encoder) -> None:
    story = "了" * 400
    one, other, asked = encoder.read([f"社保{story}卡", f"card{story}卡", f"社保{story}丢"]).intents
    assert np.array_equal(one, other)
    assert not np.allclose(one, asked)


# ---------------------------------------------------------------- the file


def test_an_encoder_survives_its_file_nearly(encoder: Encoder, saved: Path) -> None:
    loaded = Encoder.load(saved)
    assert (loaded.intents, loaded.facets) == (INTENTS, FACETS)
    before, after = encoder.read(TEXTS), loaded.read(TEXTS)
    assert [loaded.cut(text) for text in TEXTS] == [encoder.cut(text) for text in TEXTS]
    assert after.intents == pytest.approx(before.intents, abs=0.05)
    assert after.facets == pytest.approx(before.facets, abs=0.05)


def test_saving_tells_the_digest_of_the_file_and_the_same_arrays_give_the_same_file(tmp_path: Path) -> None:
    first, second = tmp_path / "first.onnx", tmp_path / "second.onnx"
    assert save_encoder(first, arrays()) == digest_of(first)
    assert save_encoder(second, arrays()) == digest_of(first)


def test_saving_leaves_nothing_but_the_file(tmp_path: Path) -> None:
    path = tmp_path / "encoder.onnx"
    save_encoder(path, arrays())
    assert list(tmp_path.iterdir()) == [path]


def test_a_piece_whose_vector_is_constant_is_kept(tmp_path: Path) -> None:
    path = tmp_path / "encoder.onnx"
    flat = arrays()
    flat["table"][5] = 0.25
    save_encoder(path, flat)
    assert Encoder.load(path).read(TEXTS).intents == pytest.approx(exact(flat).read(TEXTS).intents, abs=0.05)


def damage(path: Path, kind: str) -> None:
    """Make *path* what it should not be."""
    whole = path.read_bytes()
    if kind == "cut short":
        path.write_bytes(whole[: len(whole) // 2])
    elif kind == "bytes changed inside":
        middle = len(whole) // 2
        path.write_bytes(whole[:middle] + bytes(64) + whole[middle + 64 :])
    elif kind == "a broken record":
        record_of(path).write_text("{", encoding="utf-8")
    elif kind == "empty":
        path.write_bytes(b"")
    elif kind == "a text":
        path.write_text("社保卡丢了怎么补\n", encoding="utf-8")
    elif kind == "another network":
        record_of(path).unlink()
        path.write_bytes(another().SerializeToString())
    elif kind == "no names":
        model = onnx.load(path)
        del model.metadata_props[:]
        record_of(path).unlink()
        path.write_bytes(model.SerializeToString())
    else:
        path.unlink()
        path.mkdir()


def another() -> onnx.ModelProto:
    """Return a graph that adds a number to itself."""
    ports = [helper.make_tensor_value_info(name, onnx.TensorProto.FLOAT, [1]) for name in ("x", "y")]
    graph = helper.make_graph([helper.make_node("Add", ["x", "x"], ["y"])], "sum", ports[:1], ports[1:])
    return helper.make_model(graph, opset_imports=[helper.make_opsetid("", 20)], ir_version=9)


KINDS = [
    "cut short",
    "bytes changed inside",
    "a broken record",
    "empty",
    "a text",
    "another network",
    "no names",
    "a folder",
]


@pytest.mark.parametrize("kind", KINDS)
def test_a_file_that_is_no_encoder_is_named_with_the_command_that_makes_one(saved: Path, kind: str) -> None:
    damage(saved, kind)
    with pytest.raises(EncoderError) as error:
        Encoder.load(saved)
    assert str(error.value).startswith(f"{saved}: ")
    assert "python -m bot tune" in str(error.value)


def test_a_missing_file_is_named_with_the_command_that_makes_it(tmp_path: Path) -> None:
    with pytest.raises(EncoderError) as error:
        Encoder.load(tmp_path / "encoder.onnx")
    assert str(error.value).startswith(f"{tmp_path / 'encoder.onnx'}: no encoder")
    assert "python -m bot tune" in str(error.value)


# ---------------------------------------------------------------- the same sums as in tuning


def test_the_tuned_network_and_the_encoder_give_the_same_logits() -> None:
    """What tuning measured is what is served, in a batch of messages of any length."""
    from bot.tuning.network import Network

    network = Network(pretrained(), len(INTENTS), len(FACETS), MAX_PIECES, seed=1)
    encoder = exact({**arrays(), **network.arrays()})
    cuts = [np.array(encoder.cut(text)) + 1 for text in TEXTS]
    batch = np.zeros((len(cuts), max(map(len, cuts))), dtype=np.int32)
    for number, pieces in enumerate(cuts):
        batch[number, : len(pieces)] = pieces
    intents, facets = network.forward(batch, training=False)
    reading = encoder.read(TEXTS)
    assert reading.intents == pytest.approx(intents.numpy(), abs=1e-4)
    assert reading.facets == pytest.approx(facets.numpy(), abs=1e-4)


# ---------------------------------------------------------------- going on from an encoder


def test_what_is_read_back_of_an_encoder_is_what_was_saved_but_for_rounding(saved: Path) -> None:
    given_, back = arrays(), read_arrays(saved)
    assert set(back) == set(given_)
    for name, value in given_.items():
        if name in ("heads", "pieces", "intent_names", "facet_names"):
            assert back[name] == (list(value) if isinstance(value, tuple) else value)
        else:
            # A hundred and twenty-seven steps each way, and half a step is what rounding takes.
            assert back[name] == pytest.approx(value, abs=float(np.abs(value).max()) / 127), name


def test_an_encoder_read_back_and_saved_again_says_the_same(saved: Path, tmp_path: Path) -> None:
    again = tmp_path / "again.onnx"
    save_encoder(again, read_arrays(saved))
    first, second = Encoder.load(saved).read(TEXTS), Encoder.load(again).read(TEXTS)
    assert second.intents == pytest.approx(first.intents, abs=0.02)
    assert second.facets == pytest.approx(first.facets, abs=0.02)


def test_a_network_that_goes_on_says_what_the_earlier_one_said_and_starts_anew_with_what_is_new() -> None:
    from bot.tuning.network import Network

    earlier = arrays()
    names = (INTENTS[2], "a_new_one", INTENTS[0], INTENTS[1])
    network = Network(pretrained(), len(names), len(FACETS), MAX_PIECES, seed=3)
    fresh = network.arrays()
    network.go_on_from(earlier, NAMES, names)
    now = network.arrays()
    for column, name in enumerate(names):
        source, at = (earlier, INTENTS.index(name)) if name in INTENTS else (fresh, column)
        assert now["intents"][:, column] == pytest.approx(source["intents"][:, at])
        assert now["intents_bias"][column] == pytest.approx(source["intents_bias"][at])
    for name in ("table", "0.look", "1.narrow", "facets", "place"):
        assert now[name] == pytest.approx(np.asarray(earlier[name])), name


def test_a_network_that_goes_on_keeps_the_vectors_of_pieces_that_are_new_to_it() -> None:
    from bot.tuning.network import Network

    earlier = arrays()
    pieces = [*NAMES[:4], "新", *NAMES[4:]]
    more = pretrained()
    more = replace(more, pieces=tuple(pieces), table=np.insert(more.table, 4, 0.5, axis=0))
    network = Network(more, len(INTENTS), len(FACETS), MAX_PIECES, seed=3)
    network.go_on_from({**earlier, "table": earlier["table"] * 2}, pieces, INTENTS)
    table = network.arrays()["table"]
    assert table[4] == pytest.approx(np.full(SHAPE.size, 0.5))
    assert np.delete(table, 4, axis=0) == pytest.approx(earlier["table"] * 2)


@pytest.mark.parametrize("goes_on", [False, True], ids=["from the pretrained weights", "from an encoder that is there"])
def test_tuning_teaches_its_lessons(monkeypatch: pytest.MonkeyPatch, goes_on: bool) -> None:
    from bot.tuning import tune as tuning

    lessons = [
        Lesson("社保卡", ("card_replace",), ("fee",)),
        Lesson("丢了", ("retirement_normal",), ("phone",)),
        Lesson("card", ("oos_medical",), None),
    ]
    monkeypatch.setattr(tuning, "load_pretrained", lambda _: pretrained())
    recipe = tuning.Recipe(epochs=60, rate=1e-2, keep=0.1)
    tuned = tuning.tune(lessons, FACETS, recipe, lambda _: None, arrays() if goes_on else None)
    reading = exact(tuned).read([lesson.text for lesson in lessons])
    assert [tuned["intent_names"][best] for best in reading.intents.argmax(axis=1)] == [
        lesson.intents[0] for lesson in lessons
    ]
    assert [FACETS[best] for best in reading.facets[:2].argmax(axis=1)] == ["fee", "phone"]


def test_who_goes_on_half_the_way_keeps_the_mean_and_what_was_new_to_the_earlier_one() -> None:
    from bot.tuning.network import Network
    from bot.tuning.tune import mean_of

    earlier = arrays()
    names = (*INTENTS, "a_new_one")
    network = Network(pretrained(), len(names), len(FACETS), MAX_PIECES, seed=3)
    learned = network.arrays()
    mean = mean_of(network, learned, earlier, NAMES, names, keep=0.25)
    assert set(mean) == set(learned)
    for name in ("table", "0.look", "1.narrow", "facets"):
        assert mean[name] == pytest.approx(0.75 * learned[name] + 0.25 * np.asarray(earlier[name]), abs=1e-6), name
    assert mean["intents"][:, -1] == pytest.approx(learned["intents"][:, -1])


@pytest.mark.parametrize(
    ("message", "intents"),
    [
        (
            LabelledMessage("a", "退休怎么办", ("retirement_normal", "retirement_early")),
            ("retirement_normal", "retirement_early"),
        ),
        (LabelledMessage("a", "房价多少", scope="oos", topic="daily"), ("oos_daily",)),
        (
            LabelledMessage("a", "社保卡问题", ("card_replace", "card_apply"), scope="clarify"),
            ("clarify", "card_replace", "card_apply"),
        ),
    ],
    ids=["its items", "that the guide is silent", "that it is asked back about, and what is offered"],
)
def test_a_message_teaches(message: LabelledMessage, intents: tuple[str, ...]) -> None:
    assert lessons_of([message])[0].intents == intents


def test_where_there_is_nothing_to_go_on_from_the_file_is_named(tmp_path: Path) -> None:
    path = tmp_path / "encoder.onnx"
    with pytest.raises(EncoderError) as error:
        make_encoder(path, [Lesson("社保卡丢了", ("card_replace",), None)], print, onwards=True)
    assert str(error.value).startswith(f"{path}: ")


def test_an_encoder_that_knows_its_messages_is_left_as_it_is(saved: Path) -> None:
    """Going on is not begun where nothing is new."""
    lessons = [Lesson("社保卡丢了", ("card_replace",), None)]
    record = json.loads(record_of(saved).read_text(encoding="utf-8"))
    record |= {"messages": 1, "data": lessons_digest(lessons), "onwards_from": {}}
    record_of(saved).write_text(json.dumps(record), encoding="utf-8")
    assert not make_encoder(saved, lessons, print, onwards=True)
    assert not make_encoder(saved, lessons, print)
    assert digest_of(saved) == record["sha256"]


def test_the_committed_encoder_is_that_of_its_record_and_within_its_size() -> None:
    path = load_settings().nlu_data / ENCODER_FILE
    record = json.loads(record_of(path).read_text(encoding="utf-8"))
    assert record["sha256"] == digest_of(path)
    assert path.stat().st_size <= 40 * 2**20
