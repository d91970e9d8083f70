"""The tuned encoder as a file with its record: made when its messages or recipe changed, never by the service."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

from bot.query import FACET_NAMES
from bot.understanding.encoder import digest_of, record_of
from bot.understanding.messages import LabelledMessage
from bot.understanding.spelling import normal_form

if TYPE_CHECKING:
    from bot.tuning.tune import Lesson, Recipe, Report


def lessons_of(messages: Sequence[LabelledMessage]) -> list[Lesson]:
    """Return what the messages teach."""
    from bot.tuning.tune import Lesson

    return [
        Lesson(normal_form(m.text), m.items if m.scope is None else (m.intent,), m.facets or None) for m in messages
    ]


def make_encoder(path: Path, lessons: Sequence[Lesson], report: Report, recipe: Recipe | None = None) -> bool:
    """Bring the encoder at *path* in line with lessons and recipe; return whether it had to be tuned."""
    from bot.tuning.graph import save_encoder
    from bot.tuning.tune import Recipe, tune

    recipe = recipe or Recipe()
    wanted = {"messages": len(lessons), "data": _digest(lessons), "recipe": recipe.as_json()}
    if is_made_of(path, wanted):
        return False
    digest = save_encoder(path, tune(lessons, FACET_NAMES, recipe, report))
    record = {"made_by": "python -m bot tune", **wanted, "sha256": digest, "bytes": path.stat().st_size}
    record_of(path).write_text(json.dumps(record, ensure_ascii=False, indent=1) + "\n", encoding="utf-8")
    return True


def is_made_of(path: Path, wanted: dict[str, Any]) -> bool:
    """Tell whether the encoder at *path* was made of just what is *wanted*, and is the file of its record."""
    if not path.exists() or not record_of(path).exists():
        return False
    record = json.loads(record_of(path).read_text(encoding="utf-8"))
    return all(record.get(key) == value for key, value in wanted.items()) and record["sha256"] == digest_of(path)


def _digest(lessons: Sequence[Lesson]) -> str:
    digest = hashlib.sha256()
    for lesson in lessons:
        digest.update(f"{lesson.text}\t{lesson.intents}\t{lesson.facets}\n".encode())
    return digest.hexdigest()
