"""Cutting Chinese: words of the domain stay whole, and no lexicon changes another or jieba itself."""

from __future__ import annotations

import jieba
import pytest

from bot.understanding.lexicon import WORDS_FILE, Lexicon, default_words, digest, domain_words, place_names
from knowledge.vocabulary import Vocabulary

INVENTED = "甲乙丙丁戊己"


@pytest.fixture(scope="module")
def lexicon() -> Lexicon:
    return Lexicon(default_words())


def cut(lexicon: Lexicon, text: str) -> list[str]:
    return [word for word, _ in lexicon.cut(text)]


@pytest.mark.parametrize("word", ["停工留薪期", "失业金", "灵活就业", "城乡居保", "辅助器具", "劳动能力鉴定", "社保卡"])
def test_words_that_jieba_itself_cuts_apart_stay_whole(lexicon: Lexicon, word: str) -> None:
    assert word in cut(lexicon, f"我想问{word}怎么办")


def test_every_word_of_the_domain_stays_whole(lexicon: Lexicon) -> None:
    assert not [word for word in default_words() if word.isalnum() and cut(lexicon, word) != [word]]


def test_positions_lead_back_to_the_text(lexicon: Lexicon) -> None:
    text = "失业金 在哪里领"
    assert all(text[start : start + len(word)] == word for word, start in lexicon.cut(text))
    assert "".join(cut(lexicon, text)) == text.replace(" ", "")


def test_two_lexicons_do_not_disturb_each_other_nor_jieba_itself() -> None:
    before = jieba.lcut(f"我要{INVENTED}了")
    knowing, ignorant = Lexicon([INVENTED]), Lexicon(["社保卡"])
    assert INVENTED in cut(knowing, f"我要{INVENTED}了")
    assert INVENTED not in cut(ignorant, f"我要{INVENTED}了")
    assert jieba.lcut(f"我要{INVENTED}了") == before
    assert INVENTED not in before


def test_the_words_are_those_of_the_file_and_of_the_catalogue(vocabulary: Vocabulary) -> None:
    words = domain_words(vocabulary)
    listed = {line.split("#")[0].strip() for line in WORDS_FILE.read_text(encoding="utf-8").splitlines()} - {""}
    assert listed <= set(words)
    assert "参保单位注销" in words
    assert list(words) == sorted(set(words))


def test_the_digest_changes_with_any_word() -> None:
    assert digest(["社保卡"]) == digest(["社保卡"])
    assert digest(["社保卡"]) != digest(["社保卡", "农保"]) != digest(["社保卡农保"])


def test_the_dictionary_knows_places_and_keeps_single_characters_out() -> None:
    places = place_names()
    assert {"合浦", "奎屯", "新西兰"} <= places
    assert "社保卡" not in places
    assert min(map(len, places)) == 2
