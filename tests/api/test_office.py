"""The office's calls and pages: figures and review for editors, models and the guide for admins, nothing for others."""

from __future__ import annotations

import asyncio
import dataclasses
import shutil
from collections.abc import Iterator
from datetime import datetime, timedelta
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest
from httpx import Response

from api.access.audit import Act
from api.access.role import Role
from bot.records.outcomes import Outcome
from bot.review.trainings import Trainings
from bot.runtime.training import model_path
from bot.settings import Settings
from bot.wording.pages import load_page_wording
from tests.api.office import Browser, Office, new_app, opened_office
from tests.bot.engines import new_url, opened
from tests.bot.reviewing import BAD, GOOD, NOON, Beside, FakeWorkshop, Residents, put_first_model, small_project

if TYPE_CHECKING:
    from bot.runtime.engine import Engine

STATISTICS = "/api/v1/office/statistics"
REVIEW = "/api/v1/office/review"
TRAININGS = "/api/v1/office/trainings"
TODAY = {"from": "2026-11-26", "to": "2026-11-26"}
ON_CARDS = {"kind": "item", "text": "社保卡丢了怎么补", "items": ["card_replace"], "facets": ["overview"]}
ON_MEDICINE = {"kind": "scope", "text": "看病报多少", "scope": "oos", "topic": "medical"}
PEOPLE = {"小查": Role.CLERK, "小席": Role.AGENT, "阿英": Role.EDITOR, "阿强": Role.EDITOR, "主任": Role.ADMIN}


@dataclasses.dataclass
class Clock:
    """What time it is to the engine: figures stay as they were read for half a minute, and tests do not wait."""

    now: datetime = NOON

    def __call__(self) -> datetime:
        return self.now


@pytest.fixture(scope="module")
def clock() -> Clock:
    return Clock()


@pytest.fixture(scope="module")
def own_engine(tmp_path_factory: pytest.TempPathFactory, clock: Clock) -> Iterator[Engine]:
    """An engine whose records are these tests' own, on the day of the figures."""
    with opened(new_url(tmp_path_factory.mktemp("office"))) as engine:
        engine.services = dataclasses.replace(engine.services, now=clock)
        yield engine


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("project")


@pytest.fixture(scope="module")
def project(folder: Path, own_engine: Engine) -> Settings:
    """A small project, with the records of the engine."""
    return dataclasses.replace(small_project(folder), database_url=str(own_engine.database.engine.url))


@pytest.fixture(scope="module")
def office(own_engine: Engine, project: Settings, folder: Path) -> Iterator[Office]:
    """The service with everybody in it; one for all these tests."""
    environment = {
        "DATABASE_URL": project.database_url, "NLU_DATA": str(project.nlu_data),
        "MODEL_FOLDER": str(project.model_folder), "REVIEW_FOLDER": str(project.review_folder),
        "EVALUATION_SETS": str(project.evaluation_sets),
    }  # fmt: skip
    with opened_office(new_app(own_engine, folder, environment), folder) as office:
        for name, role in PEOPLE.items():
            office.add(name, role)
        yield office


@pytest.fixture(autouse=True)
def _a_minute_later(clock: Clock, office: Office) -> None:
    clock.now += timedelta(minutes=1)
    office.clock.go_on(minutes=1)


@pytest.fixture
def residents(own_engine: Engine) -> Iterator[Residents]:
    """Residents who are forgotten after the test."""
    spoken = Residents(own_engine.database)
    yield spoken
    for session in spoken.sessions:
        asyncio.run(own_engine.erase(session))


def send(browser: Browser, method: str, path: str, body: dict[str, Any] | None = None) -> Response:
    return browser.client.request(method, path, json=body, headers={"X-CSRF-Token": browser.csrf})


def get(browser: Browser, path: str, **query: str) -> Any:
    response = browser.client.get(path, params=query)
    assert response.status_code == 200, response.text
    return response.json()


def queued(browser: Browser, shelf: str = "open") -> list[dict[str, Any]]:
    messages: list[dict[str, Any]] = get(browser, REVIEW, shelf=shelf)["messages"]
    return messages


def judge(browser: Browser, text: str, verdict: dict[str, Any]) -> Response:
    """Say what the message with that text means, on whatever shelf it is."""
    messages = [message for shelf in ("open", "differ", "done") for message in queued(browser, shelf)]
    (key,) = {message["key"] for message in messages if message["text"] == text}
    return send(browser, "PUT", f"{REVIEW}/{key}/verdict", verdict)


def table(statistics: dict[str, Any], name: str) -> list[list[Any]]:
    (found,) = (table for table in statistics["tables"] if table["name"] == name)
    rows: list[list[Any]] = found["rows"]
    return rows


# ---------------------------------------------------------------- who may

KEY = "0" * 32
FOR_EDITORS = [
    ("GET", STATISTICS), ("GET", f"{STATISTICS}/items.csv"), ("GET", f"{STATISTICS}/items.svg"), ("GET", REVIEW),
    ("GET", f"{REVIEW}/choices"), ("PUT", f"{REVIEW}/{KEY}/verdict"), ("DELETE", f"{REVIEW}/{KEY}/verdict"),
    ("GET", f"{REVIEW}/export/scope"), ("GET", TRAININGS), ("POST", TRAININGS), ("DELETE", f"{TRAININGS}/current"),
]  # fmt: skip
FOR_ADMINS = [("POST", f"{TRAININGS}/x/switch"), ("POST", f"{TRAININGS}/roll-back")]


@pytest.mark.parametrize(("method", "path"), [*FOR_EDITORS, *FOR_ADMINS])
def test_nobody_gets_in_without_logging_in(office: Office, method: str, path: str) -> None:
    assert send(office.browser(), method, path, {"kind": "no_use"}).status_code == 401


@pytest.mark.parametrize(("method", "path"), [*FOR_EDITORS, *FOR_ADMINS])
def test_agents_have_no_business_here(office: Office, method: str, path: str) -> None:
    assert send(office.logged_in("小席"), method, path, {"kind": "no_use"}).json()["code"] == "role_needed"


@pytest.mark.parametrize(("method", "path"), FOR_ADMINS)
def test_editors_put_no_model_in_force(office: Office, method: str, path: str) -> None:
    assert send(office.logged_in("阿英"), method, path).json()["code"] == "role_needed"


def test_a_change_needs_the_token_of_the_session(office: Office) -> None:
    browser = office.logged_in("阿英")
    assert browser.client.post(TRAININGS).json()["code"] == "csrf"


# ---------------------------------------------------------------- statistics


def test_figures_are_those_of_the_days_asked_for(office: Office, residents: Residents) -> None:
    residents.say("补卡", Outcome.ANSWERED)
    residents.say("看病报多少")
    residents.say("昨天的", at=NOON - timedelta(days=1))
    found = get(office.logged_in("阿英"), STATISTICS, **TODAY)
    assert found["period"] == {**TODAY, "channel": None}
    assert (found["rates"]["turns"], found["rates"]["not_in_guide"]) == (2, 0.5)
    assert [row[:3] for row in table(found, "days")] == [["2026-11-26", 1, 2]]


def test_items_have_the_titles_of_the_guide(office: Office, residents: Residents, own_engine: Engine) -> None:
    residents.say("补卡", Outcome.ANSWERED)
    title = own_engine.services.base.by_id["card_replace"].title
    assert table(get(office.logged_in("阿英"), STATISTICS, **TODAY), "items") == [[title, 1, 0, 0, 0]]


def test_no_word_of_one_resident_is_among_the_figures(office: Office, residents: Residents) -> None:
    residents.say("我叫黄大力，看病报多少")
    browser = office.logged_in("阿英")
    shown = browser.client.get(STATISTICS, params=TODAY).text + browser.client.get("/office", params=TODAY).text
    assert "黄大力" not in shown
    assert "看病" not in shown


def test_what_several_ask_that_the_guide_lacks_is_shown_by_its_words(office: Office, residents: Residents) -> None:
    for session in ("one", "two", "three"):
        residents.say("看病报多少", session=session)
    assert table(get(office.logged_in("阿英"), STATISTICS, **TODAY), "clusters") == [["看病报多少", 3, 3]]


@pytest.mark.parametrize(
    ("query", "code"),
    [({"from": "2026-11-27", "to": "2026-11-26"}, "days_reversed"), ({"from": "2000-01-01"}, "too_many_days")],
)
def test_days_that_cannot_be_shown_are_refused(office: Office, query: dict[str, str], code: str) -> None:
    response = office.logged_in("阿英").client.get(STATISTICS, params=query)
    assert (response.status_code, response.json()["code"]) == (422, code)


def test_a_table_can_be_had_for_a_spreadsheet(office: Office, residents: Residents) -> None:
    residents.say("补卡", Outcome.ANSWERED)
    response = office.logged_in("阿英").client.get(f"{STATISTICS}/facets.csv", params=TODAY)
    assert response.headers["content-type"] == "text/csv; charset=utf-8"
    assert response.headers["content-disposition"].startswith("attachment; filename*=UTF-8''")
    assert response.content.decode("utf-8-sig").splitlines()[1].endswith(",1")


@pytest.mark.parametrize("theme", ["light", "dark"])
def test_a_table_can_be_looked_at(office: Office, theme: str) -> None:
    response = office.logged_in("阿英").client.get(f"{STATISTICS}/days.svg", params={**TODAY, "theme": theme})
    assert response.headers["content-type"] == "image/svg+xml"
    assert response.headers["content-security-policy"].startswith("default-src 'none'")
    assert response.content.startswith(b"<svg")


@pytest.mark.parametrize("name", ["none.csv", "none.svg", "waiting.svg"])
def test_what_is_no_table_or_chart_is_not_found(office: Office, name: str) -> None:
    assert office.logged_in("阿英").client.get(f"{STATISTICS}/{name}").status_code == 404


# ---------------------------------------------------------------- review


def test_a_doubtful_message_is_queued_with_what_was_understood(office: Office, residents: Residents) -> None:
    residents.say("看病报多少")
    (message,) = queued(office.logged_in("阿英"))
    assert (message["text"], message["doubts"], message["count"]) == ("看病报多少", ["not_in_guide"], 1)
    assert message["items"][0]["id"] == "card_replace"


def test_a_verdict_is_shown_to_the_other_editors(office: Office, residents: Residents) -> None:
    residents.say("看病报多少")
    assert judge(office.logged_in("阿英"), "看病报多少", ON_MEDICINE).status_code == 200
    (message,) = queued(office.logged_in("阿强"), "done")
    (verdict,) = message["verdicts"]
    assert (verdict["editor"], verdict["mine"], verdict["topic"]) == ("阿英", False, "medical")


def test_editors_who_differ_make_no_candidate(office: Office, residents: Residents) -> None:
    residents.say("看病报多少")
    judge(office.logged_in("阿英"), "看病报多少", ON_MEDICINE)
    judge(office.logged_in("阿强"), "看病报多少", ON_CARDS)
    counts = get(office.logged_in("阿英"), REVIEW)["counts"]
    assert counts == {"open": 0, "differ": 1, "done": 0, "candidates": 0}


def test_a_verdict_is_taken_back(office: Office, residents: Residents) -> None:
    residents.say("看病报多少")
    browser = office.logged_in("阿英")
    key = judge(browser, "看病报多少", {"kind": "no_use"}).json()["key"]
    assert queued(browser) == []
    assert send(browser, "DELETE", f"{REVIEW}/{key}/verdict").status_code == 204
    assert len(queued(browser)) == 1


def test_a_verdict_that_cannot_be_kept_names_its_field(office: Office, residents: Residents) -> None:
    residents.say("看病报多少")
    refused = judge(office.logged_in("阿英"), "看病报多少", {**ON_CARDS, "items": []})
    assert (refused.status_code, refused.json()["code"]) == (422, "verdict_refused")
    assert refused.json()["errors"] == [{"where": "body.items", "what": "missing"}]


def test_a_message_that_is_not_known_cannot_be_judged(office: Office) -> None:
    refused = send(office.logged_in("阿英"), "PUT", f"{REVIEW}/{KEY}/verdict", {"kind": "no_use"})
    assert (refused.status_code, refused.json()["code"]) == (404, "no_such_message")


def test_a_resident_who_has_a_session_erased_leaves_the_queue(
    office: Office, residents: Residents, own_engine: Engine
) -> None:
    residents.say("看病报多少", session="gone")
    browser = office.logged_in("阿英")
    assert len(queued(browser)) == 1
    asyncio.run(own_engine.erase("gone"))
    assert queued(browser) == []


def test_a_verdict_can_name_what_the_labelled_messages_know(office: Office) -> None:
    choices = get(office.logged_in("阿英"), f"{REVIEW}/choices")
    assert len(choices["items"]) == 105
    assert {scope["id"]: [topic["id"] for topic in scope["topics"]] for scope in choices["scopes"]}["oos"] == [
        "medical"
    ]


def test_candidates_are_had_in_the_form_of_the_labelled_messages(office: Office, residents: Residents) -> None:
    residents.say("看病报多少")
    browser = office.logged_in("阿英")
    judge(browser, "看病报多少", ON_MEDICINE)
    lines = browser.client.get(f"{REVIEW}/export/scope").text.splitlines()
    assert lines[-1] == "oos\tmedical\t-\t看病报多少"
    assert office.log[0].what is Act.REVIEW_EXPORTED


# ---------------------------------------------------------------- training and switching


@pytest.fixture
def workshop() -> FakeWorkshop:
    return FakeWorkshop()


@pytest.fixture
def beside(office: Office, project: Settings, workshop: FakeWorkshop) -> Beside:
    """Trainings beside the service, none before, and the first model in force."""
    for made in (project.model_folder, project.review_folder):
        shutil.rmtree(made, ignore_errors=True)
    put_first_model(project)
    beside = Beside(project, workshop)
    office.app.state.trainings = Trainings(project, beside.start)
    return beside


@pytest.fixture
def editor(office: Office, residents: Residents) -> Browser:
    """An editor who has judged a message."""
    residents.say("看病报多少")
    browser = office.logged_in("阿英")
    assert judge(browser, "看病报多少", ON_MEDICINE).status_code == 200
    return browser


def run_of(browser: Browser, beside: Beside) -> dict[str, Any]:
    """Train; return the run."""
    assert send(browser, "POST", TRAININGS).status_code == 202
    beside.wait()
    run: dict[str, Any] = get(browser, TRAININGS)["runs"][0]
    return run


def test_a_training_is_started_and_its_gate_shown(office: Office, editor: Browser, beside: Beside) -> None:
    run = run_of(editor, beside)
    assert (run["state"], run["by"], run["candidates"], run["in_force"]) == ("passed", "阿英", 1, False)
    assert run["gate"][0]["figure"] == "score"
    assert office.log[0].what is Act.TRAINING_STARTED


def test_an_admin_puts_a_model_in_force_and_takes_it_back(
    office: Office, editor: Browser, beside: Beside, project: Settings
) -> None:
    run = run_of(editor, beside)
    admin = office.logged_in("主任")
    switched = send(admin, "POST", f"{TRAININGS}/{run['id']}/switch").json()
    assert switched["runs"][0]["in_force"]
    assert model_path(project).read_bytes() == b"a new model"
    back = send(admin, "POST", f"{TRAININGS}/roll-back").json()
    assert not back["runs"][0]["in_force"]
    assert model_path(project).read_bytes() == b"the first model"
    assert [entry.what for entry in office.log[:2]] == [Act.MODEL_ROLLED_BACK, Act.MODEL_SWITCHED]


def test_a_model_that_the_gate_refused_is_not_put_in_force(
    office: Office, editor: Browser, beside: Beside, workshop: FakeWorkshop, project: Settings
) -> None:
    workshop.rows = (GOOD, BAD)
    run = run_of(editor, beside)
    refused = send(office.logged_in("主任"), "POST", f"{TRAININGS}/{run['id']}/switch")
    assert (run["state"], refused.status_code, refused.json()["code"]) == ("refused", 409, "not_passed")
    assert model_path(project).read_bytes() == b"the first model"


@pytest.mark.usefixtures("beside")
def test_without_candidates_nothing_is_trained(office: Office) -> None:
    assert send(office.logged_in("阿英"), "POST", TRAININGS).json()["code"] == "no_candidates"


def test_one_training_at_a_time(editor: Browser, beside: Beside) -> None:
    trainings = Trainings(beside.settings)
    with trainings.folders.alone():
        assert send(editor, "POST", TRAININGS).json()["code"] == "busy"
        assert get(editor, TRAININGS)["busy"]


@pytest.mark.usefixtures("beside")
def test_what_is_not_under_way_cannot_be_cancelled(office: Office) -> None:
    assert send(office.logged_in("阿英"), "DELETE", f"{TRAININGS}/current").json()["code"] == "not_running"


@pytest.mark.usefixtures("beside")
def test_without_a_model_before_there_is_no_way_back(office: Office) -> None:
    admin = office.logged_in("主任")
    assert not get(admin, TRAININGS)["back"]
    assert send(admin, "POST", f"{TRAININGS}/roll-back").json()["code"] == "no_former_model"


def test_a_run_that_is_not_known_is_not_found(office: Office) -> None:
    refused = send(office.logged_in("主任"), "POST", f"{TRAININGS}/none/switch")
    assert (refused.status_code, refused.json()["code"]) == (404, "no_such_run")


# ---------------------------------------------------------------- pages

PAGES = {
    "/office": Role.EDITOR,
    "/office/review": Role.EDITOR,
    "/office/guide": Role.ADMIN,
    "/office/people": Role.ADMIN,
}


@pytest.mark.parametrize("path", PAGES)
def test_a_page_leads_to_the_login_and_back(office: Office, path: str) -> None:
    response = office.browser().client.get(path, follow_redirects=False)
    assert (response.status_code, response.headers["location"]) == (303, f"/login?next={path}")


@pytest.mark.parametrize(("path", "name"), [(path, name) for path in PAGES for name in PEOPLE])
def test_a_page_is_for_its_role(office: Office, path: str, name: str) -> None:
    wanted = 200 if PEOPLE[name].includes(PAGES[path]) else 403
    assert office.logged_in(name).client.get(path).status_code == wanted


def test_only_tabs_that_one_may_open_are_shown(office: Office) -> None:
    assert 'href="/office/guide"' not in office.logged_in("阿英").client.get("/office").text
    assert 'href="/office/guide"' in office.logged_in("主任").client.get("/office").text


def test_days_that_were_typed_wrong_stay_and_the_last_month_is_shown(office: Office) -> None:
    page = office.logged_in("阿英").client.get("/office", params={"from": "2026-11-27", "to": "2026-11-26"}).text
    assert 'value="2026-11-27"' in page
    assert 'aria-invalid="true"' in page
    assert "2026-10-28" in page


def test_a_channel_with_a_wicked_name_stays_text(office: Office) -> None:
    page = office.logged_in("阿英").client.get("/office", params={"channel": '"><script>alert(1)</script>'}).text
    assert "<script>alert" not in page


def test_every_act_of_the_audit_log_has_a_name() -> None:
    said = load_page_wording("office").sentences(("office",))
    assert not [act for act in Act if f"audit_{act}" not in said]
