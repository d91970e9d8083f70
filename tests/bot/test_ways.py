"""Ways on: what the guide does say of the item, then what comes next; picked by number or by their words; no filler."""

from __future__ import annotations

from dataclasses import replace

import pytest

from bot.answering.compose import expand_facets
from bot.answering.messages import Answer
from bot.dialogue.ground import Ground
from bot.dialogue.thread import Thread
from bot.dialogue.ways import MAX_WAYS, suggest
from bot.query import FACET_NAMES, OVERVIEW, Decision, Evidence
from bot.wording import Wording
from knowledge.model import Facet, KnowledgeBase
from knowledge.values import Heading
from knowledge.vocabulary import load_vocabulary
from knowledge.vocabulary.ways_on import RecordTopic, WaysOn, load_ways_on
from tests.bot.making import (
    NOW,
    Talk,
    asks,
    branch,
    choices_of,
    evidence_of,
    fact,
    ground_of,
    item,
    leads_to,
    query,
    texts_of,
)

WAYS = WaysOn(
    says={"injury": "申请工伤认定", "rating": "做劳动能力鉴定", "record": "查自己的记录", "print": "打参保证明"},
    steps={
        "injury": (leads_to("rating", "做劳动能力鉴定"), leads_to("benefit", "领伤残补助"), leads_to("lost", "没有了")),
        "rating": (leads_to("injury", "申请工伤认定"),),
    },
    facets={
        "materials": ("process", "phone", "fee", "location", "time_limit"),
        "phone": ("materials",),
        OVERVIEW: (OVERVIEW, "process"),
    },
    records=(RecordTopic("进度", ("进度",), ("print",)), RecordTopic("其他", (), ("record", "print"))),
)
GROUND = ground_of(
    item(
        "injury",
        "工伤认定",
        fact("申请表", 11),
        fact("0999-1234567", 12, Facet.PHONE),
        fact("社保大厅", 13, Facet.LOCATION),
        fact("60日", 14, Facet.TIME_LIMIT),
        fact("线上办理", 15, Facet.PROCESS, value=Heading()),
    ),
    item("rating", "劳动能力鉴定", fact("鉴定申请表", 21)),
    item("benefit", "一次性伤残补助金", fact("补助申请表", 31)),
    item("record", "个人权益记录单", fact("身份证", 41)),
    item("print", "参保缴费证明", fact("社保卡", 51)),
    ways=WAYS,
)
ASK_PAPERS = query("工伤认定要什么", items=["injury"], facets=["materials"])


def keys(facets: tuple[str, ...], thread: Thread | None = None, ground: Ground = GROUND) -> list[str]:
    return [key for key, _ in suggest("injury", facets, ground, thread or Thread())]


# ---------------------------------------------------------------- what is suggested


def test_first_two_aspects_that_people_ask_next_then_the_items_that_come_next() -> None:
    assert keys(("materials",)) == ["facet:phone", "facet:location", "item:rating", "item:benefit"]


def test_an_aspect_on_which_the_guide_is_silent_or_shows_only_a_lost_chart_is_no_way_on() -> None:
    assert not {"facet:fee", "facet:process"} & set(keys(("materials",)))


def test_an_aspect_that_was_just_shown_is_no_way_on() -> None:
    assert keys(("materials", "phone"))[:2] == ["facet:location", "facet:time_limit"]
    assert keys((OVERVIEW,))[:1] == ["item:rating"]


def test_an_item_that_was_spoken_of_before_is_no_way_on() -> None:
    assert keys(("materials",), Thread(former=("rating",))) == ["facet:phone", "facet:location", "item:benefit"]


def test_an_item_that_the_edition_does_not_hold_is_no_way_on() -> None:
    assert "item:lost" not in keys(("materials",))


def test_where_nothing_comes_next_nothing_is_said() -> None:
    ground = replace(GROUND, ways=WaysOn())
    assert keys(("materials",), ground=ground) == []
    assert choices_of(Talk(ground).say(ASK_PAPERS)) == []


def test_ways_on_stand_at_the_end_of_an_answer_in_plain_words(wording: Wording) -> None:
    assert texts_of(Talk(GROUND).say(ASK_PAPERS))[-1].splitlines() == [
        wording.say("ways"),
        f"1. {wording.next_facet('phone')}",
        f"2. {wording.next_facet('location')}",
        "3. 做劳动能力鉴定",
        "4. 领伤残补助",
    ]


def test_an_answer_that_ends_with_a_question_suggests_nothing_beside_it() -> None:
    cases = asks("injury", "您是哪一种？", branch("甲", "甲"), branch("乙", "乙"))
    split = [fact(f"材料{n}", 10 + n, under=["甲" if n < 3 else "乙"]) for n in range(6)]
    ground = ground_of(item("injury", "工伤认定", *split), *GROUND.base.items[1:], branches=[cases], ways=WAYS)
    talk = Talk(ground)
    assert choices_of(talk.say(ASK_PAPERS))[0].startswith("您是哪一种？")
    assert talk.thread.ways == ()


def test_two_items_at_once_suggest_nothing() -> None:
    talk = Talk(GROUND)
    talk.say(query("工伤认定和鉴定要什么", items=["injury", "rating"], facets=["materials"], asked=2))
    assert talk.thread.ways == ()


# ---------------------------------------------------------------- picking one


@pytest.fixture
def talk() -> Talk:
    """A conversation that has just suggested: 1 phone, 2 location, 3 rating, 4 benefit."""
    talk = Talk(GROUND)
    talk.say(ASK_PAPERS)
    return talk


PICKS = [
    ("1", "injury", ("phone",)),
    ("第二个", "injury", ("location",)),
    ("3", "rating", (OVERVIEW,)),
    ("最后一个", "benefit", (OVERVIEW,)),
    ("做劳动能力鉴定", "rating", (OVERVIEW,)),
    ("好的，领伤残补助", "benefit", (OVERVIEW,)),
]


@pytest.mark.parametrize(("text", "item_id", "facets"), PICKS)
def test_a_way_is_taken_by_its_number_or_its_words(
    talk: Talk, text: str, item_id: str, facets: tuple[str, ...]
) -> None:
    reply = talk.pick(text)
    assert (reply.decision, reply.items[0].id, reply.facets) == (Decision.ANSWER, item_id, facets)


def test_a_number_beyond_the_ways_is_said_to_be_none_and_they_stay_open(talk: Talk, wording: Wording) -> None:
    reply = talk.pick("5")
    assert (reply.decision, texts_of(reply)) == (Decision.CLARIFY, [wording.say("no_such_choice", count=4)])
    assert talk.pick("1").facets == ("phone",)


def test_small_talk_leaves_the_ways_open(talk: Talk) -> None:
    talk.say(query("谢谢", Decision.CHITCHAT, topic="thanks"))
    assert talk.pick("1").facets == ("phone",)


def test_after_the_next_answer_numbers_mean_the_next_ways(talk: Talk) -> None:
    talk.pick("1")
    assert (talk.pick("1").items[0].id, talk.thread.facets) == ("injury", ("materials",))


def test_a_message_of_signs_alone_takes_no_way(talk: Talk) -> None:
    assert talk.pick("？？？").decision is Decision.OOS


def test_a_way_to_an_item_that_a_new_edition_dropped_is_not_taken(talk: Talk) -> None:
    talk.ground = ground_of(GROUND.base.by_id["injury"], ways=WAYS)
    assert talk.pick("4").decision is not Decision.ANSWER


# ---------------------------------------------------------------- where the guide does not answer


def test_who_asks_for_his_own_record_is_told_how_to_look_and_nothing_is_pretended(wording: Wording) -> None:
    talk = Talk(GROUND)
    reply = talk.say(query("我的钱到账没有", Decision.OOS, topic="own_record"))
    assert texts_of(reply)[0] == wording.say("oos_own_record")
    assert choices_of(reply) == [wording.say("own_record_ways"), "1. 查自己的记录", "2. 打参保证明"]
    assert not [message for message in reply.messages if isinstance(message, Answer)]
    assert talk.pick("1").items[0].id == "record"


def test_what_helps_depends_on_the_words_of_who_asks() -> None:
    reply = Talk(GROUND).say(query("我的进度到哪了", Decision.OOS, topic="own_record"))
    assert choices_of(reply)[1:] == ["1. 打参保证明"]


NEAR = evidence_of({"injury": 0.06, "rating": 0.02}, right=0.06, other_item=0.02, oos=0.92)
BETWEEN = evidence_of({"injury": 0.04, "rating": 0.04, "record": 0.04}, right=0.04, other_item=0.08, oos=0.88)


def test_a_question_out_of_the_guide_about_a_matter_of_it_leads_there(wording: Wording) -> None:
    talk = Talk(GROUND)
    reply = talk.say(query("工伤能赔多少", Decision.OOS, topic="amount", evidence=NEAR))
    assert texts_of(reply)[0] == wording.say("oos_amount")
    assert choices_of(reply) == [wording.say("related"), "1. 申请工伤认定"]
    assert talk.pick("1").items[0].id == "injury"


@pytest.mark.parametrize(("topic", "evidence"), [("amount", BETWEEN), ("medical", NEAR), ("daily", NEAR)])
def test_nothing_is_suggested_that_is_not_near(topic: str, evidence: Evidence) -> None:
    assert choices_of(Talk(GROUND).say(query("能赔多少", Decision.OOS, topic=topic, evidence=evidence))) == []


def test_the_list_shown_last_is_the_one_that_a_number_picks_from() -> None:
    talk = Talk(GROUND, thread=Thread(offered=("benefit", "record"), facets=("materials",), at=NOW.timestamp()))
    talk.say(query("工伤能赔多少", Decision.OOS, topic="amount", evidence=NEAR))
    assert talk.pick("1").items[0].id == "injury"


def test_a_number_that_only_the_list_before_has_picks_from_that() -> None:
    talk = Talk(GROUND, thread=Thread(offered=("benefit", "record"), facets=("materials",), at=NOW.timestamp()))
    talk.say(query("工伤能赔多少", Decision.OOS, topic="amount", evidence=NEAR))
    assert talk.pick("2").items[0].id == "record"


# ---------------------------------------------------------------- over the real guide

IDS = [entry.id for entry in load_vocabulary().catalogue]


@pytest.fixture(scope="module")
def real(base: KnowledgeBase) -> Ground:
    """The real guide with its ways on."""
    return Ground(base, ways=load_ways_on(IDS))


@pytest.mark.parametrize("item_id", IDS)
def test_every_way_on_of_the_real_guide_leads_to_words_of_it(item_id: str, real: Ground) -> None:
    base = real.base
    for facet in FACET_NAMES:
        ways = suggest(item_id, (facet,), real, Thread())
        assert len(ways) <= MAX_WAYS
        assert len({key for key, _ in ways}) == len(ways)
        for key, say in ways:
            kind, _, name = key.partition(":")
            if kind == "item":
                assert name in base.by_id
                assert name != item_id
                assert say
            else:
                facts = base.by_id[item_id].facts_on(Facet(name))
                assert any(not isinstance(fact.value, Heading) for fact in facts)
                assert Facet(name) not in expand_facets((facet,))
