"""What the office may know of its service: counted right, by the office's days, and of nobody in particular."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterator
from datetime import date, datetime, timedelta
from pathlib import Path
from xml.etree import ElementTree

import pytest

from bot.desk.store import TicketStore
from bot.desk.ticket import Reason
from bot.figures.charts import DRAWN, draw
from bot.figures.clusters import Asked, find_clusters
from bot.figures.csv_form import write_csv
from bot.figures.period import Period, PeriodError
from bot.figures.statistics import Statistics, StatisticsReader
from bot.figures.tables import GROUPS, Column, Table, tables_of
from bot.figures.volumes import ItemCount
from bot.figures.waiting import Spread
from bot.query import Decision
from bot.records.database import Database
from bot.records.feedback import Feedback, FeedbackReason, FeedbackStore, Thumb
from bot.records.outcomes import Outcome, OutcomeStore, TurnRecord
from bot.settings import OFFICE_TIME

TODAY = date(2026, 11, 26)
NOON = datetime(2026, 11, 26, 12, tzinfo=OFFICE_TIME)
JUST_TODAY = Period(TODAY, TODAY)


class Bare:
    """Calls everything by its key."""

    def say(self, key: str, **values: object) -> str:
        return key + "".join(f" {value}" for value in values.values())

    def item(self, id_: str) -> str:
        return id_

    def facet(self, name: str) -> str:
        return name

    def channel(self, name: str) -> str:
        return name


@pytest.fixture
def database(tmp_path: Path) -> Iterator[Database]:
    database = Database.open(f"sqlite:///{tmp_path}/records.db")
    yield database
    database.close()


def a_turn(
    outcome: Outcome = Outcome.ANSWERED,
    session: str = "one",
    at: datetime = NOON,
    item: str | None = "card_replace",
    facets: tuple[str, ...] = ("materials",),
    channel: str = "web",
) -> TurnRecord:
    is_answer = outcome in (Outcome.ANSWERED, Outcome.PARTLY_ANSWERED)
    decision = Decision.ANSWER if is_answer else Decision.CLARIFY
    items = ((item, 0.9), ("card_loss_report", 0.05)) if item else ()
    return TurnRecord(session, at, outcome, decision, items, facets, "edition", "model", channel)


def kept(database: Database, *turns: TurnRecord) -> None:
    store = OutcomeStore(database)
    for turn in turns:
        store.add(turn)


def figures(database: Database, period: Period = JUST_TODAY) -> Statistics:
    return StatisticsReader(database).read(period)


# ---------------------------------------------------------------- days


def test_a_turn_belongs_to_the_day_and_hour_that_it_is_at_the_office(database: Database) -> None:
    kept(database, a_turn(at=datetime(2026, 11, 26, 0, 30, tzinfo=OFFICE_TIME)))
    volumes = figures(database).volumes
    assert {day: counted.total() for day, counted in volumes.by_day.items()} == {TODAY: 1}
    assert {hour: counted.total() for hour, counted in volumes.by_hour.items()} == {0: 1}


def test_both_ends_of_a_period_belong_to_it(database: Database) -> None:
    first = datetime(2026, 11, 25, tzinfo=OFFICE_TIME)
    moments = [first - timedelta(seconds=1), first, first + timedelta(days=2, seconds=-1), first + timedelta(days=2)]
    kept(database, *(a_turn(at=at) for at in moments))
    assert figures(database, Period(date(2026, 11, 25), TODAY)).volumes.turns == 2


def test_days_on_which_nobody_came_are_shown(database: Database) -> None:
    days, *_ = tables_of(figures(database, Period(date(2026, 11, 20), TODAY)), Bare())
    assert [row[0] for row in days.rows] == [f"2026-11-{day}" for day in range(20, 27)]


def test_the_last_month_is_shown_where_no_days_are_asked_for() -> None:
    period = Period.of(None, None, TODAY)
    assert (period.first, period.last) == (date(2026, 10, 28), TODAY)


@pytest.mark.parametrize(
    ("first", "last", "code"),
    [
        ("2026-11-27", "2026-11-26", "days_reversed"),
        ("2020-01-01", "2026-11-26", "too_many_days"),
        ("gestern", "", "no_day"),
    ],
)
def test_days_that_cannot_be_shown_are_refused(first: str, last: str, code: str) -> None:
    with pytest.raises(PeriodError) as refused:
        Period.parse(first, last, TODAY)
    assert refused.value.code == code


# ---------------------------------------------------------------- volumes


def test_sessions_are_counted_once(database: Database) -> None:
    kept(database, a_turn(session="one"), a_turn(session="one"), a_turn(session="two"))
    volumes = figures(database).volumes
    assert (volumes.turns, volumes.sessions, volumes.sessions_by_day) == (3, 2, {TODAY: 2})


def test_a_channel_can_be_looked_at_alone(database: Database) -> None:
    kept(database, a_turn(channel="web"), a_turn(channel="telegram"), a_turn(channel="telegram"))
    volumes = figures(database, Period(TODAY, TODAY, "telegram")).volumes
    assert volumes.turns == 2
    assert volumes.channels == {"web": 1, "telegram": 2}


def test_rates_are_shares_of_what_was_asked(database: Database) -> None:
    others = [Outcome.SMALL_TALK, Outcome.SILENT, Outcome.CLARIFIED, Outcome.NOT_IN_GUIDE]
    kept(database, a_turn(), a_turn(), *(a_turn(outcome, item=None) for outcome in others))
    volumes = figures(database).volumes
    assert volumes.questions == 4
    assert volumes.rate(Outcome.CLARIFIED) == 0.25


def test_of_nothing_there_is_no_rate(database: Database) -> None:
    assert figures(database).volumes.rate(Outcome.CLARIFIED) is None


def test_the_item_answered_counts_and_not_those_beside_it(database: Database) -> None:
    kept(database, a_turn(), a_turn(Outcome.PARTLY_ANSWERED), a_turn(Outcome.CLARIFIED, item="retirement_normal"))
    assert figures(database).volumes.items == (ItemCount("card_replace", answered=2, silent=1),)


def test_every_facet_of_an_answer_counts(database: Database) -> None:
    kept(database, a_turn(facets=("materials", "fee")), a_turn(facets=("materials",)))
    assert figures(database).volumes.facets == {"materials": 2, "fee": 1}


def test_every_outcome_is_in_one_group() -> None:
    grouped = [outcome for _, outcomes in GROUPS for outcome in outcomes]
    assert sorted(grouped) == sorted(Outcome)


# ---------------------------------------------------------------- waiting, thumbs


def test_waiting_is_told_by_the_middle_and_by_nine_in_ten() -> None:
    spread = Spread.of([float(seconds) for seconds in range(10, 0, -1)])
    assert (spread.count, spread.median, spread.ninety) == (10, 5.0, 9.0)


def test_of_nobody_there_is_no_waiting_time() -> None:
    assert Spread.of([]) == Spread(0, None, None)


def test_waiting_ends_when_somebody_takes_the_ticket(database: Database) -> None:
    desk = TicketStore(database, OFFICE_TIME)
    taken = desk.open("one", "web", Reason.WISH, [], NOON)
    desk.take(taken.number, "阿英", NOON + timedelta(seconds=90))
    desk.open("two", "web", Reason.COMPLAINT, [], NOON)
    waiting = figures(database).waiting
    assert (waiting.tickets, waiting.waiting) == (2, 1)
    assert waiting.waited == Spread(1, 90.0, 90.0)
    assert waiting.reasons[Reason.WISH] == waiting.reasons[Reason.COMPLAINT] == 1


def test_thumbs_are_counted_by_item_and_reason(database: Database) -> None:
    store = FeedbackStore(database)
    for seq, thumb, reason in [(1, Thumb.UP, None), (2, Thumb.DOWN, FeedbackReason.UNCLEAR), (3, Thumb.DOWN, None)]:
        given = Feedback("one", seq, NOON, thumb, reason, "不清楚", Decision.ANSWER, ("card_replace",), ("fee",))
        store.give(given)
    thumbs = figures(database).thumbs
    assert (thumbs.by_item["card_replace"].up, thumbs.by_item["card_replace"].down) == (1, 2)
    assert thumbs.reasons[FeedbackReason.UNCLEAR] == 1


# ---------------------------------------------------------------- what the guide does not answer

TWINS = ["生育津贴怎么领", "生育津贴怎么申请领", "请问生育津贴怎么领取"]


def asked(texts: list[str], sessions: list[str]) -> list[Asked]:
    return [Asked(text, session) for text, session in zip(texts, sessions, strict=True)]


def test_questions_that_are_alike_are_put_together() -> None:
    others = asked(["公积金能提取吗", "公积金可以提取吗", "公积金怎么提取"], ["d", "e", "f"])
    found = find_clusters([*asked(TWINS, ["a", "b", "c"]), *others])
    assert [(cluster.questions, cluster.sessions) for cluster in found] == [(3, 3), (3, 3)]
    assert {cluster.words[0] for cluster in found} == {"生育津贴怎么", "公积金"}


def test_what_two_people_asked_is_not_shown() -> None:
    assert find_clusters(asked(TWINS, ["a", "b", "b"])) == []


def test_words_that_only_one_person_wrote_are_not_shown() -> None:
    texts = ["王小明想问生育津贴怎么领", "生育津贴怎么领", "生育津贴怎么领"]
    (cluster,) = find_clusters(asked(texts, ["a", "b", "c"]))
    assert cluster.words
    assert "王" not in "".join(cluster.words)


def test_of_no_questions_there_are_no_clusters() -> None:
    assert find_clusters([]) == []


# ---------------------------------------------------------------- tables, CSV, charts


def a_table(cell: str = "甲", kind: str = "words") -> Table:
    return Table("items", "事项", (Column("item", "事项", kind), Column("share", "占比", "share")), ((cell, 0.25),))


def test_csv_opens_in_a_spreadsheet_as_it_is() -> None:
    data = write_csv(a_table())
    assert data.startswith("\ufeff事项,占比".encode())
    assert list(csv.reader(io.StringIO(data.decode("utf-8-sig")))) == [["事项", "占比"], ["甲", "25.0%"]]


@pytest.mark.parametrize("cell", ["=1+1", "+86", "-2", "@cmd", " =1", "\t=1"])
def test_no_cell_of_csv_runs_as_a_formula(cell: str) -> None:
    _, row = csv.reader(io.StringIO(write_csv(a_table(cell)).decode("utf-8-sig")))
    assert row[0] == f"'{cell}"


@pytest.mark.parametrize("theme", ["light", "dark"])
@pytest.mark.parametrize("size", ["wide", "narrow"])
@pytest.mark.parametrize("days", [7, 400])
def test_every_chart_is_an_image_without_script_or_foreign_host(
    database: Database, theme: str, size: str, days: int
) -> None:
    kept(database, a_turn(), a_turn(Outcome.CLARIFIED))
    statistics = figures(database, Period(TODAY - timedelta(days=days), TODAY))
    drawn = [draw(table, theme, size, "nothing") for table in tables_of(statistics, Bare()) if table.name in DRAWN]
    assert len(drawn) == len(DRAWN)
    for chart in drawn:
        ElementTree.fromstring(chart)
        text = chart.decode().replace("http://www.w3.org", "")
        assert "<script" not in text
        assert "http" not in text


def test_a_chart_of_nothing_says_so(database: Database) -> None:
    days, *_ = tables_of(figures(database), Bare())
    assert "nothing at all" in draw(days, "light", "wide", "nothing at all").decode()
