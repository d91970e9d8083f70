"""A clerk at the lookup with one caller after the other on the line: a search at each keystroke."""

from __future__ import annotations

import asyncio
import random
import time
from collections.abc import Iterator, Sequence

import aiohttp

from tests.load.figures import Figures
from tests.load.residents import TIMEOUT

KEYSTROKES_A_SECOND = 5
LONGEST = 12
"""Letters after which everybody has found it."""


def keystrokes(names: Sequence[str], choice: random.Random) -> Iterator[str]:
    """Yield what stands in the field after each keystroke: one name after the other, letter by letter."""
    while True:
        name = choice.choice(names)[:LONGEST].rstrip()
        yield from (name[: end + 1] for end in range(len(name)))


async def names_of_items(address: str) -> list[str]:
    """Return what items are called: their titles and other names."""
    async with aiohttp.ClientSession(address, timeout=TIMEOUT) as http, http.get("/api/v1/items") as response:
        response.raise_for_status()
        items = (await response.json())["items"]
    return [name.strip() for item in items for name in (item["title"], *item["aliases"]) if name.strip()]


async def type_for(seconds: float, address: str, typed: Iterator[str], figures: Figures) -> None:
    """Type for so long, whatever has been found by then: a keystroke does not wait for the one before."""
    async with aiohttp.ClientSession(address, timeout=TIMEOUT) as http:
        begin = time.perf_counter()
        searches = []
        for number in range(int(seconds * KEYSTROKES_A_SECOND)):
            await asyncio.sleep(max(0.0, begin + number / KEYSTROKES_A_SECOND - time.perf_counter()))
            searches.append(asyncio.create_task(_search(http, next(typed), figures)))
        await asyncio.gather(*searches)


async def _search(http: aiohttp.ClientSession, typed: str, figures: Figures) -> None:
    began = time.perf_counter()
    try:
        async with http.get("/api/v1/search", params={"q": typed}) as response:
            response.raise_for_status()
            await response.json()
    except (aiohttp.ClientError, asyncio.TimeoutError, OSError) as error:
        figures.failed(f"{type(error).__name__}: {error}")
    else:
        figures.took(time.perf_counter() - began)
