"""Stretches of time in what a resident writes: 10天, 二十来天, 两三天, 一个半月, 一年零三个月, 快半年; past or not."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date

from bot.dates.numerals import HAN, NUMERAL, find_numeral
from bot.dates.workdays import add_days, add_months

_UNITS: Mapping[str, tuple[int, int]] = {"天": (0, 1), "日": (0, 1), "周": (0, 7), "月": (1, 0), "年": (12, 0)}
_HALVES: Mapping[str, tuple[int, int]] = {"天": (0, 0), "日": (0, 0), "周": (0, 3), "月": (0, 15), "年": (6, 0)}
"""Each unit, and its half, in months and days. 周 stands for 星期 and 礼拜 as well."""

_GUESSED = r"(?:[二三四五六七八]?十)?(?:一两|一二|两三|二三|三四|三五|四五|五六|六七|七八|八九)十?"
_STRETCH = re.compile(
    rf"(?P<hedge>快[要到有]*|将近|接近|差不多|大概|大约|约|可能)?[有是]?又?"
    rf"(?P<count>(?<![0-9] )(?:(?<![{HAN}]){_GUESSED}(?![{HAN}])|好?几(?![十百])|大?半|(?<!几){NUMERAL}))"
    r"(?P<vague>[来多几])?个?(?P<middle>半|多|来)?"
    r"(?P<unit>天|日|周|星期|礼拜|(?<=[个半])月|(?<=个[半多来])月|年)(?P<tail>半(?!个)|多)?(?P<about>左右|上下)?"
)
_LONGEST = 12 * 49
"""Months; "92年前" is a year, not a length."""


@dataclass(frozen=True)
class Length:
    """A length of time in months and days; days may be negative ("a day less than two months")."""

    months: int
    days: int

    def __add__(self, other: Length) -> Length:
        return Length(self.months + other.months, self.days + other.days)

    def before(self, day: date) -> date:
        """Return the date that lies so long before *day*."""
        return add_days(add_months(day, -self.months), -self.days)


@dataclass(frozen=True)
class Duration:
    """A stretch said at text[begin:end]: from the *shortest* to the *longest* that the words allow; its last unit."""

    begin: int
    end: int
    shortest: Length
    longest: Length
    unit: str


def find_durations(text: str) -> list[Duration]:
    """Return the stretches of time named in a normalised *text*, in its order."""
    found: list[Duration] = []
    for match in _STRETCH.finditer(text):
        duration = _read(match)
        if duration is None:
            continue
        if found and found[-1].end == match.start():
            found[-1] = _joined(found[-1], duration)
        else:
            found.append(duration)
    return [duration for duration in found if duration.longest.months <= _LONGEST]


def _joined(first: Duration, second: Duration) -> Duration:
    """Return both as one: 一年零三个月 is a sum, 十天半个月 is from the one to the other."""
    units = list(_UNITS)
    if units.index(first.unit) > units.index(second.unit):
        shortest, longest = first.shortest + second.shortest, first.longest + second.longest
    else:
        shortest, longest = first.shortest, second.longest
    return Duration(first.begin, second.end, shortest, longest, second.unit)


def _read(match: re.Match[str]) -> Duration | None:
    unit = {"星期": "周", "礼拜": "周"}.get(match["unit"], match["unit"])
    begin = match.start("hedge") if match["hedge"] else match.start("count")
    bounds = _bounds(match, unit)
    if bounds is None or (unit == "日" and match.string[:begin].endswith("月")):
        return None
    shortest, longest = bounds
    if shortest == longest and (match["hedge"] or match["about"]):
        fifth = Length(0, max(1, (shortest.months * 30 + shortest.days) // 5))
        shortest = Length(shortest.months, shortest.days - fifth.days)
        # "快一个月" is not a month yet.
        longest = longest if _is_nearly(match["hedge"]) else longest + fifth
    return Duration(begin, match.end(), shortest, longest, unit)


def _is_nearly(hedge: str | None) -> bool:
    return hedge is not None and (hedge.startswith("快") or hedge in {"将近", "接近"})


def _bounds(match: re.Match[str], unit: str) -> tuple[Length, Length] | None:
    count, more = match["count"], "多" in {match["vague"], match["middle"], match["tail"]}
    if count.endswith("半"):
        return _half(unit, is_most=count == "大半", is_more=more)
    numbers = _numbers(count, match["vague"] or (match["middle"] if match["middle"] == "来" else None))
    if numbers is None:
        return None
    least, most = numbers
    half = "半" in {match["middle"], match["tail"]}
    shortest, longest = _times(least, unit), _times(most, unit)
    if half:
        shortest, longest = shortest + Length(*_HALVES[unit]), longest + Length(*_HALVES[unit])
    elif more and match["vague"] != "多":
        shortest, longest = shortest + Length(0, 1), _times(most + 1, unit) + Length(0, -1)
    return shortest, longest


def _half(unit: str, *, is_most: bool, is_more: bool) -> tuple[Length, Length]:
    half, whole = Length(*_HALVES[unit]), _times(1, unit)
    if is_most or is_more:
        return half + Length(0, 1), whole + Length(0, -1)
    return half, half


def _numbers(count: str, vague: str | None) -> tuple[int, int] | None:
    """Return the least and the most that a number and what follows it may mean."""
    if "几" in count:
        return 2, 9
    if re.fullmatch(_GUESSED, count):
        return _guessed(count)
    number = find_numeral(count.removeprefix("零"))
    if number is None:
        return None
    if vague is None:
        return number, number
    step = 100 if number % 100 == 0 else 10 if number % 10 == 0 else 1
    if step == 1:
        return (number, number + 1) if vague == "来" else None
    # "二十来天" may be a little less than twenty, "二十多天" and "二十几天" are more.
    return (number - step // 5, number + step // 2) if vague == "来" else (number + 1, number + step - 1)


def _guessed(count: str) -> tuple[int, int]:
    """Read two digits in a row: 两三, 十二三, 二三十."""
    head, ten, rest = count.partition("十")
    low, high = (find_numeral(digit) or 0 for digit in rest or head)
    if rest:
        base = 10 * (find_numeral(head) or 0) if head else 10
        return base + low, base + high
    times = 10 if ten else 1
    return low * times, high * times


def _times(count: int, unit: str) -> Length:
    months, days = _UNITS[unit]
    return Length(months * count, days * count)
