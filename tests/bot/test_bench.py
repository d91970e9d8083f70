"""The benchmark's arithmetic and its sample of training data; no times are asserted."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pytest

from bot.__main__ import main
from bot.evaluation.bench import (
    KEPT,
    BenchError,
    _clock,
    bench,
    change_one,
    closing,
    percentile,
    resident_mib,
    stratified,
    write_sample,
)
from bot.settings import ROOT, Settings
from bot.understanding.messages import load_messages

ITEMS = frozenset({"card_replace", "card_loss_report"})

PERCENTILES = [
    ([7.0], 0.5, 7.0),
    ([7.0], 0.95, 7.0),
    ([3.0, 1.0, 2.0], 0.5, 2.0),
    ([4.0, 3.0, 2.0, 1.0], 0.5, 2.0),
    ([float(n) for n in range(1, 101)], 0.95, 95.0),
    ([float(n) for n in range(1, 101)], 1.0, 100.0),
    ([1.0, 2.0], 0.0, 1.0),
]


@pytest.mark.parametrize(("values", "share", "wanted"), PERCENTILES)
def test_a_percentile_is_one_of_the_values(values: list[float], share: float, wanted: float) -> None:
    assert percentile(values, share) == wanted


def test_the_closing_line_is_in_the_form_of_the_other_measurements() -> None:
    figures = {"messages": 400, "p50_ms": 5.06, "import_s": 3.0, "peak_mib": 512.34}
    assert closing("mixed", figures) == "mixed: messages 400 p50_ms 5.1 import_s 3.00 peak_mib 512.3"


def test_resident_memory_is_read_from_the_kernels_table() -> None:
    assert resident_mib("Name:\tpython\nVmHWM:\t  9999 kB\nVmRSS:\t  2048 kB\nThreads:\t1\n") == 2.0


def test_a_table_without_resident_memory_is_an_error() -> None:
    with pytest.raises(BenchError, match="VmRSS"):
        resident_mib("Name:\tpython\n")


# ---------------------------------------------------------------- sampling

LABELS = ["big"] * 800 + ["middle"] * 196 + ["small"] * 3 + ["single"]


def test_a_sample_has_just_as_many_as_asked_in_order_and_none_twice() -> None:
    places = stratified(LABELS, 100)
    assert len(places) == 100
    assert places == sorted(set(places))


def test_a_sample_keeps_every_intent_and_their_proportions() -> None:
    counts = Counter(LABELS[place] for place in stratified(LABELS, 100))
    assert counts["single"] == 1
    assert counts["small"] == KEPT
    assert 75 <= counts["big"] <= 80
    assert 18 <= counts["middle"] <= 22


def test_a_sample_is_the_same_every_time_and_another_with_another_seed() -> None:
    assert stratified(LABELS, 100) == stratified(LABELS, 100)
    assert stratified(LABELS, 100) != stratified(LABELS, 100, seed=1)


def test_a_sample_of_more_than_there_are_is_all() -> None:
    assert stratified(LABELS, 5000) == list(range(len(LABELS)))


def test_a_sample_too_small_for_all_intents_is_an_error() -> None:
    with pytest.raises(ValueError, match="4 intents"):
        stratified(LABELS, 7)


# ---------------------------------------------------------------- folders


@pytest.fixture
def source(tmp_path: Path) -> Path:
    """A folder of training data with 60 questions, 10 greetings, and what lies beside them."""
    folder = tmp_path / "nlu_data"
    questions = [f"card_replace\tfee\t-\t补卡要钱吗{n}" for n in range(40)]
    questions += [f"card_loss_report\tfee,phone\t-\t办卡要钱吗{n}" for n in range(20)]
    texts = {
        "messages/anna.tsv": ["# items\tfacets\tapplicant\ttext", "", *questions],
        "scope/bo.tsv": [f"chitchat\tgreeting\t-\t你好{n}" for n in range(10)],
        "rules.yml": ["rules: []"],
        "calibration.json": ["{}"],
        "README.md": ["how they were written"],
    }
    for name, lines in texts.items():
        path = folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text("\n".join(lines) + "\n", encoding="utf-8")
    (folder / "encoder.npz").write_bytes(b"\x00\x01")
    return folder


@pytest.fixture
def target(tmp_path: Path) -> Path:
    (tmp_path / "sample").mkdir()
    return tmp_path / "sample"


def test_a_sampled_folder_holds_whole_lines_of_every_intent(source: Path, target: Path) -> None:
    assert write_sample(source, target, ITEMS, 14) == 14
    sampled = load_messages(target, ITEMS)
    assert Counter(message.intent for message in sampled) == {
        "card_replace": 8,
        "card_loss_report": 4,
        "chitchat_greeting": 2,
    }
    assert set(sampled) <= set(load_messages(source, ITEMS))


def test_what_is_no_message_comes_along_but_prose(source: Path, target: Path) -> None:
    write_sample(source, target, ITEMS, 14)
    assert {path.name for path in target.iterdir() if path.is_file()} == {
        "rules.yml",
        "calibration.json",
        "encoder.npz",
    }
    assert (target / "encoder.npz").read_bytes() == b"\x00\x01"


def test_one_message_is_changed_and_no_other(source: Path) -> None:
    before = load_messages(source, ITEMS)
    change_one(source)
    after = load_messages(source, ITEMS)
    assert [a.text for a, b in zip(after, before, strict=True) if a != b] == [f"{before[0].text}啊"]


def test_training_is_timed_from_nothing_and_again_with_one_message_changed(
    source: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    read: list[list[str]] = []

    def train(environment: Mapping[str, str]) -> float:
        messages = load_messages(Path(environment["NLU_DATA"]), ITEMS)
        read.append([message.text for message in messages])
        assert not Path(environment["MODEL_FOLDER"]).is_relative_to(ROOT)
        return 30.0 / len(read)

    monkeypatch.setattr("bot.evaluation.bench._train", train)
    monkeypatch.setattr("bot.evaluation.bench.EXAMPLES", 14)
    lines = list(bench(["training"], Settings(nlu_data=source), lambda _text: None))
    assert lines == ["training: messages 14 from_nothing_s 30.00 after_change_s 15.00"]
    assert sum(before != after for before, after in zip(*read, strict=True)) == 1


# ---------------------------------------------------------------- clock and command


def test_a_clocked_component_does_the_same_and_its_time_is_kept_even_where_it_fails() -> None:
    class Doubler:
        def process(self, messages: list[int]) -> list[int]:
            return [2 * message for message in messages]

    spent: dict[str, float] = {"Doubler": 0.0}
    _clock(Doubler, spent)
    assert Doubler().process([1, 2]) == [2, 4]
    once = spent["Doubler"]
    wrong: Any = None
    with pytest.raises(TypeError):
        Doubler().process(wrong)
    assert spent["Doubler"] > once > 0


def test_an_unknown_group_is_named(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["bench", "speed"]) == 2
    assert "speed" in capsys.readouterr().err
