"""make load: 200 residents and a clerk at the real service for two minutes; what they wait, and that nothing is lost.

Exit status 1 where a call failed or a message was lost; how long anybody waited is for the reader to judge.
"""

from __future__ import annotations

import asyncio
import os
import random
import sys
import time
from collections.abc import Sequence
from contextlib import AsyncExitStack
from dataclasses import dataclass
from pathlib import Path

import aiohttp

from bot.settings import load_settings
from tests.load import wechat
from tests.load.clerk import KEYSTROKES_A_SECOND, keystrokes, names_of_items, type_for
from tests.load.conversation import faults_of, gist
from tests.load.figures import Figures
from tests.load.residents import PAUSE, Resident, converse, newcomer, until_told
from tests.load.service import Service, ServiceError, running_service
from tests.wechat.platform import Platform

SEED = 6
SECONDS = 120
SESSIONS = 200
REPLAYED = 20
"""Conversations that are led once more, alone: whatever a crowd changes in replies shows there."""
LONGEST_TEXT = 500


@dataclass(frozen=True)
class Crowd:
    """How many come for how long."""

    sessions: int
    seconds: int

    @property
    def messages(self) -> int:
        """What each of them has to say."""
        return max(1, int(self.seconds / PAUSE))


def main() -> int:
    """Measure, print the figures; 1 where anything was lost or refused."""
    crowd = Crowd(_positive("LOAD_SESSIONS", SESSIONS), _positive("LOAD_SECONDS", SECONDS))
    texts = load_texts(load_settings().nlu_data)
    try:
        if os.environ.get("LOAD_CHANNEL") == "wechat":
            return _wechat(texts)
        with running_service() as service:
            return asyncio.run(run(service, crowd, texts))
    except ServiceError as error:
        print(f"load: {error}", file=sys.stderr)
        return 1


def load_texts(nlu_data: Path) -> list[str]:
    """Return what residents wrote, of every source."""
    files = sorted([*nlu_data.glob("messages/*.tsv"), *nlu_data.glob("scope/*.tsv")])
    lines = [line for path in files for line in path.read_text(encoding="utf-8").splitlines() if "\t" in line]
    texts = [line.rpartition("\t")[2].strip() for line in lines]
    return [text for text in texts if 0 < len(text) <= LONGEST_TEXT]


async def run(service: Service, crowd: Crowd, texts: Sequence[str]) -> int:
    """Let the crowd come, check what is kept of what was said, and print the figures."""
    choice = random.Random(SEED)
    random.seed(SEED)
    chats, searches = Figures(), Figures()
    async with AsyncExitStack() as stack:
        residents = [
            await stack.enter_async_context(newcomer(service.address, has_socket=number % 2 == 0))
            for number in range(crowd.sessions)
        ]
        typed = keystrokes(await names_of_items(service.address), choice)
        scripts = [choice.choices(texts, k=crowd.messages) for _ in residents]
        used = await cpu_seconds(service)
        begin = time.perf_counter() + 1
        await asyncio.gather(
            *(
                converse(resident, script, begin + PAUSE * number / crowd.sessions, chats)
                for number, (resident, script) in enumerate(zip(residents, scripts, strict=True))
            ),
            type_for(crowd.seconds, service.address, typed, searches),
        )
        used = await cpu_seconds(service) - used
        load_average = os.getloadavg()[0]
        faults = [fault for resident in residents for fault in await faults_in(resident)]
        replayed, crossed = await replay(service, residents[:REPLAYED])
    for reason, count in [*chats.errors.most_common(5), *searches.errors.most_common(5)]:
        print(f"error: {count} times {reason[:300]}")
    for fault in sorted(set(faults)):
        print(f"fault: {faults.count(fault)} times {fault}")
    complaints = service.complaints()
    if complaints:
        print(f"service: {complaints} errors in its log, the last:\n{service.last_words()}")
    per_call = 1000 * used / max(1, chats.sent + searches.sent)
    print(f"machine: cores {os.cpu_count()} load_average {load_average:.1f} service_cpu_ms_a_call {per_call:.1f}")
    print(f"replay: sent {replayed} crossed {crossed}")
    print(
        f"search: sent {searches.sent} a_second {KEYSTROKES_A_SECOND} "
        f"errors {searches.failures} {searches.percentiles()}"
    )
    lost = len(faults) + crossed
    print(
        f"load: sessions {crowd.sessions} sent {chats.sent} errors {chats.failures} lost {lost} {chats.percentiles()}"
    )
    return 1 if chats.failures or searches.failures or lost or complaints else 0


async def faults_in(resident: Resident) -> list[str]:
    """Return what is wrong with what the service has kept and told of a conversation."""
    entries = await resident.entries()
    await until_told(resident.conversation, len(entries))
    return faults_of(resident.conversation, entries)


async def replay(service: Service, residents: Sequence[Resident]) -> tuple[int, int]:
    """Say alone what was said in the crowd; return how much, and how many replies are about something else."""
    sent = crossed = 0
    for before in residents:
        async with newcomer(service.address, has_socket=False) as again:
            for said in before.conversation.said:
                if said.reply is None:
                    break  # from here on the threads need not be the same
                await again.say(said.text, Figures(), time.perf_counter())
                sent += 1
                reply = again.conversation.said[-1].reply
                crossed += reply is None or gist(reply) != gist(said.reply)
    return sent, crossed


async def cpu_seconds(service: Service) -> float:
    """Return what the service has used of the processor, as its own figures say."""
    async with aiohttp.ClientSession(service.address) as http, http.get("/metrics") as response:
        lines = (await response.text()).splitlines()
    return next(float(line.split()[1]) for line in lines if line.startswith("process_cpu_seconds_total "))


def _wechat(texts: Sequence[str]) -> int:
    platform = Platform()
    with wechat.service_for(platform) as service:
        outcome = asyncio.run(wechat.run(service, platform, texts, _positive("LOAD_SECONDS", wechat.SECONDS), SEED))
    for line in outcome.lines:
        print(line)
    return 0 if outcome.is_well else 1


def _positive(name: str, default: int) -> int:
    text = os.environ.get(name, "")
    if not text:
        return default
    if not text.isdecimal() or int(text) == 0:
        raise SystemExit(f"load: {name}={text}: a positive whole number is expected")
    return int(text)


if __name__ == "__main__":
    sys.exit(main())
