"""The review: what is doubtful is queued, editors say what it means, and no model comes in force but by the gate."""

from __future__ import annotations

import asyncio
import dataclasses
import shutil
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from bot.__main__ import main
from bot.evaluation.gate import FLOORS, SETS, Floor
from bot.query import Decision
from bot.records.database import Database
from bot.records.feedback import Feedback, FeedbackReason, FeedbackStore, Thumb
from bot.records.outcomes import Outcome
from bot.review.doubts import Doubt
from bot.review.export import AUTHOR, Candidates, candidates_of, fit_for
from bot.review.retraining import Retraining, TrainingFailed
from bot.review.runs import Run, RunError, RunFolders, RunState
from bot.review.store import NoSuchMessageError, ReviewStore, Shelf
from bot.review.trainings import Trainings
from bot.review.verdict import Kind, Known, Verdict, VerdictError, load_topics
from bot.runtime.switching import ModelWatch, SwitchError, has_former, put_in_force, roll_back
from bot.runtime.training import is_current, model_digest, model_path, training_digest
from bot.settings import Settings, load_settings
from bot.understanding.messages import LabelledMessage, load_messages
from tests.bot.engines import eventually
from tests.bot.reviewing import BAD, GOOD, ITEMS, NOON, FakeWorkshop, Residents, small_project

if TYPE_CHECKING:
    from bot.runtime.agent import InProcessAgent
    from bot.runtime.engine import Engine

ON_CARDS = Verdict(Kind.ITEM, "社保卡丢了怎么补", items=("card_replace",), facets=("overview",))
ON_MEDICINE = Verdict(Kind.SCOPE, "医保能报多少", scope="oos", topic="medical")


@pytest.fixture
def database(tmp_path: Path) -> Iterator[Database]:
    database = Database.open(f"sqlite:///{tmp_path}/records.db")
    yield database
    database.close()


@pytest.fixture
def review(database: Database) -> ReviewStore:
    return ReviewStore(database)


@pytest.fixture
def residents(database: Database) -> Residents:
    return Residents(database)


def queued(review: ReviewStore, shelf: Shelf = Shelf.OPEN, doubt: Doubt | None = None) -> list[str]:
    review.harvest()
    return [message.text for message in review.read(shelf, doubt)]


def key_of(review: ReviewStore, text: str) -> str:
    review.harvest()
    (key,) = {message.key for shelf in Shelf for message in review.read(shelf) if message.text == text}
    return key


# ---------------------------------------------------------------- what is doubtful


@pytest.mark.parametrize(
    ("outcome", "doubt"),
    [
        (Outcome.NOT_IN_GUIDE, Doubt.NOT_IN_GUIDE),
        (Outcome.CLARIFIED, Doubt.ASKED_BACK),
        (Outcome.UNREADABLE, Doubt.UNREADABLE),
        (Outcome.FAILED, Doubt.FAILED),
    ],
)
def test_what_was_not_answered_is_queued(
    review: ReviewStore, residents: Residents, outcome: Outcome, doubt: Doubt
) -> None:
    residents.say("港澳台来钦州", outcome)
    assert queued(review, doubt=doubt) == ["港澳台来钦州"]


@pytest.mark.parametrize(("sure", "texts"), [(0.59, ["补卡"]), (0.6, [])])
def test_an_answer_is_queued_where_it_was_unsure(
    review: ReviewStore, residents: Residents, sure: float, texts: list[str]
) -> None:
    residents.say("补卡", Outcome.ANSWERED, sure=sure)
    assert queued(review, doubt=Doubt.UNSURE) == texts


@pytest.mark.parametrize("outcome", [Outcome.SMALL_TALK, Outcome.SILENT, Outcome.HANDED_OFF, Outcome.OWN_RECORD])
def test_what_is_no_doubt_is_not_queued(review: ReviewStore, residents: Residents, outcome: Outcome) -> None:
    residents.say("你好", outcome)
    assert queued(review) == []


def a_thumb_down(database: Database, seq: int) -> None:
    given = Feedback("one", seq, NOON, Thumb.DOWN, FeedbackReason.WRONG_ITEM, None, Decision.ANSWER, (), ())
    FeedbackStore(database).give(given)


def test_an_answer_is_queued_when_a_thumb_goes_down_later(
    review: ReviewStore, residents: Residents, database: Database
) -> None:
    seq = residents.say("补卡", Outcome.ANSWERED)
    assert queued(review) == []
    a_thumb_down(database, seq)
    assert queued(review, doubt=Doubt.THUMB_DOWN) == ["补卡"]


def test_a_thumb_joins_another_doubt(review: ReviewStore, residents: Residents, database: Database) -> None:
    seq = residents.say("补卡", Outcome.CLARIFIED)
    assert queued(review) == ["补卡"]
    a_thumb_down(database, seq)
    review.harvest()
    (message,) = review.read(Shelf.OPEN)
    assert message.doubts == (Doubt.THUMB_DOWN, Doubt.ASKED_BACK)
    assert message.thumb_reasons == ("wrong_item",)


# ---------------------------------------------------------------- the queue


def test_the_newest_comes_first(review: ReviewStore, residents: Residents) -> None:
    for text in ("一块", "两块", "三块"):
        residents.say(text)
    assert queued(review) == ["三块", "两块", "一块"]


def test_the_same_words_are_one_message(review: ReviewStore, residents: Residents) -> None:
    residents.say("医保 怎么报？", session="one")
    residents.say("医保怎么报", session="two")
    review.harvest()
    (message,) = review.read(Shelf.OPEN)
    assert (message.text, message.count, message.sessions) == ("医保怎么报", 2, 2)


def test_a_page_goes_on_where_the_one_before_ended(review: ReviewStore, residents: Residents) -> None:
    for text in ("一块", "两块", "三块"):
        residents.say(text)
    review.harvest()
    first = review.read(Shelf.OPEN, limit=2)
    second = review.read(Shelf.OPEN, before=first[-1].newest, limit=2)
    assert [message.text for message in (*first, *second)] == ["三块", "两块", "一块"]


def test_a_turn_is_taken_up_once(review: ReviewStore, residents: Residents) -> None:
    residents.say("医保怎么报")
    review.harvest()
    review.harvest()
    (message,) = review.read(Shelf.OPEN)
    assert message.count == 1


def test_more_turns_than_are_read_at_once_are_all_taken_up(
    review: ReviewStore, residents: Residents, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("bot.review.harvest.AT_ONCE", 4)
    monkeypatch.setattr("bot.review.harvest.OVERLAP", 3)
    texts = [f"第{number}个问题" for number in "一二三四五六七八九"]
    for text in texts:
        residents.say(text)
    assert sorted(queued(review)) == sorted(texts)


def test_a_session_that_is_erased_leaves_nothing_behind(review: ReviewStore, residents: Residents) -> None:
    residents.say("医保能报多少", session="one")
    review.judge(key_of(review, "医保能报多少"), "阿英", ON_MEDICINE, NOON)
    residents.erase("one", review)
    assert queued(review, Shelf.DONE) == []
    assert review.settled() == []


def test_what_others_said_as_well_stays_when_a_session_is_erased(review: ReviewStore, residents: Residents) -> None:
    for session in ("one", "two"):
        residents.say("医保能报多少", session=session)
    review.judge(key_of(review, "医保能报多少"), "阿英", ON_MEDICINE, NOON)
    residents.erase("one", review)
    (message,) = review.read(Shelf.DONE)
    assert message.sessions == 1
    assert review.settled() == [ON_MEDICINE]


def test_messages_are_forgotten_in_time_and_candidates_stay(review: ReviewStore, residents: Residents) -> None:
    residents.say("医保能报多少")
    review.judge(key_of(review, "医保能报多少"), "阿英", ON_MEDICINE, NOON)
    assert review.prune(NOON + timedelta(days=1)) == 1
    assert review.read(Shelf.DONE) == []
    assert review.settled() == [ON_MEDICINE]


# ---------------------------------------------------------------- verdicts


def test_a_message_that_was_judged_leaves_the_queue(review: ReviewStore, residents: Residents) -> None:
    residents.say("医保能报多少")
    review.judge(key_of(review, "医保能报多少"), "阿英", ON_MEDICINE, NOON)
    assert queued(review) == []
    assert queued(review, Shelf.DONE) == ["医保能报多少"]
    assert review.settled() == [ON_MEDICINE]


def test_two_editors_who_differ_are_shown_to_each_other(review: ReviewStore, residents: Residents) -> None:
    residents.say("医保能报多少")
    key = key_of(review, "医保能报多少")
    review.judge(key, "阿英", ON_MEDICINE, NOON)
    other = dataclasses.replace(ON_MEDICINE, topic="amount")
    message = review.judge(key, "阿强", other, NOON + timedelta(minutes=1))
    assert [judged.editor for judged in message.verdicts] == ["阿英", "阿强"]
    assert queued(review, Shelf.DIFFER) == ["医保能报多少"]
    assert queued(review, Shelf.DONE) == []
    assert review.settled() == []


def test_a_text_that_was_amended_is_no_difference(review: ReviewStore, residents: Residents) -> None:
    residents.say("医保能报多少")
    key = key_of(review, "医保能报多少")
    review.judge(key, "阿英", ON_MEDICINE, NOON)
    amended = dataclasses.replace(ON_MEDICINE, text="医保报销多少")
    review.judge(key, "阿强", amended, NOON + timedelta(minutes=1))
    assert queued(review, Shelf.DIFFER) == []
    assert review.settled() == [amended]


def test_a_verdict_takes_the_place_of_ones_own_before(review: ReviewStore, residents: Residents) -> None:
    residents.say("社保卡丢了怎么补")
    key = key_of(review, "社保卡丢了怎么补")
    review.judge(key, "阿英", ON_MEDICINE, NOON)
    review.judge(key, "阿英", ON_CARDS, NOON)
    assert review.settled() == [ON_CARDS]


def test_a_verdict_can_be_taken_back(review: ReviewStore, residents: Residents) -> None:
    residents.say("医保能报多少")
    key = key_of(review, "医保能报多少")
    review.judge(key, "阿英", ON_MEDICINE, NOON)
    review.take_back(key, "阿英")
    assert queued(review) == ["医保能报多少"]


def test_a_message_that_nobody_knows_cannot_be_judged(review: ReviewStore) -> None:
    with pytest.raises(NoSuchMessageError):
        review.judge("0" * 32, "阿英", ON_MEDICINE, NOON)


KNOWN = Known(ITEMS, {"oos": ("medical", "amount"), "chitchat": ("thanks",), "handoff": ("person",)})


@pytest.mark.parametrize(
    ("verdict", "field", "code"),
    [
        (dataclasses.replace(ON_CARDS, text="  "), "text", "missing"),
        (dataclasses.replace(ON_CARDS, text="长" * 501), "text", "too_long"),
        (dataclasses.replace(ON_CARDS, items=()), "items", "missing"),
        (dataclasses.replace(ON_CARDS, items=("none",)), "items", "unknown"),
        (dataclasses.replace(ON_CARDS, is_double=True), "items", "not_two"),
        (dataclasses.replace(ON_CARDS, facets=()), "facets", "missing"),
        (dataclasses.replace(ON_CARDS, facets=("colour",)), "facets", "unknown"),
        (dataclasses.replace(ON_CARDS, applicant="外星人"), "applicant", "unknown"),
        (dataclasses.replace(ON_MEDICINE, scope=None), "scope", "missing"),
        (dataclasses.replace(ON_MEDICINE, topic="weather"), "topic", "missing"),
        (Verdict(Kind.SCOPE, "社保", scope="clarify"), "items", "missing"),
    ],
)
def test_what_training_data_cannot_hold_is_refused(verdict: Verdict, field: str, code: str) -> None:
    with pytest.raises(VerdictError) as refused:
        KNOWN.check(verdict)
    assert (refused.value.field, refused.value.code) == (field, code)


def test_a_verdict_is_kept_on_one_line_and_without_numbers() -> None:
    text = "社保卡\t丢了\n我的电话13877712345"
    assert KNOWN.check(dataclasses.replace(ON_CARDS, text=text)).text == "社保卡 丢了 我的电话〔手机号〕"


VERDICTS = [
    ON_CARDS,
    dataclasses.replace(ON_CARDS, items=("card_replace", "card_apply"), facets=("materials", "fee"), applicant="代办"),
    dataclasses.replace(ON_CARDS, items=("card_replace", "retirement_normal"), is_double=True),
    ON_MEDICINE,
    Verdict(Kind.SCOPE, "社保卡问题", items=("card_replace", "card_apply"), scope="clarify"),
    Verdict(Kind.SCOPE, "那要多久", scope="followup", topic="time_limit,fee"),
    Verdict(Kind.SCOPE, "单位倒闭了", scope="followup"),
    Verdict(Kind.SCOPE, "谢谢", scope="chitchat", topic="thanks"),
]


@pytest.mark.parametrize("verdict", VERDICTS, ids=lambda verdict: verdict.text)
def test_what_is_exported_reads_as_it_was_assigned(tmp_path: Path, verdict: Verdict) -> None:
    Candidates((verdict,)).write(tmp_path)
    (message,) = load_messages(tmp_path, ITEMS)
    assert (message.author, message.text, message.intent) == (AUTHOR, verdict.text, verdict.intent)
    assert (message.items, message.is_double, message.applicant) == (
        verdict.items,
        verdict.is_double,
        verdict.applicant,
    )
    assert ",".join(message.facets) == (verdict.topic if verdict.scope == "followup" else ",".join(verdict.facets))


def test_a_message_of_no_use_is_no_candidate() -> None:
    assert len(candidates_of([Verdict(Kind.NO_USE), ON_CARDS])) == 1


def test_topics_are_those_of_the_labelled_messages() -> None:
    topics = load_topics(load_settings().nlu_data)
    assert {"medical", "amount", "own_record"} <= set(topics["oos"])
    assert set(topics["handoff"]) == {"person", "complaint", "crisis"}


# ---------------------------------------------------------------- what may be trained on


def test_a_candidate_that_contradicts_a_labelled_message_is_left_out() -> None:
    labelled = LabelledMessage("anna", "社保卡丢了，怎么补？", ("card_apply",), ("overview",))
    fit = fit_for(Candidates((ON_CARDS, ON_MEDICINE)), [labelled], [])
    assert fit.verdicts == (ON_MEDICINE,)
    assert [(found.text, found.why) for found in fit.left_out] == [(ON_CARDS.text, "contradicts card_apply")]


def test_a_candidate_that_the_office_measures_by_is_left_out() -> None:
    fit = fit_for(Candidates((ON_CARDS,)), [], ["社保卡 丢了怎么补？"])
    assert fit.verdicts == ()
    assert fit.left_out[0].why == "measured_by"


# ---------------------------------------------------------------- training, with an invented trainer


@pytest.fixture
def settings(tmp_path: Path) -> Settings:
    return small_project(tmp_path)


def trained(settings: Settings, workshop: FakeWorkshop, *verdicts: Verdict) -> Run:
    """Lead a run; return it as it is kept."""
    retraining = Retraining(settings, ITEMS, workshop, lambda: NOON, lambda _text: None)
    run = retraining.lead(Candidates(verdicts or (ON_CARDS, ON_MEDICINE)), "阿英")
    assert RunFolders(settings.review_folder).find(run.id) == run
    return run


def test_a_run_trains_on_the_labelled_messages_and_the_candidates(settings: Settings) -> None:
    workshop = FakeWorkshop()
    run = trained(settings, workshop)
    assert {message.text for message in workshop.trained_on} == {
        "怎么办社保卡",
        "看病",
        ON_CARDS.text,
        ON_MEDICINE.text,
    }
    assert (run.state, run.candidates, run.learned, run.measured_by) == (RunState.PASSED, 2, 2, "nlu_data")


def test_nothing_of_a_run_touches_the_labelled_messages_or_the_model_in_force(settings: Settings) -> None:
    before = {path: path.read_bytes() for path in settings.nlu_data.rglob("*.tsv")}
    trained(settings, FakeWorkshop())
    assert {path: path.read_bytes() for path in settings.nlu_data.rglob("*.tsv")} == before
    assert model_path(settings).read_bytes() == b"the first model"


def test_a_model_that_the_gate_refuses_cannot_come_in_force(settings: Settings) -> None:
    run = trained(settings, FakeWorkshop((GOOD, BAD)))
    assert run.state is RunState.REFUSED
    with pytest.raises(RunError, match="gate"):
        Trainings(settings).switch(run.id)
    assert model_path(settings).read_bytes() == b"the first model"


def test_a_gate_that_measured_nothing_refuses(settings: Settings) -> None:
    assert trained(settings, FakeWorkshop(())).state is RunState.REFUSED


def test_without_candidates_there_is_nothing_to_train_for(settings: Settings) -> None:
    run = Retraining(settings, ITEMS, FakeWorkshop(), lambda: NOON, lambda _text: None).lead(Candidates(()), "阿英")
    assert (run.state, run.why) == (RunState.FAILED, "no_candidates")


def test_a_training_that_fails_says_why(settings: Settings) -> None:
    run = trained(settings, FakeWorkshop(interrupted=TrainingFailed))
    assert (run.state, run.why) == (RunState.FAILED, "no memory")


def test_a_training_that_is_cancelled_is_written_down(settings: Settings) -> None:
    with pytest.raises(KeyboardInterrupt):
        trained(settings, FakeWorkshop(interrupted=KeyboardInterrupt))
    (run,) = RunFolders(settings.review_folder).read()
    assert run.state is RunState.CANCELLED


def test_one_run_at_a_time(settings: Settings) -> None:
    with RunFolders(settings.review_folder).alone(), pytest.raises(RunError) as refused:
        trained(settings, FakeWorkshop())
    assert refused.value.code == "busy"


def test_a_run_whose_process_died_has_failed(settings: Settings) -> None:
    folders = RunFolders(settings.review_folder)
    folders.write(Run("20261126T120000-aa", "阿英", NOON, RunState.TRAINING))
    (run,) = folders.read()
    assert run.state is RunState.FAILED


# ---------------------------------------------------------------- another model in force


def test_a_model_that_passed_comes_in_force(settings: Settings) -> None:
    run = trained(settings, FakeWorkshop())
    before = model_digest(settings)
    Trainings(settings).switch(run.id)
    assert model_path(settings).read_bytes() == b"a new model"
    assert model_digest(settings) == run.digest[:12] != before


def test_what_the_office_has_put_in_force_is_not_trained_over(settings: Settings) -> None:
    run = trained(settings, FakeWorkshop())
    Trainings(settings).switch(run.id)
    assert is_current(settings)


def test_a_changed_project_trains_over_what_the_office_has_put_in_force(settings: Settings) -> None:
    run = trained(settings, FakeWorkshop())
    Trainings(settings).switch(run.id)
    (settings.nlu_data / "messages" / "bert.tsv").write_text("card_apply\tfee\t-\t办卡要钱吗\n", encoding="utf-8")
    assert not is_current(settings)


def test_a_model_of_a_project_that_has_changed_since_is_refused(settings: Settings) -> None:
    run = trained(settings, FakeWorkshop())
    (settings.nlu_data / "messages" / "bert.tsv").write_text("card_apply\tfee\t-\t办卡要钱吗\n", encoding="utf-8")
    with pytest.raises(SwitchError) as refused:
        Trainings(settings).switch(run.id)
    assert refused.value.code == "model_outdated"


def test_the_model_before_comes_back(settings: Settings) -> None:
    run = trained(settings, FakeWorkshop())
    Trainings(settings).switch(run.id)
    roll_back(settings)
    assert model_path(settings).read_bytes() == b"the first model"
    assert is_current(settings)
    roll_back(settings)
    assert model_digest(settings) == run.digest[:12]


def test_without_a_model_before_there_is_no_way_back(settings: Settings) -> None:
    assert not has_former(settings)
    with pytest.raises(SwitchError) as refused:
        roll_back(settings)
    assert refused.value.code == "no_former_model"


def test_a_model_that_cannot_be_read_leaves_the_one_in_force(settings: Settings, tmp_path: Path) -> None:
    with pytest.raises(FileNotFoundError):
        put_in_force(settings, tmp_path / "none.tar.gz", training_digest(settings), "d" * 64)
    assert model_path(settings).read_bytes() == b"the first model"
    assert is_current(settings)


def test_the_models_of_the_last_runs_alone_are_kept(settings: Settings) -> None:
    ids = []
    for minute in range(7):
        at = NOON + timedelta(minutes=minute)
        retraining = Retraining(settings, ITEMS, FakeWorkshop(), lambda at=at: at, lambda _text: None)  # type: ignore[misc]
        ids.append(retraining.lead(Candidates((ON_CARDS,)), "阿英").id)
    assert [run.id for run in RunFolders(settings.review_folder).read()] == ids[:1:-1]


# ---------------------------------------------------------------- a service that runs


@pytest.fixture(scope="module")
def agent(engine: Engine, tmp_path_factory: pytest.TempPathFactory) -> tuple[InProcessAgent, Settings]:
    """An agent of its own with a copy of the model in force. The engine has what its components need in place."""
    from bot.runtime.agent import InProcessAgent
    from bot.runtime.conversations import OrderedLocks, TurnTrackers

    assert engine.services
    settings = dataclasses.replace(load_settings(), model_folder=tmp_path_factory.mktemp("models"))
    shutil.copyfile(model_path(load_settings()), model_path(settings))
    agent = InProcessAgent(tracker_store=TurnTrackers(), lock_store=OrderedLocks())
    agent.load_model(model_path(settings))
    return agent, settings


def exchange(settings: Settings, model: bytes) -> None:
    draft = settings.model_folder / "draft"
    draft.write_bytes(model)
    draft.replace(model_path(settings))


def test_a_model_that_came_in_force_takes_over(agent: tuple[InProcessAgent, Settings]) -> None:
    running, settings = agent
    before = running.processor
    watch = ModelWatch(running, settings, every=0)
    assert not watch.look()
    exchange(settings, model_path(load_settings()).read_bytes())
    assert eventually(watch.look)
    assert running.processor is not before
    parsed = asyncio.run(running.parse_message("社保卡丢了怎么补"))
    assert parsed["query"]["items"][0]["id"] == "card_replace"
    assert not watch.look()


def test_a_model_that_cannot_be_loaded_leaves_the_one_before(
    agent: tuple[InProcessAgent, Settings], caplog: pytest.LogCaptureFixture
) -> None:
    running, settings = agent
    before = running.processor
    watch = ModelWatch(running, settings, every=0)
    exchange(settings, b"no archive")
    assert eventually(lambda: watch.look() or "cannot be loaded" in caplog.text)
    assert running.processor is before


# ---------------------------------------------------------------- by command


def test_candidates_are_exported_by_command(
    review: ReviewStore, residents: Residents, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    residents.say("医保能报多少")
    review.judge(key_of(review, "医保能报多少"), "阿英", ON_MEDICINE, NOON)
    url = f"sqlite:///{tmp_path}/records.db"
    assert main(["review", "--database", url, "export", "--to", str(tmp_path / "out")]) == 0
    assert str(tmp_path / "out" / "scope" / f"{AUTHOR}.tsv") in capsys.readouterr().out
    (message,) = load_messages(tmp_path / "out", ITEMS)
    assert (message.text, message.intent) == (ON_MEDICINE.text, "oos_medical")


def test_a_training_runs_in_a_process_of_its_own(settings: Settings, monkeypatch: pytest.MonkeyPatch) -> None:
    """Without candidates it ends at once, which is all that there is time for here."""
    places = {"REVIEW_FOLDER": settings.review_folder, "NLU_DATA": settings.nlu_data, "EVALUATION_SETS": "none"}
    for name, place in places.items():
        monkeypatch.setenv(name, str(place))
    trainings = Trainings(settings)
    trainings.start("阿英")
    assert trainings.is_busy
    assert eventually(lambda: not trainings.is_busy)
    (run,) = trainings.folders.read()
    assert (run.by, run.state, run.why) == ("阿英", RunState.FAILED, "no_candidates")
    assert trainings.tail()[-1] == "failed"


def test_a_command_says_in_a_line_why_it_cannot_switch(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("REVIEW_FOLDER", str(tmp_path))
    assert main(["review", "switch"]) == 1
    assert capsys.readouterr().err == "bot: no training has passed the gate yet\n"


# ---------------------------------------------------------------- the gate


@pytest.mark.parametrize(
    ("floor", "value", "is_good"),
    [
        (Floor("questions", "score", 0.9), 0.9, True),
        (Floor("questions", "score", 0.9), 0.899, False),
        (Floor("questions", "wrong", 0.03, is_ceiling=True), 0.03, True),
        (Floor("questions", "wrong", 0.03, is_ceiling=True), 0.031, False),
    ],
)
def test_a_floor_admits_what_is_good_enough(floor: Floor, value: float, is_good: bool) -> None:
    assert floor.admits(value) is is_good


def test_every_set_of_the_gate_has_a_floor() -> None:
    assert {name for names in SETS.values() for name in names} == {floor.set for floor in FLOORS}


def test_candidates_that_the_project_took_over_are_not_trained_on_twice(settings: Settings) -> None:
    Candidates((ON_CARDS,)).write(settings.nlu_data)
    workshop = FakeWorkshop()
    run = trained(settings, workshop, ON_CARDS)
    assert run.left_out == ()
    assert sum(message.text == ON_CARDS.text for message in workshop.trained_on) == 1
