"""Rasa without TensorFlow: its modules import it for networks that nobody here builds (366 MiB, two seconds).

While Rasa is imported here, `tensorflow` is a stand-in of which anything can be taken, called or derived; afterwards
it is gone, so that whoever tunes in the same process gets the real one. A Rasa component that needs TensorFlow fails at
once, naming what it asked for; under `rasa train` and `rasa shell` there is no stand-in.
"""

from __future__ import annotations

import sys
from collections.abc import Sequence
from importlib.abc import Loader, MetaPathFinder
from importlib.machinery import ModuleSpec
from types import ModuleType
from typing import Any

_LIBRARY = "tensorflow"
_BESIDE = ("tensorflow", "tensorflow_addons", "tensorflow_text", "keras")
"""What Rasa imports of TensorFlow's family."""


class _AnythingType(type):
    """Classes of which every attribute is such a class again."""

    def __getattr__(cls, name: str) -> Any:
        if name.startswith("__"):
            raise AttributeError(name)
        return NotLoaded

    def __or__(cls, other: Any) -> Any:
        return Any


class NotLoaded(metaclass=_AnythingType):
    """Stands for everything of TensorFlow: a base class, a decorator, a type in an annotation."""

    def __new__(cls, *arguments: Any, **_named: Any) -> Any:
        """Give a decorated function back as it is; otherwise make an object of no use."""
        if cls is NotLoaded and len(arguments) == 1 and callable(arguments[0]):
            return arguments[0]
        return super().__new__(cls)

    def __init__(self, *_arguments: Any, **_named: Any) -> None: ...

    def __call__(self, *arguments: Any, **_named: Any) -> Any:
        """Be a decorator, if that is what it is called for."""
        return arguments[0] if len(arguments) == 1 else self

    def __getattr__(self, name: str) -> Any:
        raise RuntimeError(f"TensorFlow is not loaded in the service, and something asked for its {name}")


class _StandIn(ModuleType):
    def __getattr__(self, name: str) -> Any:
        if name.startswith("__"):
            raise AttributeError(name)
        return NotLoaded


class _Finder(MetaPathFinder, Loader):
    def find_spec(self, fullname: str, path: Sequence[str] | None, target: ModuleType | None = None) -> Any:
        """Stand in for TensorFlow and its parts."""
        return ModuleSpec(fullname, self, is_package=True) if fullname.split(".", maxsplit=1)[0] in _BESIDE else None

    def create_module(self, spec: ModuleSpec) -> ModuleType:
        """Return the stand-in."""
        module = _StandIn(spec.name)
        module.__path__ = []
        return module

    def exec_module(self, module: ModuleType) -> None:
        """There is nothing to run."""


def import_rasa() -> None:
    """Import of Rasa all that would bring TensorFlow, now or when a model is loaded; where it is loaded, it stays."""
    if _LIBRARY in sys.modules:
        return
    finder = _Finder()
    sys.meta_path.insert(0, finder)
    try:
        import rasa.core.agent
        import rasa.engine.recipes.default_components
        import rasa.graph_components.validators.default_recipe_validator
        import rasa.graph_components.validators.finetuning_validator
        import rasa.model_training  # noqa: F401
    finally:
        sys.meta_path.remove(finder)
        for name in [name for name, module in sys.modules.items() if isinstance(module, _StandIn)]:
            del sys.modules[name]
