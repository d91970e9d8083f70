"""A message is read as it stands and, where a town in it is only where somebody is, without the town too."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import pytest
import scipy.sparse as sp

from bot.query import Decision
from bot.settings import load_settings
from bot.understanding.encoder import ENCODER_FILE, Encoder
from bot.understanding.places import without_town
from bot.understanding.readings import Readings, read_by, readings
from bot.understanding.spelling import normal_form
from tests.bot.test_robustness import understand

if TYPE_CHECKING:
    from bot.runtime.engine import Engine

ONLY_WHERE = [
    ("成都失业金怎么领", "失业金怎么领"),
    ("我在苏州，五十了可以退休吗", "五十了可以退休吗"),
    ("我是贵州的没有单位怎么参保", "没有单位怎么参保"),
    ("A市工伤认定要多久", "工伤认定要多久"),
    ("浙江省丧葬费什么条件", "丧葬费什么条件"),
]

PART_OF_IT = [
    "社保从广东转回钦州",
    "成都那份养老保险怎么接上",
    "以前在东莞交过三年还算吗",
    "南宁社保局电话",
    "长沙失业金标准",
    "昆明打参保证明的窗口在哪",
    "社保卡丢了",
    "北京",
]


@pytest.mark.parametrize(("text", "without"), ONLY_WHERE)
def test_a_town_where_somebody_only_is_can_be_left_out(text: str, without: str) -> None:
    assert readings(normal_form(text)) == (normal_form(text), normal_form(without))


@pytest.mark.parametrize("text", PART_OF_IT)
def test_a_town_that_somebody_moves_from_or_asks_something_of_cannot(text: str) -> None:
    assert without_town(normal_form(text)) is None


def test_messages_without_a_second_reading_keep_the_very_rows_they_have() -> None:
    rows = np.array([[0.1, 0.2], [0.3, 0.4]], dtype=np.float32)
    assert Readings.of(["社保卡丢了", "退休"]).mean(rows) is rows


def test_each_message_gets_the_mean_of_its_readings() -> None:
    several = Readings.of(["社保卡丢了", "某失业金怎么领", "退休"])
    assert several.texts == ("社保卡丢了", "某失业金怎么领", "失业金怎么领", "退休")
    rows = np.array([[1, 0, 0], [0, 2, 0], [0, 0, 4], [3, 3, 3]], dtype=np.float32)
    wanted = [[1, 0, 0], [0, 1, 2], [3, 3, 3]]
    assert several.mean(rows).tolist() == wanted
    sparse = several.mean(sp.csr_matrix(rows))
    assert sparse.toarray().tolist() == wanted
    assert sparse.has_sorted_indices


def test_no_message_has_no_reading() -> None:
    several = Readings.of([])
    assert several.texts == ()
    assert several.mean(np.zeros((0, 2), dtype=np.float32)).shape == (0, 2)


def test_the_encoder_says_the_mean_of_what_it_says_of_both() -> None:
    encoder = Encoder.load(load_settings().nlu_data / ENCODER_FILE)
    both = encoder.read(["某失业金怎么领", "失业金怎么领"])
    mean = read_by(encoder, ["某失业金怎么领"])
    assert np.allclose(mean.intents, both.intents.mean(axis=0, keepdims=True), atol=1e-5)
    assert np.allclose(mean.facets, both.facets.mean(axis=0, keepdims=True), atol=1e-5)


ASKED = [
    "失业金怎么申请",
    "退休要办什么手续",
    "工伤认定多长时间有结果",
    "没有单位的人怎么参保",
    "社保卡密码忘记了怎么办",
    "上班受伤了要怎么申请认定",
]


def test_who_only_says_where_he_is_gets_what_everybody_gets(engine: Engine) -> None:
    said = [f"{town}{text}" for town in ("成都", "我在苏州，", "浙江的") for text in ASKED]
    found = understand(engine, said)
    plain = understand(engine, ASKED) * 3
    assert [query.items[0].id for query in plain if query.decision is Decision.ANSWER] != []
    assert [
        (text, query.decision, [item.id for item in query.items[:1]]) for text, query in zip(said, found, strict=True)
    ] == [
        (text, query.decision, [item.id for item in query.items[:1]]) for text, query in zip(said, plain, strict=True)
    ]


@pytest.mark.parametrize("text", ["成都社保局电话", "苏州社保大厅几点上班", "浙江的社保网站网址"])
def test_who_asks_what_is_a_towns_own_is_told_that_the_guide_is_silent(engine: Engine, text: str) -> None:
    (query,) = understand(engine, [text])
    assert query.decision is Decision.OOS


def test_an_example_teaches_as_it_stands_and_is_understood_by_both_readings() -> None:
    from rasa.shared.nlu.constants import TEXT
    from rasa.shared.nlu.training_data.message import Message
    from rasa.shared.nlu.training_data.training_data import TrainingData

    from bot.components.featurizers import NgramFeaturizer
    from bot.components.tokenizer import NORMAL
    from bot.understanding.features import Ngrams

    both = ("某失业金怎么领", "失业金怎么领")
    ngrams = Ngrams.fit(both, (1, 2), 1)
    featurizer = NgramFeaturizer(NgramFeaturizer.get_default_config(), None, None, ngrams)
    example, message = (Message({TEXT: both[0], NORMAL: both[0]}) for _ in range(2))
    featurizer.process_training_data(TrainingData([example]))
    featurizer.process([message])
    alone, without = ngrams.transform(both).toarray()
    assert np.array_equal(example.features[0].features.toarray()[0], alone)
    assert np.allclose(message.features[0].features.toarray()[0], (alone + without) / 2)
