"""python -m bot bench: how fast understanding, turns, start and training are and what memory they take. Judges nothing.

Run by itself (`python -m bot.evaluation.bench memory`) this module is a probe: a fresh process that measures itself and
writes one JSON object. Nothing but the standard library is imported before its clock starts; keep it so.
"""

from __future__ import annotations

import asyncio
import json
import math
import os
import random
import re
import resource
import shutil
import statistics
import subprocess
import sys
import tempfile
import time
from collections import defaultdict
from collections.abc import Callable, Iterator, Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

from bot.settings import ROOT, Settings, SettingsError, load_settings

if TYPE_CHECKING:
    from bot.understanding.messages import LabelledMessage

SEED = 20
WARM_UP = 20
MESSAGES = 400
TURNS_A_SESSION = 4
CONVERSATIONS = 100
STARTS = 3
EXAMPLES = 12_000
KEPT = 2
"""Messages of an intent that a sample keeps at least: Rasa warns of an intent that has only one."""

Report = Callable[[str], None]
Figures = Mapping[str, float]


class BenchError(Exception):
    """Something could not be measured; the message says what."""


def bench(names: Sequence[str], settings: Settings, report: Report) -> Iterator[str]:
    """Yield the lines of the groups of *names*, of all where none is named; the last of each is its figures."""
    for name in names or GROUPS:
        report(name)
        yield from GROUPS[name](settings, report)


def percentile(values: Sequence[float], share: float) -> float:
    """Return the smallest of *values* that at least *share* of them do not exceed (nearest rank)."""
    return sorted(values)[max(math.ceil(share * len(values)), 1) - 1]


def closing(name: str, figures: Figures) -> str:
    """Return the last line of a group: whole numbers as they are, seconds and ratios with two places, the rest with
    one."""
    return f"{name}: " + " ".join(f"{key} {_written(key, value)}" for key, value in figures.items())


def _written(key: str, value: float) -> str:
    if isinstance(value, int):
        return str(value)
    return f"{value:.2f}" if key.endswith(("_s", "ratio")) else f"{value:.1f}"


def resident_mib(status: str) -> float:
    """Return the resident memory that /proc/self/status tells of. Raises BenchError where it does not."""
    found = re.search(r"^VmRSS:\s+(\d+) kB$", status, re.MULTILINE)
    if found is None:
        raise BenchError("no VmRSS in /proc/self/status: memory is measured on Linux only")
    return int(found.group(1)) / 1024


def stratified(labels: Sequence[str], count: int, seed: int = SEED) -> list[int]:
    """Return the places of *count* labels in order: each label in proportion, and KEPT of it at least.

    All places where there are no more than *count*. Raises ValueError where *count* cannot hold all labels.
    """
    places: dict[str, list[int]] = defaultdict(list)
    for place, label in enumerate(labels):
        places[label].append(place)
    if count < KEPT * len(places) and count < len(labels):
        raise ValueError(f"{count} messages cannot hold {KEPT} of each of {len(places)} intents")
    draw = random.Random(seed)
    ranked: list[tuple[float, int]] = []
    for group in places.values():
        draw.shuffle(group)
        ranked += [(0.0 if k < KEPT else (k + 0.5) / len(group), place) for k, place in enumerate(group)]
    return sorted(place for _, place in sorted(ranked)[:count])


def write_sample(source: Path, target: Path, item_ids: frozenset[str], count: int) -> int:
    """Write *count* messages of the folder *source* under *target*, whole lines, and copy all that is no message.

    Returns how many were written. Raises DataError where the folder cannot be used.
    """
    from bot.understanding.messages import load_messages

    lines = [(path, line) for path in _tables(source) for line in _lines_of(path)]
    intents = [message.intent for message in load_messages(source, item_ids)]
    chosen: dict[Path, list[str]] = defaultdict(list)
    places = stratified(intents, count)
    for place in places:
        path, line = lines[place]
        chosen[path].append(line)
    for path, kept in chosen.items():
        _write(target / path.relative_to(source), kept)
    for path in source.iterdir():
        if path.is_file() and path.suffix not in (".tsv", ".md"):
            shutil.copy(path, target / path.name)
    return len(places)


def change_one(folder: Path) -> None:
    """Add a character to the first message under *folder*."""
    path = _tables(folder)[0]
    first, *rest = _lines_of(path)
    _write(path, [f"{first}啊", *rest])


def _tables(folder: Path) -> list[Path]:
    return sorted(folder.rglob("*.tsv"))


def _lines_of(path: Path) -> list[str]:
    """Return the lines that are messages, as load_messages counts them."""
    lines = path.read_text(encoding="utf-8").splitlines()
    return [line for line in lines if line.strip() and not line.startswith("#")]


def _write(path: Path, lines: Sequence[str]) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text("".join(f"{line}\n" for line in lines), encoding="utf-8")


# ---------------------------------------------------------------- groups


def _understanding(settings: Settings, _report: Report) -> Iterator[str]:
    """Time messages one at a time, as Engine.understand takes them; and which part of the pipeline took how long."""
    found = _probe("understanding", _questions(settings, WARM_UP + MESSAGES))
    times, spent = found["seconds"], found["components"]
    total = sum(times)
    for name, seconds in sorted(spent.items(), key=lambda pair: -pair[1]):
        yield f"  {name:20} {seconds / total:6.1%}"
    yield f"  {'Rasa, all the rest':20} {1 - sum(spent.values()) / total:6.1%}"
    figures = {
        "messages": len(times),
        "p50_ms": 1000 * percentile(times, 0.5),
        "p95_ms": 1000 * percentile(times, 0.95),
        "max_ms": 1000 * max(times),
    }
    yield closing("understanding", figures)


def _turn(settings: Settings, report: Report) -> Iterator[str]:
    """Time whole turns, as Engine.turn leads them, among few stored conversations and among many."""
    from bot.evaluation.whole_turns import conversations_of

    report("leading conversations, then the same among a hundred thousand")
    found = _probe("turn", conversations_of(_labelled(settings), CONVERSATIONS, SEED))
    few, many = found["few"], found["many"]
    figures = {
        "turns": len(few),
        "p50_ms": 1000 * percentile(few, 0.5),
        "p95_ms": 1000 * percentile(few, 0.95),
        "p50_ms_100k": 1000 * percentile(many, 0.5),
        "p95_ms_100k": 1000 * percentile(many, 0.95),
        "ratio": percentile(many, 0.5) / percentile(few, 0.5),
    }
    yield closing("turn", figures)


def _memory(settings: Settings, _report: Report) -> Iterator[str]:
    """Measure the resident memory of a process that opens the engine and leads turns."""
    yield closing("memory", _probe("memory", _questions(settings, MESSAGES)))


def _start(_settings: Settings, report: Report) -> Iterator[str]:
    """Time the start of fresh processes; the median counts, for the first may find nothing in the disk's cache."""
    runs = []
    for _ in range(STARTS):
        runs.append(_probe("start", []))
        report(closing("start", runs[-1]))
    medians = {key: statistics.median(run[key] for run in runs) for key in runs[0]}
    yield closing("start", {**medians, "runs": len(runs)})


def _training(settings: Settings, report: Report) -> Iterator[str]:
    """Time `python -m bot train` on a sample in folders of its own, from nothing and after one message changed."""
    from knowledge.vocabulary import load_vocabulary

    ids = frozenset(entry.id for entry in load_vocabulary().catalogue)
    with tempfile.TemporaryDirectory(prefix="bench-") as name:
        folder = Path(name)
        data = folder / "nlu_data"
        data.mkdir()
        count = write_sample(settings.nlu_data, data, ids, EXAMPLES)
        places = {
            "NLU_DATA": data,
            "MODEL_FOLDER": folder / "models",
            "RASA_CACHE_DIRECTORY": folder / "cache",  # Rasa's own, else .rasa/ of the repository would help
        }
        environment = {**os.environ, **{key: str(path) for key, path in places.items()}}
        report(f"training on {count} messages from nothing")
        from_nothing = _train(environment)
        change_one(data)
        report(f"training again, one message changed; from nothing it took {from_nothing:.1f} s")
        figures = {"messages": count, "from_nothing_s": from_nothing, "after_change_s": _train(environment)}
        yield closing("training", figures)


GROUPS: dict[str, Callable[[Settings, Report], Iterator[str]]] = {
    "understanding": _understanding,
    "turn": _turn,
    "memory": _memory,
    "start": _start,
    "training": _training,
}


def _questions(settings: Settings, count: int) -> list[str]:
    """Return a seeded sample of the texts in nlu_data/messages/."""
    texts = [message.text for message in _labelled(settings) if message.scope is None]
    return random.Random(SEED).sample(texts, min(count, len(texts)))


def _labelled(settings: Settings) -> list[LabelledMessage]:
    from bot.understanding.messages import load_messages
    from knowledge.vocabulary import load_vocabulary

    return load_messages(settings.nlu_data, frozenset(entry.id for entry in load_vocabulary().catalogue))


def _train(environment: Mapping[str, str]) -> float:
    """Return the seconds that one training took, from the start of its process to the end."""
    started = time.perf_counter()
    command = [sys.executable, "-m", "bot", "train"]
    ended = subprocess.run(command, cwd=ROOT, env=environment, stdout=subprocess.DEVNULL, check=False)
    if ended.returncode:
        raise BenchError(f"training: python -m bot train ended with code {ended.returncode}")
    return time.perf_counter() - started


def _probe(name: str, messages: Sequence[str] | Sequence[Sequence[str]]) -> dict[str, Any]:
    """Return what a probe in a fresh process measured with *messages*, or whole conversations of them."""
    command = [sys.executable, "-m", "bot.evaluation.bench", name]
    ended = subprocess.run(
        command, cwd=ROOT, input=json.dumps(messages), stdout=subprocess.PIPE, text=True, check=False
    )
    if ended.returncode:
        raise BenchError(f"{name}: the process that measures ended with code {ended.returncode}")
    found: dict[str, Any] = json.loads(ended.stdout.splitlines()[-1])
    return found


# ---------------------------------------------------------------- probes: each in a process of its own


def _probe_understanding(messages: Sequence[str]) -> dict[str, Any]:
    from bot.runtime.engine import Engine

    spent: dict[str, float] = defaultdict(float)
    for component in _components():
        _clock(component, spent)  # before the model is loaded: Rasa takes the functions over then
    engine = Engine.open(load_settings())

    async def run() -> list[float]:
        for text in messages[:WARM_UP]:
            await engine.understand(text)
        spent.clear()
        seconds = []
        for text in messages[WARM_UP:]:
            started = time.perf_counter()
            await engine.understand(text)
            seconds.append(time.perf_counter() - started)
        return seconds

    return {"seconds": asyncio.run(run()), "components": spent}


def _components() -> list[type]:
    """Return our components that messages pass through."""
    from bot.components import classifiers, decision, featurizers, tokenizer

    return [
        found
        for module in (tokenizer, featurizers, classifiers, decision)
        for found in vars(module).values()
        if isinstance(found, type) and found.__module__ == module.__name__ and "process" in vars(found)
    ]


def _clock(component: Any, spent: dict[str, float]) -> None:
    """Add the time that the component's process takes from now on to *spent*, under the component's name."""
    process = component.process

    def timed(self: Any, messages: Any) -> Any:
        started = time.perf_counter()
        try:
            return process(self, messages)
        finally:
            spent[component.__name__] += time.perf_counter() - started

    component.process = timed


def _probe_turn(conversations: Sequence[Sequence[str]]) -> dict[str, Any]:
    from bot.evaluation.whole_turns import time_turns

    with tempfile.TemporaryDirectory(prefix="bench-") as folder:
        return time_turns(conversations, Path(folder))


def _probe_memory(messages: Sequence[str]) -> dict[str, Any]:
    from bot.runtime.engine import Engine

    after_import = _resident()
    with tempfile.TemporaryDirectory(prefix="bench-") as folder:
        engine = Engine.open(load_settings(), records_url=f"sqlite:///{folder}/bench.db")
        after_load = _resident()

        async def run() -> None:
            for number, text in enumerate(messages):
                await engine.turn(f"bench-{number // TURNS_A_SESSION}", text)

        asyncio.run(run())
        after_turns = _resident()
        engine.close()
    return {
        "after_import_mib": after_import,
        "after_load_mib": after_load,
        f"after_{len(messages)}_turns_mib": after_turns,
        "peak_mib": resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024,
    }


def _resident() -> float:
    return resident_mib(Path("/proc/self/status").read_text(encoding="ascii"))


def _probe_start(_messages: Sequence[str]) -> dict[str, Any]:
    started = time.perf_counter()
    from bot.runtime.engine import Engine

    imported = time.perf_counter()
    Engine.open(load_settings())
    return {"import_s": imported - started, "load_s": time.perf_counter() - imported}


PROBES: dict[str, Callable[[Any], dict[str, Any]]] = {
    "understanding": _probe_understanding,
    "turn": _probe_turn,
    "memory": _probe_memory,
    "start": _probe_start,
}


def main(name: str) -> int:
    """Measure in this process: messages as a JSON list on stdin, what was measured as a JSON object on stdout."""
    try:
        found = PROBES[name](json.load(sys.stdin))
    except _expected() as error:
        sys.stderr.write(f"bench: {error}\n")
        return 1
    sys.stdout.write(json.dumps(found) + "\n")
    return 0


def _expected() -> tuple[type[Exception], ...]:
    """Return the errors that have a message for the operator; asked only after one, so nothing is imported early."""
    from bot.runtime.engine import EngineError
    from knowledge.store import StoreError

    return EngineError, StoreError, SettingsError, BenchError


if __name__ == "__main__":
    sys.exit(main(sys.argv[1]))
