"""SMP2017-ECDT, a published benchmark of Chinese intent classification: our intent component on foreign data."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path

import numpy as np

from bot.evaluation.cross import Featurizer, Recipe
from bot.evaluation.scores import Score, macro_f1
from bot.settings import Settings
from bot.tuning.artefact import make_encoder
from bot.tuning.tune import Lesson
from bot.tuning.tune import Recipe as TuningRecipe
from bot.understanding.encoder import Encoder
from bot.understanding.evidence import align, fuse
from bot.understanding.linear import train_classes
from bot.understanding.normalise import normalise

TUNING = TuningRecipe(epochs=9)
"""A twenty-fifth of our messages: more passes over them."""


def score_smp2017(folder: Path, recipe: Recipe, settings: Settings, report: Callable[[str], None]) -> Score:
    """Tune and train on train and dev, measure on test; n-grams, strengths and fusing are those of the service."""
    known = [*_read(folder / "train.jsonl"), *_read(folder / "dev.jsonl")]
    asked = _read(folder / "test.jsonl")
    path = settings.evaluation_folder / "encoders" / "smp2017.onnx"
    make_encoder(path, [Lesson(text, (intent,), None) for text, intent in known], report, TUNING)
    encoder = Encoder.load(path)
    features = Featurizer(recipe, [text for text, _ in known])
    seen = features.transform([text for text, _ in known], recipe.items)
    model = train_classes(seen, [intent for _, intent in known], recipe.items.strength)
    texts = [text for text, _ in asked]
    logits = align(encoder.read(texts).intents, encoder.intents, model.classes)
    scores = fuse(model.scores(features.transform(texts, recipe.items)), logits, recipe.encoder_weight)
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
    return [(normalise(row["q"]), row["intent"]) for row in rows]
