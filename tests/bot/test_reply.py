"""The reply to a step: what is answered and asked, what is said before and after it, and the sentence for all else."""

from __future__ import annotations

from dataclasses import replace
from datetime import date

import pytest

from bot.answering.messages import Answer, Choices, Link, PhoneNumber
from bot.dialogue.reply import HOTLINE, Reply, apology
from bot.dialogue.situation import NOTHING_SPECIAL, Person, Situation
from bot.dialogue.thread import MAX_LOG, Said, Thread
from bot.query import Decision, Query
from bot.records.outcomes import Outcome
from bot.wording import Wording
from knowledge.model import Facet
from knowledge.values import Heading, Material, Phone, Place, TimeLimit, Validity
from knowledge.vocabulary.glossary import Glossary, Term
from knowledge.vocabulary.look_alikes import LookAlikes
from tests.bot.making import NOW, Talk, choices_of, fact, ground_of, group, item, query, speech_of, texts_of

ITEMS = [
    item("report", "社保卡挂失", fact("身份证", 11), fact("当场办", 12, Facet.TIME_LIMIT)),
    item("replace", "社保卡补领", fact("身份证和照片", 21), fact("15个工作日", 22, Facet.TIME_LIMIT)),
    item("cancel", "社保卡注销", fact("死亡证明", 31)),
    item("retire", "职工正常退休", fact("档案", 41)),
]
CARDS = group("cards", "您要办社保卡的哪一步？", report="刚丢", replace="要新卡", cancel="不用了")
LOST = group("lost", "您的卡还找得到吗？", report="也许找得到", replace="找不到了")


def answer(asked: Query, *groups: LookAlikes, situation: Situation = NOTHING_SPECIAL) -> Reply:
    """Reply in a new thread, with the groups of look-alikes that there are."""
    return Talk(ground_of(*ITEMS, look_alikes=groups)).say(asked, situation)


def shown(reply: Reply) -> list[tuple[str, str]]:
    """Return item and facet of each answer."""
    return [(message.item.id, message.facet) for message in reply.messages if isinstance(message, Answer)]


# ---------------------------------------------------------------- answers


def test_a_message_about_one_item_is_answered_for_the_first() -> None:
    reply = answer(query("怎么补卡", items=["replace", "report"], facets=["materials"]))
    assert shown(reply) == [("replace", "materials")]


@pytest.mark.parametrize("items", [("report", "replace"), ("replace", "report")])
def test_a_message_about_two_items_is_answered_for_both_in_the_order_asked(items: tuple[str, str]) -> None:
    reply = answer(query("挂失和补卡", items=[*items, "retire"], facets=["materials", "time_limit"], asked=2))
    assert shown(reply) == [(id_, facet) for id_ in items for facet in ("materials", "time_limit")]
    assert [candidate.id for candidate in reply.items] == [*items, "retire"]


@pytest.mark.parametrize(
    ("topic", "key"), [("amount", "oos_amount"), ("own_record", "oos_own_record"), ("wages", "also_silent")]
)
def test_behind_the_answer_stands_that_the_guide_is_silent_on_what_else_is_asked(
    topic: str, key: str, wording: Wording
) -> None:
    asked = query("补卡要什么，多少钱", items=["replace"], facets=["materials"], silent_on=topic)
    said = answer(asked).messages
    told = [number for number, message in enumerate(said) if getattr(message, "text", "") == wording.say(key)]
    answers = [number for number, message in enumerate(said) if isinstance(message, Answer)]
    choices = [number for number, message in enumerate(said) if isinstance(message, Choices)]
    assert len(told) == 1
    assert max(answers) < told[0] < min(choices, default=len(said))


def test_what_else_is_asked_is_told_of_once_behind_two_items(wording: Wording) -> None:
    asked = query("挂失和补卡，多少钱", items=["report", "replace"], asked=2, silent_on="amount")
    assert texts_of(answer(asked)).count(wording.say("oos_amount")) == 1


def test_an_item_of_the_two_that_the_base_does_not_hold_leaves_one() -> None:
    for items in (("gone", "replace"), ("replace", "gone")):
        reply = answer(query("挂失和补卡", items=[*items, "retire"], facets=["materials"], asked=2))
        assert (reply.decision, shown(reply)) == (Decision.ANSWER, [("replace", "materials")])


def test_the_items_of_a_reply_have_the_bases_titles_and_the_querys_confidence() -> None:
    [first, *_] = answer(query("怎么补卡", items=["replace"])).items
    assert (first.title, first.confidence) == ("社保卡补领", 0.9)


def test_an_item_that_only_the_thread_gave_is_as_sure_as_the_choice_of_it() -> None:
    talk = Talk(ground_of(*ITEMS), thread=Thread(offered=("report", "replace"), at=NOW.timestamp()))
    assert [(c.id, c.confidence) for c in talk.pick("1").items] == [("report", 1.0)]


def papers(*texts: str, heading: bool = False) -> Reply:
    """Return the reply to who asks what to bring, where that is so many papers."""
    lines = [fact(text, 10 + number, value=Material(text)) for number, text in enumerate(texts)]
    opening = [fact("以下证明之一：", 9, value=Heading())] if heading else []
    return Talk(ground_of(item("retire", "职工正常退休", *opening, *lines))).say(
        query("退休要什么", items=["retire"], facets=["materials"])
    )


def test_papers_are_counted_where_there_are_several(wording: Wording) -> None:
    assert wording.say("papers", count=3, parts="") in texts_of(papers("身份证", "档案", "照片"))


def test_one_paper_or_papers_of_several_cases_are_not_counted() -> None:
    for reply in (papers("身份证"), papers("身份证", "档案", "照片", heading=True)):
        assert not [text for text in texts_of(reply) if text.startswith("清单里")]


def test_the_time_is_counted_from_today_beside_the_guides_own_words(wording: Wording) -> None:
    limit = fact("19个工作日", 20, Facet.TIME_LIMIT, value=TimeLimit(False, 19, "workday"))
    talk = Talk(ground_of(item("retire", "职工正常退休", limit)))
    said = texts_of(talk.say(query("退休要多久", items=["retire"], facets=["time_limit"])))
    assert said[1] == wording.say("finish_by", date=wording.day(date(2026, 6, 29)))


def test_time_that_has_passed_by_the_residents_words_is_held_against_the_limit() -> None:
    limit = fact("自离职之日起30日内提出申请。", 20, Facet.CONDITIONS)
    talk = Talk(ground_of(item("claim", "失业登记", limit)))
    said = texts_of(talk.say(query("离职10天了还来得及吗", items=["claim"], facets=["conditions"])))
    assert [text for text in said if "还来得及" in text and "2026年6月21日" in text]


GLOSSARY = Glossary((Term("停工留薪期", "治伤期间照发工资的时间。"), Term("统筹地区", "社保钱一起管的地方。")))


def test_a_term_is_explained_the_first_time_and_not_again() -> None:
    talk = Talk(
        ground_of(item("injury", "工伤认定", fact("停工留薪期的材料", 11), fact("统筹地区内", 12, Facet.LOCATION))),
        speech_of(glossary=GLOSSARY),
    )
    asked = query("工伤要什么", items=["injury"], facets=["materials"])
    explained = ["治伤期间" in "".join(texts_of(talk.say(asked))) for _ in range(2)]
    both = "".join(texts_of(talk.say(query("材料和地点", items=["injury"], facets=["materials", "location"]))))
    assert explained == [True, False]
    assert ("治伤期间" in both, "社保钱一起管" in both) == (False, True)


WHERE = item(
    "retire",
    "职工正常退休",
    fact("档案", 41),
    fact("兴桂路1号", 42, Facet.LOCATION, value=Place("counter", address="兴桂路1号")),
    fact("www.example.gov.cn", 43, Facet.METHODS, value=Place("online", url="www.example.gov.cn")),
    fact("0999-1234567", 44, Facet.PHONE, value=Phone("0999-1234567", "养老科")),
)
MAP = "https://map.example/?q={place}&c={city}"


def tapped(facet: str, map_link: str | None = MAP) -> list[str]:
    """Return what can be tapped in an answer on *facet*."""
    talk = Talk(ground_of(WHERE), speech_of(map_link=map_link))
    reply = talk.say(query("退休去哪办", items=["retire"], facets=[facet]))
    return [
        message.url if isinstance(message, Link) else message.number
        for message in reply.messages
        if isinstance(message, Link | PhoneNumber)
    ]


def test_who_asks_where_gets_the_counter_the_site_and_the_number_to_tap() -> None:
    place = "https://map.example/?q=%E5%85%B4%E6%A1%82%E8%B7%AF1%E5%8F%B7&c=%E6%9F%90%E5%B8%82"
    assert tapped("location") == [place]
    assert tapped("methods") == ["https://www.example.gov.cn"]
    assert tapped("phone") == ["0999-1234567"]
    assert tapped("overview") == ["https://www.example.gov.cn", place, "0999-1234567"]


def test_without_a_map_of_the_offices_addresses_open_nothing() -> None:
    assert tapped("location", map_link=None) == []


def test_who_asks_what_to_bring_gets_nothing_to_tap() -> None:
    assert tapped("materials") == []


# ---------------------------------------------------------------- what is said before


def test_an_answer_that_was_assumed_says_so_first(wording: Wording) -> None:
    thread = Thread(offered=("report", "replace"), facets=("fee",), at=NOW.timestamp())
    talk = Talk(ground_of(*ITEMS), thread=thread)
    reply = talk.say(query("要什么材料", Decision.CLARIFY, (), ["materials"], "followup"))
    assert texts_of(reply)[0] == wording.say("assumed", title="社保卡挂失")


def test_a_new_edition_that_changed_or_dropped_the_item_is_told_first(wording: Wording) -> None:
    for thread, key in ((Thread(item="retire", digest="old"), "item_changed"), (Thread(item="gone"), "item_gone")):
        talk = Talk(ground_of(*ITEMS), thread=replace(thread, at=NOW.timestamp()))
        reply = talk.say(query("要什么材料", Decision.CLARIFY, (), ["materials"], "followup"))
        assert texts_of(reply)[0] == wording.say(key)


MASKED = Situation(masked=True)


def test_numbers_that_were_masked_are_said_to_be_unneeded_and_the_question_is_answered(wording: Wording) -> None:
    reply = answer(query("〔证件号〕补卡要什么", items=["replace"], facets=["materials"]), situation=MASKED)
    assert texts_of(reply)[0] == wording.say("number_not_needed")
    assert shown(reply) == [("replace", "materials")]


def test_that_is_not_said_twice() -> None:
    reply = answer(query("〔证件号〕", Decision.OOS, topic="personal_data"), situation=MASKED)
    assert [text.count("不要发给我") for text in texts_of(reply)] == [1]


def test_nor_of_a_number_that_the_ticket_was_waiting_for(wording: Wording) -> None:
    left = replace(MASKED, person=Person.WAITING, ticket="0601-001", contact_left=True)
    reply = answer(query("〔手机号〕", Decision.OOS, topic="personal_data"), situation=left)
    assert texts_of(reply) == [wording.say("contact_left", ticket="0601-001")]


# ---------------------------------------------------------------- asking back


def asked_back(*items: str) -> Query:
    """Return a query that is asked back with *items* to choose from."""
    return query("卡的事", Decision.CLARIFY, items, ["fee"])


def test_choices_of_look_alikes_ask_the_groups_question_and_show_each_case() -> None:
    assert choices_of(answer(asked_back("cancel", "report"), CARDS)) == [
        "您要办社保卡的哪一步？回复数字就行。",
        "1. 社保卡注销（不用了）",
        "2. 社保卡挂失（刚丢）",
    ]


def test_of_several_groups_the_smallest_asks() -> None:
    for groups in ((CARDS, LOST), (LOST, CARDS)):
        assert choices_of(answer(asked_back("report", "replace"), *groups))[0] == "您的卡还找得到吗？回复数字就行。"


PLAIN = [(("report", "retire"), (CARDS, LOST)), (("report", "replace", "cancel"), (LOST,)), (("report", "replace"), ())]


@pytest.mark.parametrize(("items", "groups"), PLAIN)
def test_choices_of_no_group_ask_the_plain_question(
    wording: Wording, items: tuple[str, ...], groups: tuple[LookAlikes, ...]
) -> None:
    [question, *lines] = choices_of(answer(asked_back(*items), *groups))
    titles = {of.id: of.title for of in ITEMS}
    assert question == wording.say("clarify")
    assert lines == [f"{number}. {titles[id_]}" for number, id_ in enumerate(items, 1)]


def test_one_choice_alone_has_nothing_to_be_separated_from(wording: Wording) -> None:
    assert choices_of(answer(asked_back("report"), CARDS)) == [wording.say("clarify"), "1. 社保卡挂失"]


def test_without_choices_the_question_is_open(wording: Wording) -> None:
    assert texts_of(answer(asked_back(), CARDS)) == [wording.say("clarify_open")]


def test_after_two_separating_questions_the_candidates_are_offered_with_a_way_to_a_person(wording: Wording) -> None:
    talk = Talk(ground_of(*ITEMS, look_alikes=[CARDS]))
    unclear = replace(asked_back("report", "replace"), evidence=None)
    first, second, third = (choices_of(talk.say(unclear)) for _ in range(3))
    assert first == second
    assert first[0].startswith(CARDS.question)
    assert third == [wording.say("asked_enough"), "1. 社保卡挂失", "2. 社保卡补领"]
    assert "转人工" in third[0]


def test_a_number_never_offered_is_said_to_be_none_before_the_groups_question(wording: Wording) -> None:
    thread = Thread(offered=("report", "replace"), at=NOW.timestamp())
    first, second = texts_of(Talk(ground_of(*ITEMS, look_alikes=[CARDS]), thread=thread).pick("7"))
    assert first == wording.say("no_such_choice", count=2)
    assert second.startswith("您要办社保卡的哪一步？")


def test_whom_none_of_the_choices_fits_is_asked_openly(wording: Wording) -> None:
    thread = Thread(offered=("report", "replace"), at=NOW.timestamp())
    assert texts_of(Talk(ground_of(*ITEMS), thread=thread).pick("都不是")) == [wording.say("none_of_these")]


# ---------------------------------------------------------------- everything else

ELSE = [
    (Decision.CHITCHAT, "thanks", "thanks"),
    (Decision.CHITCHAT, "never heard of", "greeting"),
    (Decision.OOS, "amount", "oos_amount"),
    (Decision.OOS, "other_city", "oos_other_city"),
    (Decision.OOS, "never heard of", "oos"),
    (Decision.HANDOFF, "complaint", "handoff_complaint"),
    (Decision.HANDOFF, "crisis", "handoff_crisis"),
    (Decision.HANDOFF, "never heard of", "handoff_person"),
]


@pytest.mark.parametrize(("decision", "topic", "key"), ELSE)
def test_what_is_no_question_gets_the_sentence_of_its_topic(
    wording: Wording, decision: Decision, topic: str, key: str
) -> None:
    reply = answer(query("……", decision, topic=topic))
    assert texts_of(reply)[0] == wording.say(key, office="某市社保中心", city="某市", complaint_phone=HOTLINE)
    assert (reply.decision, reply.items, reply.facets) == (decision, (), ())


def test_a_hand_over_and_an_apology_give_a_number_to_call(wording: Wording) -> None:
    for reply in (answer(query("转人工", Decision.HANDOFF, topic="person")), apology(wording)):
        assert [message.as_json()["number"] for message in reply.messages[1:]] == [HOTLINE]


def test_a_crisis_names_the_numbers_that_help_and_sells_nothing() -> None:
    reply = answer(query("我不想活了", Decision.HANDOFF, topic="crisis"))
    said = texts_of(reply)[0]
    assert all(number in said for number in ("110", "120", "12356"))
    assert not [message for message in reply.messages if isinstance(message, Answer | Choices)]


def test_a_complaint_names_the_line_that_the_office_has_set() -> None:
    talk = Talk(ground_of(*ITEMS), speech_of(complaint_phone="0999-7654321"))
    assert "0999-7654321" in texts_of(talk.say(query("我要投诉", Decision.HANDOFF, topic="complaint")))[0]


def test_while_a_person_has_the_conversation_there_is_no_message() -> None:
    reply = answer(query("补卡要什么", items=["replace"]), situation=Situation(person=Person.TAKEN, ticket="0601-001"))
    assert (reply.decision, reply.messages, reply.outcome) == (Decision.HANDOFF, (), Outcome.SILENT)


# ---------------------------------------------------------------- how it is said, and what is kept of it


def test_in_elder_mode_the_shorter_sentences_are_said() -> None:
    asked = query("能领多少钱", Decision.OOS, topic="amount")
    usual, shorter = (texts_of(Talk(ground_of(*ITEMS), speech_of(elder=elder)).say(asked)) for elder in (False, True))
    assert len("".join(shorter)) < len("".join(usual))


def test_an_item_whose_policy_has_ended_says_so_first() -> None:
    until = Validity(date(2022, 1, 1), date(2022, 12, 31))
    ended = item("relief", "缓缴", fact("困难企业。", 9, Facet.CONDITIONS, validity=until), fact("申请表", 10))
    reply = Talk(ground_of(ended)).say(query("缓缴要什么", items=["relief"], facets=["materials"]))
    assert "2022-12-31" in texts_of(reply)[0]
    assert reply.outcome is Outcome.EXPIRED_POLICY


def test_each_turn_is_logged_for_who_takes_over_the_latest_ones() -> None:
    talk = Talk(ground_of(*ITEMS))
    talk.say(query("补卡要什么", items=["replace", "report"], facets=["materials"]))
    assert talk.thread.log == (Said("补卡要什么", "answered", ("replace",), ("materials",)),)
    for number in range(MAX_LOG + 3):
        talk.say(query(f"谢谢{number}", Decision.CHITCHAT, topic="thanks"))
    assert [said.text for said in talk.thread.log] == [f"谢谢{number}" for number in range(3, MAX_LOG + 3)]


def test_a_reply_has_the_contracts_form() -> None:
    data = answer(query("补卡要什么", items=["replace"], facets=["materials"])).as_json()
    assert list(data) == ["decision", "items", "facets", "applicant", "messages"]
    assert data["items"] == [{"id": "replace", "title": "社保卡补领", "confidence": 0.9}]
    assert all(message["text"].strip() and message["type"] for message in data["messages"])
