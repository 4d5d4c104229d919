"""`kernel`, which compiles our kernels with numba: loaded without scipy's linear algebra, which no kernel calls.

numba looks for BLAS once, when it first compiles or loads anything, and finds it in scipy: a fifth of a second of every
start. So it is shown a Python without that module for as long. A kernel that multiplies matrices would not compile.
"""

from __future__ import annotations

import sys
from importlib import import_module
from typing import TYPE_CHECKING, Any, TypeVar, cast

from numba import njit

if TYPE_CHECKING:
    from collections.abc import Callable

_Function = TypeVar("_Function")
_BLAS = "scipy.linalg.cython_blas"


def kernel(
    signature: str | None = None, *, makes_arrays: bool = False, **options: Any
) -> Callable[[_Function], _Function]:
    """The `njit` of numba, for what works on its caller's arrays and makes none, unless it says so.

    Then nobody need count who holds an array (`_nrt`), since the caller holds them all. The count goes up and down,
    atomically, with every view of a line: folds, which are little but views of lines, take a third less time without.
    """
    options["_nrt"] = makes_arrays
    return cast("Callable[[_Function], _Function]", njit(signature, **options))


def _settle_without_blas() -> None:
    if _BLAS in sys.modules:
        return
    sys.modules[_BLAS] = None  # type: ignore[assignment]  # the import system's word for "there is none"
    try:
        import_module("numba.np.arraymath")
    finally:
        del sys.modules[_BLAS]


_settle_without_blas()
