"""python -m knowledge build|export|lint|editions: the guide into the base, out of it, its doubts, its editions."""

from __future__ import annotations

import argparse
import json
import os
import sys
from datetime import date
from pathlib import Path

from knowledge.building import GUIDE, bring, build
from knowledge.editions import EditionError, Shelf
from knowledge.export import export_base
from knowledge.lint import find_doubts
from knowledge.publishing import Publishing
from knowledge.reading.facts import read_guide
from knowledge.reading.problems import GuideError
from knowledge.reading.source import load_text
from knowledge.store import KnowledgeStore, StoreError
from knowledge.vocabulary import VocabularyError, load_vocabulary

DEFAULT_DATABASE = "sqlite:///var/guide.db"


def main(arguments: list[str] | None = None) -> int:
    """Run one command; 0 on success, 1 where guide, vocabulary or database cannot be used."""
    options = _parser().parse_args(arguments)
    try:
        return int(options.run(options))
    except GuideError as error:
        print(error, file=sys.stderr)
    except BrokenPipeError:
        # Whoever read the output has seen enough; Python must not try to flush the rest at exit.
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
    except (VocabularyError, StoreError, EditionError) as error:
        print(f"knowledge: {error}", file=sys.stderr)
    return 1


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="python -m knowledge", description=__doc__)
    commands = parser.add_subparsers(required=True, metavar="COMMAND")
    for name, run, text in (
        ("build", _build, "read the guide into the base, in one transaction"),
        ("export", _export, "print the whole base as JSON"),
        ("lint", _lint, "print what is doubtful in the guide"),
    ):
        command = commands.add_parser(name, help=text)
        command.set_defaults(run=run)
        if name != "export":
            # Whoever names a guide wants that one in force; without a name, what the office switched to stays.
            command.add_argument("guide", nargs="?", type=Path, help="the guide's file (default: the project's)")
            command.add_argument(
                "--vocabulary",
                type=Path,
                help="folder with another office's labels.yml, items.csv, office.yml",
            )
        if name == "build":
            command.add_argument(
                "--force", action="store_true", help="also over an edition that the office switched to"
            )
        if name != "lint":
            _add_database(command)
    _add_editions(commands.add_parser("editions", help="list, compare and switch editions of the guide"))
    return parser


def _add_editions(parser: argparse.ArgumentParser) -> None:
    commands = parser.add_subparsers(required=True, metavar="COMMAND")
    for name, run, text in (
        ("list", _list, "print all editions that are kept"),
        ("compare", _compare, "print what edition NEW changes of edition OLD"),
        ("switch", _switch, "put an edition in force"),
        ("roll-back", _roll_back, "put the edition before in force"),
    ):
        command = commands.add_parser(name, help=text)
        command.set_defaults(run=run)
        _add_database(command)
        if name == "compare":
            command.add_argument("old", type=int, metavar="OLD")
            command.add_argument("new", type=int, metavar="NEW")
            command.add_argument("--json", action="store_true", help="as one JSON document")
        if name == "switch":
            command.add_argument("edition", type=int, metavar="ID")
        if name in ("switch", "roll-back"):
            command.add_argument("--by", default=_user(), help="who is recorded to have done it (default: %(default)s)")


def _add_database(command: argparse.ArgumentParser) -> None:
    default = os.environ.get("DATABASE_URL", DEFAULT_DATABASE)
    command.add_argument("--database", default=default, help="database URL (default: DATABASE_URL, or SQLite in var/)")


def _user() -> str:
    return os.environ.get("USER") or "command line"


def _build(options: argparse.Namespace) -> int:
    store = KnowledgeStore(options.database)
    if options.guide is None or options.guide.absolute() == GUIDE:
        base = build(store, GUIDE, options.vocabulary, insist=options.force or options.guide is not None)
    else:
        base = bring(store, options.guide, options.vocabulary, _user())
    if base is None:
        print(f"knowledge base: up to date{_chosen(store.shelf())}", file=sys.stderr)
    else:
        facts = sum(len(item.facts) for item in base)
        print(
            f"knowledge base: {len(base.items)} items, {facts} facts, {len(base.left_out)} lines left out",
            file=sys.stderr,
        )
    return 0


def _chosen(shelf: Shelf) -> str:
    """Tell which edition stays in force instead of the project's guide, where the office chose one."""
    current = shelf.current
    if current is None or current.document.sha256 == shelf.built_sha256:
        return ""
    return f"; the office switched to edition {current.id}, {current.document.name} (--force: back to the project's)"


def _export(options: argparse.Namespace) -> int:
    base = KnowledgeStore(options.database).load()
    json.dump(export_base(base), sys.stdout, ensure_ascii=False, indent=1)
    print()
    return 0


def _lint(options: argparse.Namespace) -> int:
    vocabulary = load_vocabulary(options.vocabulary)
    text = load_text(options.guide or GUIDE)
    base = read_guide(text, vocabulary)
    print("行\t事项\t问题\t说明")
    for doubt in find_doubts(base, text, vocabulary, date.today()):
        print(f"{doubt.line}\t{doubt.item}\t{doubt.what}\t{doubt.why}")
    return 0


def _list(options: argparse.Namespace) -> int:
    shelf = KnowledgeStore(options.database).shelf()
    print("ID\tstate\tname\tedition\tbuilt\tby")
    for edition in shelf:
        saved = edition.saved
        when, by = (saved.at.isoformat(timespec="minutes"), saved.by) if saved else ("", "")
        print(f"{edition.id}\t{edition.state}\t{edition.document.name}\t{edition.document.edition}\t{when}\t{by}")
    return 0


def _compare(options: argparse.Namespace) -> int:
    found = Publishing(KnowledgeStore(options.database)).comparison(options.new, options.old)
    if options.json:
        json.dump(found, sys.stdout, ensure_ascii=False, indent=1)
        print()
        return 0
    print("item\tfacet\tchange\told\tnew")
    for change in ("added", "gone"):
        for item in found[change]:
            print(f"{item['id']}\t\t{change}\t\t{item['title']}")
    for item in found["changed"]:
        if item["title"] != item["old_title"]:
            print(f"{item['id']}\t\trenamed\t{item['old_title']}\t{item['title']}")
        for facet in item["facets"]:
            for change in ("added", "gone", "changed"):
                for fact in facet[change]:
                    old, new = ((fact[side] or {"text": ""})["text"] for side in ("old", "new"))
                    print(f"{item['id']}\t{facet['facet']}\t{change}\t{old}\t{new}")
    for entry in found["needs_editor"]:
        print(f"{entry['item'] or ''}\t{entry['file']}\tneeds an editor\t{entry['words']}\t{entry['what']}")
    return 0


def _switch(options: argparse.Namespace) -> int:
    edition = Publishing(KnowledgeStore(options.database)).switch(options.edition, options.by)
    print(f"edition {edition.id}, {edition.document.name}, is in force", file=sys.stderr)
    return 0


def _roll_back(options: argparse.Namespace) -> int:
    edition = Publishing(KnowledgeStore(options.database)).roll_back(options.by)
    print(f"edition {edition.id}, {edition.document.name}, is in force", file=sys.stderr)
    return 0


if __name__ == "__main__":
    sys.exit(main())
