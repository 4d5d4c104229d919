"""`kernel`, which compiles our kernels with numba: loaded without what numba would load and no kernel needs.

numba looks for scipy when it is imported, and for its linear algebra (BLAS) when it first compiles or loads anything;
for yaml, to read a settings file that we have none of. That is a quarter of a second of every start. So it is shown a
Python without them for as long. A kernel that multiplies matrices would not compile.
"""

from __future__ import annotations

import sys
from contextlib import contextmanager
from importlib import import_module
from typing import TYPE_CHECKING, Any, TypeVar, cast

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

_Function = TypeVar("_Function")


@contextmanager
def _without(*modules: str) -> Iterator[None]:
    """Let those that nobody has imported yet not be found."""
    hidden = [name for name in modules if name not in sys.modules]
    sys.modules.update(dict.fromkeys(hidden))  # type: ignore[arg-type]  # None: the import system's "there is none"
    try:
        yield
    finally:
        for name in hidden:
            del sys.modules[name]


with _without("scipy", "scipy.linalg.cython_blas", "yaml"):
    from numba import njit

    import_module("numba.np.arraymath")  # which settles whether there is a BLAS


def kernel(
    signature: str | None = None, *, makes_arrays: bool = False, **options: Any
) -> Callable[[_Function], _Function]:
    """The `njit` of numba, for what works on its caller's arrays and makes none, unless it says so.

    Then nobody need count who holds an array (`_nrt`), since the caller holds them all. The count goes up and down,
    atomically, with every view of a line: folds, which are little but views of lines, take a third less time without.
    """
    options["_nrt"] = makes_arrays
    return cast("Callable[[_Function], _Function]", njit(signature, **options))
