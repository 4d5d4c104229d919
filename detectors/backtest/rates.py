"""What every statistic said of every flow of a replay, as columns: what charts and sweeps are made from.

Statistics are folds: a rate rests on what came before it alone. So one replay is enough to ask what any other budget
would have stated.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

import numpy as np

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from collections.abc import Set as AbstractSet

    from numpy.typing import NDArray

    from ccip_core.protocol.messages import ChainSelector
    from detectors.folding import Scored


class Rates(NamedTuple):
    """One line a flow, in the order in which they were folded."""

    names: tuple[str, ...]
    """Of the statistics, the combination last: the columns of `rates`."""
    chains: tuple[ChainSelector, ...]
    event_ids: tuple[str, ...]
    chain: NDArray[np.int64]
    """Position in `chains`."""
    time_s: NDArray[np.int64]
    rates: NDArray[np.float64]
    """Quiet days a day that reach this; infinite for no opinion."""

    def since(self, from_s: int, until_s: int) -> Rates:
        """The flows from one second on until before another."""
        keep = (self.time_s >= from_s) & (self.time_s < until_s)
        ids = tuple(self.event_ids[index] for index in np.flatnonzero(keep).tolist())
        return self._replace(event_ids=ids, chain=self.chain[keep], time_s=self.time_s[keep], rates=self.rates[keep])

    def rarest(self) -> dict[str, NDArray[np.float64]]:
        """Each event's lowest rate by every statistic."""
        found: dict[str, NDArray[np.float64]] = {}
        for event_id, line in zip(self.event_ids, self.rates, strict=True):
            known = found.get(event_id)
            found[event_id] = line if known is None else np.minimum(known, line)
        return found

    def is_in(self, event_ids: AbstractSet[str]) -> NDArray[np.bool_]:
        """Which flows belong to these events."""
        return np.array([event_id in event_ids for event_id in self.event_ids], dtype=np.bool_)


def rates_of(names: Sequence[str], scored: Sequence[Scored]) -> Rates:
    """What a Judge said (`on_score`); of a history's row, the block hash is the event's id."""
    places = [flow.row.at for flow in scored]
    chains = {chain: position for position, chain in enumerate(dict.fromkeys(at.chain for at in places))}
    return Rates(
        tuple(names),
        tuple(chains),
        tuple(at.block_hash for at in places),
        np.array([chains[at.chain] for at in places], dtype=np.int64),
        np.array([at.block_time_s for at in places], dtype=np.int64),
        np.array([flow.rates for flow in scored], dtype=np.float64).reshape(-1, len(names)),
    )


def precision_and_recall(
    rarest: Mapping[str, NDArray[np.float64]], attack_ids: AbstractSet[str], line: int
) -> list[tuple[float, float]]:
    """(recall, precision) of one statistic at every threshold of its rate, over the events that it has a rate for.

    Recall is of all attack rows, those without an opinion too; events of one rate stand or fall together.
    """
    said = sorted((float(rates[line]), event_id in attack_ids) for event_id, rates in rarest.items())
    points: list[tuple[float, float]] = []
    hits = 0
    for count, (rate, is_attack) in enumerate(said, start=1):
        if not np.isfinite(rate):
            break
        hits += is_attack
        is_last_of_rate = count == len(said) or said[count][0] != rate
        if is_last_of_rate:
            points.append((hits / max(1, len(attack_ids)), hits / count))
    return points
