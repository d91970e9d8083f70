"""Residents who walk at random through the guide: what they say, and what the classifiers would make of it.

Nobody reads a text here: a walker knows what is meant by what it says, and hands on a query made by hand.
"""

from __future__ import annotations

import random
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from enum import Enum
from functools import cache

from bot.dialogue.ground import Ground
from bot.query import FACET_NAMES, OVERVIEW, Candidate, Decision, Evidence, Query
from bot.understanding.applicants import applicant_names, find_applicant
from bot.understanding.decide import CONSIDERED, choose
from bot.understanding.evidence import OUTCOMES
from bot.understanding.spelling import normal_form
from bot.wording import Wording
from knowledge.model import Facet

SILENT_MINUTES = 31
ORDINALS = "一二三四五六七八九十"


class Kind(str, Enum):
    """What somebody does by a message."""

    QUESTION = "asks about an item"
    NAMED = "names an item, and asks what was asked before where nothing else is asked"
    TWO_ITEMS = "asks about two items"
    FOLLOW_UP = "asks on about the same item"
    BACK = "asks about the item before"
    INTRODUCTION = "says who is asking"
    CHOICE = "picks one of the choices shown"
    NO_CHOICE = "sends a number that was not offered"
    ALL = "wants to see everything"
    NONE_OF_THESE = "says that no choice fits"
    VAGUE = "says too little"
    FAINT = "says something that may be about an item"
    SMALL_TALK = "makes small talk"
    OUTSIDE = "asks what the guide does not say"
    NOISE = "says nothing that can be read"
    PERSON = "wants a person, complains or is in need"
    CALL_OFF = "wants nobody any more"


class ListKind(str, Enum):
    """What the numbers of a list stand for."""

    CASES = "which case it is"
    ITEMS = "which item is meant"
    WAYS = "what may be asked next"


@dataclass(frozen=True)
class Shown:
    """A numbered list that is still to be answered: its labels, and the item that it is about, if any."""

    kind: ListKind
    labels: tuple[str, ...]
    item: str | None


@dataclass(frozen=True)
class Memory:
    """What a resident remembers of a conversation, and expects the other side to remember.

    *told* is who is asking by the resident's own words, *chosen* the cases picked (item, label), *whole* the items of
    which everything was wanted, *former* those spoken of before *item*, *asked* and *failed* the times in a row of
    being asked back and of saying something that came to nothing.
    """

    told: str | None = None
    chosen: frozenset[tuple[str, str]] = frozenset()
    whole: frozenset[str] = frozenset()
    item: str | None = None
    facets: tuple[str, ...] = ()
    former: tuple[str, ...] = ()
    shown: Shown | None = None
    asked: int = 0
    failed: int = 0


@dataclass(frozen=True)
class Message:
    """One message: how it was understood, and what its sender means by it.

    *items* and *facets* are those that are clearly meant, *told* the applicant that its own words name, *picks* the
    place of a choice among those shown. It comes *minutes* after the one before.
    """

    kind: Kind
    query: Query
    items: tuple[str, ...] = ()
    facets: tuple[str, ...] = ()
    told: str | None = None
    picks: int | None = None
    minutes: int = 1


SMALL_TALK = [
    ("谢谢", "thanks"),
    ("好的知道了", "acknowledge"),
    ("你好", "greeting"),
    ("再见", "goodbye"),
    ("你是机器人吗", "about"),
]
OUTSIDE = [
    ("我能领多少钱", "amount"),
    ("明年退休金涨不涨", "policy"),
    ("医院看病能报多少", "medical"),
    ("我的钱到账没有", "own_record"),
    ("公司拖欠工资怎么办", "wages"),
    ("今天天气怎么样", "daily"),
    ("南宁社保局电话多少", "other_city"),
    ("星期六上班吗", "opening_hours"),
]
NOISE = ["阿巴阿巴", "嗷呜嗷呜嗷呜", "qwrtzxp", "？？？"]
PERSON = [("转人工", "person"), ("老板不给我交社保我要投诉", "complaint"), ("办不下来我不想活了", "crisis")]
VAGUE = ["那个事想问问", "我想办个东西", "我家有点情况", "就是之前讲过那样子"]
INTRODUCTIONS = [
    "我是灵活就业的",
    "我是没有单位的",
    "我们是公司hr",
    "我是事业单位的",
    "我是公务员",
    "我是单位人事",
    "我是农村户口",
    "我是退伍的",
    "替我妈问的",
    "忘了说，我是编制内的",
    "我是打零工的",
]


class Walker:
    """One resident, the same for the same *seed*."""

    def __init__(self, seed: int, ground: Ground, wording: Wording) -> None:
        self._rng = random.Random(seed)
        self._ground = ground
        self._wording = wording
        self._ids = sorted(ground.base.by_id)

    def next_message(self, memory: Memory, is_waiting: bool) -> Message:
        """Return what the resident says who remembers *memory*, and *is_waiting* for a person or not."""
        kinds = self._possible(memory, is_waiting)
        message = self._make(self._rng.choices(list(kinds), list(kinds.values()))[0], memory)
        if self._rng.random() < 0.04 and message.kind is not Kind.CHOICE:
            return replace(message, minutes=SILENT_MINUTES)
        return message

    def number(self, index: int) -> Message:
        """Return the message that picks the choice at *index* as a button does."""
        return self._picking(str(index + 1), index)

    def _possible(self, memory: Memory, is_waiting: bool) -> Mapping[Kind, float]:
        spoken_of = memory.item is not None
        shown = memory.shown is not None
        # Who is not understood is likelier not to be understood again.
        failed, asked = 1 + 3 * memory.failed, 1 + memory.asked
        return {
            Kind.QUESTION: 3.0 if spoken_of else 8.0,
            Kind.NAMED: 2.0 * spoken_of,
            Kind.TWO_ITEMS: 0.5,
            Kind.FOLLOW_UP: 2.0 * spoken_of,
            Kind.BACK: 1.0 * bool(memory.former and spoken_of),
            Kind.INTRODUCTION: 1.5,
            Kind.CHOICE: 8.0 * shown,
            Kind.NO_CHOICE: 0.8 * shown * failed,
            Kind.ALL: 0.8 * spoken_of,
            Kind.NONE_OF_THESE: 0.6 * shown,
            Kind.VAGUE: 1.0 * asked,
            Kind.FAINT: 1.0,
            Kind.SMALL_TALK: 0.6,
            Kind.OUTSIDE: 0.8,
            Kind.NOISE: 0.5 * failed,
            Kind.PERSON: 0.3,
            Kind.CALL_OFF: 3.0 * is_waiting,
        }

    def _make(self, kind: Kind, memory: Memory) -> Message:
        rng = self._rng
        if kind is Kind.QUESTION:
            # Half of them ask about what can be narrowed.
            item = rng.choice(self._ids if rng.random() < 0.5 else sorted(self._ground.branches))
            return self._about(kind, self._say(item) + self._asking(facets := self._facets()), item, facets)
        if kind is Kind.NAMED:
            return self._named(memory)
        if kind is Kind.TWO_ITEMS:
            return self._two_items()
        if kind is Kind.FOLLOW_UP:
            facet = rng.choice(list(Facet)).value
            return self._following(kind, "那" + self._wording.next_facet(facet), (facet,))
        if kind is Kind.BACK:
            facet = rng.choice(list(Facet)).value
            return self._following(kind, "回到刚才那个，" + self._wording.next_facet(facet), (facet,))
        if kind is Kind.INTRODUCTION:
            return self._following(kind, rng.choice(INTRODUCTIONS), ())
        if kind in (Kind.CHOICE, Kind.NO_CHOICE, Kind.ALL, Kind.NONE_OF_THESE):
            return self._answering(kind, memory)
        if kind in (Kind.VAGUE, Kind.FAINT):
            return self._in_doubt(kind)
        return self._elsewhere(kind)

    # ------------------------------------------------------------ questions

    def _about(self, kind: Kind, text: str, item: str, facets: tuple[str, ...]) -> Message:
        likely = {"right": 0.93, "other_item": 0.03}
        query = self._understood(text, likely, (item,), facets or (OVERVIEW,))
        return self._message(kind, query, (item,), facets)

    def _named(self, memory: Memory) -> Message:
        rng = self._rng
        relatives = sorted(self._ground.kin_of(memory.item).relatives)
        if memory.former and rng.random() < 0.4:
            item, form = rng.choice(memory.former), "刚才那个{}"
        else:
            item = rng.choice(relatives or self._ids)
            form = rng.choice(["那{}呢", "不是，我问的是{}"])
        facets = self._facets()[:1] if rng.random() < 0.3 else ()
        text = form.format(self._say(item)) + (self._asking(facets) if facets else "")
        return self._about(Kind.NAMED, text, item, facets)

    def _two_items(self) -> Message:
        items, facets = tuple(self._rng.sample(self._ids, 2)), self._facets()
        text = f"{self._say(items[0])}和{self._say(items[1])}{self._asking(facets)}"
        query = self._understood(text, {"right": 0.6, "other_item": 0.3}, items, facets or (OVERVIEW,), asked=2)
        return self._message(Kind.TWO_ITEMS, query, items, facets)

    def _following(self, kind: Kind, text: str, facets: tuple[str, ...]) -> Message:
        likely = {"followup": 0.85, "clarify": 0.06, "right": 0.04}
        query = self._understood(text, likely, self._rng.sample(self._ids, 1), facets or (OVERVIEW,))
        return self._message(kind, query, (), facets)

    def _in_doubt(self, kind: Kind) -> Message:
        if kind is Kind.VAGUE:
            group = self._rng.choice(self._ground.look_alikes)
            items = sorted(group.items) if self._rng.random() < 0.7 else self._rng.sample(self._ids, 3)
            likely = {"clarify": 0.85, "right": 0.05, "followup": 0.03}
            text = self._rng.choice(VAGUE)
        else:
            items = self._rng.sample(self._ids, 3)
            likely = {"right": 0.5, "other_item": 0.25, "clarify": 0.15, "followup": 0.05}
            text = f"{self._say(items[0])}还是{self._say(items[1])}"
        return self._message(kind, self._understood(text, likely, items, self._facets() or (OVERVIEW,)))

    def _elsewhere(self, kind: Kind) -> Message:
        rng = self._rng
        if kind is Kind.NOISE:
            return Message(kind, Query(rng.choice(NOISE), Decision.OOS, topic="unreadable"))
        if kind is Kind.CALL_OFF:
            return self._message(
                kind, self._understood("取消", {"chitchat": 0.6}, (), (OVERVIEW,), topic="acknowledge")
            )
        texts, outcome = {
            Kind.SMALL_TALK: (SMALL_TALK, "chitchat"),
            Kind.OUTSIDE: (OUTSIDE, "oos"),
            Kind.PERSON: (PERSON, "handoff"),
        }[kind]
        text, topic = rng.choice(texts)
        return self._message(kind, self._understood(text, {outcome: 0.95}, (), (OVERVIEW,), topic=topic))

    # ------------------------------------------------------------ answers to what was shown

    def _answering(self, kind: Kind, memory: Memory) -> Message:
        rng, shown = self._rng, memory.shown
        if kind is Kind.ALL:
            return self._picking(rng.choice(["全部", "看全部", "全部都要"]), None, kind)
        if kind is Kind.NONE_OF_THESE or shown is None:
            return self._picking(rng.choice(["都不是", "没有我要的"]), None, kind)
        if kind is Kind.NO_CHOICE:
            return self._picking(str(len(shown.labels) + rng.randint(1, 20)), None, kind)
        index = rng.randrange(len(shown.labels))
        texts = [str(index + 1), f"第{ORDINALS[index]}个", f"选{index + 1}"]
        if index == len(shown.labels) - 1:
            texts.append("最后一个")
        return self._picking(rng.choice([*texts, *self._words_for(shown, index)]), index)

    def _words_for(self, shown: Shown, index: int) -> list[str]:
        """Return words that pick the choice at *index* and no other: those on it, parts of them, and words of the case.

        An aspect among the ways on is asked for as ever (Kind.FOLLOW_UP).
        """
        label = shown.labels[index]
        if shown.kind is ListKind.WAYS:
            return [] if label in map(self._wording.next_facet, FACET_NAMES) else [label]
        parts = [part for part in re.split("[，、；（）]", label) if len(part) > 1]
        alone = [part for part in parts if sum(part in other for other in shown.labels) == 1]
        if shown.kind is ListKind.ITEMS:
            return [label, *alone]
        questions = self._ground.branches[shown.item or ""]
        says = {branch.label: branch.says for question in questions for branch in question.choices}
        others = [word for other in shown.labels if other != label for word in says[other]]
        clear = [word for word in says[label] if not any(other in word for other in others)]
        return [label, *alone, *clear]

    def _picking(self, text: str, index: int | None, kind: Kind = Kind.CHOICE) -> Message:
        likely = {"clarify": 0.5, "followup": 0.2, "oos": 0.1, "chitchat": 0.1, "right": 0.05}
        query = self._understood(text, likely, self._rng.sample(self._ids, 1), (OVERVIEW,))
        return self._message(kind, query, picks=index)

    # ------------------------------------------------------------ what classifiers would say

    def _understood(
        self,
        text: str,
        likely: Mapping[str, float],
        items: Sequence[str],
        facets: tuple[str, ...],
        topic: str = "",
        asked: int = 1,
    ) -> Query:
        """Return the query of a message of which *likely* is known and *items* are the likeliest."""
        unsaid = [name for name in OUTCOMES if name not in likely]
        shares = {name: likely.get(name, (1 - sum(likely.values())) / max(len(unsaid), 1)) for name in OUTCOMES}
        # In a draw of few others are some of those drawn before: they are left out, and the query has fewer.
        others = [id_ for id_ in self._rng.sample(self._ids, CONSIDERED) if id_ not in items]
        considered = [*items, *others][:CONSIDERED]
        rest = [shares["other_item"] * 0.6**rank for rank in range(len(considered))]
        confidences = [shares["right"], *rest][: len(considered)]
        by_id = self._ground.base.by_id
        candidates = tuple(Candidate(i, by_id[i].title, c) for i, c in zip(considered, confidences, strict=True))
        decision = Decision.ANSWER if asked > 1 else choose(shares, self._ground.costs)
        offered = {Decision.ANSWER: 3, Decision.CLARIFY: max(3, min(len(items), 6))}.get(decision, 0)
        named = find_applicant(normal(text))
        applicant = named or (self._rng.choice(sorted(applicant_names())) if self._rng.random() < 0.1 else None)
        return Query(
            text=text,
            decision=decision,
            items=candidates[:offered],
            facets=facets if offered else (),
            applicant=applicant,
            topic=topic or ("followup" if shares["followup"] > 0.5 else ""),
            names_item=shares["right"] + shares["other_item"] > shares["followup"],
            asked=asked,
            evidence=Evidence(shares, candidates, facets),
        )

    def _message(
        self,
        kind: Kind,
        query: Query,
        items: tuple[str, ...] = (),
        facets: tuple[str, ...] = (),
        picks: int | None = None,
    ) -> Message:
        told = query.applicant if query.applicant == find_applicant(normal(query.text)) else None
        return Message(kind, query, items, facets, told, picks, self._rng.randint(1, 6))

    def _facets(self) -> tuple[str, ...]:
        count = self._rng.choice([0, 0, 1, 1, 1, 2, 3])
        return tuple(facet.value for facet in self._rng.sample(list(Facet), count))

    def _asking(self, facets: Sequence[str]) -> str:
        return "，".join(map(self._wording.next_facet, facets)) or "怎么办"

    def _say(self, item: str) -> str:
        return self._ground.ways.says[item]


@cache
def normal(text: str) -> str:
    """Return the normal form of a text; walkers say the same again and again."""
    return normal_form(text)
