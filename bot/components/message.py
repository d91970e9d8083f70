"""Messages: whether one asks why, and training examples that are cheap to fingerprint and to copy."""

from __future__ import annotations

import hashlib
from typing import Any

from rasa.nlu.constants import TOKENS_NAMES
from rasa.shared.nlu.training_data.message import Message

from bot.understanding.explain import EXPLAIN


def asks_why(message: Message) -> bool:
    """Tell whether the message's metadata asks for an explanation."""
    return bool((message.get("metadata") or {}).get(EXPLAIN))


class Example(Message):
    """A labelled message. What hangs on it is only ever added to, so copies share it and a digest can be kept.

    Rasa fingerprints and copies each some fifty times. Its own fingerprint walks every token and array through JSON,
    and its copies are deep: with 20,000 examples that is minutes of each training.
    """

    def fingerprint(self) -> str:
        """Return a digest of the labels, texts, tokens and features."""
        state = (tuple(self.data), len(self.features))
        kept = getattr(self, "_digest", None)
        if kept is None or kept[0] != state:
            self._digest = kept = (state, self._make_digest())
        return kept[1]

    def __deepcopy__(self, _memo: dict[int, Any]) -> Example:
        copied = Example(
            data=dict(self.data), features=list(self.features), output_properties=set(self.output_properties)
        )
        copied.time = self.time
        return copied

    def _make_digest(self) -> str:
        digest = hashlib.blake2b(digest_size=16)
        for name in sorted(self.data):
            value = self.data[name]
            if name in TOKENS_NAMES.values():
                value = [token.text for token in value]
            digest.update(f"{name}={value!r}\n".encode())
        for feature in self.features:
            array = feature.features
            digest.update(repr(feature.origin).encode())
            digest.update(array.data.tobytes() if feature.is_sparse() else array.tobytes())
        return digest.hexdigest()
