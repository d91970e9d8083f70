"""Fees (收费标准)."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Any

_AMOUNT = re.compile(r"(\d[\d,，]*(?:\.\d+)?)\s*元")


@dataclass(frozen=True)
class Fee:
    """Free of charge, or an *amount* in yuan."""

    free: bool
    amount: float | None = None

    def as_json(self) -> dict[str, Any]:
        """Return the contract's form; whole yuan as an integer."""
        amount = int(self.amount) if self.amount is not None and self.amount.is_integer() else self.amount
        return {"free": self.free, "amount": amount}

    @classmethod
    def from_json(cls, data: dict[str, Any]) -> Fee:
        """Inverse of as_json."""
        return cls(data["free"], None if data["amount"] is None else float(data["amount"]))


def parse_fee(text: str) -> Fee | None:
    """Read a fee line; None where it states neither an amount nor that there is none."""
    amount = _AMOUNT.search(text)
    if amount:
        yuan = float(re.sub("[,，]", "", amount.group(1)))
        return Fee(free=yuan == 0, amount=yuan or None)
    if re.search(r"不收费|免费|不收取|无收费|^无$", text.strip()):
        return Fee(free=True)
    return None
