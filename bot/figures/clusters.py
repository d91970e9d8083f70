"""Questions that the guide does not answer, put together where they are alike (归类), without showing any of them.

A cluster is named by words that several residents used: whatever only one or two of them wrote is never seen.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

import numpy as np
import scipy.sparse as sp
from sklearn.feature_extraction.text import TfidfVectorizer

from bot.understanding.normalise import normalise

FEWEST_SESSIONS = 3
"""How many residents must have asked before anything of it is shown, so that nobody is recognised."""
ALIKE = 0.3
"""From this cosine of their character pairs on, two questions are about the same. Chosen by trying on invented ones."""
MOST_QUESTIONS = 3000
"""The newest so many different questions are looked at."""

_LONGEST = 60
_WORD = range(2, 9)
_SHORT = 2
_MOST_WORDS = 4


@dataclass(frozen=True)
class Asked:
    """A question, masked, and who asked it: a pseudonym that serves for counting alone."""

    text: str
    session: str


@dataclass(frozen=True)
class Cluster:
    """Questions that are alike: words that they share, how many there are, how many residents asked them."""

    words: tuple[str, ...]
    questions: int
    sessions: int


def find_clusters(asked: Sequence[Asked]) -> list[Cluster]:
    """Return the clusters of *asked*, newest first, that enough residents share; the largest first."""
    sessions: dict[str, list[str]] = {}
    for question in asked:
        normal = normalise(question.text)
        if normal and (normal in sessions or len(sessions) < MOST_QUESTIONS):
            sessions.setdefault(normal, []).append(question.session)
    groups = _groups_of(sorted(sessions, key=lambda text: (-len(sessions[text]), text)))
    found = []
    for group in groups:
        by_text = {text: sessions[text] for text in group}
        askers = {session for names in by_text.values() for session in names}
        words = _shared_words(by_text)
        if len(askers) >= FEWEST_SESSIONS and words:
            found.append(Cluster(words, sum(map(len, by_text.values())), len(askers)))
    return sorted(found, key=lambda cluster: (-cluster.questions, cluster.words))


def _groups_of(texts: Sequence[str]) -> list[list[str]]:
    """Put each text to the leader that is most like it; one that is like none leads a group of its own.

    The commonest texts come first, so that they lead.
    """
    if not texts:
        return []
    vectors = TfidfVectorizer(analyzer="char", ngram_range=(1, 2), sublinear_tf=True, dtype=np.float32)
    seen = vectors.fit_transform(text[:_LONGEST] for text in texts).tocsr()
    alike = (seen @ seen.T).tocsr()
    alike.data[alike.data < ALIKE] = 0
    alike.eliminate_zeros()
    return _led(alike, texts)


def _led(alike: sp.csr_matrix, texts: Sequence[str]) -> list[list[str]]:
    led_by: dict[int, list[str]] = {}
    for number, text in enumerate(texts):
        near = slice(alike.indptr[number], alike.indptr[number + 1])
        pairs = zip(alike.indices[near], alike.data[near], strict=True)
        leaders = [(-like, other) for other, like in pairs if other in led_by]
        led_by.setdefault(min(leaders)[1] if leaders else number, []).append(text)
    return list(led_by.values())


def _shared_words(by_text: dict[str, list[str]]) -> tuple[str, ...]:
    """Return the longest stretches that enough residents wrote, those that most wrote first."""
    askers: defaultdict[str, set[str]] = defaultdict(set)
    for text, names in by_text.items():
        for stretch in _stretches(text[:_LONGEST]):
            askers[stretch].update(names)
    counts = Counter({word: len(names) for word, names in askers.items() if len(names) >= FEWEST_SESSIONS})
    # Two characters alone say little (多少, 怎么): they come last, and only where there is nothing longer.
    telling = {word for word in counts if len(word.strip()) > _SHORT} or set(counts)
    ordered = sorted(telling, key=lambda word: (-counts[word] * (len(word) - 1), -len(word), word))
    chosen: list[str] = []
    for word in ordered:
        if not any(word in other or _overlaps(word, other) for other in chosen):
            chosen.append(word)
        if len(chosen) == _MOST_WORDS:
            break
    return tuple(chosen)


def _stretches(text: str) -> Iterable[str]:
    return {text[start : start + size].strip() for size in _WORD for start in range(len(text) - size + 1)}


def _overlaps(word: str, other: str) -> bool:
    """Tell whether one begins with what the other ends with: they would show nearly the same twice."""
    shorter = min(len(word), len(other))
    return any(word[:size] == other[-size:] or other[:size] == word[-size:] for size in range(1, shorter))
