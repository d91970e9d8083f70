"""Editions of the guide: uploaded, put in force, taken back, kept; and what building leaves as the office chose it."""

from __future__ import annotations

import codecs
import json
import os
import sqlite3
import subprocess
import sys
from collections.abc import Callable
from contextlib import closing
from datetime import date
from pathlib import Path

import pytest

from knowledge import building
from knowledge.building import GUIDE, build
from knowledge.editions import KEPT_DRAFTS, KEPT_EDITIONS, EditionError, State
from knowledge.model import Facet, KnowledgeBase
from knowledge.publishing import MAX_UPLOAD, Publishing, file_name
from knowledge.reading.problems import GuideError
from knowledge.store import KnowledgeStore, StoreError

LINE = "服务热线：0809－6123002"
"""A line of the mini-guide."""


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "guide.db"


@pytest.fixture
def store(path: Path) -> KnowledgeStore:
    return KnowledgeStore(f"sqlite:///{path}")


@pytest.fixture
def guide(tmp_path: Path, mini_guide: Path) -> Path:
    """The project's guide, which a test may change."""
    copy = tmp_path / "guide.txt"
    copy.write_bytes((mini_guide / "guide.txt").read_bytes())
    return copy


@pytest.fixture
def office(store: KnowledgeStore, mini_guide: Path, guide: Path) -> Publishing:
    """The invented city's office, its guide built."""
    build(store, guide, mini_guide)
    return Publishing(store, mini_guide, guide)


def with_phone(guide: Path, last: int) -> bytes:
    """Return the guide with a telephone number that ends in four digits of one's choice."""
    text = guide.read_text(encoding="utf-8")
    assert LINE in text
    return text.replace(LINE, f"服务热线：0809－612{last:04}").encode()


def phone_of(base: KnowledgeBase) -> str:
    return base.by_id["LJ-002"].facts_on(Facet.PHONE)[0].text


def current(office: Publishing) -> int:
    edition = office.store.shelf().current
    assert edition is not None
    return edition.id


def states(office: Publishing) -> dict[int, State]:
    return {edition.id: edition.state for edition in office.store.shelf()}


# ---------------------------------------------------------------- uploads


def test_an_upload_is_a_draft_and_answers_nobody(office: Publishing, guide: Path) -> None:
    before = office.store.load()
    draft = office.upload("新版.txt", with_phone(guide, 1), "李敏")
    assert (draft.state, draft.is_uploaded, draft.document.name) == (State.DRAFT, True, "新版.txt")
    assert draft.saved is not None
    assert draft.saved.by == "李敏"
    assert office.store.load() == before
    assert phone_of(office.store.load(draft.id)) == "0809－6120001"


def test_the_text_of_an_upload_is_kept_byte_for_byte(office: Publishing, guide: Path) -> None:
    data = codecs.BOM_UTF8 + with_phone(guide, 1).replace(b"\n", b"\r\n")
    assert office.text(office.upload("new.txt", data, "").id) == data


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "gb18030"])
def test_an_upload_may_come_in_either_encoding(office: Publishing, guide: Path, encoding: str) -> None:
    draft = office.upload("new.txt", with_phone(guide, 1).decode().encode(encoding), "")
    assert phone_of(office.store.load(draft.id)) == "0809－6120001"


def test_a_broken_upload_is_refused_with_all_its_lines_and_nothing_is_kept(office: Publishing, guide: Path) -> None:
    before = office.store.shelf()
    lines = guide.read_text(encoding="utf-8").split("\n")
    lines[0] = "没有这个事项"
    lines[5] = "其他收费标准："
    with pytest.raises(GuideError) as caught:
        office.upload("broken.txt", "\n".join(lines).encode(), "")
    assert len(caught.value.problems) >= 2
    assert all(1 <= problem.line <= len(lines) for problem in caught.value.problems)
    assert office.store.shelf() == before


def test_items_out_of_order_are_refused_by_their_line(store: KnowledgeStore) -> None:
    """The real guide, its second item put before its first."""
    lines = GUIDE.read_text(encoding="utf-8").split("\n")
    second = next(number for number, line in enumerate(lines) if line.strip() == "机关事业单位社会保险登记")
    third = next(number for number, line in enumerate(lines) if line.startswith("工程建设项目办理"))
    swapped = [*lines[second:third], *lines[:second], *lines[third:]]
    with pytest.raises(GuideError) as caught:
        Publishing(store).upload("swapped.txt", "\n".join(swapped).encode(), "")
    assert [problem.line for problem in caught.value.problems] == [third - second + 1]
    assert "顺序不对" in str(caught.value)


def test_a_title_that_is_not_in_the_catalogue_is_named(office: Publishing, guide: Path) -> None:
    data = with_phone(guide, 1).decode().replace("灵活就业人员参保登记", "新业态人员参保登记").encode()
    with pytest.raises(GuideError, match=r"前面缺少标题，或标题不在目录中.*新业态人员参保登记"):
        office.upload("new.txt", data, "")


def test_a_file_that_is_too_large_is_refused_before_it_is_read(office: Publishing) -> None:
    with pytest.raises(GuideError, match=f"超过上限 {MAX_UPLOAD} 字节"):
        office.upload("new.txt", b"x" * (MAX_UPLOAD + 1), "")


def test_the_same_upload_twice_is_one_draft(office: Publishing, guide: Path) -> None:
    first, second = (office.upload("new.txt", with_phone(guide, 1), "") for _ in range(2))
    assert first == second
    assert len(states(office)) == 2


@pytest.mark.parametrize(
    ("sent", "kept"),
    [
        ("指南.txt", "指南.txt"),
        ("C:\\office\\指南.txt", "指南.txt"),
        ("../../etc/passwd", "passwd"),
        ("a\nb\x00.txt", "ab.txt"),
        ("", "guide.txt"),
        ("x" * 300 + ".txt", "x" * 116 + ".txt"),
    ],
)
def test_a_file_name_is_one_short_line(sent: str, kept: str) -> None:
    assert file_name(sent) == kept


# ---------------------------------------------------------------- what an editor sees first


def test_an_upload_is_compared_with_the_edition_in_force(office: Publishing, guide: Path) -> None:
    found = office.comparison(office.upload("new.txt", with_phone(guide, 1), "").id)
    assert (found["old"]["name"], found["new"]["name"]) == ("guide.txt", "new.txt")
    assert found["counts"]["facts"] == {"added": 0, "gone": 0, "changed": 1}
    assert found["changed"][0]["facets"][0]["changed"][0]["new"]["text"] == "0809－6120001"
    assert found["needs_editor"] == []


def test_two_editions_of_ones_choice_are_compared(office: Publishing, guide: Path) -> None:
    one, other = (office.upload(f"{number}.txt", with_phone(guide, number), "").id for number in (1, 2))
    assert office.comparison(other, one)["old"]["name"] == "1.txt"


def test_the_doubts_of_an_upload_name_its_own_lines(office: Publishing, guide: Path) -> None:
    data = b"\n\n" + with_phone(guide, 1).replace("不收费".encode(), "不收费（".encode(), 1)
    line = 1 + next(number for number, text in enumerate(data.decode().split("\n")) if "不收费（" in text)
    doubts = office.doubts(office.upload("new.txt", data, "").id, date(2024, 6, 1))
    assert (line, "括号不配对") in {(doubt.line, doubt.what) for doubt in doubts}


# ---------------------------------------------------------------- in force and back


def test_a_switch_puts_an_edition_in_force_and_keeps_the_one_before(office: Publishing, guide: Path) -> None:
    draft = office.upload("new.txt", with_phone(guide, 1), "")
    switched = office.switch(draft.id, "李敏")
    assert switched.in_force is not None
    assert (switched.state, switched.in_force.by) == (State.CURRENT, "李敏")
    assert phone_of(office.store.load()) == "0809－6120001"
    assert states(office) == {1: State.FORMER, draft.id: State.CURRENT}


def test_whoever_keeps_a_base_sees_that_another_is_in_force(office: Publishing, guide: Path) -> None:
    seen = [office.store.current_inputs()]
    office.switch(office.upload("new.txt", with_phone(guide, 1), "").id, "")
    seen.append(office.store.current_inputs())
    office.roll_back("")
    seen.append(office.store.current_inputs())
    assert seen[0] == seen[2] != seen[1]


def test_two_files_of_the_same_text_are_two_editions(office: Publishing, guide: Path) -> None:
    one, other = (office.upload(name, with_phone(guide, 1), "") for name in ("a.txt", "b.txt"))
    assert one.inputs != other.inputs


def test_the_edition_in_force_switched_to_again_is_no_change(office: Publishing) -> None:
    before = office.store.shelf()
    office.switch(current(office), "")
    assert office.store.shelf() == before


def test_rolling_back_twice_goes_two_editions_back(office: Publishing, guide: Path) -> None:
    ids = [current(office)]
    for number in (1, 2):
        ids.append(office.upload(f"{number}.txt", with_phone(guide, number), "").id)
        office.switch(ids[-1], "")
    assert [office.roll_back("").id, office.roll_back("").id] == [ids[1], ids[0]]
    with pytest.raises(EditionError, match="没有可以回退的版本"):
        office.roll_back("")


def test_what_was_rolled_back_can_be_put_in_force_and_rolled_back_again(office: Publishing, guide: Path) -> None:
    draft = office.upload("new.txt", with_phone(guide, 1), "")
    for _ in range(2):
        office.switch(draft.id, "")
        assert office.roll_back("").id == 1


def test_a_second_click_does_not_roll_back_further(office: Publishing, guide: Path) -> None:
    for number in (1, 2):
        office.switch(office.upload(f"{number}.txt", with_phone(guide, number), "").id, "")
    leaving = current(office)
    back = office.roll_back("", leaving).id
    with pytest.raises(EditionError, match="刚刚换过"):
        office.roll_back("", leaving)
    assert current(office) == back


def test_a_switch_that_fails_midway_leaves_the_edition_in_force(office: Publishing, path: Path, guide: Path) -> None:
    draft = office.upload("new.txt", with_phone(guide, 1), "")
    with closing(sqlite3.connect(path)) as connection:
        connection.execute(
            "CREATE TRIGGER full BEFORE INSERT ON edition_changes BEGIN SELECT RAISE(ABORT, 'full'); END"
        )
    with pytest.raises(StoreError, match="知识库写不进去：full"):
        office.switch(draft.id, "")
    assert states(office) == {1: State.CURRENT, draft.id: State.DRAFT}


def test_an_edition_that_cannot_be_loaded_is_not_put_in_force(office: Publishing, path: Path, guide: Path) -> None:
    draft = office.upload("new.txt", with_phone(guide, 1), "")
    with closing(sqlite3.connect(path)) as connection, connection:
        connection.execute(
            "UPDATE facts SET value_kind = 'nothing' WHERE value IS NOT NULL AND edition_id = ?", (draft.id,)
        )
    with pytest.raises(StoreError, match="读不懂"):
        office.switch(draft.id, "")
    assert current(office) == 1


@pytest.mark.parametrize("act", ["switch", "comparison", "doubts", "text", "discard"])
def test_an_edition_that_is_not_there_is_named(office: Publishing, act: str) -> None:
    acts: dict[str, Callable[[], object]] = {
        "switch": lambda: office.switch(99, ""),
        "comparison": lambda: office.comparison(99),
        "doubts": lambda: office.doubts(99, date(2024, 6, 1)),
        "text": lambda: office.text(99),
        "discard": lambda: office.store.discard(99, ""),
    }
    with pytest.raises(EditionError, match="没有编号为 99 的版本") as caught:
        acts[act]()
    assert caught.value.code == "no_such_edition"


# ---------------------------------------------------------------- what is kept


def test_a_draft_is_deleted_and_its_id_never_comes_back(office: Publishing, guide: Path) -> None:
    first = office.upload("1.txt", with_phone(guide, 1), "")
    office.store.discard(first.id, "")
    assert first.id not in states(office)
    assert office.upload("2.txt", with_phone(guide, 2), "").id > first.id


def test_an_edition_that_was_in_force_cannot_be_deleted(office: Publishing, guide: Path) -> None:
    office.switch(office.upload("new.txt", with_phone(guide, 1), "").id, "")
    for id_ in states(office):
        with pytest.raises(EditionError, match="不是草稿"):
            office.store.discard(id_, "")


def test_the_editions_that_were_in_force_last_are_kept_and_the_one_in_force_always(
    office: Publishing, guide: Path
) -> None:
    ids = [current(office)]
    for number in range(KEPT_EDITIONS):
        ids.append(office.upload(f"{number}.txt", with_phone(guide, number), "").id)
        office.switch(ids[-1], "")
    assert list(states(office)) == ids[-KEPT_EDITIONS:]
    office.switch(ids[1], "")
    office.switch(office.upload("last.txt", with_phone(guide, 99), "").id, "")
    assert ids[1] in states(office)
    assert ids[2] not in states(office)


def test_the_newest_drafts_are_kept(office: Publishing, guide: Path) -> None:
    drafts = [office.upload("x.txt", with_phone(guide, number), "").id for number in range(KEPT_DRAFTS + 2)]
    assert list(states(office)) == [1, *drafts[2:]]


def test_a_database_older_than_the_record_of_changes_is_brought_along(
    office: Publishing, path: Path, guide: Path
) -> None:
    with closing(sqlite3.connect(path)) as connection, connection:
        connection.execute("DROP TABLE edition_changes")
        connection.execute("DROP TABLE edition_texts")
    assert phone_of(office.store.load()) == "0809－6123002"
    assert states(office) == {1: State.CURRENT}
    assert office.text(1) == guide.read_bytes()
    office.switch(office.upload("new.txt", with_phone(guide, 1), "").id, "")
    assert office.roll_back("").id == 1


# ---------------------------------------------------------------- building beside the office's choice


def test_building_leaves_what_the_office_switched_to(office: Publishing, guide: Path, mini_guide: Path) -> None:
    office.switch(office.upload("new.txt", with_phone(guide, 1), "").id, "")
    assert build(office.store, guide, mini_guide) is None
    assert phone_of(office.store.load()) == "0809－6120001"


def test_building_leaves_what_the_office_rolled_back_to(office: Publishing, guide: Path, mini_guide: Path) -> None:
    guide.write_bytes(with_phone(guide, 1))
    build(office.store, guide, mini_guide)
    office.roll_back("")
    assert build(office.store, guide, mini_guide) is None
    assert phone_of(office.store.load()) == "0809－6123002"


def test_another_guide_in_the_project_is_put_in_force_over_an_upload(
    office: Publishing, guide: Path, mini_guide: Path
) -> None:
    office.switch(office.upload("new.txt", with_phone(guide, 1), "").id, "")
    guide.write_bytes(with_phone(guide, 2))
    assert build(office.store, guide, mini_guide) is not None
    assert phone_of(office.store.load()) == "0809－6120002"
    office.roll_back("")
    assert phone_of(office.store.load()) == "0809－6120001"
    assert build(office.store, guide, mini_guide) is None


def test_who_insists_gets_the_projects_guide_back(office: Publishing, guide: Path, mini_guide: Path) -> None:
    office.switch(office.upload("new.txt", with_phone(guide, 1), "").id, "")
    assert build(office.store, guide, mini_guide, insist=True) is not None
    assert phone_of(office.store.load()) == "0809－6123002"
    assert build(office.store, guide, mini_guide, insist=True) is None


def test_a_better_reader_reads_the_edition_in_force_anew_and_leaves_it_in_force(
    office: Publishing, guide: Path, mini_guide: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    draft = office.upload("new.txt", with_phone(guide, 1), "")
    office.switch(draft.id, "")
    inputs = office.store.current_inputs()
    monkeypatch.setattr(building, "_reader", lambda: "a better one")
    assert build(office.store, guide, mini_guide) is not None
    assert current(office) == draft.id
    assert office.store.current_inputs() != inputs
    assert build(office.store, guide, mini_guide) is None


def test_an_edition_that_an_older_reader_read_is_read_anew_when_it_is_switched_to(
    office: Publishing, path: Path, guide: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    draft = office.upload("new.txt", with_phone(guide, 1), "")
    with closing(sqlite3.connect(path)) as connection, connection:
        connection.execute(
            "UPDATE facts SET value_kind = 'nothing' WHERE value IS NOT NULL AND edition_id = ?", (draft.id,)
        )
    monkeypatch.setattr(building, "_reader", lambda: "a better one")
    office.switch(draft.id, "")
    assert phone_of(office.store.load()) == "0809－6120001"


def test_an_upload_that_no_longer_agrees_with_the_vocabulary_is_named_and_stays(
    office: Publishing, guide: Path, tmp_path: Path, mini_guide: Path
) -> None:
    draft = office.upload("new.txt", with_phone(guide, 1), "")
    office.switch(draft.id, "")
    (tmp_path / "labels.yml").write_bytes((mini_guide / "labels.yml").read_bytes())
    (tmp_path / "office.yml").write_bytes((mini_guide / "office.yml").read_bytes())
    catalogue = (mini_guide / "items.csv").read_text(encoding="utf-8")
    (tmp_path / "items.csv").write_text(catalogue.replace("参保证明打印", "参保凭证打印"), encoding="utf-8")
    with pytest.raises(GuideError, match=rf"^edition {draft.id}, new\.txt:\d+: "):
        build(office.store, guide, tmp_path)
    assert current(office) == draft.id


# ---------------------------------------------------------------- commands


def run(*arguments: str) -> subprocess.CompletedProcess[str]:
    command = [sys.executable, "-m", "knowledge", *arguments]
    return subprocess.run(command, capture_output=True, text=True, encoding="utf-8", check=False, env={**os.environ})


def test_an_operator_lists_compares_switches_and_rolls_back(tmp_path: Path) -> None:
    database = ["--database", f"sqlite:///{tmp_path}/guide.db"]
    changed = tmp_path / "新版.txt"
    text = GUIDE.read_text(encoding="utf-8").split("\n")
    text[3098] = text[3098].replace("原件", "复印件1份", 1)
    changed.write_text("\n".join(text), encoding="utf-8")
    assert run("build", *database).returncode == 0
    assert run("build", str(changed), *database).returncode == 0
    stays = run("build", *database)
    assert "the office switched to edition 2, 新版.txt" in stays.stderr
    listed = [line.split("\t")[:3] for line in run("editions", "list", *database).stdout.splitlines()]
    assert listed == [["ID", "state", "name"], ["1", "former", GUIDE.name], ["2", "current", "新版.txt"]]
    compared = run("editions", "compare", "1", "2", *database)
    rows = [line.split("\t") for line in compared.stdout.splitlines()]
    assert [row[:3] for row in rows[1:] if row[2] != "needs an editor"] == [["card_replace", "materials", "changed"]]
    document = json.loads(run("editions", "compare", "1", "2", "--json", *database).stdout)
    assert document["counts"]["materials"] == {"added": 0, "gone": 0, "changed": 1}
    assert run("editions", "roll-back", *database).stderr == f"edition 1, {GUIDE.name}, is in force\n"
    assert run("editions", "switch", "2", *database).stderr == "edition 2, 新版.txt, is in force\n"


def test_an_edition_that_an_operator_mistypes_is_named_in_one_line(tmp_path: Path) -> None:
    result = run("editions", "switch", "7", "--database", f"sqlite:///{tmp_path}/guide.db")
    assert (result.returncode, result.stdout, result.stderr) == (1, "", "knowledge: 没有编号为 7 的版本\n")
