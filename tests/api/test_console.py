"""The agents' console over HTTP: the board, tickets in one pair of hands, replies, hand-overs, ends, who may."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from datetime import datetime, time, timedelta
from typing import TYPE_CHECKING, Any

import pytest
from fastapi import FastAPI
from fastapi.testclient import TestClient

from api.access.role import Role
from bot.dates.hours import OfficeHours
from bot.desk.endings import Ending
from bot.settings import OFFICE_TIME
from knowledge.model import Facet
from knowledge.vocabulary import OpeningSpan
from tests.api.desk import Agent, Caller, caller
from tests.api.office import Clock, Office, new_app, opened_office
from tests.api.test_http import assert_problem
from tests.bot.engines import new_url, opened

if TYPE_CHECKING:
    from bot.runtime.engine import Engine

QUESTION = "工伤认定要什么材料"
LOST = timedelta(minutes=5)


@pytest.fixture(scope="module")
def engine(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Engine]:
    """An engine with a desk of its own, whose clock a test turns."""
    with opened(new_url(tmp_path_factory.mktemp("console"))) as engine:
        engine.services = replace(engine.services, now=Clock(datetime(2026, 6, 1, 9, 0, tzinfo=OFFICE_TIME)))
        yield engine


@pytest.fixture(scope="module")
def app(engine: Engine, tmp_path_factory: pytest.TempPathFactory) -> Iterator[FastAPI]:
    app = new_app(engine, tmp_path_factory.mktemp("service"), {"CALLS_A_MINUTE": "100000"})
    with TestClient(app):
        yield app


@pytest.fixture
def clock(engine: Engine) -> Clock:
    now = engine.services.now
    assert isinstance(now, Clock)
    return now


@pytest.fixture(scope="module")
def office(app: FastAPI, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Office]:
    with opened_office(app, tmp_path_factory.mktemp("office")) as office:
        for name, role in (("李敏", Role.AGENT), ("王强", Role.AGENT), ("黄小梅", Role.EDITOR), ("陈查", Role.CLERK)):
            office.add(name, role)
        yield office


@pytest.fixture(autouse=True)
def clear_desk(engine: Engine) -> Iterator[None]:
    yield
    for ticket in [*engine.desk.waiting(), *engine.desk.release_lost(engine.services.now() + timedelta(days=1))]:
        engine.desk.erase(ticket.session)


@pytest.fixture(scope="module")
def agent(office: Office) -> Agent:
    return Agent("李敏", office.logged_in("李敏"))


@pytest.fixture(scope="module")
def logged_in_colleague(office: Office) -> Agent:
    return Agent("王强", office.logged_in("王强"))


@pytest.fixture
def colleague(logged_in_colleague: Agent) -> Agent:
    """Somebody who is at the console too."""
    assert logged_in_colleague.send("PUT", "presence", {"presence": "here"}).status_code == 200
    return logged_in_colleague


@pytest.fixture(scope="module")
def editor(office: Office) -> Agent:
    return Agent("黄小梅", office.logged_in("黄小梅"))


@pytest.fixture
def resident(engine: Engine) -> Caller:
    return caller(engine)


def release_lost(app: FastAPI) -> None:
    app.state.console.release_lost()


# ---------------------------------------------------------------- who may


def test_nobody_looks_without_a_login(office: Office) -> None:
    assert_problem(office.browser().client.get("/api/v1/console/tickets"), 401)


def test_a_clerk_is_no_agent(office: Office) -> None:
    assert_problem(Agent("陈查", office.logged_in("陈查")).get("tickets"), 403)


def test_a_change_without_the_token_is_refused(agent: Agent, resident: Caller) -> None:
    number = resident.wants_a_person()
    assert_problem(agent.browser.client.post(f"/api/v1/console/tickets/{number}/take"), 403)
    assert agent.numbers("waiting") == [number]


# ---------------------------------------------------------------- the board


def test_the_board_tells_place_time_reason_and_question(agent: Agent, resident: Caller, clock: Clock) -> None:
    resident.says(QUESTION)
    number = resident.wants_a_person("我要找人工")
    (line,) = agent.board()["waiting"]
    assert (line["number"], line["place"], line["reason"], line["channel"]) == (number, 1, "wish", "web")
    assert datetime.fromisoformat(line["opened"]) == clock()
    assert line["question"] == "我要找人工"


def test_a_crisis_stands_before_all_who_wait_longer(agent: Agent, engine: Engine, clock: Clock) -> None:
    first = caller(engine).wants_a_person()
    clock.go_on(minutes=1)
    crisis = caller(engine).wants_a_person("我不想活了")
    assert agent.numbers("waiting") == [crisis, first]
    assert agent.board()["waiting"][0]["reason"] == "crisis"


def test_each_sees_own_tickets_and_those_of_others(agent: Agent, colleague: Agent, resident: Caller) -> None:
    number = resident.wants_a_person()
    agent.takes(number)
    assert agent.numbers("mine") == [number]
    assert [(line["number"], line["agent"]) for line in colleague.board()["others"]] == [(number, "李敏")]


def test_what_was_said_last_stands_on_the_board(agent: Agent, resident: Caller) -> None:
    number = resident.wants_a_person()
    agent.takes(number)
    resident.says("我的材料交了吗")
    (line,) = agent.board()["mine"]
    assert (line["last"]["author"], line["last"]["text"]) == ("resident", "我的材料交了吗")


def test_outside_office_hours_the_board_says_when_it_opens(agent: Agent, engine: Engine, clock: Clock) -> None:
    before = engine.services
    hours = OfficeHours((OpeningSpan(time(9), time(12)),))
    engine.services = replace(before, office=replace(before.office, hours=hours))
    at, clock.now = clock.now, datetime(2026, 6, 1, 20, 0, tzinfo=OFFICE_TIME)
    try:
        told = agent.board()["office"]
    finally:
        engine.services, clock.now = before, at
    assert told == {"open": False, "opens": "2026-06-02T09:00:00+08:00"}


def test_an_office_that_sets_no_hours_is_neither_open_nor_closed(agent: Agent) -> None:
    assert agent.board()["office"] == {"open": None, "opens": None}


# ---------------------------------------------------------------- one pair of hands


def test_of_all_who_take_a_ticket_at_once_one_gets_it(office: Office, engine: Engine, resident: Caller) -> None:
    number = resident.wants_a_person()
    names = [f"坐席{index}" for index in range(6)]
    for name in names:
        office.add(name, Role.AGENT)
    agents = [Agent(name, office.logged_in(name)) for name in names]
    start = threading.Barrier(len(agents))

    def take(agent: Agent) -> int:
        start.wait()
        return agent.does(number, "take").status_code

    with ThreadPoolExecutor(len(agents)) as threads:
        statuses = list(threads.map(take, agents))
    assert sorted(statuses) == [200, 409, 409, 409, 409, 409]
    winner = engine.desk.find(number)
    assert winner is not None
    assert winner.agent == names[statuses.index(200)]


def test_who_comes_too_late_is_told_who_has_it(agent: Agent, colleague: Agent, resident: Caller) -> None:
    number = resident.wants_a_person()
    agent.takes(number)
    problem = assert_problem(colleague.does(number, "take"), 409)
    assert (problem["code"], problem["detail"]) == ("ticket_taken", "the ticket is with 李敏")


@pytest.mark.parametrize(
    ("what", "body"),
    [
        ("say", {"text": "您好"}),
        ("typing", {}),
        ("hand-over", {"to": "李敏"}),
        ("release", {}),
        ("close", {"outcome": "answered"}),
    ],
)
def test_only_who_has_a_ticket_does_anything_with_it(
    agent: Agent, colleague: Agent, resident: Caller, what: str, body: dict[str, Any]
) -> None:
    agent.send("PUT", "presence", {"presence": "here"})
    number = resident.wants_a_person()
    assert assert_problem(colleague.does(number, what, **body), 409)["code"] == "ticket_not_taken"
    agent.takes(number)
    assert assert_problem(colleague.does(number, what, **body), 409)["code"] == "ticket_taken"


def test_a_ticket_that_is_none_is_not_found(agent: Agent) -> None:
    assert_problem(agent.get("tickets/0101-999"), 404)
    assert_problem(agent.does("0101-999", "take"), 404)


# ---------------------------------------------------------------- the conversation


def test_the_conversation_shows_what_the_bot_understood(agent: Agent, resident: Caller) -> None:
    resident.says(QUESTION)
    entries = agent.conversation(resident.wants_a_person())["entries"]
    assert [entry["author"] for entry in entries] == ["resident", "bot", "resident", "bot"]
    understood = entries[1]["understood"]
    assert (understood["decision"], understood["facets"]) == ("answer", ["materials"])
    assert understood["items"][0]["id"] == "injury_determination"
    assert understood["items"][0]["confidence"] > 0.5


def test_why_a_message_is_understood_so_is_told_on_demand(agent: Agent, resident: Caller) -> None:
    resident.says(QUESTION)
    number = resident.wants_a_person()
    seq = agent.conversation(number)["entries"][0]["seq"]
    told = agent.get(f"tickets/{number}/explain?seq={seq}").json()
    assert (told["text"], told["decision"]) == (QUESTION, "answer")
    assert told["explain"]["candidates"][0]["id"] == "injury_determination"


def test_nothing_of_another_session_is_explained(agent: Agent, engine: Engine, resident: Caller) -> None:
    number = resident.wants_a_person()
    other = caller(engine)
    other.says(QUESTION)
    seq = engine.transcripts.read(other.session)[0].seq
    assert_problem(agent.get(f"tickets/{number}/explain?seq={seq}"), 404)


def test_what_is_said_to_the_bot_after_the_end_is_not_shown(agent: Agent, resident: Caller, clock: Clock) -> None:
    number = resident.wants_a_person()
    agent.takes(number)
    agent.does(number, "close", outcome="answered")
    clock.go_on(minutes=1)
    resident.says(QUESTION)
    assert QUESTION not in [entry["text"] for entry in agent.conversation(number)["entries"]]


def test_the_number_that_a_resident_left_is_for_the_agent_of_the_ticket(
    agent: Agent, colleague: Agent, engine: Engine, resident: Caller, clock: Clock
) -> None:
    number = resident.wants_a_person()
    engine.desk.leave_contact(number, "13800000000", clock())
    assert agent.board()["waiting"][0]["has_contact"]
    assert agent.conversation(number)["ticket"]["contact"] is None
    agent.takes(number)
    assert agent.conversation(number)["ticket"]["contact"] == "13800000000"
    assert colleague.conversation(number)["ticket"]["contact"] is None


# ---------------------------------------------------------------- saying


@pytest.mark.parametrize("channel", ["web", "telegram", "wechat"])
def test_words_reach_the_resident_in_every_channel(agent: Agent, engine: Engine, channel: str) -> None:
    resident = caller(engine, channel)
    number = resident.wants_a_person()
    agent.takes(number)
    assert agent.does(number, "say", text="您好，我来帮您。").status_code == 200
    underway = agent.conversation(number)["ticket"]["underway"]
    assert [words["text"] for words in underway] == ["您好，我来帮您。"]
    assert resident.reads() == ["您好，我来帮您。"]
    conversation = agent.conversation(number)
    assert conversation["ticket"]["underway"] == []
    assert (conversation["entries"][-1]["author"], conversation["entries"][-1]["name"]) == ("agent", "李敏")


def test_what_is_sent_again_is_said_once(agent: Agent, resident: Caller) -> None:
    number = resident.wants_a_person()
    agent.takes(number)
    for _ in range(2):
        assert agent.does(number, "say", text="您好", message_id="a-1").status_code == 200
    assert resident.reads() == ["您好"]


def test_what_could_not_be_said_can_be_sent_again(agent: Agent, resident: Caller) -> None:
    number = resident.wants_a_person()
    assert_problem(agent.does(number, "say", text="您好", message_id="a-2"), 409)
    agent.takes(number)
    agent.does(number, "say", text="您好", message_id="a-2")
    assert resident.reads() == ["您好"]


@pytest.mark.parametrize("text", ["您的身份证 450702199003071234 对吗", "打我手机13800138000"])
def test_a_personal_number_is_said_only_when_confirmed(agent: Agent, resident: Caller, text: str) -> None:
    number = resident.wants_a_person()
    agent.takes(number)
    assert assert_problem(agent.does(number, "say", text=text), 409)["code"] == "personal_numbers"
    assert resident.reads() == []
    assert agent.does(number, "say", text=text, confirmed=True).status_code == 200
    assert resident.reads() == [text]


@pytest.mark.parametrize("text", ["", "   ", "长" * 2001, 7, None])
def test_what_is_nothing_to_say_is_refused(agent: Agent, resident: Caller, text: object) -> None:
    number = resident.wants_a_person()
    agent.takes(number)
    assert_problem(agent.does(number, "say", text=text), 422)


def test_a_resident_without_an_open_page_is_not_connected(agent: Agent, resident: Caller) -> None:
    reach = agent.conversation(resident.wants_a_person())["ticket"]["reach"]
    assert reach == {"state": "later", "note": None}


def test_a_channel_that_brings_words_by_itself_says_so_and_its_conditions(
    app: FastAPI, agent: Agent, engine: Engine
) -> None:
    resident = caller(engine, "wechat")
    number = resident.wants_a_person()
    app.state.console.channel_notes["wechat"] = lambda session: f"{session}：还有 3 小时"
    try:
        reach = agent.conversation(number)["ticket"]["reach"]
    finally:
        del app.state.console.channel_notes["wechat"]
    assert reach == {"state": "pushed", "note": f"{resident.session}：还有 3 小时"}


# ---------------------------------------------------------------- passing on, putting back, ending


def test_a_ticket_is_handed_over_with_a_note_that_the_resident_does_not_see(
    agent: Agent, colleague: Agent, resident: Caller
) -> None:
    number = resident.wants_a_person()
    agent.takes(number)
    assert agent.does(number, "hand-over", to="王强", note="还差补缴的算法").status_code == 200
    assert (agent.numbers("mine"), colleague.numbers("mine")) == ([], [number])
    (note,) = colleague.conversation(number)["ticket"]["notes"]
    assert note["name"] == "李敏"
    assert "还差补缴的算法" in note["text"]
    assert resident.reads() == []


def test_nothing_is_handed_to_who_is_gone(agent: Agent, office: Office, resident: Caller) -> None:
    number = resident.wants_a_person()
    agent.takes(number)
    assert assert_problem(agent.does(number, "hand-over", to="黄小梅"), 409)["code"] == "colleague_gone"
    assert agent.numbers("mine") == [number]


@pytest.mark.parametrize("name", ["没有这个人", "陈查"])
def test_nothing_is_handed_to_who_is_no_agent(agent: Agent, resident: Caller, name: str) -> None:
    number = resident.wants_a_person()
    agent.takes(number)
    assert_problem(agent.does(number, "hand-over", to=name), 404)


def test_a_ticket_that_is_put_back_has_its_old_place(agent: Agent, engine: Engine, clock: Clock) -> None:
    first = caller(engine).wants_a_person()
    clock.go_on(minutes=1)
    second = caller(engine).wants_a_person()
    agent.takes(first)
    assert agent.does(first, "release").status_code == 200
    assert agent.numbers("waiting") == [first, second]


@pytest.mark.parametrize("ending", list(Ending))
def test_a_ticket_ends_in_one_of_a_closed_list(app: FastAPI, agent: Agent, resident: Caller, ending: Ending) -> None:
    number = resident.wants_a_person()
    agent.takes(number)
    assert agent.does(number, "close", outcome=ending.value).status_code == 200
    assert app.state.console.endings.read([number]) == {number: ending}


def test_an_ended_ticket_tells_what_came_of_it(agent: Agent, resident: Caller) -> None:
    number = resident.wants_a_person()
    agent.takes(number)
    agent.does(number, "close", outcome="answered", note="下周带 450702199003071234 的证件来")
    line = next(line for line in agent.board()["ended"] if line["number"] == number)
    assert (line["ending"], line["outcome"]) == ("answered", "已答复：下周带 〔证件号〕 的证件来")


def test_an_ending_of_ones_own_making_is_refused(agent: Agent, resident: Caller) -> None:
    number = resident.wants_a_person()
    agent.takes(number)
    assert_problem(agent.does(number, "close", outcome="已答复"), 422)
    assert agent.numbers("mine") == [number]


def test_after_the_end_the_bot_answers_again(agent: Agent, resident: Caller) -> None:
    number = resident.wants_a_person()
    agent.takes(number)
    assert resident.says(QUESTION)["messages"] == []
    agent.does(number, "close", outcome="answered")
    assert resident.says(QUESTION)["decision"] == "answer"


def test_an_ending_goes_with_its_ticket(app: FastAPI, agent: Agent, engine: Engine, resident: Caller) -> None:
    number = resident.wants_a_person()
    agent.takes(number)
    agent.does(number, "close", outcome="answered")
    engine.desk.erase(resident.session)
    assert app.state.console.endings.read([number]) == {}


# ---------------------------------------------------------------- presence


def test_the_tickets_of_a_lost_agent_wait_again(app: FastAPI, agent: Agent, resident: Caller, clock: Clock) -> None:
    number = resident.wants_a_person()
    agent.takes(number)
    clock.go_on(minutes=4)
    release_lost(app)
    assert agent.numbers("mine") == [number]
    clock.go_on(minutes=2)
    release_lost(app)
    assert agent.numbers("waiting") == [number]


def test_an_open_page_keeps_the_tickets(app: FastAPI, agent: Agent, resident: Caller, clock: Clock) -> None:
    number = resident.wants_a_person()
    agent.takes(number)
    for _ in range(3):
        clock.go_on(minutes=3)
        agent.get("changes")
        release_lost(app)
    assert agent.numbers("mine") == [number]


def presence_of(agent: Agent, name: str) -> tuple[str, int]:
    colleagues = agent.get("colleagues").json()["colleagues"]
    return next((one["presence"], one["tickets"]) for one in colleagues if one["name"] == name)


def test_colleagues_see_who_is_there_and_how_much_they_have(
    agent: Agent, colleague: Agent, resident: Caller, clock: Clock
) -> None:
    colleague.takes(resident.wants_a_person())
    assert presence_of(agent, "王强") == ("here", 1)
    colleague.send("PUT", "presence", {"presence": "away"})
    assert presence_of(agent, "王强") == ("away", 1)
    clock.go_on(minutes=2)
    assert presence_of(agent, "王强") == ("gone", 1)
    colleague.get("changes")
    colleague.send("PUT", "presence", {"presence": "here"})
    assert presence_of(agent, "王强") == ("here", 1)


def test_those_who_cannot_take_tickets_are_no_colleagues(agent: Agent) -> None:
    assert "陈查" not in [one["name"] for one in agent.get("colleagues").json()["colleagues"]]


# ---------------------------------------------------------------- canned replies


def texts(agent: Agent) -> list[str]:
    return [reply["text"] for reply in agent.get("canned").json()["replies"]]


def test_an_own_canned_reply_is_ones_own(agent: Agent, colleague: Agent) -> None:
    kept = agent.send("POST", "canned", {"text": "您稍等，我查一下。"})
    assert kept.status_code == 201
    assert "您稍等，我查一下。" in texts(agent)
    assert "您稍等，我查一下。" not in texts(colleague)
    assert_problem(colleague.send("DELETE", f"canned/{kept.json()['id']}"), 404)
    assert agent.send("DELETE", f"canned/{kept.json()['id']}").status_code == 204
    assert "您稍等，我查一下。" not in texts(agent)


def test_shared_replies_are_kept_by_editors(agent: Agent, editor: Agent) -> None:
    assert_problem(agent.send("POST", "canned", {"text": "请带身份证。", "shared": True}), 403)
    kept = editor.send("POST", "canned", {"text": "请带身份证。", "shared": True}).json()
    assert "请带身份证。" in texts(agent)
    assert_problem(agent.send("DELETE", f"canned/{kept['id']}"), 403)
    assert editor.send("DELETE", f"canned/{kept['id']}").status_code == 204


# ---------------------------------------------------------------- suggestions


def suggested(agent: Agent, query: str) -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = agent.get(f"suggestions?{query}").json()["suggestions"]
    return found


def test_what_was_asked_last_is_suggested_first(agent: Agent, resident: Caller) -> None:
    resident.says(QUESTION)
    number = resident.wants_a_person()
    first = suggested(agent, f"ticket={number}")[0]
    assert (first["item"], first["facet"]) == ("injury_determination", "materials")


def test_what_the_resident_asks_the_agent_is_suggested_too(agent: Agent, resident: Caller) -> None:
    resident.says(QUESTION)
    number = resident.wants_a_person()
    agent.takes(number)
    resident.says("那要多久")
    first = suggested(agent, f"ticket={number}")[0]
    assert (first["item"], first["facet"]) == ("injury_determination", "time_limit")
    resident.says("社保卡丢了怎么补")
    assert suggested(agent, f"ticket={number}")[0]["item"] == "card_replace"


def test_suggestions_are_the_guides_words_with_their_lines(agent: Agent, engine: Engine, resident: Caller) -> None:
    resident.says(QUESTION)
    item = engine.services.base.by_id["injury_determination"]
    words = {fact.text for fact in item.facts_on(Facet.MATERIALS)}
    blocks = suggested(agent, f"ticket={resident.wants_a_person()}")
    facts = [fact for block in blocks if block["facet"] == "materials" for fact in block["facts"]]
    assert len(facts) > 5
    assert all(any(text in fact["text"] for text in words) for fact in facts)
    for block in blocks:
        assert block["text"] in block["insert"]
        assert block["lines"] in block["insert"]
        assert block["title"] in block["insert"]


def test_no_item_no_suggestion(agent: Agent, resident: Caller) -> None:
    assert suggested(agent, f"ticket={resident.wants_a_person()}") == []


def test_facts_are_looked_for_by_item_and_facet(agent: Agent) -> None:
    first = suggested(agent, "q=gsrd 材料")[0]
    assert (first["item"], first["facet"]) == ("injury_determination", "materials")


# ---------------------------------------------------------------- without a socket


def test_a_poll_brings_how_things_stand_and_what_was_said(agent: Agent, resident: Caller) -> None:
    number = resident.wants_a_person()
    agent.takes(number)
    before = agent.get(f"changes?ticket={number}").json()
    resident.says("还在吗")
    after = agent.get(f"changes?ticket={number}&after={before['after']}").json()
    said = [told["entry"]["text"] for told in after["entries"] if told["entry"]["seq"] > before["after"]]
    assert said[0] == "还在吗"
    assert (after["ticket"]["number"], after["board"]["mine"][0]["number"]) == (number, number)
    assert after["after"] > before["after"]


def test_a_poll_for_a_ticket_that_is_gone_says_so(agent: Agent) -> None:
    assert agent.get("changes?ticket=0101-999").json()["ticket"] is None
