"""Another city's guide of the same family, read from build to export without a change of code.

The mini-guide is of an invented city: its own labels in its own order, its own item ids, phones and channels.
"""

from __future__ import annotations

import json
import subprocess
import sys
from datetime import date
from pathlib import Path
from typing import Any

import pytest

from knowledge.lint import find_doubts
from knowledge.model import KnowledgeBase
from knowledge.reading.facts import read_guide
from knowledge.reading.source import load_text
from knowledge.store import KnowledgeStore
from knowledge.vocabulary import load_vocabulary

Exported = dict[str, Any]


@pytest.fixture(scope="module")
def url(tmp_path_factory: pytest.TempPathFactory, mini_guide: Path) -> str:
    url = f"sqlite:///{tmp_path_factory.mktemp('city')}/guide.db"
    run("build", str(mini_guide / "guide.txt"), "--vocabulary", str(mini_guide), "--database", url)
    return url


@pytest.fixture(scope="module")
def exported(url: str) -> dict[str, Exported]:
    document = json.loads(run("export", "--database", url))
    return {item["id"]: item for item in document["items"]}


def run(*arguments: str) -> str:
    command = [sys.executable, "-m", "knowledge", *arguments]
    return subprocess.run(command, capture_output=True, text=True, encoding="utf-8", check=True).stdout


def facts(item: Exported, facet: str) -> list[Exported]:
    return [fact for fact in item["facts"] if fact["facet"] == facet]


def values(item: Exported, facet: str) -> list[tuple[list[str], Any]]:
    """Return branch and value of each fact on *facet*."""
    return [(fact["applies_to"], fact.get("value")) for fact in facts(item, facet)]


def test_its_items_have_the_ids_titles_and_order_of_its_own_catalogue(exported: dict[str, Exported]) -> None:
    assert [(item["id"], item["title"]) for item in exported.values()] == [
        ("LJ-001", "企业职工养老待遇申领"),
        ("LJ-002", "灵活就业人员参保登记"),
        ("LJ-003", "社会保障卡补换（含挂失、密码重置）"),
        ("LJ-004", "工伤医疗费用报销"),
        ("LJ-005", "失业保险金申领"),
        ("LJ-006", "养老保险关系转移接续——跨省转入"),
        ("LJ-007", "参保证明打印"),
        ("LJ-008", "参保单位注销登记"),
    ]
    assert exported["LJ-001"]["audience"] == ["个人", "企业"]
    assert exported["LJ-005"]["aliases"] == ["失业金"]


def test_its_office_is_stored_with_it(url: str) -> None:
    base = KnowledgeStore(url).load()
    assert base.document.office == "澜江市社会保险服务中心"


@pytest.mark.parametrize(
    ("item_id", "phones"),
    [
        ("LJ-001", [("0809-6123001", None), ("0809-6123002", "灵活就业")]),
        ("LJ-002", [("0809-6123002", None)]),
        ("LJ-003", [("0809-6123003", "制卡"), ("0809-6123004", "挂失")]),
        ("LJ-005", [("13900000001", None), ("0809-6123006", None)]),
        ("LJ-006", [("12333", None)]),
        ("LJ-008", [("0809-6123009", None)]),
    ],
)
def test_its_phones(exported: dict[str, Exported], item_id: str, phones: list[tuple[str, str | None]]) -> None:
    read = [(value["number"], value["label"]) for _, value in values(exported[item_id], "phone")]
    assert read == phones


@pytest.mark.parametrize(
    ("item_id", "limits"),
    [
        ("LJ-001", [([], 12, "workday")]),
        ("LJ-002", [(["线上申办"], 0, None), (["柜面申办"], 3, "workday")]),
        ("LJ-003", [(["补卡"], 20, "day"), (["换卡"], 5, "workday")]),
        ("LJ-004", [(["住院费用"], 22, "workday"), (["门诊费用"], None, None)]),
        ("LJ-006", [([], 45, "day")]),
        ("LJ-007", [([], 0, None)]),
    ],
)
def test_its_time_limits(exported: dict[str, Exported], item_id: str, limits: list[tuple[Any, ...]]) -> None:
    read = [
        (branch, 0 if value["immediate"] else value["amount"], value["unit"])
        for branch, value in values(exported[item_id], "time_limit")
    ]
    assert read == limits


@pytest.mark.parametrize(
    ("item_id", "fee"),
    [
        ("LJ-001", {"free": True, "amount": None}),
        ("LJ-003", {"free": False, "amount": 16.5}),
        ("LJ-004", {"free": True, "amount": None}),
    ],
)
def test_its_fees(exported: dict[str, Exported], item_id: str, fee: Exported) -> None:
    assert values(exported[item_id], "fee") == [([], fee)]


def test_a_fee_that_it_does_not_give_is_absent(exported: dict[str, Exported]) -> None:
    assert facts(exported["LJ-007"], "fee") == []


def test_its_papers_stand_under_their_branches(exported: dict[str, Exported]) -> None:
    read = [
        (branch, value["name"], value["form"], value["copies"])
        for branch, value in values(exported["LJ-001"], "materials")
        if "name" in value
    ]
    assert read == [
        (["企业申报的"], "《养老待遇申领表》", "original", 2),
        (["企业申报的"], "职工人事档案", "inspect", None),
        (["灵活就业人员申报的"], "《养老待遇申领表》", "original", 1),
        (["灵活就业人员申报的"], "身份证", "copy", 1),
        (["灵活就业人员申报的", "委托他人办理的"], "代办人身份证", "inspect", None),
    ]
    assert facts(exported["LJ-001"], "materials")[-1] == {
        "facet": "materials",
        "text": "注：复印件均应加盖公章或由本人签名。",
        "lines": [12, 12],
        "applies_to": [],
        "value": {"note": True},
    }


def test_one_of_several_papers_is_a_group(exported: dict[str, Exported]) -> None:
    assert [branch for branch, _ in values(exported["LJ-003"], "materials")] == [
        [], ["补卡"], ["补卡"], ["补卡", "以下材料之一"], ["补卡", "以下材料之一"], [],
    ]  # fmt: skip


def test_its_own_channels_tell_where_to_go(exported: dict[str, Exported]) -> None:
    kinds = {
        item_id: [value["kind"] for _, value in values(item, "location") if value] for item_id, item in exported.items()
    }
    assert kinds == {
        "LJ-001": ["onsite", "online"],
        "LJ-002": ["onsite"],
        "LJ-003": ["bank", "wechat"],
        "LJ-004": ["onsite"],
        "LJ-005": ["online"],  # the other address is left-over template text
        "LJ-006": ["onsite"],
        "LJ-007": ["kiosk"],
        "LJ-008": ["onsite"],
    }
    assert [value for _, value in values(exported["LJ-001"], "location")] == [
        {"kind": "onsite", "address": "澜江市滨河路8号政务服务大厅3号窗口", "window": "3号窗口"},
        {"kind": "online", "url": "https://rs.lanjiang.example.com/si"},
    ]
    assert [value["kind"] for _, value in values(exported["LJ-005"], "methods")] == ["online", "onsite"]


def test_its_chart_in_place_and_its_chart_at_the_end_are_both_read(exported: dict[str, Exported]) -> None:
    def steps(item_id: str) -> list[tuple[int, str, str, str]]:
        found = [value for _, value in values(exported[item_id], "process")]
        return [(v["step"], v["name"], v["duration"], v["evidence"]) for v in found]

    assert steps("LJ-001") == [
        (1, "接收申请材料", "即时", "in_item"),
        (2, "初审", "7个工作日", "in_item"),
        (3, "复核", "5个工作日", "in_item"),
        (4, "结果反馈", "即时", "in_item"),
    ]
    proof = "proof: sum 7 workdays, unique in order"
    assert steps("LJ-008") == [
        (1, "接收申报材料", "即时", proof),
        (2, "审核", "7个工作日", proof),
        (3, "结果反馈", "即时", proof),
    ]
    assert facts(exported["LJ-006"], "process") == []  # only a picture


def test_its_scheme_is_bounded_in_time(exported: dict[str, Exported]) -> None:
    assert values(exported["LJ-005"], "conditions")[1] == (
        [], {"valid_from": "2023-03-01", "valid_to": "2024-02-29"},
    )  # fmt: skip


def test_its_roles_are_its_own_labels(mini_guide: Path) -> None:
    base = read_mini(mini_guide)
    assert [section.label for section in base.by_id["LJ-001"].sections][-2:] == ["承办科室", "分管领导"]


def test_its_doubts_are_found_with_its_own_words(mini_guide: Path) -> None:
    vocabulary = load_vocabulary(mini_guide)
    text = load_text(mini_guide / "guide.txt")
    doubts = {(d.line, d.what) for d in find_doubts(read_guide(text, vocabulary), text, vocabulary, date(2025, 1, 1))}
    assert doubts >= {
        (87, "政策已过期"),
        (100, "模板残留"),
        (104, "文字重复"),
        (110, "未收录"),
        (114, "缺少收费情况"),
        (126, "序号错乱"),
    }


def read_mini(folder: Path) -> KnowledgeBase:
    return read_guide(load_text(folder / "guide.txt"), load_vocabulary(folder))
