"""Steps of a process (办理流程): boxes of a flow chart with their durations."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Any

_DURATION = re.compile(r"[（(]([^（）()]*(?:即时|及时|工作日|\d+日)[^（）()]*)[）)]")


@dataclass(frozen=True)
class Step:
    """One box: its place in the chart of *variant*, what is done, how long; *evidence* says how it was found."""

    step: int
    name: str
    variant: str | None = None
    duration: str | None = None
    evidence: str = ""

    def as_json(self) -> dict[str, Any]:
        """Return the contract's form."""
        return {
            "variant": self.variant,
            "step": self.step,
            "name": self.name,
            "duration": self.duration,
            "evidence": self.evidence,
        }

    @classmethod
    def from_json(cls, data: dict[str, Any]) -> Step:
        """Inverse of as_json."""
        return cls(data["step"], data["name"], data["variant"], data["duration"], data["evidence"])


def parse_box(text: str) -> tuple[str, str | None]:
    """Split the text of a chart's box into its name and its duration, as written in its last parentheses."""
    durations = list(_DURATION.finditer(text))
    if not durations:
        return text.strip(), None
    match = durations[-1]
    return (text[: match.start()] + text[match.end() :]).strip(), match.group(1).strip()


def workdays(duration: str | None) -> int | None:
    """Return the working days that *duration* states, or None where it states none or several.

    即时 counts as none; so do days that the office does not count ("2个工作日，不计入办结时限").
    """
    if duration is None:
        return None
    if "不计入" in duration:
        return 0
    amounts = re.findall(r"(\d+)\s*个?工作日", duration)
    if len(amounts) == 1 and "；" not in duration:
        return int(amounts[0])
    return 0 if not amounts and re.search(r"即时|及时", duration) else None
