"""What stands beside the guide's words: when it will be done, reporting days, opening hours, links, numbers, terms.

All of it is marked as ours or only makes tappable what the guide says; nothing here takes the place of a fact.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from datetime import date, datetime
from urllib.parse import quote

from bot.answering.messages import Link, Message, PhoneNumber, Text
from bot.dates.hours import OfficeHours
from bot.dates.limits import finish_by, next_reporting_day, parse_reporting_days
from bot.dates.workdays import UnknownYear
from bot.wording import Wording
from knowledge.model import Facet, Fact
from knowledge.values import Phone, Place, TimeLimit
from knowledge.vocabulary.glossary import Glossary, Term

MAX_TERMS = 2
_OTHER_START = re.compile(r"(?<!受理之日)起|次月|送达|特殊情形|特殊情况")


def say_dates(facts: Sequence[Fact], today: date, wording: Wording) -> list[Message]:
    """Return the day by which the office is done if it accepts today, and the next day on which villages report.

    Only where one promise is left and its clock starts with the acceptance: whoever may fall under two gets none.
    """
    said: list[Message] = []
    limits = {fact.value for fact in facts if fact.facet is Facet.TIME_LIMIT and isinstance(fact.value, TimeLimit)}
    texts = [fact.text for fact in facts if fact.facet is Facet.TIME_LIMIT]
    if len(limits) == 1 and not any(_OTHER_START.search(text) for text in texts):
        said.extend(_finished(next(iter(limits)), today, wording))
    days = sorted({day for fact in facts for day in parse_reporting_days(fact.text)})
    if days:
        said.append(Text(wording.say("reporting_day", date=wording.day(next_reporting_day(days, today)))))
    return said


def _finished(limit: TimeLimit, today: date, wording: Wording) -> list[Message]:
    try:
        last = finish_by(limit, today)
    except UnknownYear as error:
        return [Text(wording.say("finish_unknown", year=error.year))]
    return [] if last is None else [Text(wording.say("finish_by", date=wording.day(last)))]


def say_hours(hours: OfficeHours, office: str, now: datetime, wording: Wording) -> list[Message]:
    """Return when the *office* is open by its own settings, and whether it is open now."""
    spans = [wording.say("hours_span", opens=f"{s.opens:%H:%M}", closes=f"{s.closes:%H:%M}") for s in hours.spans]
    said: list[Message] = [Text(wording.say("opening_hours", hours="、".join(spans), office=office))]
    opening = hours.next_opening(now)
    if hours.is_open(now):
        said.append(Text(wording.say("office_open")))
    elif opening is not None:
        said.append(Text(wording.say("office_closed", date=wording.day(opening.date()), time=f"{opening:%H:%M}")))
    return said


def links_of(facts: Sequence[Fact], wording: Wording, map_link: str | None, city: str) -> list[Message]:
    """Return the web addresses and counters of *facts* to tap, each once."""
    found: dict[str, Message] = {}
    for fact in facts:
        if not isinstance(fact.value, Place):
            continue
        if fact.value.url:
            url = fact.value.url if "://" in fact.value.url else f"https://{fact.value.url}"
            found.setdefault(url, Link(wording.say("link_online"), url, f"{wording.say('link_online')}：{url}"))
        elif fact.value.address and map_link:
            url = map_link.format(place=quote(fact.value.address), city=quote(city))
            found.setdefault(url, Link(wording.say("link_map"), url, f"{wording.say('link_map')}：{url}"))
    return list(found.values())


def phones_of(facts: Sequence[Fact]) -> list[Message]:
    """Return the numbers of *facts* to tap, each once."""
    phones = {fact.value.number: fact.value for fact in facts if isinstance(fact.value, Phone)}
    return [
        PhoneNumber(phone.label or number, number, f"{phone.label}：{number}" if phone.label else number)
        for number, phone in phones.items()
    ]


def explain_terms(
    facts: Sequence[Fact], glossary: Glossary, known: Sequence[str], wording: Wording
) -> tuple[list[Message], tuple[str, ...]]:
    """Return the explanation of terms in *facts* that were not explained before, marked as ours; and their names."""
    found: dict[str, Term] = {}
    for fact in facts:
        for term in glossary.terms_in(fact.text):
            if term.term not in known:
                found.setdefault(term.term, term)
    chosen = list(found.values())[:MAX_TERMS]
    if not chosen:
        return [], ()
    lines = [wording.say("term", term=term.term, means=term.means) for term in chosen]
    return [Text("\n".join([wording.say("terms"), *lines]))], tuple(term.term for term in chosen)
