"""Reading nlu_data/: each line a labelled message, every bad line named with file, number and reason."""

from __future__ import annotations

from pathlib import Path

import pytest

from bot.understanding.messages import DataError, LabelledMessage, load_messages

ITEMS = frozenset({"card_replace", "card_loss_report"})


def write(folder: Path, *lines: str, name: str = "messages/anna.tsv") -> Path:
    path = folder / name
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text("\n".join(lines) + "\n", encoding="utf-8")
    return folder


def test_a_question_has_author_items_facets_applicant_and_text(tmp_path: Path) -> None:
    write(tmp_path, "card_replace\tmaterials,fee\t个人\t补卡带什么，要钱吗")
    assert load_messages(tmp_path, ITEMS) == [
        LabelledMessage("anna", "补卡带什么，要钱吗", ("card_replace",), ("materials", "fee"), "个人")
    ]


def test_a_dash_stands_for_no_applicant(tmp_path: Path) -> None:
    [message] = load_messages(write(tmp_path, "card_replace\tfee\t-\t补卡要钱吗"), ITEMS)
    assert message.applicant is None


def test_a_dash_stands_for_no_facet_that_could_be_learned(tmp_path: Path) -> None:
    [message] = load_messages(write(tmp_path, "card_replace\t-\t-\t补张卡跑了三趟"), ITEMS)
    assert message.facets == ()


def test_the_intent_of_a_question_is_its_best_item(tmp_path: Path) -> None:
    [message] = load_messages(write(tmp_path, "card_loss_report,card_replace\toverview\t-\t卡丢了"), ITEMS)
    assert message.intent == "card_loss_report"
    assert not message.is_double


def test_a_plus_says_that_both_items_are_asked_for(tmp_path: Path) -> None:
    [message] = load_messages(write(tmp_path, "card_loss_report+card_replace\toverview\t-\t先挂失再补卡"), ITEMS)
    assert message.items == ("card_loss_report", "card_replace")
    assert message.is_double


SCOPES = [
    ("oos\tmedical\t-\t住院报销", "oos_medical", (), ()),
    ("chitchat\tthanks\t-\t谢谢", "chitchat_thanks", (), ()),
    ("handoff\tperson\t-\t转人工", "handoff_person", (), ()),
    ("clarify\tvague\tcard_replace,card_loss_report\t卡的事", "clarify", ("card_replace", "card_loss_report"), ()),
    ("followup\tfee,phone\t-\t要钱吗，电话呢", "followup", (), ("fee", "phone")),
]


@pytest.mark.parametrize(("line", "intent", "items", "facets"), SCOPES)
def test_scope_messages_have_a_class_a_topic_and_what_it_needs(
    tmp_path: Path, line: str, intent: str, items: tuple[str, ...], facets: tuple[str, ...]
) -> None:
    [message] = load_messages(write(tmp_path, line, name="scope/bo.tsv"), ITEMS)
    assert (message.intent, message.items, message.facets) == (intent, items, facets)


def test_comments_and_blank_lines_are_no_messages(tmp_path: Path) -> None:
    write(tmp_path, "# items\tfacets", "", "card_replace\tfee\t-\t补卡要钱吗", "  ")
    assert len(load_messages(tmp_path, ITEMS)) == 1


def test_messages_come_in_the_order_of_files_and_lines(tmp_path: Path) -> None:
    write(tmp_path, "card_replace\tfee\t-\t三", name="messages/b.tsv")
    write(tmp_path, "card_replace\tfee\t-\t一", "card_replace\tfee\t-\t二", name="messages/a.tsv")
    assert [message.text for message in load_messages(tmp_path, ITEMS)] == ["一", "二", "三"]


BAD = [
    ("messages/anna.tsv", "card_replace\tfee\t补卡要钱吗", "3 columns"),
    ("messages/anna.tsv", "card_lost\tfee\t-\t补卡要钱吗", "no such item: 'card_lost'"),
    ("messages/anna.tsv", "card_replace\tprice\t-\t补卡要钱吗", "no such facet: 'price'"),
    ("messages/anna.tsv", "card_replace\t\t-\t补卡要钱吗", "no such facet: ''"),
    ("messages/anna.tsv", "card_replace\tfee\t-\t ", "the message is empty"),
    ("scope/bo.tsv", "joke\tany\t-\t哈哈", "no such class: 'joke'"),
    ("scope/bo.tsv", "clarify\tvague\tcard_lost\t卡的事", "no such item: 'card_lost'"),
    ("scope/bo.tsv", "followup\tprice\t-\t要钱吗", "no such facet: 'price'"),
    ("scope/bo.tsv", "oos\tmedical\t住院", "3 columns"),
]


@pytest.mark.parametrize(("name", "line", "reason"), BAD)
def test_a_bad_line_is_named_with_its_reason(tmp_path: Path, name: str, line: str, reason: str) -> None:
    write(tmp_path, "# first line", line, name=name)
    with pytest.raises(DataError) as error:
        load_messages(tmp_path, ITEMS)
    assert str(error.value).startswith(f"{tmp_path / name}:2: {reason}")


def test_all_bad_lines_are_named_at_once(tmp_path: Path) -> None:
    write(tmp_path, "x\tfee\t-\t一", "card_replace\tfee\t-\t二", "y\tfee\t-\t三")
    with pytest.raises(DataError) as error:
        load_messages(tmp_path, ITEMS)
    assert [line.split(":")[-3] for line in str(error.value).splitlines()] == ["1", "3"]


def test_a_folder_without_messages_is_an_error(tmp_path: Path) -> None:
    with pytest.raises(DataError, match="no labelled messages"):
        load_messages(tmp_path, ITEMS)
