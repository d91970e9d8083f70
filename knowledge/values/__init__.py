"""Machine-readable readings of the guide's text: each kind of value owns its parsing and its JSON."""

from __future__ import annotations

from knowledge.values.fees import Fee
from knowledge.values.materials import Heading, Material, Note
from knowledge.values.phones import Phone
from knowledge.values.places import Place
from knowledge.values.roles import Role
from knowledge.values.steps import Step
from knowledge.values.time_limits import TimeLimit
from knowledge.values.validity import Validity

Value = TimeLimit | Phone | Material | Heading | Note | Place | Fee | Step | Role

KINDS: dict[str, type[Value]] = {
    "time_limit": TimeLimit,
    "phone": Phone,
    "material": Material,
    "heading": Heading,
    "note": Note,
    "place": Place,
    "fee": Fee,
    "step": Step,
    "role": Role,
}

__all__ = [
    "KINDS",
    "Fee",
    "Heading",
    "Material",
    "Note",
    "Phone",
    "Place",
    "Role",
    "Step",
    "TimeLimit",
    "Validity",
    "Value",
    "kind_of",
]


def kind_of(value: Value) -> str:
    """Return the name under which *value* is stored."""
    return next(name for name, kind in KINDS.items() if type(value) is kind)
