"""LOAD_CHANNEL=wechat make load: 40 messages a second through the WeChat route for a minute, by the stand-in.

A message is sent when it is due, whatever the others wait for, as the platform does; each answer is checked against
the platform's limits, and a sample of the messages is brought once more: a retry must get the very same.
"""

from __future__ import annotations

import asyncio
import os
import random
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass

import httpx

from tests.load.figures import Figures
from tests.load.service import Service, running_service
from tests.wechat.platform import (
    AES_KEY,
    APP_ID,
    SECRET,
    TOKEN,
    OutOfServiceError,
    Platform,
    as_call,
    calls_taken,
    make,
    new_openid,
    read_answer,
    text,
)

A_SECOND = 40
SECONDS = 60
PEOPLE = 400
LONGEST = 5.0
"""Seconds after which the platform has hung up."""
RETRIED = 50
"""One of so many messages is brought a second time."""


@contextmanager
def service_for(platform: Platform) -> Iterator[Service]:
    """Run the service with the account of *platform* while the block runs."""
    with calls_taken(platform) as address:
        account = {"TOKEN": TOKEN, "APP_ID": APP_ID, "APP_SECRET": SECRET, "AES_KEY": AES_KEY, "API_BASE": address}
        os.environ.update({f"WECHAT_{name}": value for name, value in account.items()})
        with running_service() as service:
            yield service


@dataclass(frozen=True)
class Outcome:
    """The figures, line by line, and whether every message was answered as it should be."""

    lines: tuple[str, ...]
    is_well: bool


async def run(service: Service, platform: Platform, texts: Sequence[str], seconds: int, seed: int) -> Outcome:
    """Send, and return the figures."""
    choice = random.Random(seed)
    people = [new_openid() for _ in range(PEOPLE)]
    asked = [text(people[number % PEOPLE], choice.choice(texts)) for number in range(A_SECOND * seconds)]
    figures = Figures()
    wrong = 0
    limits = httpx.Limits(max_connections=200, max_keepalive_connections=200)
    async with httpx.AsyncClient(base_url=service.address, timeout=30, limits=limits) as http:
        begin = time.perf_counter() + 1

        async def ask(number: int, fields: dict[str, str]) -> None:
            nonlocal wrong
            await asyncio.sleep(max(0.0, begin + number / A_SECOND - time.perf_counter()))
            call = as_call(fields, platform.mode)
            due = time.perf_counter()
            try:
                answer = await make(http, call)
                said = read_answer(answer, fields["FromUserName"])
                took = time.perf_counter() - due
                if said is None or took > LONGEST:
                    figures.failed("an answer that the platform does not wait for")
                    return
                figures.took(took)
                if number % RETRIED == 0:
                    again = read_answer(await make(http, as_call(fields, platform.mode)), fields["FromUserName"])
                    wrong += again != said
            except (httpx.HTTPError, OutOfServiceError, AssertionError) as error:
                figures.failed(f"{type(error).__name__}: {error}")

        used = await cpu_seconds(http)
        await asyncio.gather(*(ask(number, fields) for number, fields in enumerate(asked)))
        used = await cpu_seconds(http) - used
    longest = round(1000 * max(figures.seconds, default=0.0))
    lines = [f"error: {count} times {reason[:300]}" for reason, count in figures.errors.most_common(5)]
    lines.append(
        f"machine: cores {os.cpu_count()} load_average {os.getloadavg()[0]:.1f} longest_ms {longest} "
        f"service_cpu_ms_a_call {1000 * used / len(asked):.1f}"
    )
    lines.append(
        f"load: channel wechat a_second {A_SECOND} sent {figures.sent} errors {figures.failures} lost {wrong} "
        f"{figures.percentiles()}"
    )
    return Outcome(tuple(lines), not figures.failures and not wrong and not service.complaints())


async def cpu_seconds(http: httpx.AsyncClient) -> float:
    """Return what the service has used of the processor, as its own figures say."""
    lines = (await http.get("/metrics")).text.splitlines()
    return next(float(line.split()[1]) for line in lines if line.startswith("process_cpu_seconds_total "))
