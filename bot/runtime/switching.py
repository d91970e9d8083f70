"""Another model put in force (换模型) while the service runs, and the way back: files moved, and who notices."""

from __future__ import annotations

import fcntl
import logging
import shutil
import time
from collections.abc import Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING

from bot.runtime.training import MODEL_NAME, model_path, stamp_path, training_digest
from bot.settings import Settings

if TYPE_CHECKING:
    from bot.runtime.agent import InProcessAgent

logger = logging.getLogger(__name__)

MODEL_CHECK = 1.0
"""Seconds after which a running service looks again whether there is another model."""


class SwitchError(Exception):
    """A model that cannot be put in force; *code* tells pages why."""

    def __init__(self, code: str, message: str) -> None:
        super().__init__(message)
        self.code = code


def put_in_force(settings: Settings, trained: Path, inputs: str, digest: str) -> None:
    """Put the model at *trained* in force, a copy of it; the one before is kept as the way back.

    *inputs* are what the project's own model would have been trained from when this one was, so that `bot train`
    leaves it in force for as long as those stay; *digest* is what tells this model from others. Raises SwitchError
    where the project has changed since: the model would not fit its code.
    """
    with _only_one(settings):
        _check_inputs(settings, inputs)
        draft = settings.model_folder / f"{MODEL_NAME}.incoming"
        shutil.copyfile(trained, draft)
        _keep_former(settings)
        _exchange(settings, draft, f"{inputs}\n{digest}\n")


def roll_back(settings: Settings) -> None:
    """Put the model before in force; the one that was is the way back then. Raises SwitchError."""
    with _only_one(settings):
        former, stamp = _former(settings)
        if not has_former(settings):
            raise SwitchError("no_former_model", "there is no model before this one")
        text = stamp.read_text(encoding="utf-8")
        _check_inputs(settings, text.partition("\n")[0])
        draft = settings.model_folder / f"{MODEL_NAME}.incoming"
        shutil.copyfile(former, draft)
        _keep_former(settings)
        _exchange(settings, draft, text)


def has_former(settings: Settings) -> bool:
    """Tell whether there is a model to go back to that fits the code of today."""
    former, stamp = _former(settings)
    if not (former.exists() and stamp.exists()):
        return False
    return stamp.read_text(encoding="utf-8").partition("\n")[0] == training_digest(settings)


def _former(settings: Settings) -> tuple[Path, Path]:
    folder = settings.model_folder
    return folder / f"{MODEL_NAME}.former.tar.gz", folder / f"{MODEL_NAME}.former.digest"


def _check_inputs(settings: Settings, inputs: str) -> None:
    if inputs != training_digest(settings):
        raise SwitchError("model_outdated", "the project has changed since this model was trained: train again")


def _keep_former(settings: Settings) -> None:
    """Keep the model in force; its stamp goes first, and comes last, so that no stamp belongs to another model."""
    former, stamp = _former(settings)
    stamp.unlink(missing_ok=True)
    if model_path(settings).exists() and stamp_path(settings).exists():
        draft = former.with_suffix(".draft")
        shutil.copyfile(model_path(settings), draft)
        draft.replace(former)
        shutil.copyfile(stamp_path(settings), stamp)


def _exchange(settings: Settings, draft: Path, stamp: str) -> None:
    # As in training: cut off in between, the next `bot train` trains rather than trust a stamp of another model.
    stamp_path(settings).unlink(missing_ok=True)
    draft.replace(model_path(settings))
    stamp_path(settings).write_text(stamp, encoding="utf-8")


@contextmanager
def _only_one(settings: Settings) -> Iterator[None]:
    """Let one at a time change which model is in force, of all processes."""
    settings.model_folder.mkdir(parents=True, exist_ok=True)
    with (settings.model_folder / "switching.lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        yield


class ModelWatch:
    """Notices that another model is in force, and loads it beside the one that goes on answering meanwhile.

    The *agent* stays the same object: conversations under way end with the model that they began with.
    """

    def __init__(self, agent: InProcessAgent, settings: Settings, every: float = MODEL_CHECK) -> None:
        self._agent = agent
        self._path = model_path(settings)
        self._seen = identity_of(self._path)
        self._every = every
        self._looked = time.monotonic()
        self._loading: Future[InProcessAgent] | None = None

    def look(self) -> bool:
        """Return True when another model has taken over just now; looks at the file once in a while only.

        A model that cannot be loaded is logged and left alone until there is yet another.
        """
        if self._loading is not None:
            return self._loading.done() and self._take_over(self._loading)
        if time.monotonic() - self._looked < self._every:
            return False
        self._looked = time.monotonic()
        found = identity_of(self._path)
        if found is not None and found != self._seen:
            self._seen = found
            loader = ThreadPoolExecutor(1, "model")
            self._loading = loader.submit(self._load)
            loader.shutdown(wait=False)
        return False

    def _load(self) -> InProcessAgent:
        from bot.runtime.agent import InProcessAgent

        other = InProcessAgent(tracker_store=self._agent.tracker_store, lock_store=self._agent.lock_store)
        other.load_model(self._path)
        return other

    def _take_over(self, loaded: Future[InProcessAgent]) -> bool:
        self._loading = None
        try:
            other = loaded.result()
        except Exception:  # whatever Rasa stumbles over in an archive
            logger.exception("the model that was put in force cannot be loaded; going on with the one before")
            return False
        self._agent.processor, self._agent.domain = other.processor, other.domain
        logger.info("another model is in force")
        return True


def identity_of(path: Path) -> tuple[int, int, int] | None:
    """Return what tells a file apart from one of the same name; None where there is none."""
    try:
        status = path.stat()
    except OSError:
        return None
    return status.st_ino, status.st_mtime_ns, status.st_size
