"""Facts as plain text: every word, in the guide's order, branches indented under their headings."""

from __future__ import annotations

import pytest

from bot.answering.render import INDENT, render_facts, render_source
from knowledge.model import Facet, Fact, SourceLines
from knowledge.values import Heading, Note, Phone, Role, Step, TimeLimit
from tests.bot.making import fact


def words(text: str) -> str:
    return "".join(text.split())


def test_facts_are_rendered_word_for_word_one_a_line() -> None:
    facts = [fact("1.身份证，原件1份；", 11), fact("2.户口簿(复印件)。", 12)]
    assert render_facts(facts) == "1.身份证，原件1份；\n2.户口簿(复印件)。"


def test_branches_are_indented_under_their_headings() -> None:
    facts = [
        fact("（一）企业", 10, value=Heading()),
        fact("1.申领表；", 11, under=["企业"]),
        fact("8.改制单位的，提供：", 12, under=["企业"], value=Heading()),
        fact("（1）申请表", 13, under=["企业", "改制单位的"]),
        fact("（二）机关", 14, value=Heading()),
        fact("1.批文", 15, under=["机关"]),
        fact("注：均应签名。", 16, value=Note()),
    ]
    assert render_facts(facts).splitlines() == [
        "（一）企业",
        f"{INDENT}1.申领表；",
        f"{INDENT}8.改制单位的，提供：",
        f"{INDENT}{INDENT}（1）申请表",
        "（二）机关",
        f"{INDENT}1.批文",
        "注：均应签名。",
    ]


def test_a_branch_named_on_the_line_itself_is_not_indented() -> None:
    limit = fact("退役军人：无", 9, Facet.TIME_LIMIT, ["退役军人"], TimeLimit(False))
    assert render_facts([limit]) == "退役军人：无"


def test_limits_that_share_a_line_stay_on_one_line() -> None:
    facts = [
        fact("线上办理：5个工作日；", 104, Facet.TIME_LIMIT, ["线上办理"], TimeLimit(False, 5, "workday")),
        fact("线下办理：10个工作日", 104, Facet.TIME_LIMIT, ["线下办理"], TimeLimit(False, 10, "workday")),
    ]
    assert render_facts(facts) == "线上办理：5个工作日；线下办理：10个工作日"


PHONES = [("0777-2833005，", "机关事业单位0777-2828451"), ("0777-2833189机关事业", "0777-2857108企业养老")]


@pytest.mark.parametrize(("first", "second"), PHONES)
def test_numbers_that_share_a_line_stay_on_one_line(first: str, second: str) -> None:
    facts = [
        fact(first, 1049, Facet.PHONE, value=Phone("0777-2833189")),
        fact(second, 1049, Facet.PHONE, value=Phone("0777-2857108")),
    ]
    assert render_facts(facts) == first + second


def test_numbered_statements_of_one_line_are_a_list() -> None:
    facts = [fact("1.网上办理；", 8, Facet.METHODS), fact("2.现场办理；", 8, Facet.METHODS)]
    assert render_facts(facts) == "1.网上办理；\n2.现场办理；"


def test_statements_of_neighbouring_lines_do_not_run_together() -> None:
    assert render_facts([fact("即时办结", 8), fact("特殊情况除外", 9)]).count("\n") == 1


def test_steps_say_their_column_and_stand_on_lines_of_their_own() -> None:
    facts = [
        fact("受理", 30, Facet.PROCESS, value=Step(1, "受理", "线上办理")),
        fact("审核", 30, Facet.PROCESS, value=Step(2, "审核")),
    ]
    assert render_facts(facts).splitlines() == [f"{INDENT}〔线上办理〕受理", f"{INDENT}审核"]


def test_a_department_is_said_with_its_role() -> None:
    assert render_facts([fact("市社保中心", 9, Facet.DEPARTMENT, value=Role("责任单位"))]) == "责任单位：市社保中心"


def test_a_statement_over_two_lines_reads_on() -> None:
    over_two = Fact(Facet.CONDITIONS, "前半句\n后半句", SourceLines(4, 5))
    assert render_facts([over_two]) == "前半句后半句"


SOURCES = [
    ([(11, 11)], "11"),
    ([(11, 11), (12, 12)], "11–12"),
    ([(11, 12), (15, 15)], "11–12、15"),
    ([(15, 15), (11, 12)], "11–12、15"),
    ([(8, 8), (8, 8)], "8"),
    ([(3, 9), (4, 5), (10, 10)], "3–10"),
]


@pytest.mark.parametrize(("lines", "said"), SOURCES)
def test_neighbouring_lines_are_joined_in_the_source(lines: list[tuple[int, int]], said: str) -> None:
    assert render_source([Fact(Facet.FEE, "x", SourceLines(*span)) for span in lines]) == said


def test_whatever_is_added_to_facts_every_word_stays() -> None:
    facts = [fact("（一）企业", 1, value=Heading()), fact("1.甲；", 2, under=["企业"]), fact("乙", 2, under=["企业"])]
    assert words(render_facts(facts)) == "".join(f.text for f in facts)
