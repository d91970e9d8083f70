"""Guides that cannot be used, or only look so: every problem is said with its line, and the old base stays."""

from __future__ import annotations

import codecs
import re
import subprocess
import sys
from collections.abc import Callable, Sequence
from functools import cache
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from knowledge.building import GUIDE
from knowledge.model import KnowledgeBase
from knowledge.reading.facts import read_guide
from knowledge.reading.problems import GuideError
from knowledge.reading.source import MAX_BYTES, load_text, parse_text
from knowledge.store import KnowledgeStore
from knowledge.vocabulary import Vocabulary, load_vocabulary

MINI = Path(__file__).parent.parent / "mini_guide"
GB18030_BOM = b"\x84\x31\x95\x33"

Lines = list[str]
Edit = Callable[[Lines], Lines]


@pytest.fixture(scope="module")
def lines() -> Lines:
    return GUIDE.read_text(encoding="utf-8").split("\n")


def problems_of(data: bytes, vocabulary: Vocabulary) -> list[str]:
    with pytest.raises(GuideError) as caught:
        read_guide(parse_text("guide.txt", data), vocabulary)
    return str(caught.value).split("\n")


def replaced(changes: dict[int, str]) -> Edit:
    """Return an edit that sets lines, counted from 1, to other words."""
    return lambda lines: [changes.get(number, line) for number, line in enumerate(lines, 1)]


# ---------------------------------------------------------------- files that are no text


@pytest.mark.parametrize(
    ("data", "problem"),
    [
        (b"", "guide.txt:1: 文件是空的"),
        (b" \r\n\t\n", "guide.txt:1: 文件是空的"),
        (codecs.BOM_UTF8, "guide.txt:1: 文件是空的"),
        (bytes(range(256)) * 8, "guide.txt:2: 既不是 UTF-8 也不是 GB18030 编码（字节 0x80）"),
        (b"ok\nok\n\xff\xff\n", "guide.txt:3: 既不是 UTF-8 也不是 GB18030 编码（字节 0xff）"),
        ("企业\n社会保险".encode()[:-1], "guide.txt:2: 既不是 UTF-8 也不是 GB18030 编码（字节 0xe9）"),
        (b"ok\n\x00\x01\n", "guide.txt:2: 含有控制字符，不像文本文件"),
        (codecs.BOM_UTF8 + b"\xff", "guide.txt:1: 既不是 UTF-8 也不是 GB18030 编码（字节 0xef）"),
        ("你好\n世界".encode(), "guide.txt:1: 没有找到目录中的任何事项标题，不像办事指南"),
        ("繁體中文\n指南".encode("big5"), "guide.txt:1: 没有找到目录中的任何事项标题，不像办事指南"),
    ],
    ids=["empty", "blank", "only a mark", "binary", "wrong bytes", "cut in a letter", "control characters",
         "UTF-8 mark and no UTF-8", "another text", "Big5"],
)  # fmt: skip
def test_what_is_no_guide_is_refused_with_the_line_and_the_reason(
    data: bytes, problem: str, vocabulary: Vocabulary
) -> None:
    assert problems_of(data, vocabulary)[0] == problem


def test_a_file_of_noise_too_large_for_a_guide_is_not_even_read(tmp_path: Path) -> None:
    path = tmp_path / "guide.txt"
    with path.open("wb") as file:
        file.truncate(100 * 1024 * 1024)
    with pytest.raises(GuideError, match=f"^guide.txt:1: 文件有 104857600 字节，超过上限 {MAX_BYTES} 字节"):
        load_text(path)


@pytest.mark.parametrize(("name", "reason"), [("none.txt", "No such file"), (".", "Is a directory")])
def test_a_file_that_cannot_be_opened_is_named(tmp_path: Path, name: str, reason: str) -> None:
    with pytest.raises(GuideError, match=f":1: 读不到文件：{reason}"):
        load_text(tmp_path / name)


# ---------------------------------------------------------------- encodings and line ends that are read


@pytest.mark.parametrize(
    "encode",
    [
        lambda text: codecs.BOM_UTF8 + text.encode(),
        lambda text: text.encode("gb18030"),
        lambda text: GB18030_BOM + text.encode("gb18030"),
        lambda text: text.encode("utf-16"),
        lambda text: codecs.BOM_UTF16_BE + text.encode("utf-16-be"),
        lambda text: text.replace("\n", "\r\n").encode(),
        lambda text: text.replace("\n", "\r").encode(),
        lambda text: text.replace("\n", "\r\n").encode("gb18030"),
    ],
    ids=["UTF-8 with mark", "GB18030", "GB18030 with mark", "UTF-16", "UTF-16 big-endian", "CRLF", "CR",
         "GB18030 CRLF"],
)  # fmt: skip
def test_a_guide_in_another_encoding_gives_the_same_facts_and_line_numbers(
    encode: Callable[[str], bytes], base: KnowledgeBase, vocabulary: Vocabulary
) -> None:
    data = encode(GUIDE.read_text(encoding="utf-8"))
    read = read_guide(parse_text(base.document.name, data), vocabulary)
    assert (read.items, read.left_out) == (base.items, base.left_out)


# ---------------------------------------------------------------- guides with something wrong in them


@pytest.mark.parametrize(
    ("edit", "problem"),
    [
        (replaced({22: "机关事业单位社会保险"}), r"23: “办理时限”在事项“企业社会保险登记”里重复：前面缺少标题"),
        (replaced({800: ""}), r"801: “办理时限”在事项“多缴或重缴社会保险费退费——多缴或错缴”里重复：前面缺少标题"),
        (replaced({22: ""}), r"4736: 目录中的事项“机关事业单位社会保险登记”在指南里没有找到"),
        (replaced({1: ""}), r"2: 第一个事项标题之前有内容，或标题不在目录中：办理时限：即时办结"),
        (replaced({7: "准入条件：取得营业执照的企业。"}), r"7: 不认识的栏目名“准入条件”：请加入 labels.yml"),
        (replaced({23: "办结时限：即时办结"}), r"23: 不认识的栏目名“办结时限”：请加入 labels.yml"),
        (replaced({15: "收费 标准 说明：不收费"}), r"15: 不认识的栏目名“收费标准说明”：请加入 labels.yml"),
        (lambda lines: lines[:21] + lines, r"22: 事项“企业社会保险登记”重复出现（第 1 行已有）"),
        (
            lambda lines: lines[21:45] + lines[:21] + lines[45:],
            r"25: 事项“企业社会保险登记”的序号 1 排在序号 2 之后，顺序不对",
        ),
        (lambda lines: ["序言", *lines], r"1: 第一个事项标题之前有内容，或标题不在目录中：序言"),
        (replaced({21: "联系电话：0777-2833005企业0777-2828451"}), r"21: 电话和说明的对应不清楚"),
    ],
    ids=["title cut", "second line of a title gone", "title gone", "first title gone", "label unknown",
         "first label unknown", "padded label unknown", "item twice", "order wrong", "preamble", "phones ambiguous"],
)  # fmt: skip
def test_what_is_wrong_is_said_with_its_line(edit: Edit, problem: str, lines: Lines, vocabulary: Vocabulary) -> None:
    problems = problems_of("\n".join(edit(lines)).encode(), vocabulary)
    assert [said for said in problems if re.match(f"guide.txt:{problem}", said)]


def test_all_problems_are_given_at_once_in_the_order_of_their_lines(lines: Lines, vocabulary: Vocabulary) -> None:
    edit = replaced(
        {
            7: "准入条件：取得营业执照的企业。",
            21: "联系电话：0777-2833005企业0777-2828451",
            2894: "受理标准：窗口办理",
            3315: "咨询电话：一0777-2825653二",
        }
    )
    problems = problems_of("\n".join(edit(lines)).encode(), vocabulary)
    assert [problem[: problem.index("：")] for problem in problems] == [
        "guide.txt:7: 不认识的栏目名“准入条件”",
        "guide.txt:21: 电话和说明的对应不清楚",
        "guide.txt:2894: 不认识的栏目名“受理标准”",
        "guide.txt:3315: 电话和说明的对应不清楚",
    ]


def test_every_problem_has_the_form_name_line_reason(lines: Lines, vocabulary: Vocabulary) -> None:
    edited = replaced({22: "机关事业单位社会保险", 7: "准入条件：", 1600: "变更工伤"})(lines)
    problems = problems_of("\n".join(edited).encode(), vocabulary)
    assert len(problems) > 3
    assert all(re.fullmatch(r"guide\.txt:[1-9]\d*: \S.+", problem) for problem in problems)


# ---------------------------------------------------------------- the command


BROKEN: dict[str, bytes] = {
    "empty": b"",
    "binary": bytes(range(256)),
    "not a guide": "你好\n".encode(),
    "several problems": "企业社会保险登记\n准入条件：甲\n办理时限：即时办结\n联系电话：一2833005二\n".encode(),
}


def build(*arguments: str) -> subprocess.CompletedProcess[str]:
    command = [sys.executable, "-m", "knowledge", "build", *arguments]
    return subprocess.run(command, capture_output=True, text=True, encoding="utf-8", check=False)


@pytest.mark.parametrize("data", BROKEN.values(), ids=BROKEN)
def test_build_refuses_a_broken_guide_and_leaves_the_old_base_as_it_was(data: bytes, tmp_path: Path) -> None:
    guide, url = tmp_path / "guide.txt", f"sqlite:///{tmp_path}/guide.db"
    old = read_guide(load_text(MINI / "guide.txt"), load_vocabulary(MINI))
    KnowledgeStore(url).save(old, "old")
    guide.write_bytes(data)
    result = build(str(guide), "--database", url)
    assert (result.returncode, result.stdout) == (1, "")
    assert all(re.fullmatch(r"guide\.txt:\d+: .+", line) for line in result.stderr.splitlines())
    assert result.stderr
    assert KnowledgeStore(url).load() == old


# ---------------------------------------------------------------- properties


mini_vocabulary = cache(lambda: load_vocabulary(MINI))
our_vocabulary = cache(load_vocabulary)


def mini_lines() -> Sequence[str]:
    return (MINI / "guide.txt").read_text(encoding="utf-8").split("\n")


def is_in_chart(number: int) -> bool:
    """Inside a drawn chart blanks say in which column a box stands."""
    return 16 <= number <= 28 or number > 135


blanks = st.text(" \t\u3000", max_size=3)


@settings(max_examples=40, deadline=None)
@given(st.data())
def test_blanks_around_lines_and_any_line_ends_change_no_fact(data: st.DataObject) -> None:
    lines = mini_lines()
    before = data.draw(st.lists(blanks, min_size=len(lines), max_size=len(lines)))
    after = data.draw(st.lists(blanks, min_size=len(lines), max_size=len(lines)))
    ends = data.draw(st.sampled_from(["\n", "\r\n", "\r"]))
    noisy = ends.join(
        ("" if is_in_chart(number) else left) + line + right
        for number, (left, line, right) in enumerate(zip(before, lines, after, strict=True), 1)
    )
    read = read_guide(parse_text("guide.txt", noisy.encode()), mini_vocabulary())
    assert read.items == read_guide(parse_text("guide.txt", "\n".join(lines).encode()), mini_vocabulary()).items


@settings(max_examples=150, deadline=None)
@given(st.one_of(st.binary(max_size=400), st.text(max_size=200).map(str.encode)))
def test_random_bytes_are_refused_by_no_other_error(data: bytes) -> None:
    with pytest.raises(GuideError):
        read_guide(parse_text("guide.txt", data), our_vocabulary())


@settings(max_examples=40, deadline=None)
@given(st.lists(st.tuples(st.integers(0, 160), st.sampled_from(["delete", "double", "swap", "cut"])), max_size=6))
def test_a_damaged_guide_is_read_or_refused_but_nothing_else(damages: list[tuple[int, str]]) -> None:
    lines = list(mini_lines())
    for position, damage in damages:
        at = position % (len(lines) - 1)
        match damage:
            case "delete":
                del lines[at]
            case "double":
                lines.insert(at, lines[at])
            case "swap":
                lines[at], lines[at + 1] = lines[at + 1], lines[at]
            case _:
                lines[at] = lines[at][: len(lines[at]) // 2]
    try:
        base = read_guide(parse_text("guide.txt", "\n".join(lines).encode()), mini_vocabulary())
    except GuideError as error:
        assert error.problems
    else:
        assert len(base.items) == 8
