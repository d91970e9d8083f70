"""The glossary: terms of the guide, explained in plain words of ours that no new edition makes wrong."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from knowledge.model import KnowledgeBase
from knowledge.reading.source import GuideText
from knowledge.vocabulary import VocabularyError
from knowledge.vocabulary.glossary import Glossary, Term, load_glossary

GLOSSARY = load_glossary()

each_term = pytest.mark.parametrize("term", GLOSSARY.terms, ids=lambda term: term.term)


# ---------------------------------------------------------------- our terms


@each_term
def test_every_spelling_stands_in_a_fact(term: Term, base: KnowledgeBase) -> None:
    texts = "\n".join(fact.text for item in base for fact in item.facts)
    assert [spelling for spelling in term.spellings if spelling not in texts] == []


@each_term
def test_every_term_is_found_somewhere_in_the_guide(term: Term, base: KnowledgeBase) -> None:
    assert any(term in GLOSSARY.terms_in(fact.text) for item in base for fact in item.facts)


@each_term
def test_an_explanation_is_one_short_plain_line(term: Term) -> None:
    assert re.fullmatch(r"[\u4e00-\u9fff，、：“”]{5,39}。", term.means)
    assert term.term not in term.means


@each_term
def test_an_explanation_does_not_repeat_the_guide(term: Term, text: GuideText) -> None:
    guide = re.sub(r"\s", "", "".join(text.lines))
    runs = [term.means[start : start + 8] for start in range(max(1, len(term.means) - 7))]
    assert [run for run in runs if run in guide] == []


@pytest.mark.parametrize("name", GLOSSARY.names)
def test_a_proper_name_of_the_guide_is_not_explained(name: str, base: KnowledgeBase) -> None:
    assert any(name in fact.text for item in base for fact in item.facts)
    assert Glossary(GLOSSARY.terms).terms_in(name)
    assert GLOSSARY.terms_in(name) == ()


@pytest.mark.parametrize(
    "term",
    [
        "停工留薪期",
        "视同缴费年限",
        "供养亲属",
        "先行支付",
        "职业年金",
        "缓缴",
        "灵活就业人员",
        "失业补助金",
        "解挂",
        "离休",
    ],
)
def test_what_residents_ask_about_most_is_explained(term: str) -> None:
    assert [found.term for found in GLOSSARY.terms_in(f"申请{term}的，提供材料")] == [term]


# ---------------------------------------------------------------- finding terms

SMALL = """names: [抚恤金科]
terms:
- {term: 抚恤金, means: 发给家里人的钱。}
- {term: 供养亲属抚恤金, means: 按月发给亲属的钱。}
- {term: 供养亲属, forms: [供养人], means: 靠他生活的人。}
- {term: 老工（公）伤, means: 早年受的伤。}
"""


def load(text: str, folder: Path) -> Glossary:
    (folder / "glossary.yml").write_text(text, encoding="utf-8")
    return load_glossary(folder)


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("领抚恤金要带什么", ["抚恤金"]),
        ("供养人领抚恤金", ["供养亲属", "抚恤金"]),
        ("抚恤金由供养亲属领，抚恤金一次发", ["抚恤金", "供养亲属"]),
        ("供养亲属抚恤金申领", ["供养亲属抚恤金"]),
        ("供养亲属抚恤金，供养亲属", ["供养亲属抚恤金", "供养亲属"]),
        ("送抚恤金科", []),
        ("送抚恤金科领抚恤金", ["抚恤金"]),
        ("机关老工（公）伤人员", ["老工（公）伤"]),
        ("机关老工公伤人员", []),
        ("", []),
    ],
)
def test_terms_are_found_in_order_each_once_and_the_longest_only(
    text: str, expected: list[str], tmp_path: Path
) -> None:
    assert [term.term for term in load(SMALL, tmp_path).terms_in(text)] == expected


# ---------------------------------------------------------------- the file

BROKEN = [
    (SMALL.replace("means: 发给家里人的钱。", "means: ''"), "抚恤金: 'means'"),
    (SMALL.replace("发给家里人的钱。", "钱" * 41), "抚恤金: 'means' .* 40"),
    (SMALL.replace(", means: 早年受的伤。", ""), "老工（公）伤: 'means'"),
    (SMALL.replace("[供养人]", "供养人"), "供养亲属: 'forms'"),
    (SMALL.replace("[供养人]", "[抚恤金]"), "explained twice: 抚恤金"),
    (SMALL.replace("forms:", "form:"), "供养亲属: unknown: form"),
    (SMALL + "- 抚恤费\n", "'抚恤费' where a term"),
    (SMALL + "- {means: 钱。}\n", "where a term"),
    (SMALL.replace("names:", "name:"), "two lists"),
    ("names: []", "two lists"),
    ("- terms", "a mapping"),
    ("terms: [", "glossary.yml"),
]


@pytest.mark.parametrize(("text", "reason"), BROKEN, ids=[reason for _, reason in BROKEN])
def test_a_wrong_file_is_refused_with_the_term_and_the_reason(text: str, reason: str, tmp_path: Path) -> None:
    with pytest.raises(VocabularyError, match=reason):
        load(text, tmp_path)


def test_another_office_may_have_no_glossary(tmp_path: Path) -> None:
    assert load_glossary(tmp_path).terms_in("供养亲属抚恤金") == ()
