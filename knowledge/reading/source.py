"""The guide's bytes as lines: encodings, line ends and size. What the lines mean is not known here."""

from __future__ import annotations

import codecs
import hashlib
from dataclasses import dataclass
from pathlib import Path

from knowledge.reading.problems import GuideError, Problem

MAX_BYTES = 16 * 1024 * 1024
"""A hundred times the size of the real guide; beyond it a file is no guide and is not read."""

_BOMS = (
    (codecs.BOM_UTF8, "utf-8"),
    (b"\x84\x31\x95\x33", "gb18030"),
    (codecs.BOM_UTF16_LE, "utf-16-le"),
    (codecs.BOM_UTF16_BE, "utf-16-be"),
)


@dataclass(frozen=True)
class GuideText:
    """The guide's lines without their line ends, its file name and the SHA-256 of its bytes."""

    name: str
    sha256: str
    lines: tuple[str, ...]

    def line(self, number: int) -> str:
        """Return line *number*, counted from 1."""
        return self.lines[number - 1]


def load_text(path: Path) -> GuideText:
    """Read a guide in UTF-8, GB18030 or UTF-16 (the latter with its mark), with any line ends.

    Raises GuideError for a file that is missing, empty, too large, binary or in no known encoding.
    """
    try:
        size = path.stat().st_size
        if size > MAX_BYTES:
            raise GuideError(path.name, [Problem(1, f"文件有 {size} 字节，超过上限 {MAX_BYTES} 字节，不像办事指南")])
        data = path.read_bytes()
    except OSError as error:
        raise GuideError(path.name, [Problem(1, f"读不到文件：{error.strerror}")]) from error
    return parse_text(path.name, data)


def parse_text(name: str, data: bytes) -> GuideText:
    """Decode *data* and cut it into lines at LF, CRLF or CR. Raises GuideError as load_text does."""
    text = _decode(name, data).replace("\r\n", "\n").replace("\r", "\n")
    if not text.strip():
        raise GuideError(name, [Problem(1, "文件是空的")])
    lines = text.split("\n")
    binary = [
        Problem(number, "含有控制字符，不像文本文件")
        for number, line in enumerate(lines, 1)
        if any(ord(char) < 32 and char not in "\t\x0b\x0c" for char in line)
    ]
    if binary:
        raise GuideError(name, binary[:20])
    return GuideText(name, hashlib.sha256(data).hexdigest(), tuple(lines))


def _decode(name: str, data: bytes) -> str:
    for bom, encoding in _BOMS:
        if data.startswith(bom):
            try:
                return data[len(bom) :].decode(encoding)
            except UnicodeDecodeError as error:
                raise GuideError(name, [_undecodable(data, error)]) from error
    try:
        return data.decode("utf-8")
    except UnicodeDecodeError as utf8_error:
        try:
            return data.decode("gb18030")
        except UnicodeDecodeError:
            raise GuideError(name, [_undecodable(data, utf8_error)]) from utf8_error


def _undecodable(data: bytes, error: UnicodeDecodeError) -> Problem:
    line = data.count(b"\n", 0, error.start) + 1
    return Problem(line, f"既不是 UTF-8 也不是 GB18030 编码（字节 0x{data[error.start]:02x}）")
