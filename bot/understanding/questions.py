"""Several questions in one message (一句话几个问题): each read by itself, and what they come to together.

Beside a question that the guide is silent on, one that it answers is easily lost: read as a whole,
"公积金怎么提出来？还有社保卡丢了怎么挂失" sounds like the housing fund alone (decision 28).
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import replace
from itertools import accumulate

from bot.query import MAX_ITEMS, OVERVIEW, Decision, Query
from bot.understanding.normalise import fold
from knowledge.model import Facet

MAX_QUESTIONS = 3
"""Questions read by themselves, the last ones of a message: a story's stand at its end."""

TOLD = 24
"""Characters of what is told before a question that are read with it: enough to know what "能报多少" is about."""

NAMED = 4
"""Characters from which on a question may be answered by itself: "医药费" names nothing alone."""

_SIGNS = "，。？！；,.?!;…~\n"
_BORDER = re.compile(f"[{_SIGNS}、]+")
_ASKS = re.compile(
    "能否|可否|是否|能不能|可不可以|可以|要不要|会不会|是不是|有没有|得不得|怎么|怎样|如何|点样|点解|咋|为何|什么|啥|哪|谁"
    "|多久|多少|几多|几时|几点|几号|几钱|吗|么|嘛|咩|呢|合理"
)
_JOINT = re.compile("[、/]+|以及|还有|和|与|及")
_COMPARES = re.compile("区别|差别|差异|差距|不同|一样|关系|划算|合算|算不算|影响|比较|对比|冲突|先后|同时|分别|几")

_FEE = Facet.FEE.value

_NO_MATTER = frozenset({"unreadable", "gibberish", "foreign", "injection", "personal_data", "other_city"})
"""Topics of messages that stay what they are whatever stands in them, and that nobody is told of beside an answer."""


def asks(text: str) -> bool:
    """Tell whether a text has a word that asks; a title has none."""
    return _ASKS.search(text) is not None


def split_questions(text: str) -> tuple[str, ...]:
    """Return each question of a message with what is told right before it; none where it asks but one.

    Of a title, which asks in no word ("工伤认定及赔偿"), they are the things that it names.
    """
    folded = fold(text)
    parts = [part for part in _BORDER.split(folded) if part]
    asking = [number for number, part in enumerate(parts) if asks(part)]
    if not asking:
        return _split_title(folded)
    if len(asking) < 2:
        return ()
    told = [part for number, part in enumerate(parts) if number not in asking]
    before = [question - rank for rank, question in enumerate(asking)]
    asked = [(told[:count], parts[question]) for count, question in zip(before, asking, strict=True)]
    return tuple("，".join([*_latest(before), question]) for before, question in asked[-MAX_QUESTIONS:])


def _split_title(folded: str) -> tuple[str, ...]:
    """Return what a title names; nothing where it names one thing, tells a story, or compares what it names."""
    title = folded.rstrip(_SIGNS)
    if set(title) & set(_SIGNS) or _COMPARES.search(title):
        return ()
    parts = _JOINT.split(title)
    return tuple(parts[-MAX_QUESTIONS:]) if len(parts) > 1 and min(map(len, parts)) > 1 else ()


def _latest(told: Sequence[str]) -> Sequence[str]:
    """Return the last of *told* that make up TOLD characters at most."""
    lengths = accumulate(len(part) for part in reversed(told))
    count = sum(length <= TOLD for length in lengths)
    return told[len(told) - count :]


def join_questions(whole: Query, questions: Sequence[Query], certain: float) -> Query:
    """Return what a message comes to, read as a *whole* and each of its *questions* by itself.

    Where the whole is out of the guide, it is answered by what is asked in it with a probability of *certain* or more.
    It keeps on which of its questions the guide is silent, for where the rest is answered.
    """
    silent_on = next(
        (query.topic for query in questions if query.decision is Decision.OOS and query.topic not in _NO_MATTER), None
    )
    whole = replace(whole, silent_on=silent_on, facets=_asked_of_guide(whole.facets, questions, silent_on))
    wants_person = any(query.decision is Decision.HANDOFF for query in questions)
    if whole.decision is not Decision.OOS or whole.topic in _NO_MATTER or wants_person:
        return whole
    clear = [query for query in questions if len(query.text) >= NAMED and _confidence(query) >= certain]
    if not clear:
        return whole
    best = max(clear, key=_confidence)
    surest = {query.items[0].id: query.items[0] for query in sorted(clear, key=_confidence)}
    asked = tuple(dict.fromkeys(query.items[0].id for query in clear))[:2]
    facets = dict.fromkeys(facet for query in clear if query.items[0].id in asked for facet in query.facets)
    others = (candidate for candidate in best.items if candidate.id not in asked)
    return replace(
        best,
        text=whole.text,
        items=(*(surest[id_] for id_ in asked), *others)[:MAX_ITEMS],
        facets=tuple(facet for facet in facets if facet != OVERVIEW) or (OVERVIEW,),
        applicant=whole.applicant or best.applicant,
        asked=len(asked),
        silent_on=silent_on or whole.topic,
    )


def _asked_of_guide(facets: tuple[str, ...], questions: Sequence[Query], silent_on: str | None) -> tuple[str, ...]:
    """Return the facets of a message without the office's fee where it is another sum that one of its questions asks
    for: "不收费" is no answer to how much a year of contributions is."""
    answered = dict.fromkeys(
        facet for query in questions if query.decision is not Decision.OOS for facet in query.facets
    )
    if silent_on != "amount" or _FEE not in facets or _FEE in answered:
        return facets
    return tuple(facet for facet in facets if facet != _FEE) or tuple(answered) or (OVERVIEW,)


def _confidence(query: Query) -> float:
    """Return how sure the answer is that a question gets; -1 for any other decision."""
    return query.items[0].confidence if query.decision is Decision.ANSWER else -1.0
