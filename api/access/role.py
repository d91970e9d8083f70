"""What somebody of the office may do (角色): each role can do what those before it can."""

from __future__ import annotations

from enum import Enum


class Role(str, Enum):
    """From the lookup to everything."""

    CLERK = "clerk"
    AGENT = "agent"
    EDITOR = "editor"
    ADMIN = "admin"

    def __str__(self) -> str:
        return self.value

    def includes(self, other: Role) -> bool:
        """Tell whether this role can do what *other* can."""
        order = list(Role)
        return order.index(self) >= order.index(other)
