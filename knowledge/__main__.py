"""python -m knowledge build|export|lint: the guide into the base, the base as JSON, the guide's doubts."""

from __future__ import annotations

import argparse
import json
import os
import sys
from datetime import date
from pathlib import Path

from knowledge.building import GUIDE, build
from knowledge.export import export_base
from knowledge.lint import find_doubts
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
    except (VocabularyError, StoreError) as error:
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
            command.add_argument("guide", nargs="?", type=Path, default=GUIDE, help="the guide's file")
            command.add_argument(
                "--vocabulary",
                type=Path,
                help="folder with another office's labels.yml, items.csv, office.yml",
            )
        if name != "lint":
            default = os.environ.get("DATABASE_URL", DEFAULT_DATABASE)
            command.add_argument(
                "--database", default=default, help="database URL (default: DATABASE_URL, or SQLite in var/)"
            )
    return parser


def _build(options: argparse.Namespace) -> int:
    base = build(KnowledgeStore(options.database), options.guide, options.vocabulary)
    if base is None:
        print("knowledge base: up to date", file=sys.stderr)
    else:
        facts = sum(len(item.facts) for item in base)
        print(
            f"knowledge base: {len(base.items)} items, {facts} facts, {len(base.left_out)} lines left out",
            file=sys.stderr,
        )
    return 0


def _export(options: argparse.Namespace) -> int:
    base = KnowledgeStore(options.database).load()
    json.dump(export_base(base), sys.stdout, ensure_ascii=False, indent=1)
    print()
    return 0


def _lint(options: argparse.Namespace) -> int:
    vocabulary = load_vocabulary(options.vocabulary)
    text = load_text(options.guide)
    base = read_guide(text, vocabulary)
    print("行\t事项\t问题\t说明")
    for doubt in find_doubts(base, text, vocabulary, date.today()):
        print(f"{doubt.line}\t{doubt.item}\t{doubt.what}\t{doubt.why}")
    return 0


if __name__ == "__main__":
    sys.exit(main())
