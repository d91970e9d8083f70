"""Who is asking is learnt from the authors who marked it, and from nobody who did not."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import scipy.sparse as sp

if TYPE_CHECKING:
    from rasa.shared.nlu.training_data.message import Message

SELF_EMPLOYED = "灵活就业人员"


def question(author: str, seen: list[float], applicant: str | None = None) -> Message:
    """Return a question on an item in whose n-grams *seen* stands."""
    from rasa.shared.nlu.training_data.features import Features

    from bot.components.message import Example

    labels = {"author": author, "items": ["employee_enroll"], "applicant": applicant}
    features = Features(sp.csr_matrix([seen]), "sentence", "text", "whole")
    return Example(data={"text": "参保", "metadata": {"example": labels}}, features=[features])


def told_by(folder: Path, examples: list[Message], asked: list[float]) -> str | None:
    """Return the applicant told of a message by a classifier that was trained on *examples*."""
    from rasa.engine.storage.local_model_storage import LocalModelStorage
    from rasa.engine.storage.resource import Resource
    from rasa.shared.nlu.training_data.training_data import TrainingData

    from bot.components.classifiers import APPLICANT, ApplicantClassifier

    config = ApplicantClassifier.get_default_config()
    classifier = ApplicantClassifier(config, LocalModelStorage(folder), Resource("applicants"))
    classifier.train(TrainingData(examples))
    told: str | None = classifier.process([question("somebody", asked)])[0].get(APPLICANT)
    return told


MARKED = [
    question("anna", [1.0, 0.0, 0.0], SELF_EMPLOYED),
    question("anna", [0.0, 1.0, 0.0]),
    question("anna", [0.0, 0.0, 1.0], "企业"),
] * 20
UNMARKED = [question("bob", [1.0, 0.0, 0.0])] * 200


def test_an_author_who_marked_nobody_teaches_nothing(tmp_path: Path) -> None:
    assert told_by(tmp_path, [*MARKED, *UNMARKED], [1.0, 0.0, 0.0]) == SELF_EMPLOYED


def test_a_question_of_somebody_unknown_teaches_where_its_author_marks_others(tmp_path: Path) -> None:
    assert told_by(tmp_path, MARKED, [0.0, 1.0, 0.0]) is None
