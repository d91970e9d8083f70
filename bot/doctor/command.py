"""python -m bot doctor: every check, one after another, a line for each finding."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from pathlib import Path

from bot.doctor.finding import Check, Finding
from bot.doctor.foundations import check_base, check_model, check_records
from bot.settings import Settings
from bot.wording.pages import PageWording, load_page_wording

WORDING = Path(__file__).parent.parent / "wording"


def all_checks() -> Sequence[Check]:
    """Return the checks, in their order; each channel has its own."""
    from bot.telegram.checking import check_telegram
    from bot.wechat.checking import check_wechat

    return (check_base, check_records, check_model, check_telegram, check_wechat)


def load_copy() -> PageWording:
    """Return the doctor's sentences."""
    return load_page_wording("doctor", folder=WORDING)


def examine(settings: Settings) -> Iterator[Finding]:
    """Yield what is found, as soon as it is."""
    copy = load_copy()
    for check in all_checks():
        yield from check(settings, copy)
