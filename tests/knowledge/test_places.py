"""Where and how: the channel, and the address, web address or counter that the line gives."""

from __future__ import annotations

import pytest

from knowledge.values import Place
from knowledge.values.places import parse_place
from knowledge.vocabulary import Vocabulary

HALL = "广西钦州市兴桂路体育中心主场馆1号门"


@pytest.mark.parametrize(
    ("text", "place"),
    [
        (f"现场办理：{HALL}", Place("onsite", HALL)),
        (HALL, Place("onsite", HALL)),
        ("广西钦州市永福西大街51号东泉大厦五楼502室", Place("onsite", "广西钦州市永福西大街51号东泉大厦五楼502室")),
        (f"{HALL}大厅9号窗口。", Place("onsite", f"{HALL}大厅9号窗口", window="9号窗口")),
        ("中心一楼东厅社保卡专窗，窗口", Place("onsite", "中心一楼东厅社保卡专窗，窗口", window="社保卡专窗")),
        ("户籍所在地的各级社保经办机构", Place("onsite", "户籍所在地的各级社保经办机构")),
        ("现场办理；", Place("onsite")),
        ("窗口办理", Place("onsite")),
        ("网报地址：https://www.gx12333.net/si", Place("online", url="https://www.gx12333.net/si")),
        ("网上申报。", Place("online")),
        ("参保单位网上自助查询打印；", Place("online")),
        ("国家社会保险公共服务平台（si.12333.gov.cn），“社保查询”－“年度单”；", Place("online", url="si.12333.gov.cn")),
        ("广西“数智人社”政务服务大厅：https://www.gx12333.net/si", Place("online", url="https://www.gx12333.net/si")),
        ("登录广西“数智人社”网上服务大厅、广西人社APP。", Place("online")),
        ("掌上12333APP，“服务”－“社会保障”－“社保信息查询” －“个人权益记录”；", Place("app")),
        ("“广西人社”手机APP", Place("app")),
        ("“广西人社服务”微信公众号", Place("wechat")),
        ("电子社保卡小程序、电子社保卡服务渠道，“全国服务”", Place("wechat")),
        ("社保服务大厅自助一体机", Place("kiosk")),
        ("指定的合作金融机构营业网点", Place("bank")),
    ],
)  # fmt: skip
def test_a_line_names_its_channel_and_what_leads_there(text: str, place: Place, vocabulary: Vocabulary) -> None:
    assert parse_place(text, vocabulary.channels, bare_counter=vocabulary.bare_counter) == place


@pytest.mark.parametrize("text", ["通过共享市场监督管理局推送的企业注销信息进行办理。", "", "详见公告"])
def test_a_line_without_a_channel_is_no_place(text: str, vocabulary: Vocabulary) -> None:
    assert parse_place(text, vocabulary.channels) is None


def test_a_line_without_a_channel_takes_that_of_its_heading(vocabulary: Vocabulary) -> None:
    place = parse_place("国家政务系统，“跨省通办服务专区”", vocabulary.channels, inherited="online")
    assert place == Place("online")


@pytest.mark.parametrize("url", ["https://www.gx12333.net/si", "http://a.example.com/b?c=d&e=1#f", "si.12333.gov.cn"])
def test_a_web_address_ends_where_chinese_begins(url: str, vocabulary: Vocabulary) -> None:
    place = parse_place(f"网报地址：{url}，“关系转移”-“社保转移申请”。", vocabulary.channels)
    assert place == Place("online", url=url)


def test_absent_keys_are_left_out_of_the_export() -> None:
    assert Place("online").as_json() == {"kind": "online"}
    assert Place.from_json({"kind": "onsite", "window": "9号窗口"}) == Place("onsite", window="9号窗口")
