"""Tuning: the pretrained encoder learns our intents and facets at once, from labelled messages."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

import numpy as np
import tensorflow as tf
from numpy.typing import NDArray

from bot.tuning.network import Network
from bot.tuning.pretrained import load_pretrained
from bot.understanding.arrays import Floats
from bot.understanding.encoder import MAX_PIECES, Pieces, clip

Report = Callable[[str], None]

STEEPEST = 1.0
"""The longest gradient of one step, all weights together: what is longer is shortened."""


@dataclass(frozen=True)
class Recipe:
    """How the encoder is tuned: passes over the data, rates (raised over the first tenth, then lowered to 0)."""

    epochs: int = 3
    batch: int = 32
    rate: float = 1e-4
    table_rate: float = 2e-4
    head_rate: float = 2e-3
    smoothing: float = 0.05
    facet_weight: float = 4.0
    seed: int = 20
    keep: float = 0.0
    """Of going on: the share that the earlier encoder's weights have in the mean of before and after."""

    def as_json(self) -> dict[str, Any]:
        """Return the recipe for the record beside the artefact."""
        return asdict(self)


ONWARDS = Recipe(epochs=1, seed=22, keep=0.3333)
"""How an encoder that is there learns corrected labels or new messages: one pass more, in another order, of which two
thirds of the way are taken. So less is forgotten of what new messages do not teach (decision 22)."""


@dataclass(frozen=True)
class Lesson:
    """What one message teaches: its normal form, the acceptable intents (best first), the facets or None."""

    text: str
    intents: tuple[str, ...]
    facets: tuple[str, ...] | None


def tune(
    lessons: Sequence[Lesson],
    facet_names: Sequence[str],
    recipe: Recipe,
    report: Report,
    earlier: Mapping[str, Any] | None = None,
) -> dict[str, Any]:
    """Return the arrays of a tuned encoder (bot.tuning.graph writes them).

    *earlier* are those of one that was tuned for the same facets: it goes on from there.
    """
    tf.keras.utils.set_random_seed(recipe.seed)
    tf.config.optimizer.set_experimental_options({"auto_mixed_precision_onednn_bfloat16": _multiplies_halves()})
    pretrained = load_pretrained(lesson.text for lesson in lessons)
    pieces = Pieces(pretrained.pieces, pretrained.scores)
    rows = [np.array(clip(pieces.cut(lesson.text)), dtype=np.int32) + 1 for lesson in lessons]
    names = sorted({name for lesson in lessons for name in lesson.intents})
    network = Network(pretrained, len(names), len(facet_names), MAX_PIECES, recipe.seed)
    if earlier is not None:
        network.go_on_from(earlier, pretrained.pieces, names)
    step = _step(network, recipe, len(names))
    targets = _targets(lessons, names), *_facet_targets(lessons, facet_names)
    batches = max(1, -(-len(rows) // recipe.batch))
    total = recipe.epochs * batches
    rng = np.random.default_rng(recipe.seed)
    done = 0
    for epoch in range(recipe.epochs):
        losses = []
        for chosen in _batches(rows, recipe.batch, rng):
            share = done / total
            losses.append(step(_fill(rows, chosen), *(t[chosen] for t in targets), min(1.0, share * 10) * (1 - share)))
            done += 1
        report(f"epoch {epoch + 1} of {recipe.epochs}, loss {float(np.mean([loss.numpy() for loss in losses])):.3f}")
    learned = network.arrays()
    if earlier is not None and recipe.keep:
        learned = mean_of(network, learned, earlier, pretrained.pieces, names, recipe.keep)
    return {
        **learned,
        "heads": pretrained.shape.heads,
        "pieces": pretrained.pieces,
        "scores": pretrained.scores,
        "intent_names": names,
        "facet_names": list(facet_names),
    }


def mean_of(
    network: Network,
    learned: Mapping[str, Any],
    earlier: Mapping[str, Any],
    pieces: Sequence[str],
    names: Sequence[str],
    keep: float,
) -> dict[str, Any]:
    """Return the weights between the *learned* and the *earlier* ones; what those did not know stays as learned."""
    network.go_on_from(earlier, pieces, names)
    return {name: (1 - keep) * learned[name] + keep * before for name, before in network.arrays().items()}


def _step(network: Network, recipe: Recipe, classes: int) -> Callable[..., Any]:
    parts = (
        (network.body, recipe.rate, tf.keras.optimizers.legacy.Adam(0.0)),
        (network.heads, recipe.head_rate, tf.keras.optimizers.legacy.Adam(0.0)),
        ([network.table], recipe.table_rate, tf.keras.optimizers.legacy.Adam(0.0)),
    )
    everything = [variable for variables, _, _ in parts for variable in variables]
    floats = tf.TensorSpec((None, None), tf.float32)

    @tf.function(
        input_signature=[tf.TensorSpec((None, None), tf.int32), floats, floats, tf.TensorSpec((None,))], autograph=False
    )
    def learn(pieces: Any, wanted: Any, facets: Any, faceted: Any) -> Any:
        with tf.GradientTape() as tape:
            said, said_facets = network.forward(pieces, training=True)
            smooth = wanted * (1 - recipe.smoothing) + recipe.smoothing / classes
            loss = tf.reduce_mean(tf.nn.softmax_cross_entropy_with_logits(smooth, said))
            each = tf.reduce_mean(tf.nn.sigmoid_cross_entropy_with_logits(facets, said_facets), -1)
            loss += recipe.facet_weight * tf.reduce_sum(each * faceted) / (tf.reduce_sum(faceted) + 1)
        gradients, _ = tf.clip_by_global_norm(tape.gradient(loss, everything), STEEPEST)
        begin = 0
        for variables, _, optimizer in parts:
            optimizer.apply_gradients(zip(gradients[begin : begin + len(variables)], variables, strict=True))
            begin += len(variables)
        return loss

    def step(pieces: NDArray[np.int32], wanted: Floats, facets: Floats, faceted: Floats, share: float) -> Any:
        for _, rate, optimizer in parts:
            optimizer.learning_rate.assign(rate * share)
        return learn(pieces, wanted, facets, faceted)

    return step


def _multiplies_halves() -> bool:
    """Tell whether the processor multiplies bfloat16 itself: a quarter less time; others would take longer by it."""
    try:
        return "avx512_bf16" in Path("/proc/cpuinfo").read_text(encoding="ascii", errors="replace")
    except OSError:
        return False


def _batches(rows: Sequence[NDArray[np.int32]], size: int, rng: np.random.Generator) -> Iterator[NDArray[np.intp]]:
    """Yield batches of messages of like length, in random order, each message once."""
    order = rng.permutation(len(rows))
    length = np.array([len(rows[i]) for i in order]) + rng.uniform(-4, 4, len(rows))
    order = order[np.argsort(length)]
    batches = [order[begin : begin + size] for begin in range(0, len(order), size)]
    for number in rng.permutation(len(batches)):
        yield batches[number]


def _fill(rows: Sequence[NDArray[np.int32]], chosen: NDArray[np.intp]) -> NDArray[np.int32]:
    filled = np.zeros((len(chosen), max(len(rows[i]) for i in chosen)), dtype=np.int32)
    for row, i in enumerate(chosen):
        filled[row, : len(rows[i])] = rows[i]
    return filled


def _targets(lessons: Sequence[Lesson], names: Sequence[str]) -> Floats:
    """Return what is wanted of each message: the best intent weighs twice as much as all others acceptable."""
    column = {name: number for number, name in enumerate(names)}
    wanted = np.zeros((len(lessons), len(names)), dtype=np.float32)
    for row, lesson in enumerate(lessons):
        weights = [2.0, *[1.0 / max(1, len(lesson.intents) - 1)] * (len(lesson.intents) - 1)]
        for name, weight in zip(lesson.intents, weights, strict=True):
            wanted[row, column[name]] += weight / sum(weights)
    return wanted


def _facet_targets(lessons: Sequence[Lesson], names: Sequence[str]) -> tuple[Floats, Floats]:
    wanted = np.array([[name in (lesson.facets or ()) for name in names] for lesson in lessons], dtype=np.float32)
    return wanted, np.array([lesson.facets is not None for lesson in lessons], dtype=np.float32)
