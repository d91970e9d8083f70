"""The sentences of the pages, read from pages/*.yml and checked; templates and scripts get them from here."""

from __future__ import annotations

import string
from collections.abc import Mapping, Sequence
from functools import cache
from pathlib import Path

import yaml

from bot.wording import WordingError

_FOLDER = Path(__file__).parent / "pages"


class PageWording:
    """The sentences of one kind of page, by file and key; a key that is not there is an error at once."""

    def __init__(self, files: Mapping[str, Mapping[str, str]]) -> None:
        self._files = {name: dict(sentences) for name, sentences in files.items()}
        self._sentences: dict[str, str] = {}
        for name, sentences in self._files.items():
            if twice := sorted(set(sentences) & set(self._sentences)):
                raise WordingError(f"{name}.yml: said by another file of the same page: {', '.join(twice)}")
            self._sentences.update(sentences)

    def say(self, key: str, **values: object) -> str:
        """Return the sentence *key* with *values* filled in. Raises WordingError for a wrong key or value."""
        try:
            return string.Formatter().vformat(self._sentences[key], (), values)
        except KeyError as error:
            raise WordingError(f"{', '.join(self._files)}: {key}: {error} is missing") from error

    def sentences(self, names: Sequence[str]) -> Mapping[str, str]:
        """Return all sentences of the files *names* by their keys, braces unfilled, for the page's scripts."""
        return {key: sentence for name in names for key, sentence in self._files[name].items()}


@cache
def load_page_wording(*names: str, folder: Path = _FOLDER) -> PageWording:
    """Read the files *names* ("shared", "items"). Raises WordingError naming file and key of what is wrong."""
    return PageWording({name: _read(folder, name) for name in names})


def _read(folder: Path, name: str) -> Mapping[str, str]:
    try:
        data = yaml.safe_load((folder / f"{name}.yml").read_text(encoding="utf-8"))
    except OSError as error:
        raise WordingError(f"{name}.yml: {error}") from error
    if not isinstance(data, dict):
        raise WordingError(f"{name}.yml: keys with sentences are expected")
    for key, sentence in data.items():
        if not isinstance(sentence, str) or not sentence.strip():
            raise WordingError(f"{name}.yml: {key} is empty")
    return data
