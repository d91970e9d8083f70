"""`python -m knowledge build|export|lint` as an operator runs it: results on stdout, talk on stderr, exit codes."""

from __future__ import annotations

import hashlib
import json
import os
import re
import subprocess
import sys
from collections.abc import Callable
from datetime import date
from pathlib import Path
from typing import Any

import pytest

from knowledge.building import GUIDE

Result = subprocess.CompletedProcess[str]
Exported = dict[str, Any]


def run(*arguments: str, **environment: str) -> Result:
    command = [sys.executable, "-m", "knowledge", *arguments]
    return subprocess.run(
        command, capture_output=True, text=True, encoding="utf-8", check=False, env={**os.environ, **environment}
    )


@pytest.fixture(scope="module")
def url(tmp_path_factory: pytest.TempPathFactory) -> str:
    return f"sqlite:///{tmp_path_factory.mktemp('base')}/guide.db"


@pytest.fixture(scope="module")
def built(url: str) -> Result:
    return run("build", "--database", url)


@pytest.fixture(scope="module")
def document(built: Result, url: str) -> Exported:
    assert built.returncode == 0
    result = run("export", "--database", url)
    assert (result.returncode, result.stderr) == (0, "")
    document: Exported = json.loads(result.stdout)
    return document


@pytest.fixture(scope="module")
def facts(document: Exported) -> list[Exported]:
    return [fact for item in document["items"] for fact in item["facts"]]


@pytest.fixture(scope="module")
def doubts() -> set[tuple[int, str, str, str]]:
    """The table that lint prints of the real guide, row by row."""
    result = run("lint")
    assert (result.returncode, result.stderr) == (0, "")
    return rows(result.stdout)


def rows(table: str) -> set[tuple[int, str, str, str]]:
    head, *lines = table.splitlines()
    assert head == "行\t事项\t问题\t说明"
    cells = [line.split("\t") for line in lines]
    return {(int(line), item, what, why) for line, item, what, why in cells}


# ---------------------------------------------------------------- build


def test_build_says_what_it_made_on_stderr_and_nothing_on_stdout(built: Result) -> None:
    assert (built.returncode, built.stdout) == (0, "")
    assert re.fullmatch(r"knowledge base: 105 items, \d+ facts, \d+ lines left out\n", built.stderr)


def test_build_again_is_up_to_date(built: Result, url: str) -> None:
    again = run("build", "--database", url)
    assert (again.returncode, again.stdout, again.stderr) == (0, "", "knowledge base: up to date\n")


def test_the_database_can_be_named_by_the_environment(tmp_path: Path, mini_guide: Path) -> None:
    url = f"sqlite:///{tmp_path}/guide.db"
    guide = str(mini_guide / "guide.txt")
    assert run("build", guide, "--vocabulary", str(mini_guide), DATABASE_URL=url).returncode == 0
    assert len(json.loads(run("export", DATABASE_URL=url).stdout)["items"]) == 8


def test_the_option_wins_over_the_environment(built: Result, url: str, tmp_path: Path) -> None:
    result = run("export", "--database", url, DATABASE_URL=f"sqlite:///{tmp_path}/none.db")
    assert len(json.loads(result.stdout)["items"]) == 105


@pytest.mark.parametrize(
    ("arguments", "stderr"),
    [
        (["build", "none.txt"], "none.txt:1: 读不到文件：No such file or directory\n"),
        (["lint", "none.txt"], "none.txt:1: 读不到文件：No such file or directory\n"),
        (["build", "--vocabulary", "none"], "knowledge: none: no such folder\n"),
        (["build", "--database", "nonsense"], "knowledge: DATABASE_URL 不能用（nonsense）："),
        (["export", "--database", ""], "knowledge: DATABASE_URL 不能用（）："),
        (
            ["export", "--database", "sqlite://"],
            "knowledge: 数据库里还没有知识库，请先运行 python -m knowledge build\n",
        ),
    ],
)
def test_what_cannot_be_used_is_named_in_one_line_and_exits_with_1(
    arguments: list[str], stderr: str, tmp_path: Path
) -> None:
    environment = {"DATABASE_URL": f"sqlite:///{tmp_path}/guide.db"}
    result = run(*arguments, **environment)
    assert (result.returncode, result.stdout) == (1, "")
    assert result.stderr.startswith(stderr)
    assert result.stderr.count("\n") == 1


@pytest.mark.parametrize("arguments", [[], ["bild"], ["build", "--databse", "x"], ["export", "guide.txt"]])
def test_a_bad_argument_is_named_and_exits_with_2(arguments: list[str]) -> None:
    result = run(*arguments)
    assert (result.returncode, result.stdout) == (2, "")
    assert "error:" in result.stderr.splitlines()[-1]


# ---------------------------------------------------------------- export


def test_the_document_names_its_guide_and_edition(document: Exported) -> None:
    assert set(document) == {"document", "items"}
    assert document["document"] == {
        "name": GUIDE.name,
        "sha256": hashlib.sha256(GUIDE.read_bytes()).hexdigest(),
        "edition": hashlib.sha256(GUIDE.read_bytes()).hexdigest()[:12],
    }


def test_every_item_has_the_keys_of_the_contract(document: Exported) -> None:
    for item in document["items"]:
        assert list(item) == ["id", "number", "title", "category", "audience", "aliases", "facts"]
        assert re.fullmatch(r"[a-z][a-z0-9_]*", item["id"])
        assert isinstance(item["number"], int)
        assert all(isinstance(word, str) and word for word in [*item["audience"], *item["aliases"]])


def test_every_fact_has_the_keys_of_the_contract(facts: list[Exported]) -> None:
    facets = {"conditions", "methods", "materials", "process", "time_limit", "location", "phone", "fee", "delivery",
              "department"}  # fmt: skip
    for fact in facts:
        assert list(fact) in (
            ["facet", "text", "lines", "applies_to"],
            ["facet", "text", "lines", "applies_to", "value"],
        )
        assert fact["facet"] in facets
        assert fact["text"] == fact["text"].strip() != ""
        first, last = fact["lines"]
        assert 1 <= first <= last
        assert all(isinstance(heading, str) and heading for heading in fact["applies_to"])


FORMS = ("original", "copy", "inspect", "electronic")
KINDS = ("onsite", "online", "app", "wechat", "kiosk", "bank")


def is_remark(value: Exported) -> bool:
    return value in ({"heading": True}, {"note": True})


def is_time_limit(value: Exported) -> bool:
    if list(value) != ["immediate", "amount", "unit"]:
        return False
    if value["immediate"] or value["amount"] is None:
        return value["amount"] is None and value["unit"] is None
    return type(value["amount"]) is int and value["unit"] in ("workday", "day")


def is_phone(value: Exported) -> bool:
    return list(value) == ["number", "label"] and re.fullmatch(r"0777-\d{7}", value["number"]) is not None


def is_material(value: Exported) -> bool:
    if is_remark(value):
        return True
    form = value["form"]
    forms_fit = form is None or form in FORMS or (isinstance(form, list) and len(form) > 1 and set(form) <= set(FORMS))
    copies_fit = value["copies"] is None or type(value["copies"]) is int
    return list(value) == ["name", "form", "copies", "exempt_if"] and bool(value["name"]) and forms_fit and copies_fit


def is_place(value: Exported) -> bool:
    keys_fit = set(value) <= {"kind", "address", "url", "window"} and None not in value.values()
    return is_remark(value) or (keys_fit and value["kind"] in KINDS)


def is_fee(value: Exported) -> bool:
    return list(value) == ["free", "amount"] and value["free"] is (value["amount"] is None)


def is_step(value: Exported) -> bool:
    return is_remark(value) or (
        list(value) == ["variant", "step", "name", "duration", "evidence"]
        and value["step"] >= 1
        and bool(value["name"])
        and re.match(r"in_item$|proof: ", value["evidence"]) is not None
    )


def is_span_or_remark(value: Exported) -> bool:
    value = dict(value)
    span = {key: value.pop(key, None) for key in ("valid_from", "valid_to")}
    for day in filter(None, span.values()):
        date.fromisoformat(day)
    return not value or is_remark(value)


@pytest.mark.parametrize(
    ("facet", "is_formed", "always"),
    [
        ("time_limit", is_time_limit, True),
        ("phone", is_phone, True),
        ("materials", is_material, True),
        ("location", is_place, False),
        ("methods", is_place, False),
        ("fee", is_fee, True),
        ("process", is_step, True),
        ("conditions", is_span_or_remark, False),
        ("delivery", is_span_or_remark, False),
    ],
)
def test_values_have_the_form_of_their_facet(
    facts: list[Exported], facet: str, is_formed: Callable[[Exported], bool], always: bool
) -> None:
    of_facet = [fact for fact in facts if fact["facet"] == facet]
    assert len(of_facet) >= 70
    assert [fact for fact in of_facet if "value" in fact and not is_formed(fact["value"])] == []
    if always:
        assert [fact for fact in of_facet if "value" not in fact] == []


# ---------------------------------------------------------------- lint


@pytest.mark.parametrize(
    ("line", "what", "why"),
    [
        (2239, "电话可疑", "0777-2851611 只出现 1 次，与出现 26 次的 0777-2851661 只差一个数字"),
        (1499, "别处的说法", "“自治区本级”"),
        (2298, "别处的说法", "“中区直驻邕”"),
        (490, "别处的说法", "“区直事业单位”"),
        (346, "文字重复", "“变更变更”"),
        (2196, "文字重复", "“通过通过”"),
        (1886, "文字重复", "“的的”"),
        (689, "政策已过期", "写明到 2022-12-31 为止"),
        (2517, "政策已过期", "写明到 2022-12-31 为止"),
        (2710, "政策已过期", "写明到 2022-12-31 为止"),
        (2752, "政策已过期", "写明到 2022-12-31 为止"),
        (2981, "缺少申请条件", "指南没有写这个栏目"),
        (3002, "缺少申请条件", "指南没有写这个栏目"),
        (3021, "缺少申请条件", "指南没有写这个栏目"),
        (904, "缺少办理流程", "指南没有写这个栏目"),
        (402, "缺少办理流程", "栏目下没有文字内容（可能只有图片）"),
        (277, "模板残留", "书名号里有空白没有填写"),
        (827, "模板残留", "年度没有填写"),
        (869, "模板残留", "年度没有填写"),
        (1406, "模板残留", "模板提示语没有替换"),
        (1571, "序号错乱", "序号写的是“2.”，按顺序应是第 1 个"),
        (2955, "括号不配对", "（2 个，）1 个"),
        (38, "前后矛盾", "办理方式只写了现场办理"),
        (6, "未收录", "图片"),
        (1450, "未收录", "图片识别乱码"),
    ],
)
def test_lint_names_what_is_doubtful_in_the_guide(
    doubts: set[tuple[int, str, str, str]], line: int, what: str, why: str
) -> None:
    found = [doubt for doubt in doubts if doubt[0] == line and doubt[2] == what]
    assert [doubt for doubt in found if doubt[3].startswith(why)], found


def test_lint_says_in_which_item_a_doubt_stands(doubts: set[tuple[int, str, str, str]]) -> None:
    items = {line: item for line, item, what, _ in doubts if what in ("电话可疑", "政策已过期")}
    assert items == {
        689: "困难行业阶段性缓缴社会保险费申请",
        2239: "工伤保险待遇变更",
        2517: "技能提升补贴申领",
        2710: "一次性扩岗补助申领",
        2752: "一次性留工培训补助申领",
    }


def test_lint_lists_every_line_that_is_left_out(doubts: set[tuple[int, str, str, str]], document: Exported) -> None:
    """What is neither title, label nor fact is in the table; so no line of the guide goes missing unsaid."""
    told = {line for line, _, what, _ in doubts if what == "未收录"}
    used = {
        n for item in document["items"] for fact in item["facts"] for n in range(fact["lines"][0], fact["lines"][1] + 1)
    }
    lines = GUIDE.read_text(encoding="utf-8").split("\n")
    tail = {number for number in range(3316, len(lines) + 1) if lines[number - 1].strip()}
    assert tail <= told | used
    assert not told & {number for number in used if lines[number - 1].strip()}


def changed(tmp_path: Path, changes: dict[int, str]) -> str:
    lines = GUIDE.read_text(encoding="utf-8").split("\n")
    path = tmp_path / "guide.txt"
    path.write_text("\n".join(changes.get(n, line) for n, line in enumerate(lines, 1)), encoding="utf-8")
    return str(path)


def test_lint_of_an_altered_guide_names_the_alterations(tmp_path: Path) -> None:
    guide = changed(
        tmp_path,
        {
            15: "",  # the fee
            85: "3.无正常参保人员；",  # a miscount
            731: "（5个工作日）",  # a step longer than the time limit
            592: "联系电话：不变",  # no number
            121: "2.《城乡居民基本养老保险关系转入申请表》，原件1份；",  # a paper asked for twice
        },
    )
    result = run("lint", guide)
    assert result.returncode == 0
    found = {(line, what) for line, _, what, _ in rows(result.stdout)}
    assert found >= {
        (1, "缺少收费标准"),
        (85, "序号错乱"),
        (719, "流程时长与时限不符"),
        (592, "看不懂联系电话"),
        (121, "材料重复"),
    }
