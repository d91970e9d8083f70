"""python -m bot evaluate: each set measured, its table printed, everything kept under var/evaluation/."""

from __future__ import annotations

import asyncio
import hashlib
import json
import sys
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from datetime import datetime, timezone
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import TYPE_CHECKING, Any

from bot.evaluation.ablation import score_ablation, score_curve
from bot.evaluation.benchmark import score_smp2017
from bot.evaluation.calibrating import fit_calibration
from bot.evaluation.cross import FOLDS, CrossValidation, cross_validate, load_corpus, load_recipe
from bot.evaluation.reports import calibration_table, confusions, draw_reliability, score_held
from bot.evaluation.scores import Score, score_dialogues, score_questions, score_real, score_scope
from bot.evaluation.threads import Understood, load_dialogues, score_threads
from bot.runtime.training import training_digest
from bot.settings import ROOT, Settings
from bot.understanding.evidence import CALIBRATION_FILE

if TYPE_CHECKING:
    from bot.runtime.engine import Engine

SETS = ("cross", "questions", "scope", "real", "dialogues", "threads", "smp2017")
LONG = ("ablation", "curve")
"""Measured only where they are named: they train again for every line of their tables."""


class EvaluationError(Exception):
    """Something to measure with is missing; the message says what."""


def evaluate(names: Sequence[str], settings: Settings, calibrate: bool = False, judged: int = FOLDS) -> None:
    """Measure the sets of *names*, all where none is named; print each with its closing line last."""
    kept = settings.evaluation_folder / datetime.now(timezone.utc).strftime("%Y%m%dT%H%M%SZ")
    kept.mkdir(parents=True, exist_ok=True)
    for name in names or SETS:
        score = _score(name, settings, calibrate, judged, kept)
        _keep(kept / f"{name}.json", name, score, settings)
        for row in score.table:
            print(row)
        print(score.closing, flush=True)


def compare(first: Path, second: Path) -> None:
    """Print the figures of two kept evaluations side by side."""
    for path in sorted(first.glob("*.json")):
        other = second / path.name
        if not other.exists():
            continue
        a, b = (json.loads(p.read_text(encoding="utf-8"))["figures"] for p in (path, other))
        for key in a:
            print(f"{path.stem:10} {key:14} {a[key]:.4f} -> {b.get(key, float('nan')):.4f}")


def _score(name: str, settings: Settings, calibrate: bool, judged: int, kept: Path) -> Score:
    if name == "cross":
        return _cross(settings, calibrate, judged, kept)
    if name == "ablation":
        return score_ablation(settings, judged, _report)
    if name == "curve":
        return score_curve(settings, _report)
    return _measure(name, settings)


def _measure(name: str, settings: Settings) -> Score:
    if name == "smp2017":
        return score_smp2017(_folder(settings) / "smp2017", load_recipe(), settings, _report)
    if name == "threads":
        return _threads(settings)
    labels = _read(_folder(settings) / f"{name}_dev.jsonl")
    if name == "dialogues":
        return score_dialogues(labels, _talk(labels, settings))
    predictions = _understand([" ".join(label["q"].split()) for label in labels], settings)
    scorers: dict[str, Callable[..., Score]] = {"questions": score_questions, "real": score_real}
    return scorers.get(name, score_scope)(labels, predictions, name)


def _cross(settings: Settings, calibrate: bool, judged: int, kept: Path) -> Score:
    messages = load_corpus(settings)
    validation = cross_validate(messages, load_recipe(), settings, _report, judged=judged)
    score = score_held(validation)
    if calibrate:
        about = {
            "made_by": "python -m bot evaluate cross --calibrate",
            "messages": len(messages),
            "authors": len({message.author for message in messages}),
            "folds": f"{judged} of {FOLDS}",
            **{key: round(value, 4) for key, value in score.figures.items()},
        }
        fit_calibration(validation).save(settings.nlu_data / CALIBRATION_FILE, about)
    _print_reports(validation, kept)
    return score


def _report(text: str) -> None:
    print(f"evaluate: {text}", file=sys.stderr, flush=True)


def _print_reports(validation: CrossValidation, kept: Path) -> None:
    print("pairs most often taken for each other:")
    for (wanted, got), count in confusions(validation)[:20]:
        print(f"  {count:4} {wanted} -> {got}")
    print("probability that the first item is right, said and true:")
    bands = calibration_table(validation)
    for said, true, n in bands:
        print(f"  said {said:.2f} true {true:.2f} n {n}")
    draw_reliability(bands, kept / "reliability.png")


def _understand(texts: Sequence[str], settings: Settings) -> list[dict[str, Any]]:
    async def run(engine: Engine) -> list[dict[str, Any]]:
        return [(await engine.understand(text)).as_json() for text in texts]

    with _engine(settings) as engine:
        return asyncio.run(run(engine))


def _talk(labels: Sequence[dict[str, Any]], settings: Settings) -> list[dict[str, Any]]:
    """Lead each dialogue in a session of its own; return the turns' replies in order."""

    async def run(engine: Engine) -> list[dict[str, Any]]:
        return [await engine.turn(str(label["id"]), turn["user"]) for label in labels for turn in label["turns"]]

    with _engine(settings) as engine:
        return asyncio.run(run(engine))


def _threads(settings: Settings) -> Score:
    dialogues = load_dialogues(settings.nlu_data / "dialogues")

    async def run(engine: Engine) -> list[Understood]:
        understood = []
        for label in dialogues:
            queries = [await engine.understand(turn["user"]) for turn in label["turns"]]
            understood.append(Understood(label, tuple(queries)))
        return understood

    with _engine(settings) as engine:
        return score_threads(asyncio.run(run(engine)), engine.services.ground)


@contextmanager
def _engine(settings: Settings) -> Iterator[Engine]:
    """Open an engine whose conversations nobody keeps."""
    from bot.runtime.engine import Engine

    with TemporaryDirectory() as folder:
        engine = Engine.open(settings, f"sqlite:///{folder}/records.db")
        try:
            yield engine
        finally:
            engine.close()


def _folder(settings: Settings) -> Path:
    if not settings.evaluation_sets.is_dir():
        raise EvaluationError(f"no evaluation sets at {settings.evaluation_sets} (EVALUATION_SETS)")
    return settings.evaluation_sets


def _read(path: Path) -> list[dict[str, Any]]:
    try:
        return [json.loads(line) for line in path.read_text(encoding="utf-8").splitlines() if line.strip()]
    except OSError as error:
        raise EvaluationError(f"{path}: {error.strerror}") from error


def _keep(path: Path, name: str, score: Score, settings: Settings) -> None:
    data = {
        "set": name,
        "inputs": training_digest(settings),
        "config": hashlib.sha256((ROOT / "config.yml").read_bytes()).hexdigest(),
        "figures": score.figures,
        "table": score.table,
        "misjudged": score.misjudged,
    }
    path.write_text(json.dumps(data, ensure_ascii=False, indent=1) + "\n", encoding="utf-8")
    print(f"evaluate: {path}", file=sys.stderr)
