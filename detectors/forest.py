"""A frozen isolation forest as plain arrays, the same live and offline.

`models/unusual_transfer.npz` holds it, `fitting` wrote it. An inner node sends a value at most its threshold to `left`,
another to `left + 1`; a leaf (feature -1) holds its path length: its depth and the mean depth that the samples it holds
would still need.
"""

from __future__ import annotations

import hashlib
import math
from importlib import resources
from typing import TYPE_CHECKING, NamedTuple

import numpy as np

if TYPE_CHECKING:
    from numpy.typing import NDArray

MODEL = "unusual_transfer.npz"

SAMPLES = 128
"""Rows that a tree is grown on, and so its most leaves: all trees together stay below 100 KB of compiled constants."""


class Forest(NamedTuple):
    """All trees' nodes, one after another; `roots` says where each tree begins."""

    roots: NDArray[np.int16]
    feature: NDArray[np.int8]
    threshold: NDArray[np.float32]
    left: NDArray[np.int16]
    length: NDArray[np.float32]
    bits: NDArray[np.float64]
    """One number: how many bits rarer a quiet release is that is set apart one halving sooner."""

    @property
    def hash(self) -> str:
        """SHA-256 of the arrays."""
        return hashlib.sha256(b"".join(part.tobytes() for part in self)).hexdigest()


def read_forest() -> Forest:
    """The forest that ships with the package.

    Raises:
        ValueError: the file isn't what was frozen.
    """
    with resources.files("detectors").joinpath("models", MODEL).open("rb") as file, np.load(file) as parts:
        forest = Forest(*(parts[name] for name in Forest._fields))
        if str(parts["sha256"]) != forest.hash:
            raise ValueError(
                f"detectors/models/{MODEL}: hash differs; write it anew with `python -m detectors.fitting`"
            )
    return forest


def length_expected(samples: int) -> float:
    """Mean depth at which a search for a value that isn't there ends, in a random tree (Liu et al. 2008)."""
    if samples <= 2:
        return max(0.0, samples - 1.0)
    return 2.0 * (math.log(samples - 1.0) + float(np.euler_gamma)) - 2.0 * (samples - 1.0) / samples
