"""Linear classifiers: the same examples train the same weights, and what is learned is told apart again."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from itertools import islice

import numpy as np
import pytest
import scipy.sparse as sp

from bot.query import FACET_NAMES
from bot.settings import load_settings
from bot.understanding.features import Ngrams
from bot.understanding.linear import LinearModel, train_balanced, train_classes, train_labels
from bot.understanding.messages import load_messages
from knowledge.vocabulary import load_vocabulary


@dataclass(frozen=True)
class Examples:
    """Questions of ours with items and facets."""

    features: sp.csr_matrix
    items: list[str]
    facets: list[tuple[str, ...]]


@pytest.fixture(scope="module")
def examples() -> Examples:
    """The first 3,000 questions whose facets are known."""
    known = load_messages(load_settings().nlu_data, frozenset(entry.id for entry in load_vocabulary().catalogue))
    messages = list(islice((m for m in known if m.scope is None and m.facets), 3000))
    texts = [message.text for message in messages]
    features = Ngrams.fit(texts, (1, 2), 2).transform(texts)
    return Examples(features, [message.items[0] for message in messages], [message.facets for message in messages])


TRAININGS: dict[str, Callable[[Examples], LinearModel]] = {
    "classes": lambda known: train_classes(known.features, known.items, 1.0),
    "balanced": lambda known: train_balanced(known.features, [item[0] for item in known.items], 0.3),
    "labels": lambda known: train_labels(known.features, known.facets, FACET_NAMES, 0.5),
}


@pytest.mark.parametrize("kind", TRAININGS)
def test_the_same_examples_train_the_same_weights_to_the_bit(examples: Examples, kind: str) -> None:
    first, second = TRAININGS[kind](examples), TRAININGS[kind](examples)
    assert first.classes == second.classes
    assert np.array_equal(first.weights, second.weights)
    assert np.array_equal(first.bias, second.bias)


def test_what_was_learned_is_known_again(examples: Examples) -> None:
    model = TRAININGS["classes"](examples)
    best = [model.classes[column] for column in model.scores(examples.features).argmax(axis=1)]
    assert sum(a == b for a, b in zip(best, examples.items, strict=True)) > 0.95 * len(examples.items)


def test_one_message_scores_as_it_does_among_others(examples: Examples) -> None:
    model = TRAININGS["classes"](examples)
    assert np.allclose(model.scores(examples.features[:1]), model.scores(examples.features[:5])[:1], atol=1e-5)
