"""SMP2017-ECDT, a published benchmark of Chinese intent classification: our item classifier on foreign data."""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np

from bot.evaluation.cross import Featurizer, Recipe
from bot.evaluation.scores import Score, macro_f1
from bot.settings import Settings
from bot.understanding.features import SentenceEncoder
from bot.understanding.linear import Training
from bot.understanding.normalise import normalise


def score_smp2017(folder: Path, recipe: Recipe, settings: Settings) -> Score:
    """Train on train and dev, measure on test; features and strengths are those of the service."""
    known = [*_read(folder / "train.jsonl"), *_read(folder / "dev.jsonl")]
    asked = _read(folder / "test.jsonl")
    encoder = SentenceEncoder(settings.vector_cache / "smp2017.npz")
    texts = [normalise(text) for text, _ in [*known, *asked]]
    dense = encoder.encode_known(texts)
    features = Featurizer(recipe, texts[: len(known)])
    sparse = features.transform(texts, recipe.items)
    training = Training.prepare(sparse[: len(known)], dense[: len(known)], recipe.items.axes)
    model = training.classes([intent for _, intent in known], recipe.items.strength)
    scores = model.scores(sparse[len(known) :], dense[len(known) :])
    got = [model.classes[i] for i in np.argmax(scores, axis=1)]
    wanted = [intent for _, intent in asked]
    figures = {
        "accuracy": sum(a == b for a, b in zip(wanted, got, strict=True)) / len(wanted),
        "macro_f1": macro_f1(wanted, got),
    }
    misjudged = tuple(
        {"q": text, "intent": intent, "got": guess}
        for (text, intent), guess in zip(asked, got, strict=True)
        if intent != guess
    )
    closing = f"smp2017: accuracy {figures['accuracy']:.4f} macro_f1 {figures['macro_f1']:.4f} n {len(wanted)}"
    return Score((), misjudged, figures, closing)


def _read(path: Path) -> list[tuple[str, str]]:
    rows = [json.loads(line) for line in path.read_text(encoding="utf-8").splitlines() if line.strip()]
    return [(row["q"], row["intent"]) for row in rows]
