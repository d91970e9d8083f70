"""python -m bot understand|chat|telegram|desk|doctor|review|erase|train|tune|evaluate|…: one engine, every channel."""

from __future__ import annotations

import argparse
import asyncio
import dataclasses
import json
import sys
from collections.abc import Iterator
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any
from uuid import uuid4

from bot.desk.terminal import add_desk_commands
from bot.desk.terminal import run as run_desk
from bot.forgetting import erase_session
from bot.review.command import add_review_commands
from bot.review.command import run as run_review
from bot.runtime.training import TrainingError, train
from bot.settings import OFFICE_TIME, Settings, SettingsError, load_settings
from bot.understanding.encoder import EncoderError
from bot.understanding.messages import DataError, load_messages
from bot.wechat.platform.command import add_wechat_commands
from bot.wechat.platform.command import run as run_wechat
from bot.wording import load_wording
from knowledge.store import StoreError
from knowledge.vocabulary import load_vocabulary

if TYPE_CHECKING:
    from bot.review.retraining import Workshop
    from bot.runtime.engine import Engine
    from bot.understanding.explain import Neighbours


def main(arguments: list[str] | None = None) -> int:
    """Run one command; 0 on success, 1 where something it needs is missing or wrong."""
    options = _parser().parse_args(arguments)
    try:
        settings = load_settings()
        if getattr(options, "database", None):
            settings = dataclasses.replace(settings, database_url=options.database)
        return int(options.run(options, settings))
    except (SettingsError, StoreError, TrainingError, DataError, EncoderError) as error:
        print(f"bot: {error}", file=sys.stderr)
    except BrokenPipeError:
        sys.stderr.close()
    except KeyboardInterrupt:
        print(file=sys.stderr)
    return 1


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="python -m bot", description=__doc__)
    commands = parser.add_subparsers(required=True, metavar="COMMAND")
    understand = commands.add_parser("understand", help="messages on stdin, one a line → queries as JSON lines")
    understand.add_argument(
        "--explain",
        action="store_true",
        help='add "explain" to each line: probability of each outcome, the likeliest items with what words and encoder '
        "say of them, the n-grams that carried the first, the facets, and the nearest labelled messages",
    )
    understand.set_defaults(run=_understand)
    chat = commands.add_parser("chat", help="talk in the terminal")
    chat.add_argument("--jsonl", action="store_true", help="stdin {session, text} a line → stdout one turn a line")
    chat.set_defaults(run=_chat)
    chat.add_argument("--session", default="terminal", help="whose conversation goes on (default: terminal)")
    chat.add_argument("--elder", action="store_true", help="shorter sentences, for elder residents")
    chat.add_argument(
        "--resume",
        action="store_true",
        help="with --jsonl: sessions go on where an earlier run left them; without, each run begins new ones",
    )
    telegram = commands.add_parser("telegram", help="serve residents at Telegram until stopped")
    telegram.set_defaults(run=_telegram)
    doctor = commands.add_parser("doctor", help="check what the service needs; say what is amiss")
    doctor.set_defaults(run=_doctor)
    desk = add_desk_commands(commands)
    desk.set_defaults(run=_desk)
    erase = commands.add_parser("erase", help="forget everything of a session")
    erase.add_argument("session", metavar="SESSION")
    erase.set_defaults(run=_erase)
    review = add_review_commands(commands)
    review.set_defaults(run=_review)
    wechat = add_wechat_commands(commands)
    wechat.set_defaults(run=_wechat)
    for command in (understand, chat, telegram, doctor, desk, erase, review, wechat):
        command.add_argument("--database", help="database URL (default: DATABASE_URL)")
    measuring = commands.add_parser("evaluate", help="measure understanding; all sets where none is named")
    measuring.add_argument(
        "sets",
        nargs="*",
        metavar="SET",
        help="cross, questions, scope, real, dialogues, threads, smp2017; ablation, curve",
    )
    measuring.add_argument("--calibrate", action="store_true", help="with cross: renew nlu_data/calibration.json")
    measuring.add_argument("--folds", type=int, choices=(1, 2, 3, 4), default=4, help="how many folds cross judges")
    measuring.set_defaults(run=_evaluate)
    timing = commands.add_parser("bench", help="figures of speed and memory; all groups where none is named")
    timing.add_argument("groups", nargs="*", metavar="GROUP", help="understanding, turn, memory, start, training")
    timing.set_defaults(run=_bench)
    comparing = commands.add_parser("evaluate-compare", help="figures of two kept evaluations side by side")
    comparing.add_argument("first", type=Path)
    comparing.add_argument("second", type=Path)
    comparing.set_defaults(run=_compare)
    tuning = commands.add_parser("tune", help="tune the encoder anew if its messages changed (over an hour)")
    tuning.add_argument(
        "--onwards", action="store_true", help="go on from the encoder that is there: one pass (half an hour)"
    )
    tuning.set_defaults(run=_tune)
    training = commands.add_parser("train", help="train the Rasa model if anything it depends on changed")
    training.add_argument("--force", action="store_true", help="train even if nothing changed")
    training.set_defaults(run=_train)
    return parser


def _train(options: argparse.Namespace, settings: Settings) -> int:
    if not train(settings, options.force):
        print("train: up to date", file=sys.stderr)
    return 0


def _tune(options: argparse.Namespace, settings: Settings) -> int:
    from bot.tuning.artefact import lessons_of, make_encoder
    from bot.understanding.encoder import ENCODER_FILE

    def report(text: str) -> None:
        print(f"tune: {text}", file=sys.stderr, flush=True)

    ids = frozenset(entry.id for entry in load_vocabulary().catalogue)
    lessons = lessons_of(load_messages(settings.nlu_data, ids))
    if not make_encoder(settings.nlu_data / ENCODER_FILE, lessons, report, onwards=options.onwards):
        report("up to date")
    return 0


def _evaluate(options: argparse.Namespace, settings: Settings) -> int:
    from bot.evaluation.run import LONG, SETS, EvaluationError, evaluate

    unknown = [name for name in options.sets if name not in (*SETS, *LONG)]
    if unknown:
        print(f"bot: no such set: {', '.join(unknown)}; there are {', '.join((*SETS, *LONG))}", file=sys.stderr)
        return 2
    try:
        evaluate(options.sets, settings, options.calibrate, options.folds)
    except EvaluationError as error:
        print(f"bot: {error}", file=sys.stderr)
        return 1
    return 0


def _bench(options: argparse.Namespace, settings: Settings) -> int:
    from bot.evaluation.bench import GROUPS, BenchError, bench

    def report(text: str) -> None:
        print(f"bench: {text}", file=sys.stderr, flush=True)

    unknown = [name for name in options.groups if name not in GROUPS]
    if unknown:
        print(f"bot: no such group: {', '.join(unknown)}; there are {', '.join(GROUPS)}", file=sys.stderr)
        return 2
    try:
        for line in bench(options.groups, settings, report):
            print(line, flush=True)
    except BenchError as error:
        print(f"bot: {error}", file=sys.stderr)
        return 1
    return 0


def _compare(options: argparse.Namespace, _settings: Settings) -> int:
    from bot.evaluation.run import compare

    compare(options.first, options.second)
    return 0


def _understand(options: argparse.Namespace, settings: Settings) -> int:
    engine = _open(settings)
    if engine is None:
        return 1
    neighbours = _neighbours(settings) if options.explain else None
    loop = asyncio.new_event_loop()
    for _number, line in _lines():
        text = line.strip("\n")
        if len(text) > settings.max_text:
            _print({"text": text[:40], "error": _too_long(settings)})
            continue
        if neighbours is None:
            _print(loop.run_until_complete(engine.understand(text)).as_json())
            continue
        told = loop.run_until_complete(engine.explain(text))
        told["explain"]["nearest"] = [found.as_json() for found in neighbours.nearest(told["text"])]
        _print(told)
    return 0


def _neighbours(settings: Settings) -> Neighbours:
    from bot.understanding.explain import Neighbours, ViewOfItems

    ids = frozenset(entry.id for entry in load_vocabulary().catalogue)
    messages = load_messages(settings.nlu_data, ids)
    print(f"explain: reading {len(messages)} labelled messages", file=sys.stderr, flush=True)
    return Neighbours(messages, ViewOfItems.load())


def _chat(options: argparse.Namespace, settings: Settings) -> int:
    engine = _open(settings)
    if engine is None:
        return 1
    loop = asyncio.new_event_loop()
    if options.jsonl:
        # A program that asks the same twice gets the same answers: it is not reminded of what it asked the last time.
        run = "" if options.resume else f"{uuid4().hex[:12]}:"
        for number, line in _lines():
            if line.strip():
                _print(loop.run_until_complete(_turn(engine, settings, number, line, run, options.elder)))
        engine.close()
        return 0
    print(load_wording().say("greeting", office=engine.services.base.document.office))
    for _number, line in _lines(prompt="> "):
        for told in loop.run_until_complete(engine.deliver(options.session)):
            print(f"{told.name}：{told.text}", end="\n\n", flush=True)
        if not line.strip():
            continue
        if len(line.strip()) > settings.max_text:
            print(_too_long(settings))
            continue
        turn = loop.run_until_complete(engine.turn(options.session, line.strip(), elder=options.elder))
        print("\n\n".join(_readable(turn["messages"])), end="\n\n", flush=True)
    engine.close()
    return 0


def _telegram(_options: argparse.Namespace, settings: Settings) -> int:
    if settings.telegram is None:
        print("telegram: off, TELEGRAM_TOKEN is not set; see docs/telegram.md", file=sys.stderr)
        return 0
    print("telegram: loading the model", file=sys.stderr, flush=True)
    from bot.telegram.introducing import ChannelError
    from bot.telegram.running import serve_until_stopped

    engine = _open(settings)
    if engine is None:
        return 1
    try:
        serve_until_stopped(engine, settings, settings.telegram)
    except ChannelError as error:
        print(f"telegram: {error}", file=sys.stderr)
        return 1
    finally:
        engine.close()
    return 0


def _doctor(_options: argparse.Namespace, settings: Settings) -> int:
    from bot.doctor.command import examine
    from bot.doctor.finding import State

    is_amiss = False
    for finding in examine(settings):
        print(finding, flush=True)
        is_amiss = is_amiss or finding.state is State.AMISS
    return 1 if is_amiss else 0


def _readable(messages: list[dict[str, Any]]) -> list[str]:
    """Return the texts that a terminal shows: numbers and pages to tap repeat what the answer says."""
    return [message["text"] for message in messages if message["type"] not in ("phone", "link")]


def _desk(options: argparse.Namespace, settings: Settings) -> int:
    return run_desk(options, settings.database_url, datetime.now(OFFICE_TIME))


def _review(options: argparse.Namespace, settings: Settings) -> int:
    def workshop() -> Workshop:
        from bot.evaluation.workshop import RasaWorkshop

        return RasaWorkshop()

    return run_review(options, settings, workshop)


def _wechat(options: argparse.Namespace, settings: Settings) -> int:
    return run_wechat(options, settings)


def _erase(options: argparse.Namespace, settings: Settings) -> int:
    erase_session(settings.database_url, options.session)
    return 0


async def _turn(engine: Engine, settings: Settings, number: int, line: str, run: str, elder: bool) -> dict[str, Any]:
    """Lead the turn of one input line; a line that is no turn gives its error and the rest goes on.

    *run* stands before the names of sessions where they are stored.
    """
    try:
        data = json.loads(line)
        session, text = data["session"], data["text"]
        if not isinstance(session, str) or not isinstance(text, str) or not session:
            raise TypeError("session and text must be texts")
        (session + text).encode()  # half a character (a lone surrogate) is no text
        if not text.strip():
            raise ValueError("text is empty")
        if len(text) > settings.max_text:
            raise ValueError(_too_long(settings))
    except (ValueError, KeyError, TypeError, RecursionError) as error:
        reason = f"{error} is missing" if isinstance(error, KeyError) else str(error)
        return {"error": f"line {number}: {reason}".encode(errors="replace").decode()}
    turn = await engine.turn(run + session, text, elder=elder)
    return {**{key: value for key, value in turn.items() if key != "seq"}, "session": session}


def _open(settings: Settings) -> Engine | None:
    from bot.runtime.engine import Engine, EngineError

    try:
        return Engine.open(settings)
    except EngineError as error:
        print(f"bot: {error}", file=sys.stderr)
        return None


def _lines(prompt: str = "") -> Iterator[tuple[int, str]]:
    """Yield numbered lines of stdin, undecodable bytes replaced; with a prompt where somebody is typing."""
    sys.stdin.reconfigure(errors="replace")  # type: ignore[union-attr]  # a text stream of this process
    number = 0
    while True:
        if prompt and sys.stdin.isatty():
            print(prompt, end="", flush=True)
        line = sys.stdin.readline()
        if not line:
            return
        number += 1
        yield number, line


def _too_long(settings: Settings) -> str:
    return load_wording().say("too_long", limit=settings.max_text)


def _print(data: dict[str, Any]) -> None:
    print(json.dumps(data, ensure_ascii=False), flush=True)


if __name__ == "__main__":
    sys.exit(main())
