"""Items for the staff lookup: all that the guide says, less what cannot apply; doubts, texts, two side by side."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest
from fastapi import FastAPI

from api.pages.doubtful import Doubtful
from api.pages.short_links import short_code
from bot.answering.short_message import LONGEST_PART
from bot.settings import load_settings
from knowledge.model import Facet
from knowledge.publishing import Publishing
from knowledge.store import KnowledgeStore
from knowledge.values import Heading
from tests.api.office import Browser, new_app, opened_office
from tests.api.test_http import assert_problem

if TYPE_CHECKING:
    from bot.runtime.engine import Engine

BRANCHED = "retirement_normal"
ENTERPRISE, OFFICIALS = "企业职工养老保险（含灵活就业）", "机关事业单位养老保险"
DOUBTFUL = "benefit_eligibility_confirm"
UNCHARTED = "card_replace"


@pytest.fixture(scope="module")
def app(engine: Engine, tmp_path_factory: pytest.TempPathFactory) -> FastAPI:
    return new_app(engine, tmp_path_factory.mktemp("service"), {"CALLS_A_MINUTE": "100000"})


@pytest.fixture(scope="module")
def clerk(app: FastAPI, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Browser]:
    with opened_office(app, tmp_path_factory.mktemp("office")) as office:
        office.add("黄小梅")
        yield office.logged_in("黄小梅")


def get(browser: Browser, path: str, **query: Any) -> Any:
    response = browser.client.get(f"/api/v1/staff/items/{path}", params=query)
    assert response.status_code == 200, response.text
    return response.json()


def facts_shown(sheet: dict[str, Any]) -> set[int]:
    return {block["fact"] for part in sheet["parts"] for branch in part["branches"] for block in branch["blocks"]}


# ---------------------------------------------------------------- the whole item


def test_a_sheet_has_every_statement_of_its_item(clerk: Browser, engine: Engine) -> None:
    for item in engine.services.base:
        sheet = get(clerk, item.id)
        stated = {index for index, fact in enumerate(item.facts) if not isinstance(fact.value, Heading)}
        assert stated <= facts_shown(sheet)
        assert sheet["hidden"] == 0


def test_facets_come_in_the_order_of_their_keys(clerk: Browser) -> None:
    assert [part["facet"] for part in get(clerk, BRANCHED)["parts"]] == [facet.value for facet in Facet]


def test_what_the_guide_does_not_say_is_said(clerk: Browser) -> None:
    process = next(part for part in get(clerk, UNCHARTED)["parts"] if part["facet"] == "process")
    assert process["silence"] == "办事指南没有写这一项的办理流程。"


def test_items_easily_taken_for_each_other_are_named(clerk: Browser) -> None:
    assert "retirement_early" in [item["id"] for item in get(clerk, BRANCHED)["alike"]]


# ---------------------------------------------------------------- cases


def test_a_case_leaves_out_only_what_stands_under_anothers_heading(clerk: Browser, engine: Engine) -> None:
    item = engine.services.base.by_id[BRANCHED]
    (question,) = engine.services.ground.branches[BRANCHED]
    kept = next(choice for choice in question.choices if choice.label == ENTERPRISE).headings
    shown = facts_shown(get(clerk, BRANCHED, case=ENTERPRISE))
    for index, fact in enumerate(item.facts):
        if not isinstance(fact.value, Heading):
            is_anothers = any(heading in question.headings - kept for heading in fact.applies_to)
            assert (index in shown) is not is_anothers


def test_every_statement_is_shown_in_one_case_or_another(clerk: Browser, engine: Engine) -> None:
    for item in engine.services.base:
        whole = get(clerk, item.id)
        for question in whole["cases"]:
            sheets = [get(clerk, item.id, case=label) for label in question["choices"]]
            assert set().union(*map(facts_shown, sheets)) == facts_shown(whole)


def test_it_is_told_how_much_is_not_shown(clerk: Browser) -> None:
    whole, narrowed = get(clerk, BRANCHED), get(clerk, BRANCHED, case=OFFICIALS)
    assert narrowed["hidden"] >= len(facts_shown(whole)) - len(facts_shown(narrowed)) > 0


@pytest.mark.parametrize("path", [BRANCHED, f"{BRANCHED}/texts"])
def test_an_unknown_case_is_refused(clerk: Browser, path: str) -> None:
    response = clerk.client.get(f"/api/v1/staff/items/{path}", params={"case": "别的情况"})
    assert assert_problem(response, 422)["code"] == "no_such_case"


# ---------------------------------------------------------------- doubts


def test_a_doubt_stands_beside_the_statement_it_is_about(clerk: Browser, engine: Engine) -> None:
    found = get(clerk, f"{DOUBTFUL}/doubts")
    facts = engine.services.base.by_id[DOUBTFUL].facts
    leftover = next(doubt for doubt in found["doubts"] if doubt["what"] == "模板残留")
    assert found["is_checked"]
    assert "各地根据实际情况" in facts[leftover["fact"]].text


def test_a_doubt_about_what_is_missing_stands_in_its_facet(clerk: Browser) -> None:
    doubts = get(clerk, f"{UNCHARTED}/doubts")["doubts"]
    missing = [doubt for doubt in doubts if doubt["what"] == "缺少办理流程"]
    assert [(doubt["facet"], doubt["fact"]) for doubt in missing] == [("process", None)]


def test_every_doubt_of_the_lint_about_an_item_is_told_there(clerk: Browser, engine: Engine) -> None:
    publishing = Publishing(KnowledgeStore(load_settings().database_url))
    current = publishing.store.shelf().current
    assert current is not None
    wanted = publishing.doubts(current.id, engine.services.now().date())
    told = {
        (item.title, doubt["line"], doubt["what"])
        for item in engine.services.base
        for doubt in get(clerk, f"{item.id}/doubts")["doubts"]
    }
    assert told == {(doubt.item, doubt.line, doubt.what) for doubt in wanted if doubt.item}


def test_where_the_guides_text_is_not_kept_nobody_looked(app: FastAPI, clerk: Browser, tmp_path: Path) -> None:
    kept = app.state.doubtful
    app.state.doubtful = Doubtful(Publishing(KnowledgeStore(f"sqlite:///{tmp_path}/empty.db")))
    try:
        assert get(clerk, f"{DOUBTFUL}/doubts") == {"is_checked": False, "doubts": []}
    finally:
        app.state.doubtful = kept


# ---------------------------------------------------------------- texts


def test_the_text_has_the_guides_words_and_lines(clerk: Browser, engine: Engine) -> None:
    plain = re.sub(r"\s", "", get(clerk, f"{BRANCHED}/texts")["plain"])
    for fact in engine.services.base.by_id[BRANCHED].facts:
        assert re.sub(r"\s", "", fact.text) in plain
    assert "出处：办事指南第1017–1018行" in plain
    assert plain.endswith(f"/items/{BRANCHED}")


def test_the_text_has_the_facets_that_were_asked_for(clerk: Browser) -> None:
    plain = get(clerk, f"{BRANCHED}/texts", facet=["fee", "phone"])["plain"]
    assert re.findall(r"■ (\S+)", plain) == ["联系电话", "收费标准"]


def test_the_text_leaves_out_what_the_page_leaves_out(clerk: Browser) -> None:
    texts = get(clerk, f"{BRANCHED}/texts", facet="phone", case=ENTERPRISE)
    said = texts["plain"] + "".join(texts["parts"])
    assert "企业养老" in said
    assert "机关事业" not in said
    assert ENTERPRISE in texts["plain"]


def test_no_short_message_about_any_item_is_too_long(clerk: Browser, engine: Engine) -> None:
    for item in engine.services.base:
        parts = get(clerk, f"{item.id}/texts")["parts"]
        assert max(map(len, parts)) <= LONGEST_PART
        assert parts[-1].endswith(f"/i/{short_code(item.id)}")


def test_each_number_in_a_short_message_stands_by_itself(clerk: Browser) -> None:
    message = "".join(get(clerk, f"{BRANCHED}/texts", facet="phone")["parts"])
    assert "0777-2833189机关事业 0777-2857108企业养老" in message


def test_the_short_address_leads_to_the_items_page(clerk: Browser, engine: Engine) -> None:
    for item in engine.services.base:
        response = clerk.client.get(f"/i/{short_code(item.id)}", follow_redirects=False)
        assert (response.status_code, response.headers["location"]) == (302, f"/items/{item.id}")


@pytest.mark.parametrize(("code", "status"), [("zzzz", 404), ("toolong", 422)])
def test_a_made_up_short_address_leads_nowhere(clerk: Browser, code: str, status: int) -> None:
    assert_problem(clerk.client.get(f"/i/{code}"), status)


# ---------------------------------------------------------------- two side by side


def test_two_items_stand_side_by_side_with_what_differs_marked(clerk: Browser) -> None:
    found = get(clerk, f"{BRANCHED}/differences", **{"with": "retirement_early"})
    facets = {facet["facet"]: facet for facet in found["facets"]}
    assert facets["fee"]["is_same"]
    assert not facets["time_limit"]["is_same"]
    changed = next(row for row in facets["materials"]["rows"] if row["likeness"] == "changed")
    assert {words["differs"] for words in changed["left"]["words"]} == {True, False}


def test_the_words_of_a_line_are_all_there(clerk: Browser, engine: Engine) -> None:
    found = get(clerk, f"{BRANCHED}/differences", **{"with": "retirement_early"})
    for facet in found["facets"]:
        lines = [row["left"] for row in facet["rows"] if row["left"]]
        said = [line["number"] + "".join(words["text"] for words in line["words"]) for line in lines]
        facts = engine.services.base.by_id[BRANCHED].facts_on(Facet(facet["facet"]))
        assert said == [fact.text.replace("\n", "") for fact in facts]


# ---------------------------------------------------------------- who, and of what

PATHS = ["", "/texts", "/doubts", "/differences?with=card_loss_report"]


@pytest.mark.parametrize("path", PATHS)
def test_nobody_reads_a_sheet_without_a_session(app: FastAPI, tmp_path: Path, path: str) -> None:
    from fastapi.testclient import TestClient

    assert_problem(TestClient(app).get(f"/api/v1/staff/items/{BRANCHED}{path}"), 401)


@pytest.mark.parametrize("path", PATHS)
def test_an_unknown_item_has_no_sheet(clerk: Browser, path: str) -> None:
    response = clerk.client.get(f"/api/v1/staff/items/none{path}")
    assert assert_problem(response, 404)["code"] == "no_such_item"


def test_the_calls_are_described(clerk: Browser) -> None:
    paths = clerk.client.get("/openapi.json").json()["paths"]
    described = [call for path, call in paths.items() if path.startswith("/api/v1/staff/items/{id}")]
    assert len(described) == 5
    assert all({"401", "403", "404", "422"} <= set(call["get"]["responses"]) for call in described)
