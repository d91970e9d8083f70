"""Papers to bring: which paper, in which form, how many, and when it may be left out."""

from __future__ import annotations

import pytest

from knowledge.values import Material, Note
from knowledge.values.materials import parse_material


def material(text: str) -> Material:
    value = parse_material(text)
    assert isinstance(value, Material)
    return value


@pytest.mark.parametrize(
    ("text", "forms", "copies"),
    [
        ("《社会保险登记表》，原件1份；", "original", 1),
        ("《社会保险登记表》原件1份（填写银行信息）。", "original", 1),  # 11
        ("《缓缴基本养老保险费申请审核表》，原件3份；", "original", 3),  # 584
        ("《职业年金补记申请表》，收原件（1份）。", "original", 1),  # 2783
        ("劳动能力鉴定申请表原件（1份）；", "original", 1),  # 2949
        ("《提前退休公示情况表》，原件一份（灵活就业人员无需提供）；", "original", 1),  # 1076
        ("退休批文，复印件1份。", "copy", 1),
        ("社会保障卡或身份证，复印件一份。", "copy", 1),  # 643
        ("身份证复印件；", "copy", None),  # 653
        ("居民身份证、户口簿，验原件；", "inspect", None),
        ("司法部门出具的法律文书（验原件）；", "inspect", None),  # 1147
        ("社会保障卡,查验原件收复印件；", "inspect copy", None),  # 2831
        ("证明，验原件或收复印件1份；", "inspect copy", 1),
        ("证明，原件或复印件1份；", "original copy", 1),
        ("退伍证明，复印件1份（验原件）；", "copy inspect", 1),  # 2452
        ("《申报表》，原件和电子文档各1份；", "original electronic", 1),
        ("《申报表》，原件和电子文档1份；", "original electronic", 1),
        ("《花名册》，原件2份和电子文档。", "original electronic", 2),  # 2427
        ("申领表（批量），电子版及纸质版（单位盖章）各一份。", "electronic original", 1),  # 3188
        ("制卡人电子版白底免冠彩色证件照片。", "electronic", None),  # 3183
        ("填写《社会保险关系转移接续申请表》", "", None),  # 1280
        ("告知承诺制承诺书。", "", None),
        ("职业病诊断鉴定结论1份（医疗机构或用人单位章）。", "", 1),  # 2953
    ],
)
def test_form_and_number_of_copies(text: str, forms: str, copies: int | None) -> None:
    value = material(text)
    assert (" ".join(value.forms), value.copies) == (forms, copies)


def test_who_is_exempt_adds_no_form_to_the_paper() -> None:
    """Line 1025: the list of names is what the exempt bring."""
    value = material("人事档案，验原件（已经过档案预审的,需提供档案预审花名册原件,无需再提供人事档案）；")
    assert value.forms == ("inspect",)
    assert value.exempt_if == "已经过档案预审的,需提供档案预审花名册原件,无需再提供人事档案"


@pytest.mark.parametrize(
    ("text", "exempt_if"),
    [
        (
            "统一社会信用代码证（通过基本证照凭证核验，如未能获取单位还需提交）验原件；",
            "通过基本证照凭证核验，如未能获取单位还需提交",
        ),
        ("转账凭证，复印件1份（如有，请提供）。", "如有，请提供"),
        ("退款凭证（实现系统内部核验的可不提供），验原件。", "实现系统内部核验的可不提供"),
        ("人事档案（无档案的可不提供），验原件；", "无档案的可不提供"),
        ("工伤认定决定书原件（内部核查）；", "内部核查"),
        ("协议书（同意拨往单位的不用提供），原件1份。", "同意拨往单位的不用提供"),
        ("《申领表》（加盖公章），原件1份；", None),
        ("社会保障卡或居民身份证（境外人员提供护照），验原件；", None),
    ],
)
def test_what_in_brackets_says_when_a_paper_may_be_left_out(text: str, exempt_if: str | None) -> None:
    assert material(text).exempt_if == exempt_if


@pytest.mark.parametrize(
    ("text", "name"),
    [
        ("《社会保险登记表》，原件1份；", "《社会保险登记表》"),
        ("社会保障卡或银行卡（折），复印件1份。", "社会保障卡或银行卡（折）"),
        ("统一社会信用代码证（通过基本证照凭证核验，如未能获取还需提交）验原件；", "统一社会信用代码证"),
        ("在转入地还未参保登记的，还需提供《参保登记表》，原件1份。", "《参保登记表》"),
        ("委托他人办理的，还需提供代办人居民身份证，验原件；", "代办人居民身份证"),
        ("填写《社会保险关系转移接续申请表》", "《社会保险关系转移接续申请表》"),
        (
            "社会保障卡（境外人员提供护照），单位申报的，提供复印件1份；灵活就业人员申请的，验原件；",
            "社会保障卡（境外人员提供护照）",
        ),
        ("属退伍军人的，提供武装部出具的退伍证明，复印件1份（验原件）；", "武装部出具的退伍证明"),
        ("签订注销中国国籍承诺书，原件1份。", "注销中国国籍承诺书"),
        ("《      年度增人计划下达通知书》，复印件1份；", "《      年度增人计划下达通知书》"),
    ],
)
def test_the_name_is_the_entry_less_its_condition_form_and_copies(text: str, name: str) -> None:
    assert material(text).name == name


@pytest.mark.parametrize("text", ["无", "无需材料。", "免申即享形式办理无需材料。", "包括：劳动合同；工资支付凭证。"])
def test_a_line_that_asks_for_no_paper_is_a_note(text: str) -> None:
    assert parse_material(text) == Note()


@pytest.mark.parametrize(
    ("value", "form"),
    [
        (Material("甲"), None),
        (Material("甲", ("copy",), 2, "如有，请提供"), "copy"),
        (Material("甲", ("inspect", "copy"), 1), ["inspect", "copy"]),
    ],
)
def test_one_form_is_exported_as_text_several_as_a_list(value: Material, form: object) -> None:
    assert value.as_json()["form"] == form
    assert Material.from_json(value.as_json()) == value
