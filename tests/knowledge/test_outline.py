"""The inner order of a section, drawn: each line of the guide beside what is made of it.

On the left stand lines of the guide, on the right what they become: `#` a heading, `-` an entry, `*` a note, then
the headings above it. A line that holds several statements gives several lines on the right.
"""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from knowledge.model import KnowledgeBase
from knowledge.reading.outline import Miscount, Role, parse_outline, split_markers
from knowledge.reading.sections import ContentLine
from knowledge.values import Heading, Note
from knowledge.vocabulary import Vocabulary

SIGNS = {Role.HEADING: "#", Role.ENTRY: "-", Role.NOTE: "*"}

HEADINGS = """
1.企业新增人员、机关事业单位新增编外人员，提供：   => #
（1）《用人单位人员增员申报表》，原件1份；         => - 企业新增人员、机关事业单位新增编外人员
2.灵活就业人员，提供：                             => #
（1）《灵活就业人员参加养老保险登记表》；          => - 灵活就业人员
（2）社会保障卡或居民身份证，验原件；              => - 灵活就业人员
"""

A_HEADING_WITHOUT_COLON = """
3.申报住院医疗费用的，提供                  => #
（1）住院医疗费用发票，原件1份；            => - 申报住院医疗费用的
4.首次申报的还需提供：                      => #
（1）单位终止劳动合同证明，验原件；         => - 首次申报的
5.属于出国定居申请职业年金一次性返还。      => #
（1）《一次性支付申报表》                   => - 属于出国定居申请职业年金一次性返还
"""

SUBHEADINGS_WITHOUT_NUMBERS_BELOW = """
（一）基本信息变更：参保人员更改办公电话的，提供以下材料：  => #
1.个人申请                                                  => # 基本信息变更
（1）《信息变更申报表》，原件1份；                          => - 基本信息变更 > 个人申请
（2）社会保障卡，验原件；                                   => - 基本信息变更 > 个人申请
2.单位申请                                                  => # 基本信息变更
提供《信息变更申报表》，原件1份；                           => - 基本信息变更 > 单位申请
（二）供养人员更改姓名的，提供以下材料：                    => #
（1）《信息变更申报表》，原件1份；                          => - 供养人员更改姓名的
"""

FOUR_LEVELS = """
（一）养老，提供：          => #
1.在职人员，提供：          => # 养老
（1）死亡的，还需提供：     => # 养老 > 在职人员
①火化证明；                 => - 养老 > 在职人员 > 死亡的
②户口簿。                   => - 养老 > 在职人员 > 死亡的
（2）身份证。               => - 养老 > 在职人员
2.退休人员，提供：          => # 养老
（1）退休证。               => - 养老 > 退休人员
（二）工伤，提供：          => #
1.工伤证。                  => - 工伤
"""

NUMBERS_REPEATED_AND_MISCOUNTED = """
1.申请表；       => -
3.身份证；       => -
3.户口簿；       => -
（2）照片。      => -
"""

A_LIST_WITHOUT_HEADINGS = """
1.申请表，原件1份；           => -
2.身份证，验原件；            => -
3、户口簿，验原件；           => -
4．照片。                     => -
"""

A_NOTE_AT_THE_END_HOLDS_FOR_THE_WHOLE_LIST = """
1.企业，提供：                                    => #
（1）申请表，原件1份；                            => - 企业
2.个人，提供：                                    => #
（1）身份证，验原件。                             => - 个人
注：所提供的复印件均应加盖申报单位公章。          => *
"""

A_NOTE_IN_THE_MIDDLE_HOLDS_FOR_ITS_BRANCH = """
1.在编人员断缴补缴，提供：                                          => #
（1）调令或任职文件，复印件1份；                                    => - 在编人员断缴补缴
注：准备期清算少缴漏缴的，只需提供申报表和单位说明。                => * 在编人员断缴补缴
2.编外人员断缴补缴，提供：                                          => #
（1）职工人事档案，验原件。                                         => - 编外人员断缴补缴
"""

A_NOTE_THAT_NAMES_THE_LAST_BRANCH_IS_ITS_OWN = """
1.个人申请                                          => #
（1）社会保障卡，验原件。                           => - 个人申请
2.单位申请                                          => #
《信息变更申报表》，原件1份。                       => - 单位申请
注：单位申请五人以上另附Excel电子表格               => * 单位申请
"""

A_NOTE_ON_THE_COUNTERPART_HOLDS_FOR_BOTH = """
3.人事档案，验原件。                                                     => -
4.个人办理的，还需提供：                                                 => #
申请人的社会保障卡或居民身份证，验原件；                                 => - 个人办理的
注：继承人个人办理的，支付至个人账户；单位办理的，支付至单位账户。       => *
5.申报供养直系亲属救济费的，还需提供：                                   => #
（1）登记卡，验原件；                                                    => - 申报供养直系亲属救济费的
"""

A_NOTE_CAN_COUNT_ITS_OWN_POINTS = """
1.备案函，原件1份。                       => -
2.企业年金方案，复印件1份。               => -
注：1.复印件均应加盖申报单位公章。        => *
2.情况说明包括单位基本情况。              => *
"""

A_STARRED_LINE_IS_A_NOTE_ON_ITS_BRANCH = """
5.申报正常治疗期内发生的费用的：                  => #
（1）属转诊转院的，已办理转诊转院申请确认；       => - 申报正常治疗期内发生的费用的
*正常治疗期最长为两年。                           => * 申报正常治疗期内发生的费用的
6.申报正常治疗期间结束后发生的费用的：            => #
（1）属工伤康复的，已办理工伤康复申请确认；       => - 申报正常治疗期间结束后发生的费用的
"""

AN_UNNUMBERED_LINE_UNDER_A_HEADING_IS_ITS_ENTRY = """
4.个人办理的，还需提供：                          => #
申请人的社会保障卡或居民身份证，验原件；          => - 个人办理的
5.单位办理的，还需提供：                          => #
（1）介绍信。                                     => - 单位办理的
"""

AN_UNNUMBERED_LINE_AMONG_NUMBERED_ONES_IS_THEIR_SIBLING = """
1.企业退休人员，提供：                                    => #
（1）《重新核定申报表》，原件1份。                        => - 企业退休人员
涉及多人的，还需提供《信息变更申报表》。                  => - 企业退休人员
（2）养老保险手册，验原件；                               => - 企业退休人员
"""

AN_UNNUMBERED_LINE_BEHIND_A_BRANCH_IS_NOT_NARROWED_TO_IT = """
2.申报门诊医疗费用，提供：                                => #
（1）门诊医疗费用发票，原件1份；                          => - 申报门诊医疗费用
医疗费用发票为增值税发票的，需提供说明。                  => -
3.赔偿证明资料，复印件1份；                               => -
"""

ONE_OF_THE_FOLLOWING = """
1.《变更工伤登记表》，原件1份。                    => -
2.工伤保险关系变更，提供以下材料之一：             => #
（1）合并的文件，验原件或收复印件1份；             => - 工伤保险关系变更
（2）调令，原件或复印件1份；                       => - 工伤保险关系变更
3.确认工伤的原始证明材料之一：                     => #
（1）《工伤证》，验原件；                          => - 确认工伤的原始证明材料之一
"""

ONE_LEAD_IN_NARROWS_NOTHING = """
符合下列情形的，可办理注销：        => #
1.无社会保险费欠费信息；            => -
2.无正常参保人员。                  => -
"""

SEVERAL_LEAD_INS_DIVIDE_THE_LIST = """
必要材料：                                    => #
1.申请表原件1份。                             => - 必要材料
2.证人的证言材料原件1份。                     => - 必要材料
如符合以下条件的，还需提供以下对应材料：      => #
1.受到意外伤害的，提交公安机关的证明。        => - 如符合以下条件的
"""

SEVERAL_STATEMENTS_IN_ONE_LINE = """
1.网上办理；2.现场办理；3.通过共享信息进行办理。          => - | - | -
2.在抢险救灾中受到伤害的，提交：（1）证件1份；（2）证明。 => # | - 在抢险救灾中受到伤害的 | - 在抢险救灾中受到伤害的
"""

TWO_NUMBERS_BEFORE_ONE_STATEMENT = """
1.受到意外伤害的，提交公安机关的证明。        => -
2.（1）突发疾病死亡的，提交死亡证明。         => -
（2）抢救无效死亡的，提交抢救记录。           => -
3.受到交通事故伤害的，提交法律文书。          => -
"""

A_BRANCH_ON_ITS_OWN_LINE_BESIDE_BRANCHES_WITH_HEADINGS = """
1.企业养老保险待遇停发的，提供：                                  => #
（1）《减员申报表》，原件1份；                                    => - 企业养老保险待遇停发的
2.机关事业单位养老保险待遇停发的，提供《变动情况表》，原件1份；   => - 机关事业单位养老保险待遇停发的
"""

A_LINE_BROKEN_IN_THE_MIDDLE_IS_ONE_STATEMENT = """
（二）单位批量申请                                                         => #
单位批量激活社会保障卡社保功能授权委托书（需单位盖章）和电子版/各一份。    => - 单位批量申请
"""

DRAWINGS = {
    name.lower().replace("_", " "): drawing
    for name, drawing in dict(globals()).items()
    if name.isupper() and isinstance(drawing, str) and "=>" in drawing
}


@pytest.mark.parametrize("drawing", DRAWINGS.values(), ids=DRAWINGS)
def test_a_section_is_read_as_drawn(drawing: str, vocabulary: Vocabulary) -> None:
    rows = [[cell.strip() for cell in row.split("=>")] for row in drawing.strip().splitlines()]
    source = "\n".join(left.replace("/", "\n") for left, _ in rows)
    expected = [cell.strip() for _, right in rows for cell in right.split(" | ")]
    assert read(source, vocabulary) == expected


def content(source: str) -> list[ContentLine]:
    return [ContentLine(number, line) for number, line in enumerate(source.split("\n"), 1) if line.strip()]


def read(source: str, vocabulary: Vocabulary) -> list[str]:
    entries, _ = parse_outline(content(source), vocabulary.heading_tails, vocabulary.counterparts)
    return [f"{SIGNS[entry.role]} {' > '.join(entry.path)}".strip() for entry in entries]


@pytest.mark.parametrize(
    ("source", "miscounts"),
    [
        ("1.甲\n2.乙\n3.丙", []),
        ("1.甲\n3.乙\n4.丙", [Miscount(2, "3.", 2)]),
        ("1.甲\n1.乙", [Miscount(2, "1.", 2)]),
        ("甲：办理\n2.乙", [Miscount(2, "2.", 1)]),  # line 1569: the first number was forgotten
        ("1.甲：\n（1）子\n（3）丑\n2.乙", [Miscount(3, "（3）", 2)]),
        ("1.甲：\n①子\n②丑\n2.乙：\n①寅", []),
        ("（一）甲：\n1.子\n（二）乙：\n1.丑", []),
    ],
)
def test_a_number_out_of_turn_is_a_miscount(source: str, miscounts: list[Miscount], vocabulary: Vocabulary) -> None:
    assert parse_outline(content(source), vocabulary.heading_tails, vocabulary.counterparts)[1] == miscounts


@pytest.mark.parametrize(
    ("text", "kinds", "body"),
    [
        ("（一）挂失", ["han_paren 1"], "挂失"),
        ("（十二）解挂", ["han_paren 12"], "解挂"),
        ("二、解挂", ["han 2"], "解挂"),
        ("1.甲", ["dot 1"], "甲"),
        ("1、甲", ["dot 1"], "甲"),
        ("3．甲", ["dot 3"], "甲"),
        ("  4. 甲", ["dot 4"], "甲"),
        ("(2)甲", ["paren 2"], "甲"),
        ("⑥甲", ["circle 6"], "甲"),
        ("2.（1）甲", ["dot 2", "paren 1"], "甲"),
        ("2022年1月1日", [], "2022年1月1日"),
        ("（折）", [], "（折）"),
        ("16周岁以下", [], "16周岁以下"),
    ],
)
def test_numbers_are_known_in_all_their_forms(text: str, kinds: list[str], body: str) -> None:
    markers, rest = split_markers(text)
    assert ([f"{marker.kind} {marker.ordinal}" for marker in markers], rest) == (kinds, body)


@pytest.mark.parametrize(
    ("line", "sign", "path"),
    [
        (283, "-", "企业新增人员、机关事业单位新增编外人员"),
        (364, "-", "基本信息变更 > 个人申请"),
        (367, "-", "基本信息变更 > 单位申请"),
        (
            376,
            "-",
            "参保人员变更涉及缴费信息的 > 修改企业缴费信息的 > 如养老手册没有缴费工资或没有原经办机构盖章确认的",
        ),
        (378, "*", "参保人员变更涉及缴费信息的"),
        (387, "*", ""),
        (412, "*", "单位申请"),
        (636, "*", "已参加机关事业养老保险的单位在编人员断缴补缴社会保险费"),
        (657, "*", ""),
        (697, "-", "同时符合以下两项条件的受疫情影响严重地区的中小微企业、以单位方式参加保险的个体工商户、"
                   "符合条件的事业单位和社会组织等其他单位 > 符合下列情形之一"),
        (1115, "-", "个人办理的"),
        (1116, "*", ""),
        (1148, "-", "机关事业单位养老保险待遇停发的"),
        (1217, "-", "企业职工养老保险个人账户一次性待遇申领 > 丧失中华人民共和国国籍的"),
        (1223, "-", "企业职工养老保险个人账户一次性待遇申领 > 外国人在达到规定的领取养老金年龄前离境的"),
        (1526, "-", "重新核定企业退休人员基本养老金的"),
        (1629, "-", "工伤保险关系变更"),
        (2004, "-", ""),
        (2257, "#", "企业老工伤人员纳入工伤保险统筹管理申请"),
        (2261, "-", "企业老工伤人员纳入工伤保险统筹管理申请 > 确认工伤的原始证明材料之一"),
        (2371, "-", "现场办理 > 属以下情况的"),
        (2864, "*", "家属申请继承职业年金个人账户余额的"),
        (2996, "*", ""),
        (3158, "-", "单位批量申请"),
    ],
)  # fmt: skip
def test_these_lines_of_the_guide_hold_for_these_branches(base: KnowledgeBase, line: int, sign: str, path: str) -> None:
    fact = next(fact for item in base for fact in item.facts if fact.lines.first == line)
    role = "#" if isinstance(fact.value, Heading) else "*" if isinstance(fact.value, Note) else "-"
    assert (role, " > ".join(fact.applies_to)) == (sign, path)


words = st.text("甲乙丙丁的，。；：、（）《》 12①②注", min_size=0, max_size=20)
numbered = st.builds("{}{}".format, st.sampled_from(["", "1.", "2.", "（1）", "（一）", "①", "注："]), words)


@given(st.lists(numbered, max_size=12))
def test_no_word_is_lost_added_or_moved(lines: list[str]) -> None:
    source = [ContentLine(number, line) for number, line in enumerate(lines, 1) if line.strip()]
    entries, _ = parse_outline(source, (), ())
    assert squash("".join(entry.text for entry in entries)) == squash("".join(line.text for line in source))
    assert [entry.lines.first for entry in entries] == sorted(entry.lines.first for entry in entries)


def squash(text: str) -> str:
    return "".join(text.split())
