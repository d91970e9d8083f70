"""Building the base: read, check, store; do nothing where the inputs are those of last time or the office chose."""

from __future__ import annotations

import hashlib
from functools import cache
from pathlib import Path

from knowledge.editions import Edition
from knowledge.model import KnowledgeBase
from knowledge.reading.facts import read_guide
from knowledge.reading.problems import GuideError
from knowledge.reading.source import GuideText, load_text, parse_text
from knowledge.store import KnowledgeStore
from knowledge.vocabulary import Vocabulary, load_vocabulary

GUIDE = Path(__file__).parent / "guides" / "000_6aa10f6ef0f4c223.txt"


def build(
    store: KnowledgeStore, guide: Path = GUIDE, vocabulary_folder: Path | None = None, *, insist: bool = False
) -> KnowledgeBase | None:
    """Make the guide the current edition where it is another than was built last; None where nothing is to be done.

    What the office has put in force since then stays, unless whoever calls insists; it is only read anew where reader
    or vocabulary have changed. Raises GuideError, VocabularyError or StoreError; the old base is untouched then.
    """
    vocabulary = load_vocabulary(vocabulary_folder)
    text = load_text(guide)
    shelf = store.shelf()
    current, is_new = shelf.current, shelf.built_sha256 not in (None, text.sha256)
    is_of_guide = current is not None and current.document.sha256 == text.sha256 and not current.is_uploaded
    if current is None or is_new or (insist and not is_of_guide):
        base = read_guide(text, vocabulary)
        store.save(base, digest_of(text, vocabulary), guide.read_bytes())
        return base
    data = guide.read_bytes() if is_of_guide else store.text(current.id)
    return read_anew(store, current, data, vocabulary) if data is not None else None


def bring(
    store: KnowledgeStore, guide: Path, vocabulary_folder: Path | None = None, by: str = ""
) -> KnowledgeBase | None:
    """Make a guide that somebody names the current edition, which then stays as an upload does; None where it is.

    Raises as build does; the old base is untouched then.
    """
    vocabulary = load_vocabulary(vocabulary_folder)
    text = load_text(guide)
    inputs = digest_of(text, vocabulary)
    if store.current_inputs() == inputs:
        return None
    base = read_guide(text, vocabulary)
    store.switch(store.save_draft(base, inputs, guide.read_bytes(), by), by)
    return base


def read_anew(store: KnowledgeStore, edition: Edition, data: bytes, vocabulary: Vocabulary) -> KnowledgeBase | None:
    """Read an edition's text once more where reader or vocabulary have changed since; None where they have not.

    Raises GuideError, naming the edition, where the text no longer agrees with the vocabulary.
    """
    text = parse_text(edition.document.name, data)
    inputs = digest_of(text, vocabulary)
    if edition.inputs == inputs:
        return None
    try:
        base = read_guide(text, vocabulary)
    except GuideError as error:
        raise GuideError(f"edition {edition.id}, {text.name}", error.problems) from error
    store.reread(edition.id, base, inputs, data)
    return base


def digest_of(text: GuideText, vocabulary: Vocabulary) -> str:
    """Return a digest of guide, vocabulary and reader: a reader that reads better must read again."""
    return hashlib.sha256("\n".join((vocabulary.sha256, text.sha256, text.name, _reader())).encode()).hexdigest()


@cache
def _reader() -> str:
    """Return a digest of the reader as it was when this process began to read."""
    modules = sorted(Path(__file__).parent.rglob("*.py"))
    return hashlib.sha256(b"".join(module.read_bytes() for module in modules)).hexdigest()
