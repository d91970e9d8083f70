"""Cross-validation deals whole authors, and a new author leaves everybody where he was."""

from __future__ import annotations

from bot.evaluation.cross import FOLDS, deal_folds
from bot.understanding.messages import LabelledMessage

AUTHORS = ("farmers", "retirees", "young_searchers", "scope_one", "letters_clerk", "farmers", "search_box")


def messages_of(*authors: str) -> list[LabelledMessage]:
    return [LabelledMessage(author, "社保卡丢了", ("card_replace",)) for author in authors]


def test_all_messages_of_an_author_are_in_one_fold() -> None:
    folds = deal_folds(messages_of(*AUTHORS))
    assert folds[0] == folds[5]


def test_who_comes_later_moves_nobody() -> None:
    before = deal_folds(messages_of(*AUTHORS)).tolist()
    after = deal_folds(messages_of("a_new_one", *AUTHORS, "zeta")).tolist()
    assert after[1:-1] == before


def test_every_fold_is_dealt_to() -> None:
    folds = deal_folds(messages_of(*(f"author_{number}" for number in range(40))))
    assert set(folds.tolist()) == set(range(FOLDS))
