"""The benchmark's arithmetic, its sample of training data and the turns it leads; no times are asserted."""

from __future__ import annotations

import asyncio
from collections import Counter
from collections.abc import Mapping
from datetime import datetime
from pathlib import Path
from typing import Any, ClassVar

import pytest

from bot.__main__ import main
from bot.evaluation.bench import (
    KEPT,
    PROBES,
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
from bot.evaluation.whole_turns import CHOICES, conversations_of, fill, time_turns
from bot.query import Decision
from bot.records.conversations import ConversationStore
from bot.records.database import Database
from bot.records.outcomes import Outcome, OutcomeStore, TurnRecord
from bot.settings import OFFICE_TIME, ROOT, Settings
from bot.understanding.messages import LabelledMessage, load_messages
from tests.bot.databases import number_of_rows

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
    figures = {"messages": 400, "p50_ms": 5.06, "import_s": 3.0, "peak_mib": 512.34, "ratio": 1.012}
    assert closing("mixed", figures) == "mixed: messages 400 p50_ms 5.1 import_s 3.00 peak_mib 512.3 ratio 1.01"


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
    (folder / "encoder.onnx").write_bytes(b"\x00\x01")
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
        "encoder.onnx",
    }
    assert (target / "encoder.onnx").read_bytes() == b"\x00\x01"


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


# ---------------------------------------------------------------- whole turns

SAID = [
    LabelledMessage("anna", "补卡要钱吗", items=("card_replace",)),
    LabelledMessage("anna", "那要几天", scope="followup"),
    LabelledMessage("bo", "你好", scope="chitchat"),
]


def test_conversations_to_be_timed_ask_follow_up_and_choose() -> None:
    for asked, followed, chosen, anything in conversations_of(SAID, 20, seed=1):
        assert (asked, followed) == ("补卡要钱吗", "那要几天")
        assert chosen in CHOICES
        assert anything in {message.text for message in SAID}


def test_conversations_to_be_timed_are_the_same_every_time() -> None:
    assert conversations_of(SAID, 20, seed=1) == conversations_of(SAID, 20, seed=1)
    assert conversations_of(SAID, 20, seed=1) != conversations_of(SAID, 20, seed=2)


NOW = datetime(2026, 6, 1, 9, tzinfo=OFFICE_TIME)


class FakeEngine:
    """Keeps conversations and outcomes where it is told to, and answers nothing."""

    opened: ClassVar[list[str]] = []
    stored: ClassVar[list[int]] = []
    """How many conversations there were at each turn."""

    def __init__(self, url: str) -> None:
        self.database = Database.open(url)

    @classmethod
    def open(cls, _settings: Settings, records_url: str) -> FakeEngine:
        cls.opened.append(records_url)
        return cls(records_url)

    async def turn(self, session: str, text: str) -> None:
        self.stored.append(number_of_rows(self.database.engine, "conversations"))
        ConversationStore(self.database).save(session, {"said": text}, NOW)
        record = TurnRecord(session, NOW, Outcome.ANSWERED, Decision.ANSWER, (), (), "1", "0", "terminal")
        OutcomeStore(self.database).add(record)

    def close(self) -> None:
        self.database.close()


@pytest.fixture
def fake_engine(monkeypatch: pytest.MonkeyPatch) -> type[FakeEngine]:
    monkeypatch.setattr("bot.runtime.engine.Engine", FakeEngine)
    FakeEngine.opened.clear()
    FakeEngine.stored.clear()
    return FakeEngine


def test_the_same_turns_are_timed_among_few_conversations_and_among_many(
    fake_engine: type[FakeEngine], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("bot.evaluation.whole_turns.FEW", 7)
    monkeypatch.setattr("bot.evaluation.whole_turns.MANY", 500)
    found = time_turns([["补卡要钱吗", "那要几天"], ["你好"]], tmp_path)
    assert {name: len(seconds) for name, seconds in found.items()} == {"few": 3, "many": 3}
    assert fake_engine.stored[3:] == [7, 8, 8, 500, 501, 501]


def test_copies_of_conversations_are_others_that_say_the_same_and_ended_the_same(tmp_path: Path) -> None:
    engine = FakeEngine(f"sqlite:///{tmp_path}/service.db")
    for session in ("one", "two", "three"):
        asyncio.run(engine.turn(session, "补卡要钱吗"))
    fill(tmp_path / "service.db", 100)
    assert number_of_rows(engine.database.engine, "conversations") == 100
    assert ConversationStore(engine.database).load("two/100-7") == {"said": "补卡要钱吗"}
    records = OutcomeStore(engine.database).read(NOW)
    assert {record.outcome for record in records} == {Outcome.ANSWERED}
    assert len({record.session for record in records}) == len(records) >= 100


def test_what_is_stored_already_is_enough(tmp_path: Path) -> None:
    engine = FakeEngine(f"sqlite:///{tmp_path}/service.db")
    for session in ("one", "two", "three"):
        asyncio.run(engine.turn(session, "补卡要钱吗"))
    fill(tmp_path / "service.db", 2)
    assert number_of_rows(engine.database.engine, "conversations") == 3


@pytest.mark.parametrize(("probe", "messages"), [("turn", [["补卡要钱吗"]]), ("memory", ["补卡要钱吗"])])
def test_turns_that_are_measured_are_not_kept_in_the_offices_database(
    fake_engine: type[FakeEngine], probe: str, messages: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("bot.evaluation.whole_turns.MANY", 500)
    PROBES[probe](messages)
    [url] = fake_engine.opened
    assert url.startswith("sqlite:////")
    assert not Path(url.removeprefix("sqlite:///")).exists()


def test_the_figures_of_turns_are_those_among_few_and_many_and_their_ratio(monkeypatch: pytest.MonkeyPatch) -> None:
    def probe(name: str, conversations: list[list[str]]) -> dict[str, list[float]]:
        assert (name, len(conversations)) == ("turn", 100)
        return {"few": [0.010, 0.012, 0.020], "many": [0.011, 0.015, 0.030]}

    monkeypatch.setattr("bot.evaluation.bench._labelled", lambda _settings: SAID)
    monkeypatch.setattr("bot.evaluation.bench._probe", probe)
    assert list(bench(["turn"], Settings(), lambda _text: None)) == [
        "turn: turns 3 p50_ms 12.0 p95_ms 20.0 p50_ms_100k 15.0 p95_ms_100k 30.0 ratio 1.25"
    ]


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
