"""Search and suggestions over HTTP: their forms, what is refused, and the edition that they follow."""

from __future__ import annotations

import dataclasses
from typing import TYPE_CHECKING, Any

import pytest
from fastapi.testclient import TestClient

from knowledge.export import export_fact
from knowledge.model import Facet, KnowledgeBase
from tests.api.test_http import assert_problem

if TYPE_CHECKING:
    from bot.runtime.engine import Engine


def search(client: TestClient, q: str, **parameters: Any) -> dict[str, Any]:
    response = client.get("/api/v1/search", params={"q": q, **parameters})
    assert response.status_code == 200, response.text
    data: dict[str, Any] = response.json()
    return data


def test_a_search_gives_query_facets_and_hits(client: TestClient, engine: Engine) -> None:
    data = search(client, "gsrd dh")
    assert (list(data), data["query"], data["facets"]) == (["query", "facets", "hits"], "gsrd dh", ["phone"])
    first = data["hits"][0]
    item = engine.services.base.by_id["injury_determination"]
    assert first == {
        "id": item.id,
        "number": item.number,
        "title": item.title,
        "score": first["score"],
        "why": {"kind": "initials", "matched": "工伤认定"},
        "facts": [export_fact(fact) for fact in item.facts_on(Facet.PHONE)],
    }
    scores = [hit["score"] for hit in data["hits"]]
    assert scores == sorted(scores, reverse=True)


def test_a_search_that_finds_nothing_says_so(client: TestClient) -> None:
    assert search(client, "zzzqq") == {"query": "zzzqq", "facets": [], "hits": []}


def test_a_search_gives_no_more_hits_than_wanted(client: TestClient) -> None:
    assert len(search(client, "工伤")["hits"]) == 20
    assert len(search(client, "工伤", limit=3)["hits"]) == 3


def test_a_facet_may_stand_beside_the_query(client: TestClient) -> None:
    assert search(client, "工伤认定", facet="time_limit")["facets"] == ["time_limit"]


def test_a_personal_number_is_not_repeated(client: TestClient) -> None:
    number = "450702199001011234"
    assert number not in client.get("/api/v1/search", params={"q": f"退休 {number}"}).text


def test_suggestions_have_id_label_and_title(client: TestClient, engine: Engine) -> None:
    assert client.get("/api/v1/suggest", params={"q": "zzzqq"}).json() == {"suggestions": []}
    suggestions = client.get("/api/v1/suggest", params={"q": "补办"}).json()["suggestions"]
    title = engine.services.base.by_id["card_replace"].title
    assert suggestions[0] == {"id": "card_replace", "label": "补办或换社保卡", "title": title}
    assert len(suggestions) <= 6


@pytest.mark.parametrize("path", ["search", "suggest"])
@pytest.mark.parametrize("q", ["", " ", "\u3000\n", "字" * 101, None], ids=["empty", "blank", "wide", "long", "none"])
def test_a_blank_or_long_query_is_a_problem(client: TestClient, path: str, q: str | None) -> None:
    data = assert_problem(client.get(f"/api/v1/{path}", params={} if q is None else {"q": q}), 422)
    assert data["errors"][0]["where"] == "query.q"


@pytest.mark.parametrize("wrong", [{"limit": 0}, {"limit": 201}, {"limit": "x"}, {"facet": "colour"}])
def test_a_wrong_limit_or_facet_is_a_problem(client: TestClient, wrong: dict[str, Any]) -> None:
    data = assert_problem(client.get("/api/v1/search", params={"q": "工伤", **wrong}), 422)
    assert data["errors"][0]["where"] == f"query.{next(iter(wrong))}"


ODD = {
    "100 characters": "字" * 100,
    "100 letters": "a" * 100,
    "100 digits": "1" * 100,
    "100 initials": "zh" * 50,
    "signs": "'\";--<script>",
    "no character": "\x00",
    "an emoji": "😀",
    "a per cent sign": "%",
    "a backslash": "\\",
    "a number of another script": "٣",
}


@pytest.mark.parametrize("q", ODD.values(), ids=ODD)
def test_any_text_is_answered(client: TestClient, q: str) -> None:
    for path in ("search", "suggest"):
        assert client.get(f"/api/v1/{path}", params={"q": q}).status_code == 200


def test_a_search_follows_the_edition_in_force(client: TestClient, engine: Engine) -> None:
    services = engine.services
    title = services.base.items[0].title
    assert search(client, title)["hits"][0]["title"] == title
    fewer = KnowledgeBase(services.base.document, services.base.items[1:])
    engine.services = dataclasses.replace(services, ground=dataclasses.replace(services.ground, base=fewer))
    try:
        assert title not in [hit["title"] for hit in search(client, title)["hits"]]
    finally:
        engine.services = services
    assert search(client, title)["hits"][0]["title"] == title


def test_both_calls_are_described_with_their_forms(client: TestClient) -> None:
    paths = client.get("/openapi.json").json()["paths"]
    for path, form in (("search", "SearchResult"), ("suggest", "SuggestionResult")):
        answer = paths[f"/api/v1/{path}"]["get"]["responses"]
        assert answer["200"]["content"]["application/json"]["schema"]["$ref"].endswith(f"/{form}")
        assert "application/problem+json" in answer["422"]["content"]
