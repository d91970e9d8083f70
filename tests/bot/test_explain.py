"""Why a message was understood as it was: the arithmetic without a model, and one explanation by the real engine."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Callable, Mapping
from pathlib import Path
from types import SimpleNamespace
from typing import TYPE_CHECKING, Any

import numpy as np
import pytest

from bot.query import FACET_NAMES, MAX_ITEMS
from bot.understanding.evidence import OUTCOMES, SCOPES, Calibration, Layout, Scores, fuse
from bot.understanding.explain import (
    EXPLAIN,
    EXPLANATION,
    MAX_CARRIED,
    Neighbours,
    ViewOfItems,
    candidates,
    contributions,
    explain_decision,
    explain_features,
    nothing_weighed,
)
from bot.understanding.features import Ngrams
from bot.understanding.linear import LinearModel
from bot.understanding.messages import LabelledMessage
from bot.understanding.spelling import normal_form

if TYPE_CHECKING:
    from rasa.shared.nlu.training_data.message import Message

    from bot.runtime.engine import Engine

CLASSES = ("card_first", "card_lost", "card_replace", "chitchat_thanks", "oos_medical")
LAYOUT = Layout(CLASSES)
TITLES = {name: name.upper() for name in CLASSES[:3]}
TEXTS = ["补卡要钱吗", "补卡在哪里", "卡丢了怎么办", "谢谢你"]
NGRAMS = Ngrams.fit(TEXTS, (1, 2), 1)
TERMS = np.array(NGRAMS.terms)
WEIGHTS = np.random.default_rng(20).normal(size=(len(TERMS), len(CLASSES)))
MODEL = LinearModel(CLASSES, WEIGHTS, np.array([0.1, -0.2, 0.3, 0.0, -0.1]))
CALIBRATION = Calibration(
    weights=np.zeros((20, len(OUTCOMES))),
    bias=np.arange(len(OUTCOMES), dtype=float),
    facet_weights=np.zeros((2, len(FACET_NAMES))),
    facet_bias=np.zeros(len(FACET_NAMES)),
    facet_threshold=0.5,
    pair_weights=np.zeros(11),
    pair_bias=0.0,
)


def scores_of(words: list[float], encoder: list[float]) -> Scores:
    """Return scores of CLASSES, words and encoder weighing the same; scopes and facets are of no interest here."""
    said = np.array(words), np.array(encoder)
    rest = np.zeros(len(SCOPES)), np.zeros(len(FACET_NAMES)), np.zeros(len(FACET_NAMES))
    return Scores(*said, fuse(*said, 0.5), *rest)


SCORES = scores_of([-0.5, 0.2, 0.9, -1.0, 0.1], [1.0, 2.0, 5.0, -3.0, 4.0])

# ---------------------------------------------------------------- what carried a class


def test_all_contributions_and_the_bias_add_up_to_the_margin() -> None:
    row = NGRAMS.transform([TEXTS[0]])
    for column in range(len(CLASSES)):
        carried = contributions(row, WEIGHTS[:, column], TERMS, limit=100)
        margin = sum(part.contribution for part in carried) + MODEL.bias[column]
        assert margin == pytest.approx(MODEL.scores(row)[0, column], abs=1e-6)


def test_contributions_name_n_grams_of_the_message_and_the_heaviest_comes_first() -> None:
    carried = contributions(NGRAMS.transform([TEXTS[0]]), WEIGHTS[:, 0], TERMS, limit=4)
    assert len(carried) == 4
    assert all(part.ngram in TEXTS[0] for part in carried)
    sizes = [abs(part.contribution) for part in carried]
    assert sizes == sorted(sizes, reverse=True)


def test_what_speaks_against_a_class_is_negative() -> None:
    weights = np.where(TERMS == "谢谢", -3.0, 0.5)
    carried = contributions(NGRAMS.transform(["谢谢你"]), weights, TERMS)
    assert carried[0].ngram == "谢谢"
    assert carried[0].contribution < 0 < carried[1].contribution


def test_a_message_of_unknown_characters_is_carried_by_nothing() -> None:
    assert contributions(NGRAMS.transform(["qwerty"]), WEIGHTS[:, 0], TERMS) == ()


def test_the_first_item_is_explained_by_itself_and_against_the_second() -> None:
    row = NGRAMS.transform([TEXTS[0]])
    told = explain_features(row, WEIGHTS, TERMS, SCORES.fused, LAYOUT)
    first, second = CLASSES.index("card_replace"), CLASSES.index("card_lost")
    by_itself = contributions(row, WEIGHTS[:, first], TERMS)
    against = contributions(row, WEIGHTS[:, first] - WEIGHTS[:, second], TERMS)
    assert told["first"] == [part.as_json() for part in by_itself]
    assert told["against_second"] == [part.as_json() for part in against]


# ---------------------------------------------------------------- candidates and outcomes


def test_candidates_are_items_alone_likeliest_first_with_what_each_source_says() -> None:
    found = candidates(SCORES, LAYOUT, TITLES)
    assert [c.id for c in found] == ["card_replace", "card_lost", "card_first"]
    assert (found[0].title, found[0].words, found[0].encoder) == ("CARD_REPLACE", 0.9, 5.0)


def test_shares_are_of_all_classes_so_that_scope_takes_its_part() -> None:
    unsure = scores_of([0.0, 0.0, 0.0, 0.0, 9.0], [0.0, 0.0, 0.0, 0.0, 9.0])
    assert sum(c.share for c in candidates(SCORES, LAYOUT, TITLES)) < 1
    assert sum(c.share for c in candidates(unsure, LAYOUT, TITLES)) < 0.001


def test_no_more_candidates_than_asked() -> None:
    assert len(candidates(SCORES, LAYOUT, TITLES, limit=2)) == 2


def test_outcomes_and_facets_are_the_calibrations_probabilities() -> None:
    told = explain_decision(TEXTS[0], SCORES, np.zeros((0, len(CLASSES))), LAYOUT, CALIBRATION, TITLES)
    assert list(told["outcomes"]) == list(OUTCOMES)
    assert sum(told["outcomes"].values()) == pytest.approx(1, abs=0.001)
    assert max(told["outcomes"], key=told["outcomes"].get) == OUTCOMES[-1]
    assert told["facets"] == dict.fromkeys(FACET_NAMES, 0.5)
    assert told["pair"] is None


def test_two_items_in_two_parts_are_told_with_their_probability() -> None:
    left, right = [0.0, 0.0, 2.0, 0.0, 0.0], [0.0, 1.0, 0.0, 0.0, 0.0]
    told = explain_decision("补卡，挂失", SCORES, np.array([left, right]), LAYOUT, CALIBRATION, TITLES)
    assert told["pair"] == {"items": ["card_replace", "card_lost"], "probability": 0.5}


# ---------------------------------------------------------------- nearest messages

SEEN = ViewOfItems(ending=0, lengths=(1, 2), min_count=1)
LABELLED = [
    LabelledMessage("anna", "补卡要钱吗", ("card_replace",), ("fee",)),
    LabelledMessage("anna", "补卡在哪里", ("card_replace",), ("location",)),
    LabelledMessage("bo", "卡丢了怎么办", ("card_lost",), ("overview",)),
    LabelledMessage("bo", "住院费报销多少", scope="oos", topic="medical"),
]


def test_the_same_message_is_nearest_and_as_similar_as_can_be() -> None:
    nearest = Neighbours(LABELLED, SEEN).nearest("补卡要钱吗")
    assert nearest[0].message is LABELLED[0]
    assert nearest[0].similarity == pytest.approx(1, abs=1e-5)
    assert nearest[1].message is LABELLED[1]


def test_a_message_is_told_with_author_and_items_or_scope_class() -> None:
    neighbours = Neighbours(LABELLED, SEEN)
    item, scope = neighbours.nearest("卡丢了")[0].as_json(), neighbours.nearest("报销多少")[0].as_json()
    assert (item["author"], item["items"], item["scope"]) == ("bo", ["card_lost"], None)
    assert (scope["author"], scope["items"], scope["scope"]) == ("bo", [], "oos_medical")


def test_what_shares_no_n_gram_is_not_near() -> None:
    neighbours = Neighbours(LABELLED, SEEN)
    assert [found.message for found in neighbours.nearest("住院")] == [LABELLED[3]]
    assert neighbours.nearest("") == []


def test_no_more_neighbours_than_asked() -> None:
    assert len(Neighbours(LABELLED, SEEN).nearest("补卡怎么办", limit=2)) == 2


def test_messages_are_compared_by_the_end_that_the_classifier_sees() -> None:
    nearest = Neighbours(LABELLED, ViewOfItems(ending=3, lengths=(1, 2), min_count=1)).nearest("补卡怎么办")
    assert [found.message for found in nearest] == [LABELLED[2]]


def test_the_view_is_that_of_the_item_classifier(tmp_path: Path) -> None:
    path = tmp_path / "config.yml"
    path.write_text(
        "pipeline:\n"
        "- {name: a.NgramFeaturizer, view: whole, shortest: 1, longest: 2, min_count: 2}\n"
        "- {name: a.NgramFeaturizer, view: end, ending: 9, shortest: 2, longest: 3, min_count: 4}\n"
        "- {name: a.ItemClassifier, views: [end]}\n",
        encoding="utf-8",
    )
    assert ViewOfItems.load(path) == ViewOfItems(9, (2, 3), 4)


def test_the_pipeline_in_use_has_a_view_of_items() -> None:
    assert ViewOfItems.load().lengths[0] >= 1


# ---------------------------------------------------------------- the item classifier, its state laid down by hand


@pytest.fixture(scope="module")
def classify(tmp_path_factory: pytest.TempPathFactory) -> Callable[[Mapping[str, Any] | None], Message]:
    """Let an item classifier with WEIGHTS read TEXTS[0], sent with some metadata."""
    from rasa.engine.graph import ExecutionContext, GraphSchema, SchemaNode
    from rasa.engine.storage.local_model_storage import LocalModelStorage
    from rasa.engine.storage.resource import Resource
    from rasa.shared.nlu.training_data.message import Message

    from bot.components.classifiers import ItemClassifier
    from bot.components.featurizers import READING, NgramFeaturizer
    from bot.components.storage import save_arrays
    from bot.components.tokenizer import NORMAL

    storage = LocalModelStorage(tmp_path_factory.mktemp("model"))
    learned, model = Resource("train_featurizer"), Resource("train_classifier")
    save_arrays(storage, learned, {"terms": TERMS, "idf": NGRAMS.idf})
    save_arrays(storage, model, MODEL.arrays())
    config = {**NgramFeaturizer.get_default_config(), "view": "whole"}
    node = SchemaNode({}, NgramFeaturizer, "load", "process", config, resource=learned)
    context = ExecutionContext(GraphSchema({"featurizer": node}))
    featurizer = NgramFeaturizer.load(config, storage, learned, context)
    classifier = ItemClassifier.load(ItemClassifier.get_default_config(), storage, model, context)

    def read(metadata: Mapping[str, Any] | None) -> Message:
        message = Message({"text": TEXTS[0], NORMAL: TEXTS[0], "metadata": metadata})
        encoder = SimpleNamespace(intents=CLASSES)
        message.set(READING, SimpleNamespace(encoder=encoder, intents=np.zeros(len(CLASSES))))
        return classifier.process(featurizer.process([message]))[0]

    return read


def test_the_item_classifier_names_n_grams_as_the_models_featurizer_learned_them(
    classify: Callable[[Mapping[str, Any] | None], Message],
) -> None:
    message = classify({EXPLAIN: True})
    row = NGRAMS.transform([TEXTS[0]])
    fused = fuse(MODEL.scores(row)[0], np.zeros(len(CLASSES)), 0.35)
    assert message.get(EXPLANATION) == {"features": explain_features(row, WEIGHTS, TERMS, fused, LAYOUT)}
    assert EXPLANATION in message.as_dict(only_output_properties=True)


@pytest.mark.parametrize("metadata", [None, {}, {"example": {}}, {EXPLAIN: False}])
def test_the_item_classifier_explains_nothing_unasked(
    classify: Callable[[Mapping[str, Any] | None], Message], metadata: Mapping[str, Any] | None
) -> None:
    assert classify(metadata).get(EXPLANATION) is None


# ---------------------------------------------------------------- the engine's own explanation

ASKED = "社保卡丢了，补办一张要多少钱"


def test_the_engine_tells_what_it_understood_and_why(engine: Engine) -> None:
    told = asyncio.run(engine.explain(ASKED))
    why = told.pop("explain")
    assert told == asyncio.run(engine.understand(ASKED)).as_json()
    assert list(why["outcomes"]) == list(OUTCOMES)
    assert sum(why["outcomes"].values()) == pytest.approx(1, abs=0.001)
    assert list(why["facets"]) == list(FACET_NAMES)
    assert 0 < why["familiarity"] <= 1
    assert len(why["candidates"]) == MAX_ITEMS
    shares = [candidate["share"] for candidate in why["candidates"]]
    assert shares == sorted(shares, reverse=True)
    if why["pair"] is None:
        assert told["items"][0]["id"] == why["candidates"][0]["id"]
    for carried in why["features"].values():
        assert 0 < len(carried) <= MAX_CARRIED
        assert all(part["ngram"] in normal_form(ASKED) for part in carried)
    assert json.loads(json.dumps(why)) == why


def test_an_unreadable_message_was_not_weighed(engine: Engine) -> None:
    why = asyncio.run(engine.explain("？？？？"))["explain"]
    assert {**nothing_weighed(), "questions": [], "familiarity": why["familiarity"]} == why


def test_an_ordinary_message_carries_no_explanation(engine: Engine) -> None:
    assert "explanation" not in asyncio.run(engine._agent.parse_message(ASKED))
