"""Until when: the office's own time limit, an applicant's filing limit (申报时限), certification, reporting days.

Limits are parsed out of the guide's wording and counted from a date that is given. Nothing is moved off a weekend,
because the guide moves nothing: whoever keeps to such a day is never late.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Collection, Mapping
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Literal

from bot.dates.numerals import NUMERAL, find_numeral
from bot.dates.workdays import add_days, add_months, add_workdays, end_of_month, end_of_year
from knowledge.values import TimeLimit

FilingUnit = Literal["day", "workday", "month", "month_end", "year_end"]
"""What a filing limit counts; the *_ends* run to the last day of the month or year that is reached (次月底前)."""

_COUNTED: Mapping[FilingUnit, Callable[[date, int], date]] = {
    "day": add_days,
    "workday": add_workdays,
    "month": add_months,
    "month_end": end_of_month,
    "year_end": end_of_year,
}

_PERIOD = re.compile(rf"以({NUMERAL})个月为一?个?认证周期")
_REPORTING = re.compile(r"每月((?:[0-9]{1,2}日?[、,，和及]?)+)(?:日|号)?上报")

_STARTS: tuple[str, ...] = (
    r"自(?![治然己助愿主行])",  # not 自治区, 自然人
    r"从(?!事)",
    r"距离?",
    r"在(?!职[人员职]|[校编岗册])",  # in 在职人员 it opens nothing; in "在职工发生事故" (line 2927) it does
)
"""What stands before the event, the surest first; the event is what comes behind."""

_WITHIN = re.compile(
    rf"(?P<before>[^，,。；;]*?)(?:之日起|之?后)(?P<amount>{NUMERAL})个?(?P<unit>工作日|自然日|日|天|月|年)[之以]?内"
    r"(?P<behind>[^，,。；;]*)"
)
_BY_END = re.compile(r"(?P<before>[^，,。；;]+?)的?次(?P<unit>月|年)[月年]?底之?前(?P<behind>[^，,。；;]*)")
_UNITS: Mapping[str, tuple[int, FilingUnit]] = {
    "工作日": (1, "workday"),
    "自然日": (1, "day"),
    "日": (1, "day"),
    "天": (1, "day"),
    "月": (1, "month"),
    "年": (12, "month"),
}
_ENDS: Mapping[str, FilingUnit] = {"月": "month_end", "年": "year_end"}
_OFFICES_OWN_EVENT = re.compile(r"受理|收件")
_OFFICES_OWN_ACT = re.compile(r"^\s*(?:予以|应当?)?(?:办结|作出|做出|向|送达|发送|答复|完成|审核|核定|发放|支付|拨付)")
_NUMBERING = re.compile(r"^\s*(?:[（(]?[0-9一二三四五六七八九十]{1,2}[）)]|[0-9]{1,2}[.．、]|[①-⑳*])\s*")
_MISSED = re.compile(r"未能?|没能?|逾期")


@dataclass(frozen=True)
class FilingLimit:
    """How long after an *event*, in the guide's own words, an applicant may file.

    *is_missed*: the sentence speaks of those who have let it pass (line 2927, 未能在…之日起30日内), so the item is
    for them and the day is no reason to send anybody away.
    """

    event: str
    amount: int
    unit: FilingUnit
    is_missed: bool = False


def finish_by(limit: TimeLimit, start: date) -> date | None:
    """Return the last day on which the office keeps *limit* for what it accepted on *start*. Raises UnknownYear.

    None where it is done at once, or where no time is set.
    """
    if limit.immediate or limit.amount is None or limit.unit is None:
        return None
    return _COUNTED[limit.unit](start, limit.amount)


def parse_period(text: str) -> int | None:
    """Return the months of a certification period (认证周期), "以12个月为一个认证周期"; None without one."""
    match = _PERIOD.search(text)
    return find_numeral(match.group(1)) if match else None


def next_certification(last: date, months: int) -> date:
    """Return the last day for the next certification; only the month of *last* counts (lines 1426–1430)."""
    return end_of_month(last, months)


def parse_reporting_days(text: str) -> tuple[int, ...]:
    """Return the days of each month on which village windows report (上报), as line 3358 lists them; or none."""
    match = _REPORTING.search(text)
    days = tuple(int(day) for day in re.findall(r"[0-9]+", match.group(1))) if match else ()
    return days if all(1 <= day <= 31 for day in days) else ()


def next_reporting_day(days: Collection[int], today: date) -> date:
    """Return the next of the reporting *days*, today if it is one."""
    if not any(1 <= day <= 31 for day in days):
        raise ValueError(f"no days of a month: {days}")
    day = today
    while day.day not in days:
        day += timedelta(days=1)
    return day


def parse_filing_limit(text: str) -> FilingLimit | None:
    """Return the limit within which an applicant must file; None where *text* names none.

    The time that the office sets itself (受理之日起…, …内办结, line 125) and the time that must go by first
    (…之日起1年后, line 2967) are none.
    """
    bare = _NUMBERING.sub("", text)
    for match in _WITHIN.finditer(bare):
        times, unit = _UNITS[match["unit"]]
        if limit := _limit(match, (find_numeral(match["amount"]) or 0) * times, unit):
            return limit
    for match in _BY_END.finditer(bare):
        if limit := _limit(match, 1, _ENDS[match["unit"]]):
            return limit
    return None


def last_day(limit: FilingLimit, since: date) -> date:
    """Return the last day to file when the event was on *since*, which is not counted itself. Raises UnknownYear."""
    return _COUNTED[limit.unit](since, limit.amount)


def _limit(match: re.Match[str], amount: int, unit: FilingUnit) -> FilingLimit | None:
    subject, event = _split(match["before"])
    if not event or not amount or _OFFICES_OWN_EVENT.search(event) or _OFFICES_OWN_ACT.match(match["behind"]):
        return None
    return FilingLimit(event, amount, unit, is_missed=_MISSED.search(subject) is not None)


def _split(before: str) -> tuple[str, str]:
    """Return who must file ("用人单位自", "申报时间应在") and the event behind it ("成立")."""
    for start in _STARTS:
        if found := re.search(start, before):
            return before[: found.end()], before[found.end() :].strip()
    return "", before.strip()
