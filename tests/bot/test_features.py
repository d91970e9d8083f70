"""N-grams weighed as scikit-learn weighs them, and how much of a message was ever seen."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from sklearn.feature_extraction.text import TfidfVectorizer

from bot.understanding.features import Ngrams, view

LENGTHS = [(1, 1), (1, 2), (1, 3), (2, 3)]
MESSAGES = [
    "社保卡丢了怎么补办",
    "社保卡丢了要带什么材料",
    "失业金在哪里领",
    "失业金领多久",
    "工伤认定要多久",
    "工伤认定在哪里办",
    "我退休要带什么材料",
    "公司注销社保要交什么材料",
    "退休退休退休要带什么",
    "卡",
    "etc怎么办",
    "social security card",
    "交了15年",
]
UNSEEN = ["社保卡丢了", "领失业金要多久", "今天天气不错", "卡", "", "𠮷𡃁", "card"]

texts = st.lists(st.text(alphabet="社保卡丢了补办ab1", max_size=12), min_size=1, max_size=8)


def reference(known: list[str], lengths: tuple[int, int], min_count: int) -> TfidfVectorizer:
    """Return scikit-learn's vectorizer, fitted on the *known* texts."""
    vectorizer = TfidfVectorizer(analyzer="char", ngram_range=lengths, min_df=min_count, sublinear_tf=True)
    return vectorizer.fit(known)


@pytest.mark.parametrize("lengths", LENGTHS)
@pytest.mark.parametrize("min_count", [1, 2])
def test_terms_and_numbers_are_those_of_scikit_learn(lengths: tuple[int, int], min_count: int) -> None:
    ours, theirs = Ngrams.fit(MESSAGES, lengths, min_count), reference(MESSAGES, lengths, min_count)
    assert ours.terms == theirs.get_feature_names_out().tolist()
    asked = [*MESSAGES, *UNSEEN]
    assert np.allclose(ours.transform(asked).toarray(), theirs.transform(asked).toarray(), atol=1e-6)


@given(texts, texts)
def test_any_texts_get_the_numbers_of_scikit_learn(known: list[str], asked: list[str]) -> None:
    known = ["社保卡", *known]  # scikit-learn refuses to learn nothing
    ours, theirs = Ngrams.fit(known, (1, 2), 1), reference(known, (1, 2), 1)
    assert ours.terms == theirs.get_feature_names_out().tolist()
    assert np.allclose(ours.transform(asked).toarray(), theirs.transform(asked).toarray(), atol=1e-6)


@pytest.mark.parametrize(
    ("min_count", "terms"),
    [(1, ["丢", "保", "卡", "工", "社", "补"]), (2, ["保", "卡", "社"]), (3, ["卡"]), (4, [])],
)
def test_a_term_counts_from_so_many_texts_on_however_often_it_stands_in_one(min_count: int, terms: list[str]) -> None:
    assert Ngrams.fit(["社保卡", "社保卡丢", "补卡", "工工工工"], (1, 1), min_count).terms == terms


def test_every_row_has_length_one_but_those_of_which_nothing_is_known() -> None:
    rows = Ngrams.fit(MESSAGES, (1, 2), 1).transform([*MESSAGES, "", "𠮷"])
    lengths = np.sqrt(rows.multiply(rows).sum(axis=1)).A1
    assert lengths == pytest.approx([1.0] * len(MESSAGES) + [0.0, 0.0], abs=1e-6)


def test_what_a_row_says_does_not_depend_on_its_neighbours() -> None:
    ngrams = Ngrams.fit(MESSAGES, (1, 2), 1)
    together = ngrams.transform(MESSAGES).toarray()
    apart = np.vstack([ngrams.transform([text]).toarray() for text in MESSAGES])
    assert np.array_equal(together, apart)


def test_no_text_gives_no_row() -> None:
    ngrams = Ngrams.fit(MESSAGES, (1, 2), 1)
    assert ngrams.transform([]).shape == (0, len(ngrams.terms))


def test_what_was_learned_is_plain_arrays() -> None:
    learned = Ngrams.fit(MESSAGES, (1, 2), 2)
    again = Ngrams(learned.lengths, np.array(learned.terms).tolist(), learned.idf)
    assert np.array_equal(again.transform(MESSAGES).toarray(), learned.transform(MESSAGES).toarray())


# ---------------------------------------------------------------- what was ever seen


@pytest.mark.parametrize("text", [text for text in MESSAGES if not text.isascii()])
def test_a_message_that_was_learned_is_wholly_familiar(text: str) -> None:
    assert Ngrams.fit(MESSAGES, (1, 2), 1).familiarity(text) == 1


def test_latin_letters_are_never_familiar_for_every_pair_of_them_has_stood_somewhere() -> None:
    assert Ngrams.fit(MESSAGES, (1, 2), 1).familiarity("social security card") == 0


def test_a_message_of_known_words_is_mostly_familiar() -> None:
    assert Ngrams.fit(MESSAGES, (1, 2), 1).familiarity("社保卡丢了在哪里办") > 0.8


NOISE = ["龘靐齉爩鱻麤", "qwzxvkj", "ۅۆۇ", "𠮷𡃁", "龘", "", "987654321"]


@pytest.mark.parametrize("text", NOISE)
def test_noise_in_any_script_and_nothing_at_all_are_not_familiar(text: str) -> None:
    assert Ngrams.fit(MESSAGES, (1, 2), 1).familiarity(text) == 0


def test_known_characters_in_a_row_never_seen_are_not_familiar() -> None:
    assert Ngrams.fit(MESSAGES, (1, 2), 1).familiarity("卡失料业补丢") == 0


# ---------------------------------------------------------------- views


@pytest.mark.parametrize(
    ("text", "ending", "seen"),
    [
        ("我卡丢了怎么补", 3, "怎么补"),
        ("怎么补", 3, "怎么补"),
        ("补", 3, "补"),
        ("", 3, ""),
        ("我卡丢了", 0, "我卡丢了"),
    ],
)
def test_a_view_sees_the_end_or_all(text: str, ending: int, seen: str) -> None:
    assert view(text, ending) == seen
