"""The real service for a while: a process of its own, on a free port, with a database that nobody else uses."""

from __future__ import annotations

import os
import socket
import subprocess
import sys
import tempfile
import time
import urllib.error
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from bot.settings import ROOT, load_settings
from knowledge.store import KnowledgeStore

START_SECONDS = 120.0
"""Loading the model takes three seconds on a machine that has nothing else to do."""
STOP_SECONDS = 30.0


class ServiceError(Exception):
    """The service does not come up or goes away; the message repeats the end of its log."""


@dataclass(frozen=True)
class Service:
    """The running service."""

    address: str
    log: Path
    process: subprocess.Popen[bytes]

    @property
    def is_alive(self) -> bool:
        """Tell whether the process runs."""
        return self.process.poll() is None

    def last_words(self) -> str:
        """Return the end of the log."""
        return self.log.read_text(encoding="utf-8", errors="replace")[-2000:]

    def complaints(self) -> int:
        """Return how many lines of the log tell of an error."""
        text = self.log.read_text(encoding="utf-8", errors="replace")
        return sum(" ERROR " in line or line.startswith(("ERROR", "Traceback")) for line in text.splitlines())


@contextmanager
def running_service() -> Iterator[Service]:
    """Run `python -m api` while the block runs. Raises ServiceError."""
    with tempfile.TemporaryDirectory(prefix="load-") as name:
        folder = Path(name)
        port = _free_port()
        process = _start(folder, port)
        service = Service(f"http://127.0.0.1:{port}", folder / "service.log", process)
        try:
            _wait_until_ready(service)
            yield service
        finally:
            _stop(process)


def _start(folder: Path, port: int) -> subprocess.Popen[bytes]:
    url = f"sqlite:///{folder}/service.db"
    KnowledgeStore(url).save(KnowledgeStore(load_settings().database_url).load(), "load")
    environment = {**os.environ, "DATABASE_URL": url, "SECRET_FILE": str(folder / "service.secret")}
    with (folder / "service.log").open("wb") as log:
        command = [sys.executable, "-m", "api", "--port", str(port)]
        return subprocess.Popen(command, cwd=ROOT, env=environment, stdout=log, stderr=subprocess.STDOUT)


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
        return port


def _wait_until_ready(service: Service) -> None:
    end = time.monotonic() + START_SECONDS
    while time.monotonic() < end and service.is_alive:
        try:
            with urllib.request.urlopen(f"{service.address}/readyz", timeout=5):
                return
        except (urllib.error.URLError, OSError):
            time.sleep(0.2)
    raise ServiceError(f"the service does not come up:\n{service.last_words()}")


def _stop(process: subprocess.Popen[bytes]) -> None:
    process.terminate()
    try:
        process.wait(STOP_SECONDS)
    except subprocess.TimeoutExpired:
        process.kill()
        process.wait()
