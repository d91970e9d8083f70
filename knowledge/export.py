"""The whole knowledge base as one JSON document, in the contract's form."""

from __future__ import annotations

from typing import Any

from knowledge.model import Fact, KnowledgeBase, ServiceItem


def export_base(base: KnowledgeBase) -> dict[str, Any]:
    """Return the base as JSON data."""
    document = base.document
    return {
        "document": {"name": document.name, "sha256": document.sha256, "edition": document.edition},
        "items": [export_item(item) for item in base],
    }


def export_item(item: ServiceItem) -> dict[str, Any]:
    """Return one item with its facts as JSON data."""
    return {
        "id": item.id,
        "number": item.number,
        "title": item.title,
        "category": item.category,
        "audience": list(item.audience),
        "aliases": list(item.aliases),
        "facts": [export_fact(fact) for fact in item.facts],
    }


def export_fact(fact: Fact) -> dict[str, Any]:
    """Return one fact as JSON data; what the text does not give is left out."""
    data: dict[str, Any] = {
        "facet": fact.facet.value,
        "text": fact.text,
        "lines": [fact.lines.first, fact.lines.last],
        "applies_to": list(fact.applies_to),
    }
    value: dict[str, Any] = {}
    if fact.value is not None:
        value |= fact.value.as_json()
    if fact.validity is not None:
        value |= fact.validity.as_json()
    if value:
        data["value"] = value
    return data
