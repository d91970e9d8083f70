"""Items, facts and queries made by hand, so that each test shows all that it depends on."""

from __future__ import annotations

from collections.abc import Sequence

from bot.query import Candidate, Decision, Query
from knowledge.model import Document, Facet, Fact, KnowledgeBase, Section, ServiceItem, SourceLines
from knowledge.values import Validity, Value


def fact(
    text: str,
    line: int,
    facet: Facet = Facet.MATERIALS,
    under: Sequence[str] = (),
    value: Value | None = None,
    validity: Validity | None = None,
) -> Fact:
    """Return a fact that stands on one *line*, *under* a path of headings."""
    return Fact(facet, text, SourceLines(line, line), tuple(under), value, validity)


def item(id_: str, title: str, *facts: Fact, labels: Sequence[Facet] = ()) -> ServiceItem:
    """Return an item with *facts*; *labels* are facets whose label stands in the guide with nothing under it."""
    sections = tuple(Section(facet, facet.value, 1) for facet in (*labels, *dict.fromkeys(f.facet for f in facts)))
    return ServiceItem(id_, 1, title, "", (), (), SourceLines(1, 1), sections, facts)


def base_of(*items: ServiceItem) -> KnowledgeBase:
    """Return a base that holds just *items*."""
    return KnowledgeBase(Document("guide.txt", "0" * 64, "1", "某市社保中心"), items)


def query(
    text: str,
    decision: Decision = Decision.ANSWER,
    items: Sequence[str] = (),
    facets: Sequence[str] = (),
    topic: str = "",
    names_item: bool | None = None,
    applicant: str | None = None,
    asked: int = 1,
) -> Query:
    """Return what was understood of *text*; it names an item where it has items, unless said otherwise."""
    candidates = tuple(Candidate(id_, id_, 0.9) for id_ in items)
    names = bool(items) if names_item is None else names_item
    return Query(text, decision, candidates, tuple(facets), applicant, topic, names, asked)
