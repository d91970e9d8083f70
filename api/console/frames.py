"""The frames that a console's page sends over its socket, read strictly."""

from __future__ import annotations

import json
from typing import Any, Literal

from pydantic import BaseModel, StrictBool, ValidationError, conint, constr

from api.live.frames import GREATEST_SEQ, LONGEST_FRAME, FrameError

NUMBER = r"^\d{4}-\d{3,6}$"


class Here(BaseModel):
    """The page is open; *active*: somebody did something in it since the last time."""

    type: Literal["here"]
    active: StrictBool = False


class Watch(BaseModel):
    """The ticket that is on the screen, null where none is, and the number up to which its entries have been read."""

    type: Literal["watch"]
    ticket: constr(strict=True, regex=NUMBER) | None = None  # type: ignore[valid-type]
    after: conint(strict=True, ge=0, le=GREATEST_SEQ) = 0  # type: ignore[valid-type]


class Writing(BaseModel):
    """The agent is writing on a ticket."""

    type: Literal["typing"]
    ticket: constr(strict=True, regex=NUMBER)  # type: ignore[valid-type]


Frame = Here | Watch | Writing
_KINDS: dict[object, type[Here] | type[Watch] | type[Writing]] = {"here": Here, "watch": Watch, "typing": Writing}


def parse_frame(message: dict[str, Any]) -> Frame:
    """Read a frame. Raises FrameError."""
    text = message.get("text")
    if text is None:
        raise FrameError("binary frames are not understood")
    if len(text) > LONGEST_FRAME:
        raise FrameError(f"a frame has {LONGEST_FRAME} characters at most")
    try:
        data = json.loads(text)
        kind = _KINDS[data["type"]]
        return kind.parse_obj(data)
    except (ValueError, RecursionError, KeyError, TypeError, ValidationError) as error:
        raise FrameError("a frame is here, watch or typing") from error
