"""Looking items up in the real guide: what a clerk types with a caller on the line, and what is found."""

from __future__ import annotations

import asyncio
from pathlib import Path

import pytest

from bot.lookup.edition import Lookup
from bot.lookup.hits import Hit, Kind
from bot.lookup.index import LookupIndex
from knowledge.building import build
from knowledge.model import Facet, KnowledgeBase
from knowledge.store import KnowledgeStore
from knowledge.values import Material, Phone
from knowledge.vocabulary.glossary import Glossary, load_glossary
from knowledge.vocabulary.ways_on import WaysOn, load_ways_on


@pytest.fixture(scope="module")
def ways(base: KnowledgeBase) -> WaysOn:
    return load_ways_on(list(base.by_id))


@pytest.fixture(scope="module")
def index(base: KnowledgeBase, ways: WaysOn) -> LookupIndex:
    return LookupIndex.of(base, ways, load_glossary())


def ids(hits: list[Hit]) -> list[str]:
    return [hit.item.id for hit in hits]


# ---------------------------------------------------------------- names, however they are typed

TYPED = [
    ("工伤认定", "injury_determination", Kind.ALIAS),
    ("失业保险金申领", "unemployment_benefit_claim", Kind.TITLE),
    ("换卡", "card_replace", Kind.ALIAS),
    ("忘记密码", "card_password", Kind.ALIAS),
    ("查社保卡做好没有", "card_progress", Kind.ALIAS),
    ("社保登记", "register_enterprise", Kind.ALIAS),
    ("gsrd", "injury_determination", Kind.INITIALS),
    ("GSRD", "injury_determination", Kind.INITIALS),
    ("ｇｓｒｄ", "injury_determination", Kind.INITIALS),
    ("gs rd", "injury_determination", Kind.INITIALS),
    ("gongshangrending", "injury_determination", Kind.PINYIN),
    ("gong shang ren ding", "injury_determination", Kind.PINYIN),
    ("gongshangrend", "injury_determination", Kind.PINYIN),
    ("gs认定", "injury_determination", Kind.INITIALS),
    ("工shang认定", "injury_determination", Kind.PINYIN),
    ("shbzksl", "card_apply", Kind.INITIALS),
    ("工傷認定", "injury_determination", Kind.ALIAS),
    ("工伤，认定", "injury_determination", Kind.ALIAS),
    ("职工正常退休申请", "retirement_normal", Kind.TITLE),
    ("社会保障卡补领换领", "card_replace", Kind.TITLE),
]


@pytest.mark.parametrize(("typed", "item_id", "kind"), TYPED)
def test_an_item_is_found_first_by_its_names(index: LookupIndex, typed: str, item_id: str, kind: Kind) -> None:
    first = index.search(typed)[0]
    assert (first.item.id, first.why.kind) == (item_id, kind)


@pytest.mark.parametrize("typed", ["工伤认定", "gongshangrending", "gsrd"])
def test_an_item_stays_in_sight_from_the_second_keystroke_on(index: LookupIndex, typed: str) -> None:
    """Six items begin with 工伤 and more with its pinyin; none of them pushes the wanted one off the list."""
    for end in range(2, len(typed) + 1):
        assert "injury_determination" in ids(index.search(typed[:end]))


def test_the_first_letter_already_lists_items(index: LookupIndex) -> None:
    assert len(index.search("g")) == 20
    assert all(hit.why.matched for hit in index.search("g"))


def test_what_matched_is_a_stretch_of_the_name_with_its_signs(index: LookupIndex) -> None:
    [first, *_] = index.search("社会保障卡补领换领")
    assert first.why.matched == "社会保障卡补领、换领"


@pytest.mark.parametrize(
    ("typed", "item_id"),
    [
        ("公伤认定", "injury_determination"),
        ("养老京认证", "benefit_eligibility_confirm"),
        ("失业保金申领", "unemployment_benefit_claim"),
        ("技能提升了补贴", "skill_upgrade_subsidy"),
        ("业失保险金", "unemployment_benefit_claim"),
        ("gonshangrending", "injury_determination"),
        ("gognshangrending", "injury_determination"),
    ],
)
def test_one_slip_of_the_hand_is_forgiven(index: LookupIndex, typed: str, item_id: str) -> None:
    assert item_id in ids(index.search(typed))[:3]


def test_what_is_written_rightly_is_not_taken_for_a_slip(index: LookupIndex) -> None:
    """One character makes 减员 out of 增员, 失业补助金 out of 失业保险金."""
    assert "headcount_increase" not in ids(index.search("减员申报"))
    assert all("失业补助金" in hit.why.matched for hit in index.search("失业补助金"))


@pytest.mark.parametrize("typed", ["", "  ", "！？", "医保", "zzzqq", "euro"])
def test_what_is_no_item_finds_none(index: LookupIndex, typed: str) -> None:
    assert index.search(typed) == []


@pytest.mark.parametrize(
    ("typed", "item_id"),
    [
        ("居民转移", "resident_pension_transfer"),
        ("我想办退休", "retirement_normal"),
        ("社保卡丢了怎么办", "card_loss_report"),
    ],
)
def test_words_of_a_name_and_sentences_find_it_too(index: LookupIndex, typed: str, item_id: str) -> None:
    assert ids(index.search(typed))[0] == item_id


def test_every_number_of_the_office_finds_its_item_first(index: LookupIndex, base: KnowledgeBase) -> None:
    wrong = [item.number for item in base if ids(index.search(str(item.number)))[0] != item.id]
    assert not wrong
    assert index.search("31")[0].why.kind is Kind.NUMBER


# ---------------------------------------------------------------- what comes first


def test_the_beginning_of_a_title_comes_before_its_middle_and_other_names(index: LookupIndex) -> None:
    places = [hit.item.title.find("失业保险") for hit in index.search("失业保险") if hit.why.kind is Kind.TITLE]
    assert places == sorted(places)
    kinds = [hit.why.kind for hit in index.search("退休")]
    assert kinds.index(Kind.TITLE) < kinds.index(Kind.ALIAS) < kinds.index(Kind.MATERIAL)


def test_a_whole_name_comes_before_a_name_that_goes_on(index: LookupIndex) -> None:
    assert ids(index.search("失业补助金"))[0] == "unemployment_allowance_claim"
    assert ids(index.search("企业年金方案备案"))[0] == "enterprise_annuity_filing"


def test_text_comes_last(index: LookupIndex) -> None:
    kinds = [hit.why.kind for hit in index.search("灵活就业人员", limit=105)]
    assert Kind.TEXT in kinds
    assert set(kinds[kinds.index(Kind.TEXT) :]) == {Kind.TEXT}


def test_no_more_than_wanted_are_given(index: LookupIndex) -> None:
    assert ids(index.search("工伤", limit=3)) == ids(index.search("工伤"))[:3]


# ---------------------------------------------------------------- papers, phones, words of the text


def test_a_paper_finds_the_items_that_want_it_with_its_lines(index: LookupIndex, base: KnowledgeBase) -> None:
    found = {hit.item.id: hit for hit in index.search("户口簿", limit=105)}
    wanting = {
        item.id
        for item in base
        if any(isinstance(fact.value, Material) and "户口簿" in fact.value.name for fact in item.facts)
    }
    assert wanting
    assert wanting <= set(found)
    for item_id in wanting:
        assert found[item_id].why.kind is Kind.MATERIAL
        assert all("户口簿" in fact.text for fact in found[item_id].facts)


@pytest.mark.parametrize("typed", ["户口本", "hkb", "hukoubu", "户口薄"])
def test_a_paper_is_found_however_it_is_called(index: LookupIndex, typed: str) -> None:
    first = index.search(typed)[0]
    assert first.why.kind is Kind.MATERIAL
    assert "户口簿" in first.facts[0].text


def test_a_paper_beside_a_name_narrows_it_down(index: LookupIndex) -> None:
    hits = index.search("退休 户口簿")
    assert {"retirement_normal", "retirement_early"} <= set(ids(hits)[:3])
    assert all("户口簿" in hit.facts[0].text for hit in hits[:3])


@pytest.mark.parametrize("hyphen", ["-", "", "－", " "])
def test_a_phone_number_finds_all_items_that_have_it(index: LookupIndex, base: KnowledgeBase, hyphen: str) -> None:
    number = next(fact.value.number for item in base for fact in item.facts if isinstance(fact.value, Phone))
    having = {
        item.id
        for item in base
        if any(isinstance(fact.value, Phone) and fact.value.number == number for fact in item.facts)
    }
    hits = index.search(number.replace("-", hyphen), limit=105)
    assert set(ids(hits)) == having
    assert all(hit.why == hits[0].why and hit.why.matched == number for hit in hits)
    assert all(hit.facts[0].facet is Facet.PHONE for hit in hits)
    for part in (number[-7:], number[-7:-3], number[-4:]):
        assert having <= set(ids(index.search(part, limit=105)))


def test_a_term_finds_what_speaks_of_it(index: LookupIndex) -> None:
    hits = index.search("lhjyry")
    assert any(hit.why.kind is Kind.TEXT and "灵活就业人员" in hit.facts[0].text for hit in hits)


def test_a_word_that_only_stands_in_the_text_is_found_there(index: LookupIndex) -> None:
    hits = index.search("不可抗力")
    assert hits
    assert all("不可抗力" in fact.text for hit in hits for fact in hit.facts)


# ---------------------------------------------------------------- facets

NAMED = [
    ("退休 材料", Facet.MATERIALS),
    ("退休 cl", Facet.MATERIALS),
    ("tx cl", Facet.MATERIALS),
    ("txcl", Facet.MATERIALS),
    ("退休材料", Facet.MATERIALS),
    ("tuixiucailiao", Facet.MATERIALS),
    ("材料 退休", Facet.MATERIALS),
    ("退休 材", Facet.MATERIALS),
    ("退休 dianhua", Facet.PHONE),
    ("退休要多久", Facet.TIME_LIMIT),
    ("退休 办理地址", Facet.LOCATION),
]


@pytest.mark.parametrize(("typed", "facet"), NAMED)
def test_a_facet_is_named_beside_the_item(index: LookupIndex, typed: str, facet: Facet) -> None:
    hits = index.search(typed)
    assert "retirement_normal" in ids(hits)[:3]
    assert {hit.facets for hit in hits} == {(facet,)}


def test_several_facets_are_named_in_their_order(index: LookupIndex) -> None:
    assert index.search("退休材料电话")[0].facets == (Facet.MATERIALS, Facet.PHONE)


@pytest.mark.parametrize("typed", ["工伤医疗费用", "单位参保证明", "单位 证", "困难行业"])
def test_a_word_inside_a_name_names_no_facet(index: LookupIndex, typed: str) -> None:
    assert index.search(typed)[0].facets == ()


def test_a_facet_can_be_given_beside_the_text(index: LookupIndex) -> None:
    hits = index.search("工伤认定", facet=Facet.PHONE)
    assert hits[0].facets == (Facet.PHONE,)
    assert hits[0].facts == hits[0].item.facts_on(Facet.PHONE)


def test_a_short_facet_is_shown_whole_and_a_long_one_not_at_all(index: LookupIndex) -> None:
    by_phone = index.search("工伤认定 电话")[0]
    assert by_phone.facts == by_phone.item.facts_on(Facet.PHONE)
    by_papers = index.search("工伤认定 材料")[0]
    assert by_papers.facts == ()
    assert len(by_papers.item.facts_on(Facet.MATERIALS)) > 4


# ---------------------------------------------------------------- suggestions


def test_suggestions_come_under_plain_names(index: LookupIndex) -> None:
    labels = [suggestion.label for suggestion in index.suggest("sbk")]
    assert "补办或换社保卡" in labels
    assert len(labels) == 6


def test_a_suggestion_is_labelled_with_the_name_that_fits(index: LookupIndex) -> None:
    assert index.suggest("社保卡丢")[0].label == "社保卡丢了"


@pytest.mark.parametrize("typed", ["s", "社", "工伤", "gs", "养老", "退休", "sybx"])
def test_no_two_suggestions_look_alike(index: LookupIndex, typed: str) -> None:
    labels = [suggestion.label for suggestion in index.suggest(typed, limit=105)]
    assert len(set(labels)) == len(labels)


@pytest.mark.parametrize("typed", ["2833005", "户口簿", "zzzqq", "！"])
def test_papers_and_phones_suggest_nothing(index: LookupIndex, typed: str) -> None:
    assert index.suggest(typed) == []


# ---------------------------------------------------------------- the edition in force


def test_the_index_follows_the_edition_in_force(base: KnowledgeBase, ways: WaysOn) -> None:
    lookup = Lookup(ways, load_glossary())
    fewer = KnowledgeBase(base.document, base.items[:5])

    async def both() -> tuple[LookupIndex, LookupIndex, LookupIndex]:
        return await lookup.at(base), await lookup.at(fewer), await lookup.at(fewer)

    before, after, again = asyncio.run(both())
    assert before.search("gsrd")
    assert after.search("gsrd") == []
    assert again is after


def test_those_who_ask_at_once_get_one_index(base: KnowledgeBase, ways: WaysOn) -> None:
    lookup = Lookup(ways, load_glossary())

    async def three() -> list[LookupIndex]:
        return list(await asyncio.gather(*(lookup.at(base) for _ in range(3))))

    assert len({id(index) for index in asyncio.run(three())}) == 1


def test_another_citys_guide_is_looked_up_by_its_own_words(tmp_path: Path, mini_guide: Path) -> None:
    store = KnowledgeStore(f"sqlite:///{tmp_path / 'mini.db'}")
    build(store, mini_guide / "guide.txt", mini_guide)
    city = store.load()
    index = LookupIndex.of(city, WaysOn(), Glossary())
    for item in city:
        assert ids(index.search(item.title))[0] == item.id
        assert item.id in [suggestion.item.id for suggestion in index.suggest(item.title)]
