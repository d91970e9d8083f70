"""Whole numbers as people write them: 15, 十五, 一百二, 廿八, 二零二六. Vague ones (二十来, 两三) are none here."""

from __future__ import annotations

_DIGITS = {digit: value for value, digit in enumerate("零一二三四五六七八九")} | {"〇": 0, "两": 2}
_TENS = {"百": 100, "十": 10}

HAN = "".join((*_DIGITS, *_TENS, "廿"))
NUMERAL = rf"(?:(?<![0-9])[0-9]{{1,4}}(?![0-9])|(?<![{HAN}])[{HAN}]+)"
"""A whole number, never a part of a longer one."""


def find_numeral(text: str) -> int | None:
    """Return the value of *text*, which NUMERAL matches; None for characters in no such order (十百, 两三)."""
    if text.isdecimal():
        return int(text)
    spelled = text.replace("廿", "二十")
    if set(spelled) & set(_TENS):
        return _find_by_tens(spelled)
    if len(spelled) not in {1, 4} or (len(spelled) > 1 and "两" in spelled):
        return None  # two or three digits in a row are a guess (三四) or a telephone number
    return int("".join(str(_DIGITS[char]) for char in spelled))


def _find_by_tens(spelled: str) -> int | None:
    total, rest = 0, spelled
    for sign, value in _TENS.items():
        head, found, tail = rest.partition(sign)
        if not found:
            continue
        head = head.removeprefix("零") or ("一" if value == 10 and not total else "")
        if head not in _DIGITS:
            return None
        total, rest = total + _DIGITS[head] * value, tail
        if value == 100 and len(rest) == 1 and rest in _DIGITS:
            return total + _DIGITS[rest] * 10  # "一百二" is 120
    rest = rest.lstrip("零〇")
    if len(rest) > 1 or rest in _TENS:
        return None
    return total + _DIGITS.get(rest, 0)
