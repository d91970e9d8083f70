"""python -m api: the web service on one address."""

from __future__ import annotations

import argparse
import sys

import uvicorn

from bot.settings import SettingsError, load_settings
from knowledge.store import StoreError


def main(arguments: list[str] | None = None) -> int:
    """Serve until stopped; 1 where something it needs is missing."""
    parser = argparse.ArgumentParser(prog="python -m api", description=__doc__)
    parser.add_argument("--host", default="127.0.0.1")
    parser.add_argument("--port", type=int, default=8000)
    parser.add_argument("--workers", type=int, default=1, help="only 1: conversations are kept in the process")
    options = parser.parse_args(arguments)
    if options.workers != 1:
        print(
            "service: --workers: only 1 works: messages of a session are put in order within the process",
            file=sys.stderr,
        )
        return 2
    try:
        settings = load_settings()
        print("service: loading the model", file=sys.stderr, flush=True)
        from api.app import create_app
        from bot.runtime.engine import Engine, EngineError

        try:
            engine = Engine.open(settings)
        except EngineError as error:
            print(f"service: {error}", file=sys.stderr)
            return 1
    except (SettingsError, StoreError) as error:
        print(f"service: {error}", file=sys.stderr)
        return 1
    app = create_app(engine, settings)
    print(f"service: http://{options.host}:{options.port}", file=sys.stderr, flush=True)
    # Rasa pins a websockets too old for uvicorn; wsproto comes with Rasa as well.
    try:
        uvicorn.run(app, host=options.host, port=options.port, log_level="warning", ws="wsproto")
    finally:
        engine.close()
    return 0


if __name__ == "__main__":
    sys.exit(main())
