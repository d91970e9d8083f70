"""Narrowing: only what a settled question excludes is hidden, what is held back is said, answers are remembered."""

from __future__ import annotations

from dataclasses import replace

import pytest

from bot.answering.compose import expand_facets
from bot.answering.messages import Answer
from bot.dialogue.narrowing import SHORT, Narrowing, narrow, open_choices, retold
from bot.dialogue.thread import Thread
from bot.query import Decision
from bot.wording import Wording
from knowledge.model import Facet, Fact, KnowledgeBase, ServiceItem
from knowledge.values import Heading, Note
from knowledge.vocabulary import load_vocabulary
from knowledge.vocabulary.branches import Branch, BranchQuestion, load_branches
from tests.bot.making import (
    Talk,
    asks,
    branch,
    choices_of,
    fact,
    ground_of,
    group,
    item,
    query,
    shown_in,
    texts_of,
)

HERS = ["（1）身份证", "（2）申请表", "（3）照片"]
THEIRS = ["（1）花名册", "（2）营业执照", "（3）委托书"]
CLAIM = item(
    "claim",
    "社保卡申领",
    fact("1.个人申请，提供：", 10, value=Heading()),
    *(fact(text, 11 + number, under=["个人申请"]) for number, text in enumerate(HERS)),
    fact("2.单位批量申请，提供：", 20, value=Heading()),
    *(fact(text, 21 + number, under=["单位批量申请"]) for number, text in enumerate(THEIRS)),
    fact("注：复印件要签名。", 30, value=Note()),
    fact("5个工作日", 40, Facet.TIME_LIMIT),
)
ALONE = branch("个人办，人在国内", "个人申请", applicant="个人", says=["自己"])
TOGETHER = branch("单位批量办", "单位批量申请", applicant="单位", says=["公司", "厂里"])
WHO = asks("claim", "您是个人办，还是单位批量办？", ALONE, TOGETHER)
PAPERS = ("materials",)
CHOSEN = Thread(chosen=(("claim", ALONE.label),))


def shown(narrowing: Narrowing, of: ServiceItem = CLAIM, facet: Facet = Facet.MATERIALS) -> list[str]:
    return [fact.text for fact in of.facts_on(facet) if narrowing.shows(fact)]


EVERYTHING = [fact.text for fact in CLAIM.facts_on(Facet.MATERIALS)]
ONLY_HERS = ["1.个人申请，提供：", *HERS, "注：复印件要签名。"]


# ---------------------------------------------------------------- what is asked, and what is shown beside it


def test_a_question_worth_asking_is_asked_and_everything_is_shown_beside_it_where_that_is_short() -> None:
    narrowing = narrow(CLAIM, PAPERS, [WHO], Thread())
    assert (narrowing.question, narrowing.settled, narrowing.held_back) == (WHO, (), frozenset())
    assert shown(narrowing) == EVERYTHING


def test_an_aspect_that_is_the_same_for_everybody_asks_nothing() -> None:
    assert narrow(CLAIM, ("time_limit",), [WHO], Thread()) == Narrowing()


def test_an_item_without_questions_asks_nothing() -> None:
    assert narrow(CLAIM, PAPERS, [], Thread()) == Narrowing()


def test_nobody_is_asked_for_the_sake_of_two_lines() -> None:
    few = item(
        "claim",
        "社保卡申领",
        *(fact(text, 11 + n, under=["个人申请"]) for n, text in enumerate(HERS[:2])),
        *(fact(text, 21 + n, under=["单位批量申请"]) for n, text in enumerate(THEIRS[:2])),
    )
    narrowing = narrow(few, PAPERS, [WHO], Thread())
    assert narrowing.question is None
    assert shown(narrowing, few) == HERS[:2] + THEIRS[:2]


PAGE = "字" * 100


def long_by(characters: int) -> ServiceItem:
    """Return an item whose cases have so many characters together beyond what is short."""
    lines = [PAGE] * 5 + ["字" * (SHORT - 5 * len(PAGE) + characters)]
    return item(
        "claim",
        "社保卡申领",
        *(fact(text, 11 + n, under=["个人申请" if n < 3 else "单位批量申请"]) for n, text in enumerate(lines)),
        fact("注：复印件要签名。", 30, value=Note()),
        fact("5个工作日", 40, Facet.TIME_LIMIT),
    )


def test_what_is_just_short_enough_is_shown_beside_the_question() -> None:
    narrowing = narrow(long_by(0), PAPERS, [WHO], Thread())
    assert (narrowing.question, narrowing.held_back) == (WHO, frozenset())


def test_what_is_short_fits_on_a_telephone() -> None:
    assert 600 <= SHORT <= 700


def test_beyond_that_the_cases_are_held_back_until_the_question_is_answered_and_nothing_else() -> None:
    narrowing = narrow(long_by(1), ("materials", "time_limit"), [WHO], Thread())
    assert narrowing.held_back == {Facet.MATERIALS}
    assert shown(narrowing, long_by(1)) == ["注：复印件要签名。"]
    assert shown(narrowing, long_by(1), Facet.TIME_LIMIT) == ["5个工作日"]


def test_the_question_that_spares_most_is_asked_first_and_then_the_next() -> None:
    both = item(
        "claim",
        "社保卡申领",
        *(fact(f"甲{n}", 10 + n, under=["个人申请", "本地"]) for n in range(6)),
        *(fact(f"乙{n}", 20 + n, under=["个人申请", "外地"]) for n in range(6)),
        *(fact(f"丙{n}", 30 + n, under=["单位批量申请"]) for n in range(8)),
    )
    where = asks("claim", "您在本地，还是在外地？", branch("在本地", "本地"), branch("在外地", "外地"))
    first = narrow(both, PAPERS, [where, WHO], Thread())
    second = narrow(both, PAPERS, [where, WHO], CHOSEN)
    third = narrow(both, PAPERS, [where, WHO], replace(CHOSEN, chosen=(*CHOSEN.chosen, ("claim", "在外地"))))
    assert [first.question, second.question, third.question] == [WHO, where, None]
    assert shown(third, both) == [f"乙{n}" for n in range(6)]


# ---------------------------------------------------------------- what a settled question hides


def test_a_choice_hides_the_other_cases_with_the_lines_that_open_them_and_asks_no_more() -> None:
    narrowing = narrow(CLAIM, PAPERS, [WHO], CHOSEN)
    assert narrowing.question is None
    assert [settled.remaining for settled in narrowing.settled] == [(ALONE,)]
    assert shown(narrowing) == ONLY_HERS


def test_a_choice_that_is_another_items_settles_nothing() -> None:
    assert narrow(CLAIM, PAPERS, [WHO], Thread(chosen=(("retire", ALONE.label),))).question == WHO


def test_a_heading_that_no_question_names_hides_nothing() -> None:
    noted = item("claim", "社保卡申领", *CLAIM.facts, fact("户口簿", 31, under=["改过姓名的"]))
    assert shown(narrow(noted, PAPERS, [WHO], CHOSEN), noted) == [*ONLY_HERS, "户口簿"]


def test_a_heading_that_both_choices_keep_is_hidden_by_neither() -> None:
    both = branch("个人办", "个人申请", "代办的"), branch("单位办", "单位批量申请", "代办的")
    attended = item("claim", "社保卡申领", *CLAIM.facts, fact("委托书", 31, under=["代办的"]))
    for choice in both:
        narrowing = narrow(attended, PAPERS, [asks("claim", "您？", *both)], Thread(chosen=(("claim", choice.label),)))
        assert "委托书" in shown(narrowing, attended)


def test_a_line_that_opens_a_case_is_not_taken_for_a_shorter_one_within_its_name() -> None:
    """单位申报 is a case of its own, not that of the 单位."""
    units = asks("claim", "您？", branch("灵活就业", "灵活就业人员"), branch("单位", "单位"))
    declared = item(
        "claim",
        "社保卡申领",
        fact("单位申报", 10, value=Heading()),
        fact("接收材料", 11, under=["单位申报"]),
        fact("单位：10个工作日", 12, under=["单位"]),
    )
    narrowing = narrow(declared, PAPERS, [units], Thread(chosen=(("claim", "灵活就业"),)))
    assert shown(narrowing, declared) == ["单位申报", "接收材料"]


def test_an_aspect_that_a_settled_question_does_not_cut_is_not_said_to_be_cut() -> None:
    assert narrow(CLAIM, ("time_limit",), [WHO], CHOSEN) == Narrowing()


def test_who_wants_everything_of_an_item_gets_it_whatever_was_chosen() -> None:
    assert narrow(CLAIM, PAPERS, [WHO], replace(CHOSEN, whole=("claim",))) == Narrowing()


# ---------------------------------------------------------------- who is asking

SCHEMES = asks(
    "claim",
    "您是哪一种？",
    branch("灵活就业", "甲", applicant="灵活就业人员"),
    branch("企业职工", "乙", applicant="企业"),
    branch("机关在编", "丙", applicant="机关事业单位"),
    branch("机关编外", "丁", applicant="机关事业单位"),
)
OPEN_TO_ALL = asks("claim", "您是哪一种？", branch("个人", "甲", applicant="个人"), branch("换单位的", "乙"))

TOLD = [
    (SCHEMES, "灵活就业人员", ["灵活就业"]),
    (SCHEMES, "企业", ["企业职工"]),
    (SCHEMES, "机关事业单位", ["机关在编", "机关编外"]),
    (SCHEMES, "单位", ["企业职工", "机关在编", "机关编外"]),
    (SCHEMES, "退役军人", ["灵活就业", "企业职工", "机关在编", "机关编外"]),
    (SCHEMES, None, ["灵活就业", "企业职工", "机关在编", "机关编外"]),
    (WHO, "企业", ["单位批量办"]),
    (WHO, "灵活就业人员", ["个人办，人在国内"]),
    (OPEN_TO_ALL, "个人", ["个人", "换单位的"]),
]


@pytest.mark.parametrize(("question", "told", "left"), TOLD)
def test_who_the_resident_says_he_is_rules_out_what_he_is_not(
    question: BranchQuestion, told: str | None, left: list[str]
) -> None:
    choices = open_choices(question, "claim", Thread(told=told))
    assert [choice.label for choice in choices] == left


def test_a_choice_that_was_made_counts_more_than_who_he_said_he_is() -> None:
    thread = Thread(told="单位", chosen=(("claim", ALONE.label),))
    assert open_choices(WHO, "claim", thread) == (ALONE,)


def test_what_a_classifier_guesses_of_the_applicant_narrows_nothing() -> None:
    narrowing = narrow(CLAIM, PAPERS, [WHO], Thread(applicant="个人"))
    assert (narrowing.question, shown(narrowing)) == (WHO, EVERYTHING)


def test_who_says_later_that_he_is_another_takes_back_the_choice_that_this_contradicts() -> None:
    other = ("retire", "本人办")
    before = Thread(chosen=(("claim", ALONE.label), other))
    assert retold(replace(before, told="单位"), {"claim": [WHO]}).chosen == (other,)
    assert retold(replace(before, told="灵活就业人员"), {"claim": [WHO]}).chosen == before.chosen
    assert retold(replace(before, told="退役军人"), {"claim": [WHO]}).chosen == before.chosen


# ---------------------------------------------------------------- led as a conversation

RENEW = item(
    "renew",
    "社保卡补换",
    *(fact(f"个人补换材料{n}", 50 + n, under=["个人"]) for n in range(3)),
    *(fact(f"单位补换材料{n}", 60 + n, under=["单位"]) for n in range(3)),
)
RENEWED_BY = asks(
    "renew", "谁来补换？", branch("本人", "个人", applicant="个人"), branch("单位", "单位", applicant="单位")
)
GROUND = ground_of(CLAIM, RENEW, item("retire", "职工正常退休", fact("档案", 90)), branches=[WHO, RENEWED_BY])
ASK_PAPERS = query("社保卡申领要什么", items=["claim"], facets=["materials"])


@pytest.fixture
def talk() -> Talk:
    """A conversation in which the papers were asked for and the question is open."""
    talk = Talk(GROUND)
    talk.say(ASK_PAPERS)
    return talk


def test_the_question_stands_at_the_end_of_an_answer_with_its_choices_numbered() -> None:
    reply = Talk(GROUND).say(ASK_PAPERS)
    assert reply.decision is Decision.ANSWER
    assert shown_in(reply) == EVERYTHING
    assert texts_of(reply)[-1].splitlines() == [
        "您是个人办，还是单位批量办？回复数字就行。",
        "1. 个人办，人在国内",
        "2. 单位批量办",
    ]


PICKS = [
    "2",
    "第二个",
    "最后一个",
    "单位批量办",
    "批量",
    "我选批量的",
    "公司",
    "是公司给办的",
    "厂里统一弄的",
    "不是，公司的",
]


@pytest.mark.parametrize("text", PICKS)
def test_the_question_is_settled_by_number_label_part_of_it_or_a_word_that_says_so(talk: Talk, text: str) -> None:
    reply = talk.pick(text)
    assert (reply.decision, reply.facets) == (Decision.ANSWER, ("materials",))
    assert shown_in(reply) == ["2.单位批量申请，提供：", *THEIRS, "注：复印件要签名。"]


def test_a_label_is_picked_by_its_words_without_its_signs(talk: Talk) -> None:
    assert shown_in(talk.pick("个人办人在国内")) == ONLY_HERS


def test_what_is_left_out_is_said_and_how_to_see_it(talk: Talk, wording: Wording) -> None:
    assert texts_of(talk.pick("1"))[0] == wording.say("narrowed_by", label="个人办，人在国内")


@pytest.mark.parametrize("text", ["自己去还是公司去", "随便"])
def test_words_that_say_both_or_neither_settle_nothing(talk: Talk, text: str) -> None:
    talk.pick(text)
    assert talk.thread.chosen == ()


def test_another_question_instead_of_an_answer_is_taken_as_such(talk: Talk) -> None:
    reply = talk.say(query("退休要带什么", items=["retire"], facets=["materials"]))
    assert (shown_in(reply), talk.thread.asking) == (["档案"], None)


def test_a_question_about_another_item_that_has_a_word_of_a_choice_is_no_answer(talk: Talk) -> None:
    reply = talk.say(query("公司要给我办退休带什么", items=["retire"], facets=["materials"]))
    assert reply.items[0].id == "retire"


def test_small_talk_leaves_the_question_open(talk: Talk) -> None:
    talk.say(query("谢谢", Decision.CHITCHAT, topic="thanks"))
    assert shown_in(talk.pick("1")) == ONLY_HERS


def test_an_unknown_number_is_said_to_be_none_and_the_question_asked_again(talk: Talk, wording: Wording) -> None:
    reply = talk.pick("7")
    assert texts_of(reply)[0] == wording.say("no_such_choice", count=2)
    assert choices_of(reply)[0].startswith(WHO.question)
    assert shown_in(talk.pick("1")) == ONLY_HERS


def test_the_choice_holds_for_what_is_asked_next_about_the_item(talk: Talk) -> None:
    talk.pick("1")
    talk.say(query("那要多久", Decision.CLARIFY, (), ["time_limit"], "followup"))
    assert shown_in(talk.say(query("要什么材料来着", Decision.CLARIFY, (), ["materials"], "followup"))) == ONLY_HERS


@pytest.mark.parametrize("text", ["全部", "看全部", "所有的"])
def test_everything_is_shown_on_request_and_stays_so(talk: Talk, text: str) -> None:
    talk.pick("1")
    for _ in range(2):
        reply = talk.pick(text)
        assert (shown_in(reply), choices_of(reply)) == (EVERYTHING, [])


@pytest.mark.parametrize("text", ["都不是", "没有我要的"])
def test_whom_no_choice_fits_is_shown_everything(talk: Talk, text: str) -> None:
    assert shown_in(talk.pick(text)) == EVERYTHING
    assert talk.thread.asking is None


def test_an_introduction_answers_the_same_aspect_narrowed() -> None:
    talk = Talk(GROUND)
    talk.say(query("社保卡申领怎么拿材料和时限", items=["claim"], facets=["materials", "time_limit"]))
    reply = talk.say(query("我是灵活就业的", Decision.CLARIFY, ["renew"], applicant="灵活就业人员"))
    assert reply.facets == ("materials", "time_limit")
    assert shown_in(reply) == [*ONLY_HERS, "5个工作日"]


def test_an_introduction_that_asks_for_an_aspect_is_answered_on_that(talk: Talk) -> None:
    reply = talk.say(query("我们单位办的，要多久", Decision.CLARIFY, (), ["time_limit"], "followup", applicant="单位"))
    assert (reply.facets, shown_in(reply)) == (("time_limit",), ["5个工作日"])


def test_an_introduction_that_was_only_guessed_shows_everything_again(talk: Talk) -> None:
    reply = talk.say(query("我是给员工来问的", Decision.CLARIFY, (), topic="followup", applicant="退役军人"))
    assert shown_in(reply) == EVERYTHING


def test_a_told_applicant_carries_over_to_the_next_item_with_the_same_applicant() -> None:
    talk = Talk(GROUND)
    talk.say(query("我们单位办社保卡申领要什么", items=["claim"], facets=["materials"], applicant="单位"))
    reply = talk.say(query("补换要什么", items=["renew"], facets=["materials"]))
    assert shown_in(reply) == [f"单位补换材料{n}" for n in range(3)]
    assert choices_of(reply) == []


def test_a_guessed_applicant_carries_over_to_no_item() -> None:
    talk = Talk(GROUND)
    talk.say(query("社保卡申领要什么", items=["claim"], facets=["materials"], applicant="单位"))
    reply = talk.say(query("补换要什么", items=["renew"], facets=["materials"]))
    assert (reply.applicant, len(shown_in(reply))) == ("单位", 6)


def test_a_choice_by_name_does_not_carry_over(talk: Talk) -> None:
    talk.pick("1")
    assert len(shown_in(talk.say(query("补换要什么", items=["renew"], facets=["materials"])))) == 6


JOINED_AS = asks(
    "claim",
    "您以什么身份参保？",
    branch("本人参保，灵活就业", "个人申请", applicant="灵活就业人员"),
    branch("企业职工（含灵活就业）", "单位批量申请", applicant="企业"),
)


@pytest.mark.parametrize(
    ("number", "told", "left"),
    [("1", "灵活就业人员", [f"个人补换材料{n}" for n in range(3)]), ("2", None, [fact.text for fact in RENEW.facts])],
)
def test_a_choice_whose_label_says_who_is_asking_carries_over_as_if_it_had_been_said(
    number: str, told: str | None, left: list[str]
) -> None:
    talk = Talk(ground_of(CLAIM, RENEW, branches=[JOINED_AS, RENEWED_BY]))
    talk.say(ASK_PAPERS)
    talk.pick(number)
    assert talk.thread.told == told
    assert shown_in(talk.say(query("补换要什么", items=["renew"], facets=["materials"]))) == left


def test_who_wanted_everything_and_then_says_which_he_is_gets_his_own_list(talk: Talk) -> None:
    talk.pick("全部")
    reply = talk.say(query("我是公司的", Decision.CLARIFY, (), topic="followup"))
    assert shown_in(reply) == ["2.单位批量申请，提供：", *THEIRS, "注：复印件要签名。"]


def test_who_corrects_himself_gets_the_other_list(talk: Talk) -> None:
    talk.pick("1")
    reply = talk.say(query("不对，我们单位办", Decision.CLARIFY, (), topic="followup", applicant="单位"))
    assert shown_in(reply) == ["2.单位批量申请，提供：", *THEIRS, "注：复印件要签名。"]


def test_what_is_held_back_is_said_and_the_answer_to_the_question_brings_it(wording: Wording) -> None:
    talk = Talk(ground_of(long_by(100), branches=[WHO]))
    reply = talk.say(ASK_PAPERS)
    assert shown_in(reply) == ["注：复印件要签名。"]
    assert wording.say("held_back", title="社保卡申领", facet=wording.facet("materials")) in texts_of(reply)
    assert choices_of(reply)
    assert shown_in(talk.pick("1")) == [PAGE] * 3 + ["注：复印件要签名。"]


def test_lines_that_open_cases_held_back_do_not_make_the_guide_look_silent() -> None:
    bare = item("claim", "社保卡申领", fact("1.个人申请", 10, value=Heading()), *long_by(1).facts[:-2])
    reply = Talk(ground_of(bare, branches=[WHO])).say(ASK_PAPERS)
    assert shown_in(reply) == []
    assert not [text for text in texts_of(reply) if "没有写" in text]


def test_two_items_at_once_are_shown_whole_without_a_question() -> None:
    ground = ground_of(long_by(100), RENEW, branches=[WHO, RENEWED_BY])
    reply = Talk(ground).say(query("申领和补换", items=["claim", "renew"], facets=["materials"], asked=2))
    assert len(shown_in(reply)) == 7 + 6
    assert not [text for text in texts_of(reply) if "分几种情况" in text or "回复数字" in text]


def test_the_separating_question_comes_before_the_narrowing_one() -> None:
    ground = replace(GROUND, look_alikes=(group("cards", "您的卡怎么了？", claim="还没有", renew="坏了"),))
    talk = Talk(ground)
    asked = talk.say(query("社保卡材料", Decision.CLARIFY, ["claim", "renew"], ["materials"]))
    assert choices_of(asked)[0].startswith("您的卡怎么了？")
    assert choices_of(talk.pick("1"))[0].startswith(WHO.question)


# ---------------------------------------------------------------- over the real guide

BRANCHES = load_branches([entry.id for entry in load_vocabulary().catalogue])
ASPECTS = ["overview", *(facet.value for facet in Facet)]


def is_excluded(a_fact: Fact, chosen: Branch, among: tuple[Branch, ...]) -> bool:
    """Tell whether a fact stands under a heading of other choices alone."""
    others = frozenset().union(*(choice.headings for choice in among)) - chosen.headings
    return bool(others & set(a_fact.applies_to))


@pytest.mark.parametrize("item_id", BRANCHES)
def test_each_choice_shows_every_statement_that_it_does_not_exclude_and_no_other(
    item_id: str, base: KnowledgeBase
) -> None:
    of = base.by_id[item_id]
    stated = [fact for fact in of.facts if not isinstance(fact.value, Heading)]
    for question in BRANCHES[item_id]:
        for choice in question.choices:
            thread = Thread(chosen=((item_id, choice.label),))
            narrowing = replace(narrow(of, ASPECTS, [question], thread), question=None)
            expected = [fact for fact in stated if not is_excluded(fact, choice, question.choices)]
            assert [fact for fact in stated if narrowing.shows(fact)] == expected


@pytest.mark.parametrize("item_id", BRANCHES)
def test_no_case_that_is_shown_loses_the_line_that_opens_it(item_id: str, base: KnowledgeBase) -> None:
    of = base.by_id[item_id]
    for question in BRANCHES[item_id]:
        for choice in question.choices:
            narrowing = narrow(of, ASPECTS, [question], Thread(chosen=((item_id, choice.label),)))
            for facet in Facet:
                kept = {heading for fact in of.facts_on(facet) if narrowing.shows(fact) for heading in fact.applies_to}
                hidden = [fact.text for fact in of.facts_on(facet) if not narrowing.shows(fact)]
                openers = [text for text in hidden for heading in kept if text.lstrip("1234567890. ") == heading]
                assert not openers, (choice.label, openers)


@pytest.mark.parametrize("item_id", BRANCHES)
@pytest.mark.parametrize("aspect", ["overview", "materials", "process", "location"])
def test_nothing_is_held_back_unless_it_is_long_and_asked_about(item_id: str, aspect: str, base: KnowledgeBase) -> None:
    of = base.by_id[item_id]
    narrowing = narrow(of, (aspect,), BRANCHES[item_id], Thread())
    for facet in expand_facets((aspect,)):
        hidden = [fact for fact in of.facts_on(facet) if not narrowing.shows(fact)]
        assert all(fact.applies_to for fact in hidden)
        assert not hidden or (narrowing.question is not None and sum(len(fact.text) for fact in hidden) > SHORT)


@pytest.mark.parametrize("item_id", BRANCHES)
def test_a_personal_list_is_in_the_guides_own_words(item_id: str, base: KnowledgeBase) -> None:
    of = base.by_id[item_id]
    for question in BRANCHES[item_id]:
        talk = Talk(ground_of(of, branches=BRANCHES[item_id]))
        talk.thread = Thread(chosen=((item_id, question.choices[0].label),))
        reply = talk.say(query("怎么办", items=[item_id], facets=["materials"]))
        for message in reply.messages:
            if isinstance(message, Answer):
                assert all(fact.text.replace("\n", "") in message.text for fact in message.facts)
