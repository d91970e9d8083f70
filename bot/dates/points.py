"""Days, weeks, months and years that a resident names: 昨天, 上个月5号, 去年三月, 2026年3月5日; not after today.

Days of the lunar calendar (初八, 农历三月) are not read: a day wrongly named is worse than none.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import date

from bot.dates.numerals import HAN, NUMERAL, find_numeral
from bot.dates.workdays import add_days, end_of_month, first_of_month

Span = tuple[date, date]

_DAYS_AGO: Mapping[str, int] = {"今": 0, "昨": 1, "前": 2, "大前": 3}
_FEW_DAYS: Mapping[str, tuple[int, int]] = {"几": (2, 9), "两": (1, 3)}
_AGO: Mapping[str, int] = {"这": 0, "本": 0, "上": 1, "上上": 2}
_YEARS_AGO: Mapping[str, int] = {"今年": 0, "上年": 1, "去年": 1, "前年": 2, "大前年": 3}
_WEEKDAYS = {name: number for number, name in enumerate("一二三四五六日")} | {"天": 6}
_MONTH_PARTS: Mapping[str, tuple[int, int]] = {"初": (1, 10), "上": (1, 10), "中": (11, 20), "下": (21, 31)}
_YEAR_PARTS: Mapping[str, tuple[int, int]] = {"初": (1, 2), "上": (1, 6), "下": (7, 12), "底": (11, 12), "末": (11, 12)}

_DAY = rf"(?:(?P<day>{NUMERAL})[日号]|(?P<digits>[0-9]{{1,2}})(?![0-9个天次]))"
_IN_MONTH = rf"(?:{_DAY}|(?P<part>初|[上中下]旬|中|底|末))?"
_YEAR = (
    r"(?P<year>(?<!以)(?:大?前年|去年|上年|今年)(?![度份纪龄])"
    r"|(?<![0-9])(?:[12][0-9]{3}|[0-9]{2}(?=年[0-9]{1,2}月)|[一二][零〇一二三四五六七八九]{3})年)"
)


@dataclass(frozen=True)
class Point:
    """A day or a stretch of days named at text[begin:end].

    *is_turned_back*: it was named without its year (or month) and lies ahead in this one, so the last one was taken.
    """

    begin: int
    end: int
    first: date
    last: date
    is_turned_back: bool = False


def find_points(text: str, today: date) -> list[Point]:
    """Return what a normalised *text* names by the calendar, in its order; what begins after *today* is left out."""
    found = [point for rule in _RULES for match in rule.pattern.finditer(text) if (point := _point(match, rule, today))]
    kept: list[Point] = []
    for point in sorted(found, key=lambda point: (point.begin, -point.end)):
        if (not kept or point.begin >= kept[-1].end) and not _is_lunar(text, point):
            kept.append(point)
    return [point for point in kept if point.first <= today]


def _is_lunar(text: str, point: Point) -> bool:
    """Tell whether a day follows that was not read (上个月初八), or the lunar calendar is named."""
    last = text[point.end - 1]
    ends_in_day = last.isdecimal() or last in "日号天晚早夜"
    is_cut_off = not ends_in_day and text[point.end : point.end + 1] in tuple(f"初{HAN}")
    return is_cut_off or text[: point.begin].endswith(("农历", "阴历", "旧历", "古历"))


def _point(match: re.Match[str], rule: _Rule, today: date) -> Point | None:
    try:
        span = rule.read(match, today)
        is_turned_back = span is not None and span[0] > today and rule.repeats > 0
        if is_turned_back:
            span = rule.read(match, first_of_month(today, -rule.repeats))
    except ValueError:  # 2月30号
        return None
    return Point(match.start(), match.end(), *span, is_turned_back) if span else None


def _read_year(match: re.Match[str], today: date) -> Span | None:
    year = _year(match["year"], today)
    least, most = _YEAR_PARTS[match["part"].lstrip("年")[0]] if match["part"] else (1, 12)
    return date(year, least, 1), end_of_month(date(year, most, 1))


def _read_year_and_month(match: re.Match[str], today: date) -> Span | None:
    month = find_numeral(match["month"])
    return _in_month(date(_year(match["year"], today), month, 1), match) if month else None


def _read_month(match: re.Match[str], today: date) -> Span | None:
    month = find_numeral(match["month"])
    return _in_month(date(today.year, month, 1), match) if month else None


def _read_month_ago(match: re.Match[str], today: date) -> Span | None:
    return _in_month(first_of_month(today, -_AGO[match["ago"]]), match)


def _read_week_ago(match: re.Match[str], today: date) -> Span | None:
    monday = add_days(today, -today.weekday() - 7 * _AGO[match["ago"]])
    if match["weekday"]:
        day = add_days(monday, _WEEKDAYS[match["weekday"]])
        return day, day
    return monday, add_days(monday, 6)


def _read_day_ago(match: re.Match[str], today: date) -> Span | None:
    day = add_days(today, -_DAYS_AGO[match["ago"]])
    return day, day


def _read_few_days(match: re.Match[str], today: date) -> Span | None:
    least, most = _FEW_DAYS[match["count"]]
    return add_days(today, -most), add_days(today, -least)


def _read_day(match: re.Match[str], today: date) -> Span | None:
    return _in_month(first_of_month(today), match)


def _year(said: str, today: date) -> int:
    if said in _YEARS_AGO:
        return today.year - _YEARS_AGO[said]
    year = find_numeral(said.removesuffix("年")) or 0
    if year >= 100:
        return year
    return year + (2000 if year <= today.year % 100 else 1900)


def _in_month(first: date, match: re.Match[str]) -> Span | None:
    groups = match.groupdict()
    if said := groups.get("day") or groups.get("digits"):
        number = find_numeral(said)
        return None if number is None else (first.replace(day=number), first.replace(day=number))
    if part := groups.get("part"):
        least, most = _MONTH_PARTS.get(part[0], (21, 31))
        return first.replace(day=least), min(add_days(first, most - 1), end_of_month(first))
    return first, end_of_month(first)


@dataclass(frozen=True)
class _Rule:
    """A way to name a day, how it is read, and after how many months the same words mean another day, if they do."""

    pattern: re.Pattern[str]
    read: Callable[[re.Match[str], date], Span | None]
    repeats: int = 0


_RULES = (
    _Rule(re.compile(rf"{_YEAR}的?(?P<month>{NUMERAL})月份?{_IN_MONTH}"), _read_year_and_month),
    _Rule(re.compile(rf"{_YEAR}(?P<part>年?[初底末]|[上下]半年)?"), _read_year),
    _Rule(re.compile(rf"(?<!年)(?<!年的)(?P<month>{NUMERAL})月份?{_IN_MONTH}"), _read_month, repeats=12),
    _Rule(re.compile(rf"(?P<ago>上上|[上这本])个?月份?{_IN_MONTH}"), _read_month_ago),
    _Rule(re.compile(r"(?P<ago>上上|[上这本])个?(?:周|星期|礼拜)(?P<weekday>[一二三四五六日天])?"), _read_week_ago),
    _Rule(re.compile(r"(?<![之目当以])(?P<ago>大?前|昨|今)(?:[日晚早夜]|天(?!天))"), _read_day_ago),
    _Rule(re.compile(r"(?<![之目当以])前(?P<count>[几两])[天日]"), _read_few_days),
    _Rule(
        re.compile(rf"(?<![年月第])(?P<day>{NUMERAL})号(?!门|窗|线|楼|厅|店|房|机|台|码|院|文)"), _read_day, repeats=1
    ),
    _Rule(
        re.compile(r"(?<![0-9 ])(?P<year>[12][0-9]{3}) (?P<month>[0-9]{1,2})(?: (?P<day>[0-9]{1,2}))?(?![0-9 ])"),
        _read_year_and_month,
    ),
)
"""Where two begin alike, the longer one counts."""
