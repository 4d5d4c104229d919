"""A claim derived again from what it rests on, by the code that made it: for whoever does not believe a node."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from detectors.claims import claims
from detectors.detector import Signal
from detectors.flows import FlowReader
from detectors.folding import Scored
from detectors.fused import limits_of
from detectors.registry import all_rules
from detectors.slices import ReplayedRecord, RuleGrounds

if TYPE_CHECKING:
    from detectors.folding import StatisticGrounds
    from detectors.network import Network
    from detectors.settings import Settings


def rederive(
    detector: str, network: Network, settings: Settings, grounds: RuleGrounds | StatisticGrounds
) -> list[Signal]:
    """What the detector says of these grounds: nothing, one signal, or of a statistic's flow one for each level.

    Raises:
        SliceGapError: the grounds are those of another question.
        KeyError: there is no such rule.
    """
    record = ReplayedRecord(network, settings.clock_skew_s, grounds.part)
    if isinstance(grounds, RuleGrounds):
        verdict = {rule.name: rule for rule in all_rules()}[detector]().judge(record, grounds.row)
        return [verdict] if isinstance(verdict, Signal) else []
    return [signal for signal in _of_flow(record, settings, grounds) if signal.detector == detector]


def _of_flow(record: ReplayedRecord, settings: Settings, grounds: StatisticGrounds) -> list[Signal]:
    row, limits = grounds.row, limits_of(settings, len(record.network.chains))
    flow = FlowReader(row.at.chain, grounds.numbers).read(record, row)[grounds.nth]
    rates, levels = grounds.before.copy().fold(np.array([flow], dtype=np.int64), limits)
    scored = Scored(row, flow, rates[0], levels[0], bool(np.any(levels)))
    return list(claims(record, scored, limits))
