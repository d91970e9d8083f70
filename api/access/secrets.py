"""The service's own secret (密钥): given by the operator, or made at the first start and kept beside the base."""

from __future__ import annotations

import os
import secrets
import sys
from pathlib import Path

from bot.settings import SHORTEST_SECRET, Settings, SettingsError


def load_secret(settings: Settings) -> bytes:
    """Return the secret with which residents' session tokens are made.

    One that has to be made is kept for the next start, readable by the service's user alone, and its place is said
    once. Raises SettingsError naming the file that cannot be used.
    """
    if settings.service_secret is not None:
        return settings.service_secret.encode()
    path = settings.secret_file
    try:
        if _make(path):
            _tell(f"a new secret is kept in {path}")
        secret = path.read_bytes().strip()
        is_open_to_others = bool(path.stat().st_mode & 0o077)
    except OSError as error:
        raise SettingsError(f"SECRET_FILE={path}: {error.strerror}") from error
    if len(secret) < SHORTEST_SECRET:
        raise SettingsError(f"SECRET_FILE={path}: {SHORTEST_SECRET} characters or more are expected in it")
    if is_open_to_others:
        _tell(f"{path} can be read by others: chmod 600 it")
    return secret


def _make(path: Path) -> bool:
    """Make the file whole or not at all; of processes that start together, one makes it."""
    if path.exists():
        return False
    path.parent.mkdir(parents=True, exist_ok=True)
    draft = path.with_name(f"{path.name}.{os.getpid()}")
    draft.unlink(missing_ok=True)
    descriptor = os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    try:
        with os.fdopen(descriptor, "w") as file:
            file.write(secrets.token_hex(32) + "\n")
        os.link(draft, path)
    except FileExistsError:
        return False
    finally:
        draft.unlink()
    return True


def _tell(sentence: str) -> None:
    """Say something to whoever starts the service, as its command does."""
    sys.stderr.write(f"service: {sentence}\n")
