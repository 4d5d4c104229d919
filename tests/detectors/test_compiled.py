"""Kernels start without scipy's linear algebra, and leave it to whoever wants it."""

from __future__ import annotations

import subprocess
import sys

PROGRAM = """
import sys
from detectors import folding
folding.warm_up()
print("scipy.linalg" in sys.modules)
import scipy.linalg.cython_blas
print("scipy.linalg" in sys.modules)
"""


def test_kernels_load_no_linear_algebra_and_hide_none() -> None:
    ran = subprocess.run([sys.executable, "-c", PROGRAM], capture_output=True, text=True, check=True)
    assert ran.stdout.split() == ["False", "True"]
