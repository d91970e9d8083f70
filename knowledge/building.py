"""Building the base: read, check, store, and do nothing where the inputs are those of last time."""

from __future__ import annotations

import hashlib
from pathlib import Path

from knowledge.model import KnowledgeBase
from knowledge.reading.facts import read_guide
from knowledge.reading.source import load_text
from knowledge.store import KnowledgeStore
from knowledge.vocabulary import Vocabulary, load_vocabulary

GUIDE = Path(__file__).parent / "guides" / "000_6aa10f6ef0f4c223.txt"


def build(store: KnowledgeStore, guide: Path = GUIDE, vocabulary_folder: Path | None = None) -> KnowledgeBase | None:
    """Make the guide the current edition; None where it already is, made by this very reader.

    Raises GuideError, VocabularyError or StoreError; the old base is untouched then.
    """
    vocabulary = load_vocabulary(vocabulary_folder)
    inputs = _digest(guide, vocabulary)
    if inputs is not None and store.current_inputs() == inputs:
        return None
    text = load_text(guide)
    base = read_guide(text, vocabulary)
    store.save(base, inputs or text.sha256)
    return base


def _digest(guide: Path, vocabulary: Vocabulary) -> str | None:
    """Return a digest of guide, vocabulary and reader: a reader that reads better must read again."""
    digest = hashlib.sha256(vocabulary.sha256.encode())
    try:
        digest.update(guide.read_bytes() if guide.stat().st_size < 1 << 26 else b"")
    except OSError:
        return None
    for module in sorted(Path(__file__).parent.rglob("*.py")):
        digest.update(module.read_bytes())
    return digest.hexdigest()
