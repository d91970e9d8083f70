"""Features of a message in its normal form: character n-grams of the whole and of its end."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterator, Sequence

import numpy as np
import scipy.sparse as sp

from bot.understanding.arrays import Floats

_CHINESE = re.compile("[\u4e00-\u9fff]")


def view(text: str, ending: int) -> str:
    """Return the last *ending* characters, where the question itself usually stands; all of it for 0."""
    return text[-ending:] if ending else text


class Ngrams:
    """TF-IDF of character n-grams, learned once; its state is plain arrays.

    scikit-learn's vectorizer gives the same numbers; for one short message its checks take ten times as long.
    """

    def __init__(self, lengths: tuple[int, int], terms: Sequence[str], idf: Floats) -> None:
        self.lengths = lengths
        self.terms = list(terms)
        self.idf = np.asarray(idf, dtype=np.float64)
        self._columns = {term: column for column, term in enumerate(self.terms)}

    @classmethod
    def fit(cls, texts: Sequence[str], lengths: tuple[int, int], min_count: int) -> Ngrams:
        """Learn the terms that stand in at least *min_count* texts, and their weights: log((1 + n) / (1 + df)) + 1."""
        counts: Counter[str] = Counter()
        for text in texts:
            counts.update(set(_grams(text, lengths)))
        terms = sorted(term for term, count in counts.items() if count >= min_count)
        found = np.array([counts[term] for term in terms], dtype=np.float64)
        return cls(lengths, terms, np.log((1 + len(texts)) / (1 + found)) + 1)

    def transform(self, texts: Sequence[str]) -> sp.csr_matrix:
        """Return one row a text, of length 1: (1 + log count) × idf of each known term."""
        columns: list[int] = []
        counts: list[int] = []
        ends = [0]
        for text in texts:
            found = self._count(text)
            columns.extend(found)
            counts.extend(found.values())
            ends.append(len(columns))
        at, ends_at = np.array(columns, dtype=np.int32), np.array(ends, dtype=np.int32)
        values = (1 + np.log(np.array(counts, dtype=np.float64))) * self.idf[at]
        sizes = np.diff(ends_at)
        squares = np.bincount(np.repeat(np.arange(len(texts)), sizes), weights=values**2, minlength=len(texts))
        values /= np.repeat(np.sqrt(squares), sizes)
        return sp.csr_matrix((values.astype(np.float32), at, ends_at), shape=(len(texts), len(self.terms)))

    def _count(self, text: str) -> dict[int, int]:
        """Return how often each known term stands in *text*, in the order of the columns. Every message passes here."""
        found: dict[int, int] = {}
        for length in range(self.lengths[0], self.lengths[1] + 1):
            for start in range(len(text) - length + 1):
                column = self._columns.get(text[start : start + length])
                if column is not None:
                    found[column] = found.get(column, 0) + 1
        return dict(sorted(found.items()))

    def familiarity(self, text: str) -> float:
        """Return which share of the longest n-grams of *text* with a Chinese character was learned: near 0 for noise
        in any script. Latin and digits do not count: every pair of them has stood somewhere."""
        longest = min(self.lengths[1], len(text))
        grams = [gram for gram in _grams(text, (longest, longest)) if _CHINESE.search(gram)]
        return sum(gram in self._columns for gram in grams) / len(grams) if grams else 0.0


def _grams(text: str, lengths: tuple[int, int]) -> Iterator[str]:
    for length in range(lengths[0], lengths[1] + 1):
        for start in range(len(text) - length + 1):
            yield text[start : start + length]
