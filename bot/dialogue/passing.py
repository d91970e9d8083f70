"""Time that has passed (期限): whether it is early enough, by what the resident says and the guide's limits."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date

from bot.answering.compose import expand_facets
from bot.answering.messages import Message, Text
from bot.dates.elapsed import Elapsed, find_elapsed
from bot.dates.limits import FilingLimit, last_day, next_certification, parse_filing_limit, parse_period
from bot.dates.workdays import UnknownYear
from bot.dialogue.forms import normal_form
from bot.wording import Wording
from knowledge.model import Facet, ServiceItem


def say_passed(text: str, item: ServiceItem, facets: Sequence[str], today: date, wording: Wording) -> list[Message]:
    """Return what the time that passed by the resident's own words comes to under the limits of *item*.

    Nothing is said where the item has no limit or several, or where it is not clear since when: a day that is wrong
    costs more than none.
    """
    if not {Facet.CONDITIONS, Facet.TIME_LIMIT, Facet.LOCATION} & set(expand_facets(facets)):
        return []
    passed = find_elapsed(normal_form(text), today)
    if passed is None:
        return []
    limits = {limit: fact.text for fact in item.facts if (limit := parse_filing_limit(fact.text))}
    if len(limits) == 1:
        [(limit, said)] = limits.items()
        return [] if limit.is_missed else _filing(limit, said, passed, today, wording)
    periods = sorted({months for fact in item.facts if (months := parse_period(fact.text))}, reverse=True)
    is_one_month = passed.since_first.replace(day=1) == passed.since_last.replace(day=1)
    if not periods or not is_one_month:
        return []
    lines = [
        wording.say(
            "certification_period", months=months, date=wording.day(next_certification(passed.since_first, months))
        )
        for months in periods
    ]
    return [Text("\n".join([wording.say("next_certification", last=passed.said), *lines]))]


def _filing(limit: FilingLimit, said: str, passed: Elapsed, today: date, wording: Wording) -> list[Message]:
    try:
        first, last = last_day(limit, passed.since_first), last_day(limit, passed.since_last)
    except UnknownYear:
        return []
    if today > last:
        return [Text(wording.say("no_time_left", limit=said, since=passed.said, date=wording.day(last)))]
    if first == last:
        return [Text(wording.say("still_time", limit=said, since=passed.said, date=wording.day(last)))]
    return [Text(wording.say("maybe_time", limit=said, first=wording.day(first), date=wording.day(last)))]
