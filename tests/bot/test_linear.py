"""Linear classifiers: the same examples train the same weights, and what is learned is told apart again."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
import pytest

from bot.settings import load_settings
from bot.understanding.features import Ngrams
from bot.understanding.linear import LinearModel, train_balanced, train_classes, train_labels
from bot.understanding.messages import load_messages
from knowledge.vocabulary import load_vocabulary

MESSAGES = [
    message
    for message in load_messages(load_settings().nlu_data, frozenset(e.id for e in load_vocabulary().catalogue))
    if message.scope is None and message.facets
][:3000]
TEXTS = [message.text for message in MESSAGES]
FEATURES = Ngrams.fit(TEXTS, (1, 2), 2).transform(TEXTS)
ITEMS = [message.items[0] for message in MESSAGES]
FACETS = [message.facets for message in MESSAGES]
NAMES = sorted({facet for facets in FACETS for facet in facets})

TRAININGS: dict[str, Callable[[], LinearModel]] = {
    "classes": lambda: train_classes(FEATURES, ITEMS, 1.0),
    "balanced": lambda: train_balanced(FEATURES, [item[0] for item in ITEMS], 0.3),
    "labels": lambda: train_labels(FEATURES, FACETS, NAMES, 0.5),
}


@pytest.mark.parametrize("kind", TRAININGS)
def test_the_same_examples_train_the_same_weights_to_the_bit(kind: str) -> None:
    first, second = TRAININGS[kind](), TRAININGS[kind]()
    assert first.classes == second.classes
    assert np.array_equal(first.weights, second.weights)
    assert np.array_equal(first.bias, second.bias)


def test_what_was_learned_is_known_again() -> None:
    model = TRAININGS["classes"]()
    best = [model.classes[column] for column in model.scores(FEATURES).argmax(axis=1)]
    assert sum(a == b for a, b in zip(best, ITEMS, strict=True)) > 0.95 * len(ITEMS)


def test_one_message_scores_as_it_does_among_others() -> None:
    model = TRAININGS["classes"]()
    assert np.allclose(model.scores(FEATURES[:1]), model.scores(FEATURES[:5])[:1], atol=1e-5)
