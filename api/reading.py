"""What the bodies of calls have in common: strict about what is text, whatever pydantic would make text of."""

from __future__ import annotations


def only_text(value: object) -> object:
    """Return *value* where it is a text or nothing. Raises ValueError: a number is no text.

    What no answer and no database can hold is taken out: zero bytes, and the half of a character that is left where
    a phone cuts a picture sign in two.
    """
    if value is None:
        return None
    if not isinstance(value, str):
        raise ValueError("a text is expected")
    return value.replace("\0", "").encode("utf-8", "replace").decode("utf-8")


def one_line(name: str | None) -> str | None:
    """Return *name* where nothing blank is around it. Raises ValueError."""
    # In a pattern $ also admits a line break at the end.
    if name is not None and name != name.strip():
        raise ValueError("a name has no blanks")
    return name
