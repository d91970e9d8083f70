"""Training: only when data, vocabulary, configuration or components changed, with progress, swapped in whole."""

from __future__ import annotations

import hashlib
import shutil
import sys
import time
from pathlib import Path

from bot.settings import ROOT, Settings

MODEL_NAME = "guide"
_INPUTS = ("config.yml", "domain.yml", "requirements.lock", "bot/query.py")
_CODE = ("bot/components", "bot/understanding")
_VOCABULARY = ("__init__.py", "items.csv", "labels.yml", "office.yml")
"""What understanding reads of knowledge/vocabulary/; the rest there is for answers."""


class TrainingError(Exception):
    """Rasa could not train; the message says why."""


def model_path(settings: Settings) -> Path:
    """Return where the model in use lies."""
    return settings.model_folder / f"{MODEL_NAME}.tar.gz"


def training_digest(settings: Settings) -> str:
    """Return a digest of everything that training depends on."""
    digest = hashlib.sha256()
    files = [ROOT / name for name in _INPUTS] + [ROOT / "knowledge" / "vocabulary" / name for name in _VOCABULARY]
    for folder in (*(ROOT / name for name in _CODE), settings.nlu_data):
        files.extend(
            path
            for path in sorted(folder.rglob("*"))
            if path.is_file() and path.suffix not in (".pyc", ".md", ".jsonl")
        )
    for path in files:
        name = path.relative_to(ROOT).as_posix() if path.is_relative_to(ROOT) else path.name
        digest.update(name.encode() + b"\0" + path.read_bytes() + b"\0")
    return digest.hexdigest()


def model_digest(settings: Settings) -> str:
    """Return what tells the model in use from others: the beginning of the digest it was trained from."""
    stamp = _stamp_lines(settings)
    return stamp[-1][:12] if stamp else "unknown"


def is_current(settings: Settings) -> bool:
    """Tell whether the model in use was trained from just these inputs, or put in the place of one that was."""
    stamp = _stamp_lines(settings)
    return model_path(settings).exists() and stamp[:1] == [training_digest(settings)]


def stamp_path(settings: Settings) -> Path:
    """Return where it stands what the model in use was trained from.

    The first line is the digest of the project's inputs. A second one is that of a model which the office has put in
    force in the place of the one trained from these inputs alone (bot.runtime.switching).
    """
    return settings.model_folder / f"{MODEL_NAME}.digest"


def train(settings: Settings, force: bool = False) -> bool:
    """Train if need be; return whether it was needed. Raises TrainingError; the old model stays then."""
    if not force and is_current(settings):
        return False
    from bot.understanding.encoder import ENCODER_FILE

    if not (settings.nlu_data / ENCODER_FILE).exists():
        raise TrainingError(f"{settings.nlu_data / ENCODER_FILE}: no encoder; make it by python -m bot tune")
    wanted = training_digest(settings)
    started = time.monotonic()
    _say("loading Rasa")
    from bot.runtime.light import import_rasa
    from bot.runtime.quiet import quieten

    quieten()
    import_rasa()
    # Rasa leaves out an importer or component that it cannot import and trains without: better the error itself.
    from rasa.model_training import train as rasa_train

    import bot.components.decision
    import bot.components.importer
    import bot.components.policy  # noqa: F401

    draft = settings.model_folder / "draft"
    shutil.rmtree(draft, ignore_errors=True)
    draft.mkdir(parents=True)
    _say("training on nlu_data/")
    result = rasa_train(
        domain=str(ROOT / "domain.yml"),
        config=str(ROOT / "config.yml"),
        training_files=[str(settings.nlu_data)],
        output=str(draft),
        fixed_model_name=MODEL_NAME,
        force_training=True,
    )
    if result.code != 0 or result.model is None:
        raise TrainingError(f"rasa train ended with code {result.code}")
    # The stamp goes first: cut off in between, the next run trains again rather than trust an old stamp.
    stamp_path(settings).unlink(missing_ok=True)
    Path(result.model).replace(model_path(settings))
    stamp_path(settings).write_text(wanted)
    shutil.rmtree(draft, ignore_errors=True)
    _say(f"done in {time.monotonic() - started:.0f} s: {model_path(settings)}")
    return True


def _stamp_lines(settings: Settings) -> list[str]:
    stamp = stamp_path(settings)
    return stamp.read_text().splitlines() if stamp.exists() else []


def _say(text: str) -> None:
    print(f"train: {text}", file=sys.stderr, flush=True)
