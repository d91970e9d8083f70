"""Two editions side by side (版本比较): what came, went or changed; where a line stands does not count."""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from difflib import SequenceMatcher
from enum import Enum
from functools import cached_property
from itertools import groupby
from typing import Any, TypeVar

from knowledge.export import export_fact
from knowledge.model import Document, Facet, Fact, KnowledgeBase, ServiceItem

_ALIKE = 0.5
"""How alike two facts are, of 1, that are taken for one in other words."""

_NUMBER = re.compile(
    r"\s*(?:[（(]\s*(?:\d{1,2}|[一二三四五六七八九十]{1,3})\s*[）)]"
    r"|(?:\d{1,2}|[一二三四五六七八九十]{1,3})\s*[.．、](?!\d)|[①-⑳])\s*"
)
_WORD = re.compile(r"[A-Za-z0-9]+(?:[.:/-]+[A-Za-z0-9]+)*|\s+|.", re.DOTALL)

_Thing = TypeVar("_Thing")


class Side(str, Enum):
    """In which of two texts a stretch of words stands."""

    BOTH = "both"
    OLD = "old"
    NEW = "new"

    def __str__(self) -> str:
        return self.value


@dataclass(frozen=True)
class Stretch:
    """Words that stand together in one of two texts, or in both."""

    side: Side
    text: str


@dataclass(frozen=True)
class FactChange:
    """A fact (条目) in its old and its new words; one of them is None where it came or went."""

    old: Fact | None
    new: Fact | None

    @cached_property
    def words(self) -> tuple[Stretch, ...]:
        """The words of both, in reading order; empty where a fact came or went."""
        return compare_words(self.old.text, self.new.text) if self.old and self.new else ()

    def as_json(self) -> dict[str, Any]:
        """Return the change as JSON data; "words" only where there are two texts."""
        data: dict[str, Any] = {"old": self.old and export_fact(self.old), "new": self.new and export_fact(self.new)}
        if self.words:
            data["words"] = [{"side": stretch.side.value, "text": stretch.text} for stretch in self.words]
        return data


@dataclass(frozen=True)
class FacetChange:
    """What is different on one facet of an item."""

    facet: Facet
    added: tuple[FactChange, ...]
    gone: tuple[FactChange, ...]
    changed: tuple[FactChange, ...]

    def as_json(self) -> dict[str, Any]:
        """Return the change as JSON data."""
        kinds = {"added": self.added, "gone": self.gone, "changed": self.changed}
        return {"facet": self.facet.value} | {name: [one.as_json() for one in all_] for name, all_ in kinds.items()}


@dataclass(frozen=True)
class ItemChange:
    """What is different in an item that both editions have; papers first, since a wrong one costs a journey."""

    id: str
    old_title: str
    title: str
    facets: tuple[FacetChange, ...]

    @property
    def is_renamed(self) -> bool:
        """Whether the item is called something else."""
        return self.old_title != self.title

    def as_json(self) -> dict[str, Any]:
        """Return the change as JSON data."""
        return {
            "id": self.id,
            "title": self.title,
            "old_title": self.old_title,
            "facets": [facet.as_json() for facet in self.facets],
        }


@dataclass(frozen=True)
class Comparison:
    """All that is different between two editions."""

    old: Document
    new: Document
    added: tuple[ServiceItem, ...]
    gone: tuple[ServiceItem, ...]
    changed: tuple[ItemChange, ...]

    @property
    def renamed(self) -> tuple[ItemChange, ...]:
        """The items that are called something else."""
        return tuple(item for item in self.changed if item.is_renamed)

    def __bool__(self) -> bool:
        return bool(self.added or self.gone or self.changed)

    def as_json(self) -> dict[str, Any]:
        """Return the comparison as JSON data, with its counts."""
        facets = [facet for item in self.changed for facet in item.facets]
        materials = [facet for facet in facets if facet.facet is Facet.MATERIALS]
        return {
            "old": _document(self.old),
            "new": _document(self.new),
            "counts": {
                "items": {
                    "added": len(self.added),
                    "gone": len(self.gone),
                    "renamed": len(self.renamed),
                    "changed": len(self.changed),
                },
                "facts": _counts(facets),
                "materials": _counts(materials),
            },
            "added": [_named(item) for item in self.added],
            "gone": [_named(item) for item in self.gone],
            "changed": [item.as_json() for item in self.changed],
        }


def compare(old: KnowledgeBase, new: KnowledgeBase) -> Comparison:
    """Return what is different in *new*, in its order; what went, in the order of *old*."""
    changes = (_compare_items(old.by_id[item.id], item) for item in new if item.id in old.by_id)
    return Comparison(
        old.document,
        new.document,
        tuple(item for item in new if item.id not in old.by_id),
        tuple(item for item in old if item.id not in new.by_id),
        tuple(change for change in changes if change.is_renamed or change.facets),
    )


def compare_words(old: str, new: str) -> tuple[Stretch, ...]:
    """Return both texts as stretches; a number, date or address is one word, so are single characters of Chinese."""
    before, after = _WORD.findall(old), _WORD.findall(new)
    parts: list[tuple[str, str, bool]] = []
    for tag, a, b, c, d in SequenceMatcher(None, before, after, autojunk=False).get_opcodes():
        parts.append(("".join(before[a:b]), "".join(after[c:d]), tag == "equal"))
    for number in range(1, len(parts) - 1):
        # One character that by chance stands in both makes a change harder to read, not smaller.
        same, _, is_equal = parts[number]
        if is_equal and len(same) == 1:
            parts[number] = (same, same, False)
    stretches: list[Stretch] = []
    for is_equal, grouped in groupby(parts, key=lambda part: part[2]):
        run = list(grouped)
        olds, news = "".join(part[0] for part in run), "".join(part[1] for part in run)
        sides = [(Side.BOTH, olds)] if is_equal else [(Side.OLD, olds), (Side.NEW, news)]
        stretches.extend(Stretch(side, text) for side, text in sides if text)
    return tuple(stretches)


def without_number(text: str) -> str:
    """Return a fact's words without the number before them (序号), which follows from what stands above."""
    return text[match.end() :] if (match := _NUMBER.match(text)) else text


def _compare_items(old: ServiceItem, new: ServiceItem) -> ItemChange:
    order = sorted(Facet, key=lambda facet: facet is not Facet.MATERIALS)
    facets = (_compare_facts(facet, old.facts_on(facet), new.facts_on(facet)) for facet in order)
    different = (facet for facet in facets if facet.added or facet.gone or facet.changed)
    return ItemChange(new.id, old.title, new.title, tuple(different))


def _compare_facts(facet: Facet, old: Sequence[Fact], new: Sequence[Fact]) -> FacetChange:
    _, old, new = _pair(old, new, lambda fact: (fact.text, fact.applies_to))
    _, old, new = _pair(old, new, lambda fact: (without_number(fact.text), fact.applies_to))
    # The same words under another heading (applies_to) are for other people: that is a change.
    elsewhere, old, new = _pair(old, new, lambda fact: without_number(fact.text))
    reworded, old, new = _pair_alike(old, new)
    changed = sorted([*elsewhere, *reworded], key=lambda pair: pair[1].lines)
    return FacetChange(
        facet,
        tuple(FactChange(None, fact) for fact in new),
        tuple(FactChange(fact, None) for fact in old),
        tuple(FactChange(*pair) for pair in changed),
    )


_Paired = tuple[list[tuple[Fact, Fact]], list[Fact], list[Fact]]


def _pair(old: Sequence[Fact], new: Sequence[Fact], key: Callable[[Fact], object]) -> _Paired:
    """Pair facts of the same key, each once; return the pairs and what is left of both."""
    waiting: dict[object, list[Fact]] = defaultdict(list)
    for fact in new:
        waiting[key(fact)].append(fact)
    pairs, left = [], []
    for fact in old:
        if waiting[key(fact)]:
            pairs.append((fact, waiting[key(fact)].pop(0)))
        else:
            left.append(fact)
    return pairs, left, _others(new, (fact for _, fact in pairs))


def _pair_alike(old: Sequence[Fact], new: Sequence[Fact]) -> _Paired:
    """Pair facts that are one in other words, the most alike first; a single one on both sides was replaced."""
    if len(old) == len(new) == 1:
        return [(old[0], new[0])], [], []
    scores = [(_likeness(a, b), i, j) for i, a in enumerate(old) for j, b in enumerate(new)]
    partner: dict[int, int] = {}
    for score, i, j in sorted(scores, key=lambda found: (-found[0], abs(found[1] - found[2]))):
        if score >= _ALIKE and i not in partner and j not in partner.values():
            partner[i] = j
    pairs = [(old[i], new[j]) for i, j in partner.items()]
    return pairs, _others(old, (fact for fact, _ in pairs)), _others(new, (fact for _, fact in pairs))


def _likeness(old: Fact, new: Fact) -> float:
    matcher = SequenceMatcher(None, without_number(old.text), without_number(new.text), autojunk=False)
    if matcher.real_quick_ratio() < _ALIKE or matcher.quick_ratio() < _ALIKE:
        return 0.0
    return matcher.ratio()


def _others(facts: Iterable[_Thing], taken: Iterable[_Thing]) -> list[_Thing]:
    """Return *facts* without those *taken*; of two that are equal, only as many as were taken."""
    gone = {id(fact) for fact in taken}
    return [fact for fact in facts if id(fact) not in gone]


def _counts(facets: Iterable[FacetChange]) -> dict[str, int]:
    counted = {"added": 0, "gone": 0, "changed": 0}
    for facet in facets:
        counted["added"] += len(facet.added)
        counted["gone"] += len(facet.gone)
        counted["changed"] += len(facet.changed)
    return counted


def _document(document: Document) -> dict[str, str]:
    return {"name": document.name, "sha256": document.sha256, "edition": document.edition}


def _named(item: ServiceItem) -> dict[str, Any]:
    facts = [export_fact(fact) for fact in item.facts]
    return {"id": item.id, "title": item.title, "category": item.category, "facts": facts}
