"""python -m api: the web service on one address; python -m api account: who of the office may log in."""

from __future__ import annotations

import argparse
import sys

from bot.settings import Settings, SettingsError, load_settings
from knowledge.store import StoreError


def main(arguments: list[str] | None = None) -> int:
    """Serve until stopped, or do what is asked of an account; 1 where something it needs is missing."""
    from api.access import command

    parser = argparse.ArgumentParser(prog="python -m api", description=__doc__)
    parser.add_argument("--host", default="127.0.0.1")
    parser.add_argument("--port", type=int, default=8000)
    parser.add_argument("--workers", type=int, default=1, help="only 1: conversations are kept in the process")
    commands = parser.add_subparsers(dest="command", metavar="COMMAND")
    command.add_arguments(commands.add_parser("account", help="add, list, disable, enable, password"))
    options = parser.parse_args(arguments)
    if options.workers != 1:
        return _fail("service: --workers: only 1 works: messages of a session are put in order within the process", 2)
    try:
        settings = load_settings()
        if options.command == "account":
            return _account(options, settings)
        return _serve(settings, options.host, options.port)
    except (SettingsError, StoreError) as error:
        return _fail(f"{options.command or 'service'}: {error}")


def _account(options: argparse.Namespace, settings: Settings) -> int:
    from api.access import command
    from api.access.account import AccountError

    try:
        for line in command.run(options, settings):
            print(line)
    except (AccountError, command.CommandError) as error:
        return _fail(f"account: {error}")
    return 0


def _serve(settings: Settings, host: str, port: int) -> int:
    print("service: loading the model", file=sys.stderr, flush=True)
    from api.app import create_app
    from api.edge.serving import serve
    from bot.runtime.engine import Engine, EngineError

    try:
        engine = Engine.open(settings)
    except EngineError as error:
        return _fail(f"service: {error}")
    try:
        app = create_app(engine, settings)
        print(f"service: http://{host}:{port}", file=sys.stderr, flush=True)
        serve(app, settings.limits, host, port)
    finally:
        engine.close()
    return 0


def _fail(reason: str, status: int = 1) -> int:
    print(reason, file=sys.stderr)
    return status


if __name__ == "__main__":
    sys.exit(main())
