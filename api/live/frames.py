"""The frames of a live socket that come from residents, read strictly: whatever is not of the protocol is refused."""

from __future__ import annotations

import json
from typing import Any, Literal

from pydantic import BaseModel, StrictStr, ValidationError, conint

LONGEST_FRAME = 4096
"""Characters of a frame; the longest that is of any use has some two hundred."""

GREATEST_SEQ = 2**63 - 1
"""What a database can count to."""


class FrameError(Exception):
    """A frame that is not of the protocol; the message is the reason for closing, of 123 bytes at most."""


class Hello(BaseModel):
    """The first frame: whose session it is, and what has been read of it."""

    type: Literal["hello"]
    session_id: StrictStr
    token: StrictStr | None = None
    after: conint(strict=True, ge=0, le=GREATEST_SEQ) = 0  # type: ignore[valid-type]


class Typing(BaseModel):
    """The resident is writing."""

    type: Literal["typing"]


def parse_hello(message: dict[str, Any]) -> Hello:
    """Read the first frame. Raises FrameError."""
    try:
        return Hello.parse_obj(_data_of(message))
    except ValidationError as error:
        raise FrameError("the first frame must be a hello with session_id, token and after") from error


def parse_typing(message: dict[str, Any]) -> Typing:
    """Read a later frame. Raises FrameError."""
    try:
        return Typing.parse_obj(_data_of(message))
    except ValidationError as error:
        raise FrameError("a frame of this type is not understood") from error


def _data_of(message: dict[str, Any]) -> object:
    text: str | None = message.get("text")
    if text is None:
        raise FrameError("binary frames are not understood")
    if len(text) > LONGEST_FRAME:
        raise FrameError(f"a frame has {LONGEST_FRAME} characters at most")
    try:
        return json.loads(text)
    except (ValueError, RecursionError) as error:
        raise FrameError("a frame is one JSON object") from error
