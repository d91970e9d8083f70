"""Every setting of the service, in one place, read once from the environment."""

from __future__ import annotations

import os
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from zoneinfo import ZoneInfo

OFFICE_TIME = ZoneInfo("Asia/Shanghai")
ROOT = Path(__file__).parent.parent
DEFAULT_DATABASE = "sqlite:///var/guide.db"


class SettingsError(ValueError):
    """A setting that cannot be used; the message names it."""


@dataclass(frozen=True)
class Settings:
    """Where things are and how the service behaves; paths are absolute."""

    database_url: str = DEFAULT_DATABASE
    model_folder: Path = ROOT / "var" / "models"
    nlu_data: Path = ROOT / "nlu_data"
    evaluation_sets: Path = ROOT.parent / "shared" / "eval"
    evaluation_folder: Path = ROOT / "var" / "evaluation"
    max_text: int = 500
    keep_conversations_days: int = 30
    keep_outcomes_days: int = 400
    keep_tickets_days: int = 180


def load_settings(environment: Mapping[str, str] | None = None) -> Settings:
    """Read the settings. Raises SettingsError naming the variable that is wrong."""
    values = os.environ if environment is None else environment
    defaults = Settings()
    return Settings(
        database_url=values.get("DATABASE_URL") or defaults.database_url,
        model_folder=Path(values.get("MODEL_FOLDER") or defaults.model_folder).absolute(),
        nlu_data=Path(values.get("NLU_DATA") or defaults.nlu_data).absolute(),
        evaluation_sets=Path(values.get("EVALUATION_SETS") or defaults.evaluation_sets).absolute(),
        keep_conversations_days=_positive(values, "KEEP_CONVERSATIONS_DAYS", defaults.keep_conversations_days),
        keep_outcomes_days=_positive(values, "KEEP_OUTCOMES_DAYS", defaults.keep_outcomes_days),
        keep_tickets_days=_positive(values, "KEEP_TICKETS_DAYS", defaults.keep_tickets_days),
    )


def _positive(values: Mapping[str, str], name: str, default: int) -> int:
    text = values.get(name)
    if not text:
        return default
    if not text.isdigit() or int(text) == 0:
        raise SettingsError(f"{name}={text}: a positive whole number is expected")
    return int(text)
