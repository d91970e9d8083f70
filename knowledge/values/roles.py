"""Who answers for an item (责任单位、总责任人)."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any


@dataclass(frozen=True)
class Role:
    """The label under which a department or officer is named."""

    role: str

    def as_json(self) -> dict[str, Any]:
        """Return the stored form."""
        return {"role": self.role}

    @classmethod
    def from_json(cls, data: dict[str, Any]) -> Role:
        """Inverse of as_json."""
        return cls(data["role"])
