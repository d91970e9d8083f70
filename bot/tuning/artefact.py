"""The tuned encoder as a file with its record: made when its messages or recipe changed, never by the service."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

from bot.query import FACET_NAMES
from bot.understanding.encoder import EncoderError, digest_of, record_of
from bot.understanding.messages import LabelledMessage
from bot.understanding.spelling import normal_form

if TYPE_CHECKING:
    from bot.tuning.tune import Lesson, Recipe, Report


def lessons_of(messages: Sequence[LabelledMessage]) -> list[Lesson]:
    """Return what the messages teach. One that is asked back about teaches its class and, beside it, what to offer."""
    from bot.tuning.tune import Lesson

    return [
        Lesson(normal_form(m.text), m.items if m.scope is None else (m.intent, *m.items), m.facets or None)
        for m in messages
    ]


def make_encoder(
    path: Path, lessons: Sequence[Lesson], report: Report, recipe: Recipe | None = None, onwards: bool = False
) -> bool:
    """Bring the encoder at *path* in line with lessons and recipe; return whether it had to be tuned.

    With *onwards* it goes on from the encoder that is there; its record then holds the earlier one's. Raises
    EncoderError where there is none to go on from.
    """
    from bot.tuning.graph import read_arrays, save_encoder
    from bot.tuning.tune import ONWARDS, Recipe, tune

    before = _record(path)
    data = {"messages": len(lessons), "data": lessons_digest(lessons)}
    recipe = recipe or (ONWARDS if onwards else Recipe())
    if _is_made_of(before, data, recipe):
        return False
    if onwards and before is None:
        raise EncoderError(f"{path}: no encoder that tuning can go on from; tune it from the beginning")
    arrays = tune(lessons, FACET_NAMES, recipe, report, read_arrays(path) if onwards else None)
    digest = save_encoder(path, arrays)
    record = {"made_by": "python -m bot tune", **data, "recipe": recipe.as_json()}
    if onwards:
        record["onwards_from"] = {key: value for key, value in (before or {}).items() if key in _KEPT}
    record |= {"sha256": digest, "bytes": path.stat().st_size}
    record_of(path).write_text(json.dumps(record, ensure_ascii=False, indent=1) + "\n", encoding="utf-8")
    return True


_KEPT = ("messages", "data", "recipe", "onwards_from", "sha256")
"""What the record of an encoder says of the one that it went on from."""


def _record(path: Path) -> dict[str, Any] | None:
    """Return the record of the encoder at *path*, if the file is that of its record."""
    if not path.exists() or not record_of(path).exists():
        return None
    try:
        record: dict[str, Any] = json.loads(record_of(path).read_text(encoding="utf-8"))
    except ValueError:
        return None
    return record if record.get("sha256") == digest_of(path) else None


def _is_made_of(record: dict[str, Any] | None, data: dict[str, Any], recipe: Recipe) -> bool:
    """Tell whether an encoder of that *record* knows just these lessons, by the recipe or by having gone on."""
    if record is None or any(record.get(key) != value for key, value in data.items()):
        return False
    return "onwards_from" in record or record["recipe"] == recipe.as_json()


def lessons_digest(lessons: Sequence[Lesson]) -> str:
    """Return the SHA-256 of what the lessons teach, in hexadecimal digits."""
    digest = hashlib.sha256()
    for lesson in lessons:
        digest.update(f"{lesson.text}\t{lesson.intents}\t{lesson.facets}\n".encode())
    return digest.hexdigest()
