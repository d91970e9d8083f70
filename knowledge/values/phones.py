"""Telephone numbers (联系电话): a wrong pairing of number and label sends a resident to the wrong office."""

from __future__ import annotations

import re
import unicodedata
from dataclasses import dataclass
from typing import Any

_DASHES = "-－—–‐‑―﹣"
_NUMBER = re.compile(
    rf"(?<!\d)(?:0\d{{2,3}}\s*[{_DASHES}]?\s*\d{{7,8}}|[48]00\s*[{_DASHES}]?\s*\d{{3,4}}\s*[{_DASHES}]?\s*\d{{3,4}}|1[3-9]\d{{9}}|12\d{{3}}|\d{{7,8}})(?!\d)"
)
_SEPARATORS = "，,、；;/／ 　"


class PhoneError(ValueError):
    """A phone line whose labels cannot be paired with its numbers for certain."""


@dataclass(frozen=True)
class Phone:
    """A number in the form area code, hyphen, number, and whom it is for (*label*), where the guide says."""

    number: str
    label: str | None = None

    def as_json(self) -> dict[str, Any]:
        """Return the contract's form."""
        return {"number": self.number, "label": self.label}

    @classmethod
    def from_json(cls, data: dict[str, Any]) -> Phone:
        """Inverse of as_json."""
        return cls(data["number"], data["label"])


@dataclass(frozen=True)
class PhonePart:
    """A stretch of a phone line with one number."""

    text: str
    phone: Phone


def has_phone(text: str) -> bool:
    """Tell whether a number stands in *text*."""
    return _NUMBER.search(text) is not None


def parse_phones(text: str) -> list[PhonePart]:
    """Return the numbers of a phone line, each with the label it belongs to; the parts' texts joined are *text*.

    The guide writes the label before its number ("…，机关事业单位0777-2828451", line 102) or behind it
    ("0777-2833189机关事业0777-2857108企业养老", line 1049). A separator binds the words behind it to the
    next number. Raises PhoneError where both readings stand open.
    """
    numbers = list(_NUMBER.finditer(text))
    if not numbers:
        return []
    edges = [0, *(edge for m in numbers for edge in m.span()), len(text)]
    gaps = [text[edges[i] : edges[i + 1]] for i in range(0, len(edges), 2)]
    behind = _labels_are_behind(gaps, text)
    labels = gaps[1:] if behind else gaps[:-1]
    cuts = [0]
    for index in range(1, len(numbers)):
        previous_end = numbers[index - 1].end()
        gap = gaps[index]
        # A label before its number starts after the separator; one behind its number ends with the gap.
        keep = len(gap) if behind else len(gap) - len(gap.lstrip(_SEPARATORS))
        cuts.append(previous_end + keep)
    cuts.append(len(text))
    return [
        PhonePart(text[cuts[i] : cuts[i + 1]], Phone(_normal(numbers[i].group()), _label(labels[i])))
        for i in range(len(numbers))
    ]


def _labels_are_behind(gaps: list[str], text: str) -> bool:
    first, between, last = _label(gaps[0]), gaps[1:-1], _label(gaps[-1])
    if first and last:
        raise PhoneError(f"电话和说明的对应不清楚：{text}")
    if last:
        if any(_label(gap) is None for gap in between):
            raise PhoneError(f"电话和说明的对应不清楚：{text}")
        return True
    # 'A机关B' with nothing outside: without a separator the word may belong to either side.
    if not first and any(_label(g) and g[0] not in _SEPARATORS and g[-1] not in _SEPARATORS for g in between):
        raise PhoneError(f"电话和说明的对应不清楚：{text}")
    return False


def _label(gap: str) -> str | None:
    return gap.strip(_SEPARATORS + "：:（）()。.") or None


def _normal(number: str) -> str:
    digits = re.sub(r"\D", "", unicodedata.normalize("NFKC", number))
    if digits.startswith("0") and len(digits) >= 10:
        area = 3 if digits[1] in "12" else 4
        return f"{digits[:area]}-{digits[area:]}"
    return digits
