"""The base in a database: what is saved is loaded, editions are whole or not there, and errors say what to do."""

from __future__ import annotations

import shutil
import sqlite3
import threading
from dataclasses import replace
from pathlib import Path

import pytest
import sqlalchemy as sa

from knowledge.building import build
from knowledge.model import KnowledgeBase
from knowledge.reading.facts import read_guide
from knowledge.reading.problems import GuideError
from knowledge.reading.source import load_text
from knowledge.store import KEPT_EDITIONS, KnowledgeStore, StoreError, open_engine
from knowledge.vocabulary import load_vocabulary


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "guide.db"


@pytest.fixture
def url(path: Path) -> str:
    return f"sqlite:///{path}"


@pytest.fixture
def store(url: str) -> KnowledgeStore:
    return KnowledgeStore(url)


@pytest.fixture(scope="module")
def small(mini_guide: Path) -> KnowledgeBase:
    return read_guide(load_text(mini_guide / "guide.txt"), load_vocabulary(mini_guide))


def edition(base: KnowledgeBase, name: str) -> KnowledgeBase:
    """Return *base* as another edition that can be told apart."""
    return replace(base, document=replace(base.document, edition=name))


def count(path: Path, table: str) -> int:
    with sqlite3.connect(path) as connection:
        return int(connection.execute(f"SELECT count(*) FROM {table}").fetchone()[0])


def test_the_whole_guide_is_loaded_as_it_was_saved(store: KnowledgeStore, base: KnowledgeBase) -> None:
    store.save(base, "inputs")
    assert store.load() == base


def test_another_connection_loads_what_was_saved(store: KnowledgeStore, url: str, small: KnowledgeBase) -> None:
    store.save(small, "inputs")
    assert KnowledgeStore(url).load() == small
    assert KnowledgeStore(url).current_inputs() == "inputs"


def test_the_last_edition_saved_is_the_current_one(store: KnowledgeStore, small: KnowledgeBase) -> None:
    for name in ("one", "two", "three"):
        store.save(edition(small, name), name)
    assert store.load().document.edition == "three"
    assert store.current_inputs() == "three"


def test_old_editions_are_pruned_with_all_their_parts(store: KnowledgeStore, path: Path, small: KnowledgeBase) -> None:
    for number in range(KEPT_EDITIONS + 3):
        store.save(edition(small, str(number)), "inputs")
    assert count(path, "editions") == KEPT_EDITIONS
    assert count(path, "items") == KEPT_EDITIONS * len(small.items)
    assert count(path, "facts") == KEPT_EDITIONS * sum(len(item.facts) for item in small)
    assert store.load() == edition(small, str(KEPT_EDITIONS + 2))


@pytest.mark.parametrize("table", ["editions", "items", "sections", "facts", "left_out"])
def test_a_save_that_fails_midway_leaves_the_old_edition(
    store: KnowledgeStore, path: Path, small: KnowledgeBase, table: str
) -> None:
    store.save(edition(small, "old"), "old")
    with sqlite3.connect(path) as connection:
        connection.execute(f"CREATE TRIGGER full BEFORE INSERT ON {table} BEGIN SELECT RAISE(ABORT, 'disk full'); END")
    with pytest.raises(StoreError, match="知识库写不进去：disk full"):
        store.save(edition(small, "new"), "new")
    assert store.load() == edition(small, "old")
    assert store.current_inputs() == "old"
    assert count(path, "editions") == 1


def test_a_reader_sees_the_old_edition_whole_while_a_writer_is_in_the_middle(
    store: KnowledgeStore, url: str, path: Path, small: KnowledgeBase
) -> None:
    store.save(edition(small, "old"), "old")
    writer = sqlite3.connect(path, isolation_level=None)
    writer.execute("BEGIN IMMEDIATE")
    writer.execute("UPDATE editions SET is_current = 0")
    writer.execute("DELETE FROM facts")
    assert KnowledgeStore(url).load() == edition(small, "old")
    writer.execute("ROLLBACK")
    writer.close()
    assert KnowledgeStore(url).load() == edition(small, "old")


def test_readers_beside_a_busy_writer_see_only_whole_editions(
    store: KnowledgeStore, url: str, small: KnowledgeBase
) -> None:
    half = replace(small, items=small.items[:4], left_out=())
    editions = {"whole": edition(small, "whole"), "half": edition(half, "half")}
    store.save(editions["whole"], "whole")
    done = threading.Event()

    def write() -> None:
        writer = KnowledgeStore(url)
        for _ in range(8):
            writer.save(editions["half"], "half")
            writer.save(editions["whole"], "whole")
        done.set()

    thread = threading.Thread(target=write)
    thread.start()
    seen: list[KnowledgeBase] = []
    while not done.is_set() or not seen:
        seen.append(store.load())
    thread.join()
    assert all(base == editions[base.document.edition] for base in seen)


def test_the_same_guide_twice_is_up_to_date(store: KnowledgeStore, path: Path, mini_guide: Path) -> None:
    assert build(store, mini_guide / "guide.txt", mini_guide) is not None
    assert build(store, mini_guide / "guide.txt", mini_guide) is None
    assert count(path, "editions") == 1


@pytest.mark.parametrize(
    ("changed", "old", "new"),
    [
        ("guide.txt", "医疗费用发票", "治疗费用发票"),
        ("labels.yml", "合作银行", "银行"),
        ("items.csv", "补卡|换卡", "补卡"),
        ("office.yml", "city: 澜江", "city: 岚江"),
    ],
)
def test_a_changed_guide_or_vocabulary_is_built_anew(
    store: KnowledgeStore, tmp_path: Path, mini_guide: Path, changed: str, old: str, new: str
) -> None:
    city = tmp_path / "city"
    shutil.copytree(mini_guide, city)
    build(store, city / "guide.txt", city)
    words = (city / changed).read_text(encoding="utf-8")
    assert old in words
    (city / changed).write_text(words.replace(old, new), encoding="utf-8")
    assert build(store, city / "guide.txt", city) is not None


def test_a_broken_guide_leaves_the_old_base(store: KnowledgeStore, tmp_path: Path, mini_guide: Path) -> None:
    build(store, mini_guide / "guide.txt", mini_guide)
    old = store.load()
    broken = tmp_path / "guide.txt"
    broken.write_text("没有标题\n", encoding="utf-8")
    with pytest.raises(GuideError):
        build(store, broken, mini_guide)
    assert store.load() == old


def test_a_database_without_a_base_says_how_to_build_one(store: KnowledgeStore) -> None:
    assert store.current_inputs() is None
    with pytest.raises(StoreError, match="还没有知识库，请先运行 python -m knowledge build"):
        store.load()


def test_a_database_whose_tables_are_empty_says_the_same(
    store: KnowledgeStore, path: Path, small: KnowledgeBase
) -> None:
    store.save(small, "inputs")
    with sqlite3.connect(path) as connection:
        connection.execute("DELETE FROM editions")
    with pytest.raises(StoreError, match="请先运行 python -m knowledge build"):
        store.load()


def test_a_file_that_is_no_database_is_named_as_such(store: KnowledgeStore, path: Path) -> None:
    path.write_bytes(b"no database at all" * 500)
    with pytest.raises(StoreError, match="数据库打不开：file is not a database"):
        store.load()


@pytest.mark.parametrize(
    "url",
    ["", "guide.db", "mysql+nodriver://localhost/x", "nosuch://localhost/x", "sqlite:////proc/none/guide.db"],
)
def test_a_bad_url_is_refused_by_name(url: str) -> None:
    with pytest.raises(StoreError, match="DATABASE_URL 不能用"):
        open_engine(url)


def test_a_server_that_does_not_answer_is_a_store_error() -> None:
    with pytest.raises(StoreError, match="数据库打不开"):
        KnowledgeStore("postgresql://nobody@127.0.0.1:1/none").load()


def test_the_folder_of_a_new_database_is_made(tmp_path: Path, small: KnowledgeBase) -> None:
    url = f"sqlite:///{tmp_path}/deep/down/guide.db"
    KnowledgeStore(url).save(small, "inputs")
    assert KnowledgeStore(url).load() == small


def test_sqlite_readers_are_not_blocked_by_a_writer(url: str) -> None:
    with open_engine(url).connect() as connection:
        assert connection.execute(sa.text("PRAGMA journal_mode")).scalar() == "wal"
