"""The one kind of array that features, weights and scores are made of."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.floating[Any]]
"""Floating-point numbers; shapes are said where it is used."""
