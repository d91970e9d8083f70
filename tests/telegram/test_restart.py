"""`python -m bot telegram` killed at the worst moments: each start goes on where the one before was cut off."""

from __future__ import annotations

import asyncio
import itertools
import os
import sys
from asyncio.subprocess import DEVNULL, PIPE, Process
from pathlib import Path

from bot.settings import ROOT
from tests.bot.engines import new_url
from tests.telegram.service import run
from tests.telegram.stand_in import TOKEN, BotApi, Fault, bot_api

CHAT = 40_001


async def start(url: str, api: BotApi) -> Process:
    """Start the channel as an operator does."""
    environment = {
        **os.environ,
        "DATABASE_URL": url,
        "TELEGRAM_TOKEN": TOKEN,
        "TELEGRAM_API_BASE": api.address,
        "PYTHONWARNINGS": "ignore",
    }
    command = (sys.executable, "-m", "bot", "telegram")
    return await asyncio.create_subprocess_exec(*command, cwd=ROOT, env=environment, stdout=DEVNULL, stderr=PIPE)


async def killed(process: Process, api: BotApi, method: str, number: int = 1) -> None:
    """Kill the process with a call of *method*, the one of that *number*, which is not done."""
    seen = asyncio.get_running_loop().create_future()
    calls = itertools.count(1)

    def kill(name: str, _data: object) -> None:
        if name == method and next(calls) == number:
            api.faults.append(Fault(method, "cut"))
            process.kill()
            seen.set_result(None)

    api.before = kill
    await seen
    api.before = None
    await process.wait()


def test_no_reply_is_lost_and_none_doubled_by_being_killed(tmp_path: Path) -> None:
    url = new_url(tmp_path)

    async def test() -> None:
        async with bot_api() as api:
            given = [api.message(CHAT, text) for text in ("工伤", "2", "去哪里办", "要什么材料")]
            api.give(*given)

            def unconfirmed(name: str, _data: object) -> None:
                # Telegram never hears that the updates of the first fetch are kept.
                if name == "getUpdates":
                    api.faults.append(Fault("getUpdates", "cut", times=1000))
                    api.after = None

            api.after = unconfirmed
            # One reply has arrived, the next is on its way.
            await killed(await start(url, api), api, "sendMessage", 2)
            assert len(api.shown[CHAT]) == 1
            assert api.pending == given
            api.faults.clear()
            process = await start(url, api)
            await api.until(lambda: len(api.shown[CHAT]) >= 4)
            await api.quiet(0.5)
            process.terminate()
            _, errors = await asyncio.wait_for(process.communicate(), 20)
            assert process.returncode == 0, errors.decode()
            assert "Traceback" not in errors.decode()
            assert TOKEN not in errors.decode()
            asked = ("哪一项", "申请条件", "办理地点", "办理材料")
            firsts = [next(word for word in asked if word in text) for text in api.texts(CHAT)]
            assert firsts == list(asked)
            assert not api.pending

    run(test())
