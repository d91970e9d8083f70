"""Papers to bring (办理材料): which paper, in which form, how many, and when it may be left out."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Any, Literal

Form = Literal["original", "copy", "inspect", "electronic"]

_FORMS: tuple[tuple[Form, str], ...] = (
    ("inspect", r"查?验原件"),
    ("copy", r"复印件"),
    ("electronic", r"电子文档|电子版|电子表格"),
    ("original", r"(?<!验)原件|纸质版"),
)
_DIGITS = {"一": 1, "两": 2, "二": 2, "三": 3, "四": 4, "五": 5, "六": 6}
_NUMBER_OF = r"[（(]?\s*[\d一两二三四五六]+\s*份\s*[）)]?"
_ONE_FORM = rf"(?:查?验原件|收?原件|收?复印件|电子文档|纸质版|电子版(?=[及和各]))(?:\s*各?{_NUMBER_OF})?"
_FORM_PHRASE = re.compile(
    rf"[，,、]?\s*{_ONE_FORM}(?:\s*(?:[（(]\s*查?验原件\s*[）)]|[和或及]?{_ONE_FORM}))*|[，,]\s*各?{_NUMBER_OF}|\s*各{_NUMBER_OF}"
)
_COPIES = re.compile(r"(?:原件|复印件|电子文档|电子版|[，,）)]|材料|结论)\s*各?\s*[（(]?\s*([\d一两二三四五六]+)\s*份")
_PARENTHESES = re.compile(r"[（(]((?:[^（）()]|[（(][^（）()]*[）)])*)[）)]")
_PARENTHESES_WHOLE = re.compile(r"([（(](?:[^（）()]|[（(][^（）()]*[）)])*[）)])")
_EXEMPT = re.compile(
    r"无需|不需|不用|可不提供|可免|免提交|内部核查|信息共享|基本证照|数据共享|核查不到|获取不到|未能获取|不能获取|如有，请提供"
)
# "单位申报的，提供复印件1份；灵活就业人员申请的，验原件": who brings which form is no part of the name.
_FORM_BY_APPLICANT = re.compile(r"[，,；;]\s*[^，,；;《》]{2,14}的[，,]\s*(?:提供)?(?=查?验原件|收?原件|收?复印件)")
_CONDITION = re.compile(
    r"^(?:[^《》（）()]|[（(][^（）()]*[）)])*?(?:^|[，,：:的时位])\s*(?:还|仍)?[需须]?(?:补充)?(?:提供|提交|出具)(?:由)?(?=[^的，,])"
    r"|^(?:填写|签订(?=[^，,]*承诺书))"
)
_NO_PAPER = re.compile(r"^无$|无需(?:提供)?材料$|不需(?:提供)?材料$")
_EXPLANATION = re.compile(r"^包括[：:]")


@dataclass(frozen=True)
class Material:
    """A paper: *name* in the guide's words, *forms* (original handed in, copy, shown only, electronic), copies."""

    name: str
    forms: tuple[Form, ...] = ()
    copies: int | None = None
    exempt_if: str | None = None

    def as_json(self) -> dict[str, Any]:
        """Return the contract's form: one form as text, several as a list, none as null."""
        form: str | list[str] | None = list(self.forms) if len(self.forms) > 1 else next(iter(self.forms), None)
        return {"name": self.name, "form": form, "copies": self.copies, "exempt_if": self.exempt_if}

    @classmethod
    def from_json(cls, data: dict[str, Any]) -> Material:
        """Inverse of as_json."""
        form = data["form"]
        forms = tuple(form) if isinstance(form, list) else (form,) if form else ()
        return cls(data["name"], forms, data["copies"], data["exempt_if"])


@dataclass(frozen=True)
class Heading:
    """A line that only opens a branch or group for the lines under it."""

    def as_json(self) -> dict[str, Any]:
        """Return the contract's form."""
        return {"heading": True}

    @classmethod
    def from_json(cls, data: dict[str, Any]) -> Heading:
        """Inverse of as_json."""
        return cls()


@dataclass(frozen=True)
class Note:
    """A remark (注) on the list or branch it stands in."""

    def as_json(self) -> dict[str, Any]:
        """Return the contract's form."""
        return {"note": True}

    @classmethod
    def from_json(cls, data: dict[str, Any]) -> Note:
        """Inverse of as_json."""
        return cls()


def parse_material(text: str) -> Material | Note:
    """Read one entry of a list of papers, given without its number; a remark that asks for no paper is a note."""
    bare = text.strip("，,；;。 \t")
    if _NO_PAPER.search(bare) or _EXPLANATION.match(bare):
        return Note()
    exempt = next((m.group(1) for m in _PARENTHESES.finditer(text) if _EXEMPT.search(m.group(1))), None)
    # Who is exempt is no form of the paper: "（已经过档案预审的，需提供花名册…）" must not add one.
    stated = _PARENTHESES.sub(lambda m: m.group() if _FORM_PHRASE.fullmatch(m.group(1)) else "", text)
    counted = re.sub(rf"[（(]({_NUMBER_OF})[）)]", r"\1", text)
    copies = _COPIES.search(counted)
    return Material(_name(bare), _forms(stated), _count(copies.group(1)) if copies else None, exempt)


def _forms(text: str) -> tuple[Form, ...]:
    """Return the forms in the order in which they are named."""
    found = [(match.start(), form) for form, pattern in _FORMS if (match := re.search(pattern, text))]
    # "授权委托书（需单位盖章）和电子版各一份": the paper itself is handed in beside its file.
    if [form for _, form in found] == ["electronic"] and re.search(r"[和及]电子版", text):
        found.append((0, "original"))
    return tuple(form for _, form in sorted(found))


def _count(word: str) -> int | None:
    return int(word) if word.isdigit() else _DIGITS.get(word)


def _name(text: str) -> str:
    """Return the paper's name: the entry less its condition, forms, copies, and who is exempt."""
    pieces = _PARENTHESES_WHOLE.split(_FORM_BY_APPLICANT.split(text)[0])
    name = "".join(_strip_piece(piece) for piece in pieces)
    stripped = _CONDITION.sub("", name, count=1)
    return stripped.strip("，,；;。：: 和及") or name.strip("，,；;。：: ") or text


def _strip_piece(piece: str) -> str:
    """Drop forms outside parentheses; what is inside stays unless it is all about exemption or form."""
    if not piece.startswith(("（", "(")):
        return _FORM_PHRASE.sub("", piece)
    inner = piece[1:-1]
    about_form = _FORM_PHRASE.fullmatch(inner) or re.fullmatch(_NUMBER_OF, inner)
    return "" if _EXEMPT.search(inner) or about_form else piece
