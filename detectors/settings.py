"""What an operator may set about judging, and its defaults.

The defaults follow from a false-alarm budget (one quiet day in a thousand), but their author had seen Nomad's history,
attack included: take what `outflow_spike` does on Nomad for hindsight until another bridge confirms it.
"""

from __future__ import annotations

import hashlib
import json
from dataclasses import asdict, dataclass


@dataclass(frozen=True, slots=True)
class Settings:
    """The judges' settings; equal settings have equal hashes."""

    clock_skew_s: int = 0
    """How much further than usual a source index must be ahead before a missing message counts as never sent."""
    outflow_false_days: int = 1000
    """A token's outflow is called a spike when so much leaves on one of its quiet days in this many."""
    outflow_prior_days: int = 30
    """How many active days of its own a token needs before it is judged by itself as much as by its chain."""
    outflow_grace_days: int = 30
    """Active token-days that a chain must have shown before its outflow is judged at all."""
    outflow_cooldown_s: int = 3600
    """A token that stays in alarm is not stated again before it was quiet for this long."""

    def __post_init__(self) -> None:
        for name, value in asdict(self).items():
            lowest = 2 if name == "outflow_false_days" else 0
            if not isinstance(value, int) or isinstance(value, bool) or value < lowest:
                raise ValueError(f"{name} = {value}: must be a whole number of at least {lowest}")

    @property
    def hash(self) -> str:
        """Names this configuration in reports and evidence."""
        return hashlib.sha256(json.dumps(asdict(self), sort_keys=True).encode()).hexdigest()
