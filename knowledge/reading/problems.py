"""What is wrong with a guide: every problem with its line, gathered before anything is refused."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass


@dataclass(frozen=True, order=True)
class Problem:
    """A reason to refuse the guide, and the line (from 1) where it shows."""

    line: int
    message: str


class GuideError(Exception):
    """The guide cannot be used; *problems* are all that was found, in the order of their lines."""

    def __init__(self, name: str, problems: Iterable[Problem]) -> None:
        self.name = name
        self.problems = tuple(sorted(problems))
        super().__init__("\n".join(f"{name}:{problem.line}: {problem.message}" for problem in self.problems))
