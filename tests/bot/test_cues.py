"""Words that steer a conversation whatever it is about, as residents say them; and sentences that only look like it."""

from __future__ import annotations

import pytest

from bot.dialogue.cues import Cues, find_cues
from bot.understanding.spelling import normal_form

STEERING = (
    "corrects",
    "points_back",
    "shows_all",
    "none_of_these",
    "rejects",
    "calls_off",
    "introduces",
    "asks_hours",
    "identifies",
    "presupposes",
    "wants_call",
)


def cues_of(text: str) -> Cues:
    return find_cues(normal_form(text))


def steering_of(text: str) -> set[str]:
    """Return the names of the cues by which *text* steers."""
    cues = cues_of(text)
    return {name for name in STEERING if getattr(cues, name)}


SAID = [
    ("不是，我问的是单位的", {"corrects"}),
    ("啊不对，是失业那个", {"corrects"}),
    ("说错了，我要补卡", {"corrects"}),
    ("不好意思我是问工伤的", {"corrects"}),
    ("刚才那个退休的还要带照片吗", {"points_back"}),
    ("说回社保卡", {"points_back"}),
    ("头先讲的那个工伤认定在哪办", {"points_back"}),
    ("全部", {"shows_all"}),
    ("看全部吧", {"shows_all"}),
    ("全部显示，谢谢", {"shows_all"}),
    ("都不是", {"none_of_these"}),
    ("都不是啊，我要办的是丧葬费", {"none_of_these"}),
    ("没有我要的", {"none_of_these"}),
    ("不是", {"rejects", "corrects"}),
    ("不是的", {"rejects", "corrects"}),
    ("哦，不是这件事", {"rejects", "corrects"}),
    ("取消", {"calls_off"}),
    ("不用人工了", {"calls_off"}),
    ("算了吧", {"calls_off"}),
    ("我是灵活就业的", {"introduces"}),
    ("忘了讲，我是机关退的", {"introduces"}),
    ("我们是企业", {"introduces"}),
    ("你们几点下班", {"asks_hours"}),
    ("周六上班吗", {"asks_hours"}),
    ("你们的上班时间", {"asks_hours"}),
    ("国庆放不放假", {"asks_hours"}),
    ("等下，不是挂失", {"corrects"}),
    ("我拿的好像是失业金不是补助金", {"corrects"}),
    ("不对，我交的是居民养老", {"corrects", "identifies"}),
    ("要先去医院开证明吗", {"presupposes"}),
    ("它还要村里同意吗", {"presupposes"}),
    ("这个是不是要先公示没有", {"presupposes"}),
    ("叫你们窗口的人回个电话给我联系我", {"wants_call"}),
    ("能让工作人员打给我吗", {"wants_call"}),
]


@pytest.mark.parametrize(("text", "expected"), SAID)
def test_a_message_steers_by_what_residents_say_for_it(text: str, expected: set[str]) -> None:
    assert steering_of(text) == expected


LOOKS_LIKE_IT = [
    "工伤认定要带什么",
    "全部材料要几份",
    "取消社保卡",
    "我们单位不是企业，怎么参保",
    "单位说我不是正式工，可以认定工伤吗",
    "社保卡可以全部在网上办吗",
    "我家老人去世了，丧葬费怎么领",
    "人家说灵活就业的要自己去办",
    "养老金几时发",
    "2",
    "",
]


@pytest.mark.parametrize("text", LOOKS_LIKE_IT)
def test_a_message_that_is_about_its_matter_does_not_steer(text: str) -> None:
    assert steering_of(text) == set()


def test_who_tells_a_long_story_of_himself_does_not_only_introduce_himself() -> None:
    assert cues_of("我是灵活就业的").introduces
    assert not cues_of("我是灵活就业的，交了十几年社保，今年刚满六十岁，想问下退休要怎么办").introduces


def test_who_asks_a_long_question_does_not_only_ask_for_the_hours() -> None:
    assert not cues_of("我上个月在厂里上班时间被机器压伤了手，老板不肯报，我自己去申请工伤认定要带什么").asks_hours


@pytest.mark.parametrize("text", ["要带什么", "多久能好", "网上能办不", "电话", "要收费吗", "去哪里"])
def test_a_word_that_asks_is_heard(text: str) -> None:
    assert cues_of(text).asks


@pytest.mark.parametrize(
    ("text", "outright"), [("网上能不能办", True), ("电话是多少", True), ("网上", False), ("电话", False)]
)
def test_a_bare_aspect_asks_but_not_outright_as_it_may_be_an_answer(text: str, outright: bool) -> None:
    cues = cues_of(text)
    assert (cues.asks, cues.asks_outright) == (True, outright)


@pytest.mark.parametrize("text", ["仲裁判下来的呢", "那失业补助金呢", "我是机关的", "不是，单位的"])
def test_a_message_that_states_a_case_asks_nothing_by_itself(text: str) -> None:
    assert not cues_of(text).asks


@pytest.mark.parametrize(
    ("text", "bare"), [("好的，2", "2"), ("嗯嗯谢谢，第二个", "第二个"), ("你好，请问全部", "全部"), ("2", "2")]
)
def test_courtesies_before_a_message_do_not_hide_it(text: str, bare: str) -> None:
    assert cues_of(text).bare == bare


@pytest.mark.parametrize("text", ["谢谢", "好的", "嗯"])
def test_a_message_of_courtesies_alone_stays_what_it_is(text: str) -> None:
    assert cues_of(text).bare == cues_of(text).normal == text


@pytest.mark.parametrize(
    ("text", "facet"),
    [
        ("社保局电话是多少", "phone"),
        ("请问你们的联系电话", "phone"),
        ("钦州市社保局地址", "location"),
        ("社保大廳喺邊度", "location"),
        ("喂，你们在哪里啊", "location"),
        ("社保大厅在几楼", "location"),
        ("你们公众号叫什么", "methods"),
        ("人社局官网", "methods"),
    ],
)
def test_who_asks_for_the_office_itself_wants_one_of_three_aspects(text: str, facet: str) -> None:
    assert cues_of(text).of_office == facet


@pytest.mark.parametrize(
    "text",
    [
        "南宁社保局电话",
        "那边社保局电话",
        "医保局地址",
        "工伤科电话",
        "退休窗口在哪",
        "社保在哪里交",
        "社保局电话打不通",
        "我的社保号码是多少",
        "社保局几点上班",
        "电话多少",
        "地址",
        "查下" * 200 + "社保局电话",
    ],
)
def test_a_matter_another_place_or_no_office_is_not_the_office_itself(text: str) -> None:
    assert cues_of(text).of_office is None
