"""Where kernels get numba's `njit` from: loaded without the linear algebra of scipy, which no kernel calls.

numba looks for BLAS once, when it first compiles or loads anything, and finds it in scipy: a fifth of a second of every
start. So it is shown a Python without that module for as long. A kernel that multiplies matrices would not compile.
"""

from __future__ import annotations

import sys
from importlib import import_module

from numba import njit

__all__ = ["njit"]

_BLAS = "scipy.linalg.cython_blas"


def _settle_without_blas() -> None:
    if _BLAS in sys.modules:
        return
    sys.modules[_BLAS] = None  # type: ignore[assignment]  # the import system's word for "there is none"
    try:
        import_module("numba.np.arraymath")
    finally:
        del sys.modules[_BLAS]


_settle_without_blas()
