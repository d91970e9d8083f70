"""Arrays in Rasa's model storage: what was learned is kept as numpy files without pickles."""

from __future__ import annotations

import numpy as np
from rasa.engine.storage.resource import Resource
from rasa.engine.storage.storage import ModelStorage

from bot.understanding.arrays import Floats

_FILE = "arrays.npz"


def save_arrays(storage: ModelStorage, resource: Resource, arrays: dict[str, Floats]) -> None:
    """Keep *arrays* under *resource*."""
    with storage.write_to(resource) as folder:
        np.savez(folder / _FILE, **arrays)


def load_arrays(storage: ModelStorage, resource: Resource) -> dict[str, Floats]:
    """Return what save_arrays kept."""
    with storage.read_from(resource) as folder, np.load(folder / _FILE, allow_pickle=False) as data:
        return {name: data[name] for name in data.files}
