"""What a fault of our own leaves behind: a row or a log of which nobody knows what it means."""

from __future__ import annotations

import traceback
from pathlib import Path
from typing import TYPE_CHECKING

from ccip_core.printable import printable
from detectors.state_rows import Unjudged

if TYPE_CHECKING:
    from detectors.frames import At

_CHARACTERS_MAX = 300


def unjudged(at: At, broken: str, error: Exception) -> Unjudged:
    """That `broken` raised about what stands at `at`; the error must have been raised."""
    place = traceback.extract_tb(error.__traceback__)[-1]
    fault = f"{type(error).__name__} at {Path(place.filename).name}:{place.lineno}: {printable(str(error))}"
    return Unjudged(at, broken, fault[:_CHARACTERS_MAX])
