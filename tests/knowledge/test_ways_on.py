"""The ways on: every item leads to others for a reason, in words of its own; events, aspects, one's own record."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from bot.understanding.normalise import normalise
from knowledge.model import Facet, KnowledgeBase, ServiceItem
from knowledge.reading.source import GuideText
from knowledge.values import Note
from knowledge.vocabulary import VocabularyError, load_vocabulary
from knowledge.vocabulary.ways_on import Event, RecordTopic, WaysOn, When, load_ways_on

IDS = [entry.id for entry in load_vocabulary().catalogue]
WAYS = load_ways_on(IDS)
ASPECTS = ["overview", *(facet.value for facet in Facet)]

each_item = pytest.mark.parametrize("item_id", IDS)
each_event = pytest.mark.parametrize("event", WAYS.events, ids=lambda event: event.name)


def lines_under(item: ServiceItem, base: KnowledgeBase, text: GuideText) -> range:
    """Return the numbers of the lines from an item's title to the next."""
    first = item.title_lines.first
    later = (other.title_lines.first for other in base if other.title_lines.first > first)
    return range(first, min(later, default=len(text.lines)))


def has_an_end(item: ServiceItem) -> bool:
    """Return whether the guide bounds an item's conditions, and not just a note on them, in time."""
    return any(
        fact.validity and fact.validity.valid_to and not isinstance(fact.value, Note)
        for fact in item.facts_on(Facet.CONDITIONS)
    )


def next_of(item_id: str) -> list[tuple[When, str]]:
    return [(step.when, step.item) for step in WAYS.next_for(item_id)]


# ---------------------------------------------------------------- before, after, beside


@each_item
def test_every_item_leads_on(item_id: str) -> None:
    assert 1 <= len(WAYS.next_for(item_id)) <= 4


@each_item
def test_the_lines_that_show_a_connection_stand_under_one_of_its_two_items(
    item_id: str, base: KnowledgeBase, text: GuideText
) -> None:
    for step in WAYS.next_for(item_id):
        if step.why.startswith("practice"):
            continue
        lines = {line for id_ in (item_id, step.item) for line in lines_under(base.by_id[id_], base, text)}
        for number in map(int, re.findall(r"\d+", step.why)):
            assert number in lines, step
            assert text.lines[number - 1].strip(), step


@each_item
def test_two_items_agree_which_of_them_comes_first(item_id: str) -> None:
    for when, other in next_of(item_id):
        assert when is When.BESIDE or (when, item_id) not in next_of(other), other


@pytest.mark.parametrize(
    ("item_id", "when", "other"),
    [
        ("injury_determination", When.AFTER, "work_capacity_assessment"),
        ("disability_benefit_claim", When.BEFORE, "work_capacity_assessment"),
        ("retirement_normal", When.AFTER, "benefit_eligibility_confirm"),
        ("resident_pension_claim", When.AFTER, "benefit_eligibility_confirm"),
        ("unemployment_benefit_claim", When.BEFORE, "layoff_list_filing"),
        ("card_replace", When.BEFORE, "card_loss_report"),
        ("deregister_employer", When.BEFORE, "arrears_repayment"),
        ("work_death_benefit_claim", When.BESIDE, "dependant_pension_claim"),
        ("enterprise_pension_transfer", When.BESIDE, "unemployment_transfer"),
    ],
)
def test_what_residents_do_next_most_often_is_there(item_id: str, when: When, other: str) -> None:
    assert (when, other) in next_of(item_id)


def test_nothing_leads_to_a_policy_that_the_guide_dates_as_ended(base: KnowledgeBase) -> None:
    ended = {item.id for item in base if has_an_end(item)}
    led_to = {step.item for item in base for step in WAYS.next_for(item.id)}
    assert ended
    assert not ended & (led_to | {step.item for event in WAYS.events for step in event.steps})


@each_item
def test_an_item_is_named_in_plain_words_and_not_by_its_title(item_id: str, base: KnowledgeBase) -> None:
    said = WAYS.says[item_id]
    assert re.fullmatch(r"[\u4e00-\u9fff，]+", said)
    assert said != base.by_id[item_id].title


def test_an_unknown_item_leads_nowhere() -> None:
    assert WAYS.next_for("nothing") == ()


# ---------------------------------------------------------------- events


@each_event
def test_an_event_is_more_than_one_step(event: Event) -> None:
    assert len(event.steps) >= 2


@each_event
def test_an_event_is_found_from_each_of_its_items(event: Event) -> None:
    assert all(event in WAYS.events_of(step.item) for step in event.steps)


def test_every_item_in_force_belongs_to_an_event(base: KnowledgeBase) -> None:
    assert [item.id for item in base if not has_an_end(item) and not WAYS.events_of(item.id)] == []


@pytest.mark.parametrize(
    ("item_id", "title"),
    [
        ("retirement_normal", "要退休了"),
        ("injury_determination", "上班受了伤"),
        ("unemployment_benefit_claim", "丢了工作"),
        ("survivor_benefit_claim", "家里有人去世"),
        ("enterprise_pension_transfer", "换城市工作"),
        ("headcount_increase", "单位招人用工"),
        ("register_enterprise", "新开公司"),
        ("card_loss_report", "社保卡丢了坏了"),
        ("personal_enrollment_certificate", "查记录打证明"),
        ("job_stabilization_refund", "单位困难领补贴"),
        ("military_pension_transfer", "退役军人"),
        ("resident_pension_enroll", "城乡居民养老"),
    ],
)
def test_an_event_is_called_what_a_resident_calls_it(item_id: str, title: str) -> None:
    assert title in [event.title for event in WAYS.events_of(item_id)]


# ---------------------------------------------------------------- aspects


@pytest.mark.parametrize("facet", ASPECTS)
def test_after_every_aspect_others_are_asked_for(facet: str) -> None:
    following = WAYS.facets_after(facet)
    assert 2 <= len(following) <= 4
    assert set(following) < set(ASPECTS) - {"overview"}


def test_after_the_papers_people_ask_where_to_take_them() -> None:
    assert WAYS.facets_after("materials")[0] == "location"


# ---------------------------------------------------------------- one's own record


@pytest.mark.parametrize(
    ("message", "first"),
    [
        ("我的社保卡做好没有", "card_progress"),
        ("职业年金账户里有多少", "annuity_account_statement"),
        ("我上个月认证成功了没有", "benefit_eligibility_confirm"),
        ("帮我查一下我缴费多少年了", "personal_enrollment_certificate"),
        ("个人账户余额有多少", "personal_rights_record"),
        ("这个月的养老金怎么还没到账", "benefit_eligibility_confirm"),
        ("帮我看看我的情况", "personal_rights_record"),
    ],
)
def test_who_asks_for_an_own_record_is_led_to_where_it_can_be_seen(message: str, first: str) -> None:
    assert WAYS.records_for(message)[0] == first


@pytest.mark.parametrize("topic", WAYS.records, ids=lambda topic: topic.name)
def test_the_words_of_a_topic_are_in_the_form_in_which_messages_are_read(topic: RecordTopic) -> None:
    assert [word for word in topic.words if normalise(word) != word] == []


def test_where_an_application_has_got_to_is_in_no_item() -> None:
    assert WAYS.records_for("我的退休审批到哪一步了") == ()


def test_without_a_message_the_most_general_items_help() -> None:
    assert WAYS.own_record == WAYS.records_for("")


# ---------------------------------------------------------------- the file

ITEMS = ["card_apply", "card_replace", "card_progress"]
FILE = """says: {card_apply: 申领社保卡, card_replace: 补办社保卡, card_progress: 查卡做好没有}
events:
- {name: lost, title: 卡丢了, steps: [{item: card_replace}, {item: card_progress, say: 看卡到哪了}]}
next:
  card_apply: [{item: card_progress, when: after, why: '3228'}]
  card_replace: [{item: card_progress, when: after, say: 看卡到哪了, why: '3228-3230, 3241'}]
  card_progress: [{item: card_apply, when: before, why: 'practice: one asks for it first'}]
facets:
  {overview: [fee], conditions: [fee], materials: [fee], methods: [fee], process: [fee], time_limit: [fee],
  location: [fee], phone: [fee], fee: [phone], delivery: [fee], department: [fee]}
own_record: [{topic: card, words: [卡], items: [card_progress]}, {topic: other, items: []}]
"""

BROKEN = [
    (FILE.replace("card_apply: 申领社保卡, ", ""), "says: missing: card_apply"),
    (FILE.replace("申领社保卡", "补办社保卡"), "says: stands twice: 补办社保卡"),
    (FILE.replace("申领社保卡", "领" * 17), "says: card_apply: .* 16"),
    (FILE.replace("申领社保卡", "''"), "says: card_apply: .* 1 to"),
    (re.sub(r"  card_apply: \[.*\n", "", FILE), "next: missing: card_apply"),
    (FILE.replace("  card_apply: [", "  card_lend: ["), "next: unknown: card_lend"),
    (FILE.replace("[{item: card_progress, when", "[{item: card_lend, when"), "next: card_apply: unknown: card_lend"),
    (FILE.replace("{item: card_apply, when", "{item: card_progress, when"), "next: card_progress: points to itself"),
    (FILE.replace("when: before", "when: later"), "next: card_progress: card_apply: 'when' is 'later'"),
    (FILE.replace("'3228'", "by ear"), "next: card_apply: card_progress: 'why'"),
    (FILE.replace("'practice: one asks for it first'", "''"), "next: card_progress: card_apply: 'why'"),
    (FILE.replace("say: 看卡到哪了, why", f"say: {'看' * 17}, why"), "next: card_replace: card_progress: .* 16"),
    (FILE.replace("when: after, say", "wenn: after, say"), "next: card_replace: unknown: wenn"),
    (re.sub(r"card_apply: \[\{.*\}\]", "card_apply: []", FILE), "next: card_apply: has 0 steps"),
    (re.sub(r"card_apply: \[(\{.*\})\]", r"card_apply: [\1, \1]", FILE), "next: card_apply: stands twice"),
    (FILE.replace("{item: card_replace}", "{item: card_lend}"), "events: lost: unknown: card_lend"),
    (FILE.replace("看卡到哪了}", "补办社保卡}"), "events: lost: stands twice: 补办社保卡"),
    (FILE.replace("title: 卡丢了", f"title: {'卡' * 13}"), "events: lost: .* 12"),
    (FILE.replace("overview: [fee]", "overview: [price]"), "facets: overview: unknown: price"),
    (FILE.replace("overview: [fee], ", ""), "facets: missing: overview"),
    (FILE.replace("overview: [fee]", "overview: [fee, fee]"), "facets: overview: stands twice: fee"),
    (FILE.replace("fee: [phone]", "fee: [fee]"), "facets: fee: points to itself"),
    (FILE.replace("items: [card_progress]", "items: [card_lend]"), "own_record: card: unknown: card_lend"),
    (FILE.replace("words: [卡], ", ""), "own_record: the last topic"),
    (FILE.replace("own_record:", "records:"), "ways_on.yml: unknown: records"),
    (re.sub(r"own_record:.*\n", "", FILE), "ways_on.yml: missing: own_record"),
    ("- says", "ways_on.yml: a mapping"),
    ("says: [", "ways_on.yml"),
]


def load(text: str, folder: Path) -> WaysOn:
    (folder / "ways_on.yml").write_text(text, encoding="utf-8")
    return load_ways_on(ITEMS, folder)


@pytest.mark.parametrize(("text", "reason"), BROKEN, ids=[reason for _, reason in BROKEN])
def test_a_wrong_file_is_refused_with_the_place_and_the_reason(text: str, reason: str, tmp_path: Path) -> None:
    with pytest.raises(VocabularyError, match=reason):
        load(text, tmp_path)


def test_a_step_is_called_like_its_item_unless_it_has_a_label_of_its_own(tmp_path: Path) -> None:
    ways = load(FILE, tmp_path)
    assert [step.say for step in ways.next_for("card_apply")] == ["查卡做好没有"]
    assert [step.say for step in ways.next_for("card_replace")] == ["看卡到哪了"]


def test_another_office_may_have_no_ways_on(tmp_path: Path) -> None:
    ways = load_ways_on(IDS, tmp_path)
    assert ways == WaysOn()
    assert (ways.next_for(IDS[0]), ways.facets_after("materials"), ways.events_of(IDS[0])) == ((), (), ())
    assert (ways.records_for("我的钱到账没有"), ways.own_record) == ((), ())
