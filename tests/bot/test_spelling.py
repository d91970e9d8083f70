"""Messages as they were meant: pinyin, initials, sound-alikes and local words; and what must never change."""

from __future__ import annotations

from collections import Counter
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from bot.understanding.lexicon import Lexicon, default_lexicon, default_words
from bot.understanding.normalise import normalise
from bot.understanding.pinyin import all_syllables, fold, readings, syllables
from bot.understanding.spelling import Dialect, Speller, default_speller, load_dialect
from knowledge.reading.source import GuideText
from knowledge.vocabulary import Vocabulary

PINYIN = [
    ("shebaoka diule", "社保卡丢了"),
    ("shebaokadiule", "社保卡丢了"),
    ("she bao ka", "社保卡"),
    ("shebao ka", "社保卡"),
    ("tuiyi补贴", "退役补贴"),
    ("guashi社保卡", "挂失社保卡"),
    ("yanglaojin zenme ling", "养老金怎么领"),
    ("wo de shebaoka diule zenmeban", "我的社保卡丢了怎么办"),
    ("dan wei zhu xiao", "单位注销"),
    ("women danwei", "我们单位"),
    ("shebaoka 12333", "社保卡12333"),
    ("app shebaoka zenme jihuo", "app社保卡怎么激活"),
    ("laogong de shebaoka", "老公的社保卡"),
    ("yi ge yue duo shao qian", "一个月多少钱"),
]

SOUNDS_ALIKE_IN_PINYIN = [
    ("shiye", "失业"),
    ("shiye单位", "事业单位"),
    ("shiye danwei", "事业单位"),
    ("jiguan shiye", "机关事业"),
    ("gongshang rending", "工伤认定"),
    ("zhiye年金", "职业年金"),
]

PINYIN_INSIDE_A_WORD = [("社bao卡", "社保卡"), ("养lao金", "养老金"), ("停bao", "停保"), ("工亡buzhujin", "工亡补助金")]

INITIALS = [
    ("sbk丢了", "社保卡丢了"),
    ("gsrd要多久", "工伤认定要多久"),
    ("syj怎么领", "失业金怎么领"),
    ("ylj", "养老金"),
    ("sbk mima", "社保卡密码"),
]

FOREIGN = [
    "app hr pos atm vip ok hello wifi pdf excel 12333",
    "下载app",
    "公司hr说的",
    "hello",
    "she can help me",
    "you are welcome",
    "www.12333.gov.cn",
    "a4纸",
    "u盘",
    "wo",
    "de",
    "sb",
    "xyzsbk",
]

SOUND_ALIKES = [
    ("社宝卡", "社保卡"),
    ("设保卡坏了", "社保卡坏了"),
    ("失叶金", "失业金"),
    ("推休", "退休"),
    ("公伤认定", "工伤认定"),
    ("养老今", "养老金"),
    ("扶恤金", "抚恤金"),
    ("居明养老", "居民养老"),
    ("统踌", "统筹"),
    ("断脚社保", "断缴社保"),
    ("增圆申报", "增员申报"),
    ("参宝证明在哪打", "参保证明在哪打"),
    ("职业年今补计", "职业年金补记"),
    ("社保登计", "社保登记"),
    ("机关视业单位", "机关事业单位"),
]

SOUTHERN_EARS = [
    ("湿业保险", "失业保险"),
    ("涉宝卡", "社保卡"),
    ("领活就业", "灵活就业"),
    ("工伤人定", "工伤认定"),
    ("困南行业缓缴", "困难行业缓缴"),
    ("旧伤付发", "旧伤复发"),
]

LOCAL = [
    ("点样领失业金", "怎么领失业金"),
    ("社保卡唔见咗点搞", "社保卡不见了怎么"),
    ("要带乜嘢", "要带什么"),
    ("要咩材料", "要什么材料"),
    ("冇钱", "没有钱"),
    ("去边度办", "去哪里办"),
    ("边个可以领", "谁可以领"),
    ("打边个电话", "打哪个电话"),
    ("做到边一步", "做到哪一步"),
    ("揾工", "找工"),
    ("要交几多钱", "要交多少钱"),
    ("要等几耐", "要等多久"),
    ("点攞返我哋嘅钱", "怎么拿回我们的钱"),
    ("唔使去", "不用去"),
    ("网上报得唔得", "网上报行不行"),
    ("网上报得冇", "网上报行吗"),
    ("仲得唔得", "还行不行"),
    ("畀佢", "给他"),
    ("俾公司", "给公司"),
    ("喺东莞", "在东莞"),
    ("嗰笔钱", "那笔钱"),
    ("𠮶啲单", "那些单"),
    ("咁耐", "这么耐"),
    ("而家冇交", "现在没有交"),
    ("仲未到", "还没到"),
    ("系唔系要停", "是不是要停"),
    ("系咪要停", "是不是要停"),
    ("未曾领过", "还没领过"),
    ("克哪凯办", "去哪里办"),
]

UNCHANGED = [
    "",
    "社保关系转移",
    "劳动关系解除了",
    "怎么联系你们",
    "系统里查不到",
    "直系亲属",
    "劳动仲裁",
    "第几多少",
    "旁边个体户",
    "这边个人",
    "几点上班",
    "早点交",
    "到点退休",
    "定点医院",
    "上点领取",
    "9点交材料",
    "不得不交",
    "觉得不得劲",
    "老豆腐",
    "养老今天到账",
    "养老今年涨吗",
    "养老进哪个账户",
    "社保不缴了",
    "补交社保",
    "缓交养老",
    "工商登记",
    "工商银行",
    "质检员的失业金",
    "派件员",
    "残保金怎么交",
    "坭兴陶壶开壶",
    "酸嘢",
    "人社报停",
    "先核基数",
    "跌断脚",
    "老公伤人员",
    "公伤的资料",
    "判了两年半退休工资",
    "我们帮退休的老人",
    "一份工领几百块",
    "失业保险经办机构",
]

CHANGING = PINYIN + SOUNDS_ALIKE_IN_PINYIN + PINYIN_INSIDE_A_WORD + INITIALS + SOUND_ALIKES + SOUTHERN_EARS + LOCAL


@pytest.fixture(scope="module")
def speller() -> Speller:
    return default_speller()


@pytest.fixture(scope="module")
def dialect() -> Dialect:
    return load_dialect()


# ---------------------------------------------------------------- what is put right


@pytest.mark.parametrize(("written", "meant"), PINYIN)
def test_pinyin_reads_as_the_words_that_it_spells(speller: Speller, written: str, meant: str) -> None:
    assert speller.correct(written) == meant


@pytest.mark.parametrize(("written", "meant"), SOUNDS_ALIKE_IN_PINYIN)
def test_of_words_that_sound_alike_the_first_is_meant_unless_its_neighbours_say_otherwise(
    speller: Speller, written: str, meant: str
) -> None:
    assert speller.correct(written) == meant


@pytest.mark.parametrize(("written", "meant"), PINYIN_INSIDE_A_WORD)
def test_a_word_may_be_half_chinese_half_pinyin(speller: Speller, written: str, meant: str) -> None:
    assert speller.correct(written) == meant


def test_what_spells_no_known_word_stays_beside_what_does(speller: Speller) -> None:
    assert speller.correct("xuanfeng shebaoka") == "xuanfeng社保卡"
    assert speller.correct("check my shebaoka") == "check my社保卡"


@pytest.mark.parametrize(("written", "meant"), INITIALS)
def test_initials_of_the_list_read_as_their_word(speller: Speller, written: str, meant: str) -> None:
    assert speller.correct(written) == meant


@pytest.mark.parametrize(("written", "meant"), SOUND_ALIKES)
def test_wrong_characters_of_the_right_sound_are_put_right(speller: Speller, written: str, meant: str) -> None:
    assert speller.correct(written) == meant


@pytest.mark.parametrize(("written", "meant"), SOUTHERN_EARS)
def test_in_longer_words_one_syllable_may_be_heard_as_southern_speakers_hear_it(
    speller: Speller, written: str, meant: str
) -> None:
    assert speller.correct(written) == meant


@pytest.mark.parametrize(("written", "meant"), LOCAL)
def test_local_words_read_in_mandarin(speller: Speller, written: str, meant: str) -> None:
    assert speller.correct(written) == meant


# ---------------------------------------------------------------- what never changes


@pytest.mark.parametrize("text", UNCHANGED)
def test_right_texts_stay_as_they_are(speller: Speller, text: str) -> None:
    assert speller.correct(text) == text


@pytest.mark.parametrize("text", FOREIGN)
def test_latin_words_that_are_no_pinyin_stay_as_they_are(speller: Speller, text: str) -> None:
    assert speller.correct(text) == text


def test_the_guide_comes_out_as_it_went_in(speller: Speller, text: GuideText) -> None:
    lines = [normalise(line) for line in text.lines]
    assert not [(line, speller.correct(line)) for line in lines if speller.correct(line) != line]


def test_titles_and_other_names_come_out_as_they_went_in(speller: Speller, vocabulary: Vocabulary) -> None:
    names = [normalise(name) for entry in vocabulary.catalogue for name in (entry.title, *entry.aliases)]
    assert not [(name, speller.correct(name)) for name in names if speller.correct(name) != name]


def test_words_of_the_domain_come_out_as_they_went_in(speller: Speller, dialect: Dialect) -> None:
    words = [*default_words(), *dialect.terms, *dialect.words, *dialect.kept, *dialect.right]
    assert not [(word, speller.correct(word)) for word in words if speller.correct(word) != word]


# ---------------------------------------------------------------- properties


@pytest.mark.parametrize(("_", "meant"), CHANGING)
def test_what_was_put_right_is_right(speller: Speller, _: str, meant: str) -> None:
    assert speller.correct(meant) == meant


FRAGMENTS = [written for written, _ in CHANGING] + [meant for _, meant in CHANGING] + UNCHANGED + FOREIGN


@settings(deadline=None)
@given(st.lists(st.sampled_from([*FRAGMENTS, " ", "系", "点", "交", "退", "仲", "bao", "ka"]), max_size=6))
def test_correcting_twice_changes_nothing_more(fragments: list[str]) -> None:
    once = default_speller().correct("".join(fragments))
    assert default_speller().correct(once) == once


@settings(deadline=None)
@given(st.text(max_size=40))
def test_any_text_can_be_corrected(text: str) -> None:
    once = default_speller().correct(normalise(text))
    assert default_speller().correct(once) == once


def test_what_was_corrected_is_still_in_normal_form(speller: Speller) -> None:
    assert not [meant for written, meant in CHANGING if normalise(speller.correct(written)) != meant]


def test_a_speller_knows_the_words_that_it_is_given_and_no_others() -> None:
    dialect = Dialect(
        terms=("葫芦证",), words=(), initials={}, latin=frozenset(), sure=frozenset(), right=(), local={}, kept=()
    )
    speller = Speller((), default_lexicon(), dialect)
    assert speller.correct("huluzheng湖芦证") == "葫芦证葫芦证"
    assert speller.correct("点样办shebaoka社宝卡") == "点样办shebaoka社宝卡"


# ---------------------------------------------------------------- the data


def test_initials_fit_one_word_of_the_domain_only(dialect: Dialect) -> None:
    def initials(word: str) -> str:
        return "".join(syllable[0] for syllable in syllables(word))

    owners = Counter(initials(word) for word in {*default_words(), *dialect.terms})
    assert all(initials(word) == key and len(key) >= 3 for key, word in dialect.initials.items())
    assert not [key for key in dialect.initials if owners[key] > 1]


def test_no_local_word_is_hidden_by_a_kept_one(dialect: Dialect) -> None:
    assert not set(dialect.local) & set(dialect.kept)
    assert not [word for word, meaning in dialect.local.items() if word == meaning]


def test_a_local_word_with_two_meanings_is_refused(tmp_path: Path) -> None:
    text = "{terms: [], words: [], initials: {}, latin: [], sure: 的, right: [], kept: [], local: {甲: [乙], 丙: [乙]}}"
    (tmp_path / "dialect.yml").write_text(text, encoding="utf-8")
    with pytest.raises(ValueError, match="乙"):
        load_dialect(tmp_path / "dialect.yml")


# ---------------------------------------------------------------- pinyin


def test_a_character_has_all_its_readings_and_other_signs_have_none() -> None:
    assert {"chong", "zhong"} <= set(readings("重"))
    assert readings("a") == readings("1") == readings("，") == ()


def test_the_syllables_are_those_of_mandarin() -> None:
    assert {"she", "bao", "ka", "zhuang", "lv", "e"} <= all_syllables()
    assert not {"p", "hr", "wi", "ok", "sb"} & all_syllables()


@pytest.mark.parametrize(
    ("said", "heard"), [("zhi", "zi"), ("lan", "nang"), ("ren", "reng"), ("jing", "jin"), ("hui", "fei"), ("shu", "su")]
)
def test_southern_speakers_hear_no_difference(said: str, heard: str) -> None:
    assert fold(said) == fold(heard)


def test_other_syllables_differ() -> None:
    assert len({fold(syllable) for syllable in ("she", "bao", "ka", "gong", "jiao", "tui", "yang", "ye")}) == 8


def test_a_lexicon_without_guessing_knows_only_known_words() -> None:
    lexicon: Lexicon = default_lexicon()
    assert lexicon.cut("社保卡丢了", guess=False) == [("社保卡丢了", 0)]
    assert lexicon.frequency("工商") > lexicon.frequency("工商登记") > lexicon.frequency("甲乙丙丁戊") == 0
