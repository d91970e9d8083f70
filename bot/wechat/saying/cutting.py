"""Cutting a text to a number of bytes: at its borders, and never through what is one sign to the eye."""

from __future__ import annotations

import re
import unicodedata

_SENTENCE_END = re.compile(r"(?<=[。；！？;!?])")
_JOINER = "\u200d"
_ENCLOSED = "\u20e3"


def size(text: str) -> int:
    """Return how many bytes *text* has on its way; half a character goes as "?"."""
    return len(text.encode("utf-8", "replace"))


def cut_line(line: str, limit: int) -> list[str]:
    """Return *line* in pieces of *limit* bytes at most: at ends of sentences where they are near enough."""
    pieces: list[str] = []
    piece = ""
    for sentence in _SENTENCE_END.split(line):
        if size(piece + sentence) <= limit:
            piece += sentence
            continue
        if piece:
            pieces.append(piece)
        *whole, piece = _cut_anywhere(sentence, limit)
        pieces.extend(whole)
    return [*pieces, piece] if piece or not pieces else pieces


def _cut_anywhere(text: str, limit: int) -> list[str]:
    pieces: list[str] = []
    while size(text) > limit:
        end = len(text.encode("utf-8", "replace")[:limit].decode("utf-8", "ignore"))
        end = _border_before(text, end) or end
        pieces.append(text[:end])
        text = text[end:]
    return [*pieces, text]


def _border_before(text: str, end: int) -> int:
    """Return the last place, at *end* or before, where a sign ends; 0 where there is none."""
    while end > 0 and not _is_border(text, end):
        end -= 1
    return end


def _is_border(text: str, place: int) -> bool:
    before, after = text[place - 1], text[place]
    if before == _JOINER or after in (_JOINER, _ENCLOSED) or _is_modifier(after):
        return False
    if _is_flag_half(before) and _is_flag_half(after):
        # Two letters make a flag: the first of a pair must not be left alone.
        start = place
        while start > 0 and _is_flag_half(text[start - 1]):
            start -= 1
        return (place - start) % 2 == 0
    return True


def _is_modifier(char: str) -> bool:
    """Tell whether *char* changes the sign before it: an accent, a variation, a colour of skin, a tag."""
    code = ord(char)
    is_tone, is_tag = 0x1F3FB <= code <= 0x1F3FF, 0xE0020 <= code <= 0xE007F
    return is_tone or is_tag or unicodedata.category(char) in ("Mn", "Me", "Mc")


def _is_flag_half(char: str) -> bool:
    return 0x1F1E6 <= ord(char) <= 0x1F1FF
