"""Messages brought to one form before anything reads them, and personal numbers masked at the door."""

from __future__ import annotations

import re
import unicodedata
from functools import cache
from string import digits

from opencc import OpenCC

_ID_NUMBER = re.compile(r"(?<![0-9])[1-9][0-9]{5}(?:18|19|20)[0-9]{2}[01][0-9][0-3][0-9][0-9]{3}[0-9Xx](?![0-9])")
_CARD_NUMBER = re.compile(r"(?<![0-9])[0-9](?:[ -]?[0-9]){14,18}(?![0-9])")
_MOBILE = re.compile(r"(?<![0-9])1[3-9][0-9](?:[ -]?[0-9]){8}(?![0-9])")
_HALF_WIDTH = str.maketrans("０１２３４５６７８９Ｘｘ－　", digits + "Xx- ")
_REPEATED = re.compile(r"([^0-9])\1{2,}")
_MASKED_PLACE = re.compile(r"(?<![a-z0-9])[a-z][0-9]{0,2}(?=[省市县区镇乡村])")
_MASKED_NAME = re.compile(r"(?<![a-z0-9])x{1,3}(?![a-z0-9])|[×*]{1,3}(?![a-z0-9])")
MASKED = "某"
"""What a masked place or name reads as."""

_INVISIBLE = re.compile("[\ud800-\udfff\u200b-\u200f\u202a-\u202e\u2060-\u2064\ufeff\ufe00-\ufe0f]")


def mask_personal_numbers(text: str) -> str:
    """Replace ID, bank-card and mobile numbers by words: they are never needed, stored or logged."""
    for pattern, word in ((_ID_NUMBER, "〔证件号〕"), (_CARD_NUMBER, "〔卡号〕"), (_MOBILE, "〔手机号〕")):
        # Digits of full width are folded one to one, so that what is found stands at the same place in the text.
        found = [match.span() for match in pattern.finditer(text.translate(_HALF_WIDTH))]
        for begin, end in reversed(found):
            text = text[:begin] + word + text[end:]
    return text


def find_mobile(text: str) -> str | None:
    """Return the first mobile number in *text*, digits alone; None without one."""
    found = _MOBILE.search(text.translate(_HALF_WIDTH))
    return re.sub("[ -]", "", found.group()) if found else None


def normalise(text: str) -> str:
    """Return *text* in simplified characters, half width, lower case, without signs, marks and ornament.

    Case, width, spacing inside Chinese text, punctuation, repeated characters and traditional characters make no
    difference. Places and names that somebody masked (A市, K3区, 王XX) read as 某.
    """
    text = _INVISIBLE.sub("", unicodedata.normalize("NFKC", mask_personal_numbers(text)).lower())
    text = _MASKED_NAME.sub(MASKED, _MASKED_PLACE.sub(MASKED, _simplifier().convert(text)))
    text = "".join(char if unicodedata.category(char)[0] in "LNM" else " " for char in text)
    # Blanks count between Latin words only; between Chinese characters they are a matter of taste.
    text = re.sub(r"\s+", " ", text).strip()
    text = re.sub(r"(?<![a-z0-9]) | (?![a-z0-9])", "", text)
    return _REPEATED.sub(r"\1\1", text)


def fold(text: str) -> str:
    """Return *text* simplified, half width and in lower case, without blanks but with its signs and line breaks."""
    folded = _simplifier().convert(unicodedata.normalize("NFKC", _INVISIBLE.sub("", text)).lower())
    return re.sub(r"[^\S\n]+", "", folded)


@cache
def _simplifier() -> OpenCC:
    return OpenCC("t2s")
