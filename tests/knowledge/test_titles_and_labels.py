"""Which lines are titles and labels: broken over lines, padded, spelled differently, out of order, missing, empty."""

from __future__ import annotations

import pytest

from knowledge.model import Facet, KnowledgeBase, ServiceItem, SourceLines
from knowledge.reading.sections import cut_sections
from knowledge.reading.source import GuideText
from knowledge.vocabulary import Vocabulary


def item_at(base: KnowledgeBase, line: int) -> ServiceItem:
    return next(item for item in base if item.title_lines.first <= line <= item.title_lines.last)


@pytest.mark.parametrize(
    ("first", "last", "title"),
    [
        (798, 800, "社会保险费申报与变更——参保人员缴费基数申报"),
        (838, 840, "社会保险费申报与变更——参保人员缴费基数调整申报"),
        (1330, 1331, "机关事业单位基本养老保险与城镇企业职工基本养老保险互转申请"),
        (1348, 1349, "企业职工基本养老保险与城乡居民基本养老保险制度衔接申请"),
        (2116, 2118, "伤残待遇申领（一次性伤残补助金、伤残津贴和生活护理费）"),
        (2142, 2144, "一次性工亡补助金（含生活困难，预支50%确认）、丧葬补助金申领"),
        (2275, 2277, "机关事业单位老工（公）伤人员纳入工伤保险统筹管理申请"),
        (2845, 2846, "职业年金个人账户一次性待遇申领（职业年金保留账户）"),
    ],
)
def test_a_title_over_two_lines_is_one_title(base: KnowledgeBase, first: int, last: int, title: str) -> None:
    item = item_at(base, first)
    assert (item.title, item.title_lines) == (title, SourceLines(first, last))


@pytest.mark.parametrize(
    ("line", "title"),
    [
        (1, "企业社会保险登记"),  # a blank before it
        (474, "缴费人员增减申报——增员申报"),
        (714, "多缴或重缴社会保险费退费——重复参保"),
        (992, "职工正常退休（职）申请"),
        (2886, "工伤认定——工伤认定申请"),
        (3078, "社会保障卡补领、换领、换发"),
        (3134, "社会保障卡启用（社保功能激活）"),
    ],
)
def test_titles_keep_their_dashes_and_brackets(base: KnowledgeBase, line: int, title: str) -> None:
    assert item_at(base, line).title == title


def test_a_title_that_begins_as_another_does_is_told_apart(base: KnowledgeBase) -> None:
    assert base.by_id["personal_account_lump_sum"].title_lines == SourceLines(1193, 1193)
    assert base.by_id["annuity_lump_sum"].title_lines == SourceLines(2845, 2846)


def test_a_heading_that_says_a_titles_words_is_no_title(base: KnowledgeBase) -> None:
    """Line 2251 repeats the title of 2240 and numbers it."""
    assert [item.id for item in base if "企业老工伤" in item.title] == ["legacy_injury_enterprise"]
    assert base.by_id["legacy_injury_enterprise"].title_lines == SourceLines(2240, 2240)


@pytest.mark.parametrize(
    ("line", "label", "facet"),
    [
        (2, "办理时限", Facet.TIME_LIMIT),
        (47, "办理时间", Facet.TIME_LIMIT),
        (3040, "总 时 限", Facet.TIME_LIMIT),
        (10, "办理材料", Facet.MATERIALS),
        (3057, "申请材料", Facet.MATERIALS),
        (12, "办理地点及办理机构", Facet.LOCATION),
        (3072, "办理地址", Facet.LOCATION),
        (21, "联系电话", Facet.PHONE),
        (3077, "咨询电话", Facet.PHONE),
        (3, "责任单位", Facet.DEPARTMENT),
        (4, "总责任人", Facet.DEPARTMENT),
        (311, "申请条件", Facet.CONDITIONS),  # a blank before it
        (8, "办理方式", Facet.METHODS),
        (5, "办理流程", Facet.PROCESS),
        (15, "收费标准", Facet.FEE),
        (16, "结果送达", Facet.DELIVERY),
    ],
)
def test_each_spelling_of_a_label_names_its_facet(base: KnowledgeBase, line: int, label: str, facet: Facet) -> None:
    section = next(section for item in base for section in item.sections if section.line == line)
    assert (section.label, section.facet) == (label, facet)


@pytest.mark.parametrize(
    ("item_id", "facets"),
    [
        ("employer_enrollment_certificate", "location delivery fee phone"),  # the fee stands behind the delivery
        ("card_loss_report", "location delivery fee phone"),
        ("register_enterprise", "location fee delivery phone"),
        ("injury_determination", "location fee delivery phone"),
    ],
)
def test_labels_out_of_their_usual_order_keep_their_own_content(base: KnowledgeBase, item_id: str, facets: str) -> None:
    assert [section.facet.value for section in base.by_id[item_id].sections][-4:] == facets.split()


def test_a_fee_behind_the_delivery_is_not_read_as_delivery(base: KnowledgeBase) -> None:
    item = base.by_id["employer_enrollment_certificate"]
    assert [fact.lines.first for fact in item.facts_on(Facet.DELIVERY)] == [921, 922, 923]
    assert [fact.text for fact in item.facts_on(Facet.FEE)] == ["不收费"]


@pytest.mark.parametrize(
    ("item_id", "facet", "facts"),
    [
        ("register_enterprise", Facet.TIME_LIMIT, ["即时办结"]),  # behind the label
        ("personal_enrollment_certificate", Facet.CONDITIONS, ["查询打印参保人的基本信息及缴费信息"]),  # below it
        ("card_replace", Facet.MATERIALS, 3),  # two lines below its label
        ("unemployment_payout_account", Facet.DELIVERY, 4),  # the first behind the label, three below
    ],
)  # fmt: skip
def test_content_stands_behind_its_label_or_below_it_or_both(
    base: KnowledgeBase, item_id: str, facet: Facet, facts: list[str] | int
) -> None:
    texts = [fact.text for fact in base.by_id[item_id].facts_on(facet)]
    assert (len(texts) if isinstance(facts, int) else texts) == facts


@pytest.mark.parametrize(
    ("item_id", "picture"),
    [
        ("register_enterprise", 6),
        ("employee_enroll", 257),
        ("pension_payout_account", None),
        ("personal_rights_record", None),
    ],
)
def test_a_process_with_a_picture_or_nothing_has_no_facts(
    base: KnowledgeBase, item_id: str, picture: int | None
) -> None:
    item = base.by_id[item_id]
    assert Facet.PROCESS in {section.facet for section in item.sections}
    assert item.facts_on(Facet.PROCESS) == ()
    assert [(left.line, left.reason) for left in base.left_out if left.item_id == item_id] == (
        [(picture, "图片")] if picture else []
    )


@pytest.mark.parametrize(
    ("item_id", "facet"),
    [
        ("employer_enrollment_certificate", Facet.PROCESS),
        ("enterprise_annuity_filing", Facet.CONDITIONS),
        ("enterprise_annuity_amend", Facet.CONDITIONS),
        ("enterprise_annuity_terminate", Facet.CONDITIONS),
        ("card_apply", Facet.PROCESS),
    ],
)
def test_a_label_that_an_item_lacks_is_absent(base: KnowledgeBase, item_id: str, facet: Facet) -> None:
    item = base.by_id[item_id]
    assert facet not in {section.facet for section in item.sections}
    assert item.facts_on(facet) == ()


def test_pictures_captions_and_recognition_noise_behind_the_phone_are_left_out(base: KnowledgeBase) -> None:
    """Lines 1438–1487: an appendix of pictures and what a scanner made of them."""
    item = base.by_id["benefit_eligibility_confirm"]
    assert max(fact.lines.last for fact in item.facts) == 1437
    reasons = {left.line: left.reason for left in base.left_out if left.item_id == item.id}
    assert (reasons[1438], reasons[1443], reasons[1450], reasons[1486]) == (
        "附件图片的说明文字", "图片", "图片识别乱码", "附件图片的说明文字",
    )  # fmt: skip


def test_a_word_and_a_colon_inside_a_section_is_content_not_a_label(base: KnowledgeBase) -> None:
    """网上申报地址： (1421) and 认证期限： (1422) sound like labels."""
    texts = [fact.text for fact in base.by_id["benefit_eligibility_confirm"].facts_on(Facet.LOCATION)]
    assert "网上申报地址：https://www.gx12333.net/si" in texts
    assert "4.认证期限：" in texts


def read(source: str, vocabulary: Vocabulary) -> list[str]:
    """Cut *source* into "title | label=line,line …" for each item."""
    layout = cut_sections(GuideText("guide.txt", "0", tuple(source.strip("\n").split("\n"))), vocabulary)
    return [
        f"{raw.entry.title} | "
        + " ".join(f"{section.label}={','.join(str(c.number) for c in section.content)}" for section in raw.sections)
        for raw in layout.items
    ]


@pytest.mark.parametrize(
    ("source", "cut"),
    [
        ("企业社会保险登记\n办理时限：即时", "企业社会保险登记 | 办理时限=2"),
        ("　企业 社会保险登记 \n\n总 时 限：\n即时", "企业社会保险登记 | 总 时 限=4"),
        ("企业社会\n\n保险登记\n办理时限: 即时", "企业社会保险登记 | 办理时限=4"),
        ("企业\n社会\n保险登记\n办理时限：即时", "企业社会保险登记 | 办理时限=4"),
    ],
)
def test_blanks_and_line_ends_in_titles_and_labels_do_not_count(source: str, cut: str, vocabulary: Vocabulary) -> None:
    assert read(source, vocabulary) == [cut]


def test_a_title_said_in_a_sentence_is_content(vocabulary: Vocabulary) -> None:
    source = "企业社会保险登记\n办理材料：\n企业社会保险登记\n参保单位注销\n一份\n收费标准：不收费"
    assert read(source, vocabulary) == ["企业社会保险登记 | 办理材料=3,4,5 收费标准=6"]
