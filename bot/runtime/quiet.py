"""Rasa without banners: must be imported before Rasa and TensorFlow are."""

from __future__ import annotations

import logging
import os


def quieten(level: int = logging.WARNING) -> None:
    """Turn off telemetry and the start-up noise of TensorFlow, structlog and old dependencies.

    skops walks every module imported so far; imported first, it finds few (8 s become 2).
    """
    os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "3")
    os.environ.setdefault("CUDA_VISIBLE_DEVICES", "-1")
    os.environ["RASA_TELEMETRY_ENABLED"] = "false"
    os.environ.setdefault("TQDM_DISABLE", "1")
    os.environ.setdefault("SQLALCHEMY_SILENCE_UBER_WARNING", "1")
    # Old dependencies of Rasa's warn at import and reset the filters; none of it is for an operator.
    logging.captureWarnings(True)
    logging.getLogger("py.warnings").setLevel(logging.ERROR)
    import skops.io  # noqa: F401  # for its side effect of being imported early
    import structlog

    structlog.configure(wrapper_class=structlog.make_filtering_bound_logger(level))
    logging.basicConfig(level=level, format="%(levelname)s %(name)s: %(message)s")
    for name in ("rasa", "tensorflow", "matplotlib", "apscheduler", "numexpr"):
        logging.getLogger(name).setLevel(max(level, logging.WARNING))
