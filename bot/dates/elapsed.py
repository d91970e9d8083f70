"""What a resident says of time gone by: 离职10天了, 上个月5号出的事, 认证是去年三月做的; never what is only asked.

Small and ours, because no kept library does it: dateparser reads "10天" as ten days ago whatever is asked and knows
no 来, 多, 几 or 半; jionlp finds more but brings 150 MB of models and takes "交了15年" for the year 2015; cn2an reads
numbers only. All of them leave open what matters here, whether something has happened.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date

from bot.dates.durations import Duration, find_durations
from bot.dates.points import Point, find_points
from bot.dates.tense import has_happened, is_time_since

_SIGHT = 40
"""Characters before and behind a time that can bear on it."""


@dataclass(frozen=True)
class Elapsed:
    """Something happened between *since_first* and *since_last*, both included, as the resident *said*.

    The two are one day where the words name one; they are taken at their word, so a reply names the day it counts from.
    """

    since_first: date
    since_last: date
    said: str


def find_elapsed(text: str, today: date) -> Elapsed | None:
    """Return since when something has happened, as a normalised *text* tells it on *today*.

    None where nothing is told for certain: a length asked for (要20天吗), lived or paid (60岁了, 交了15年), a day to
    come, or two times that do not agree.
    """
    told = list(_told(text, today))
    found = [one for one in told if one.since_first < today] or told  # 今天 is told beside everything
    if not found:
        return None
    first, last = max(one.since_first for one in found), min(one.since_last for one in found)
    narrowest = min(found, key=lambda one: one.since_last - one.since_first)
    return Elapsed(first, last, narrowest.said) if first <= last else None


def _told(text: str, today: date) -> Iterator[Elapsed]:
    for duration in find_durations(text):
        before, after = _beside(text, duration)
        if is_time_since(before, after, duration.unit):
            first, last = duration.longest.before(today), duration.shortest.before(today)
            yield Elapsed(first, last, text[duration.begin : duration.end])
    for point in find_points(text, today):
        before, after = _beside(text, point)
        if has_happened(before, after, is_certainly_past=point.last < today and not point.is_turned_back):
            yield Elapsed(point.first, min(point.last, today), text[point.begin : point.end])


def _beside(text: str, said: Duration | Point) -> tuple[str, str]:
    return text[max(0, said.begin - _SIGHT) : said.begin], text[said.end : said.end + _SIGHT]
