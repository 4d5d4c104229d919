"""A release whose circumstances together are unlike those of quiet traffic."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, ClassVar

import numpy as np

from detectors import transfer_features
from detectors.compiled import kernel
from detectors.flows import IS_RELEASE, TOKEN
from detectors.forest import SAMPLES, length_expected, read_forest
from detectors.statistic import NOT_MINE, Kind, Statistic

if TYPE_CHECKING:
    from numpy.typing import NDArray

_FOREST = read_forest()
_ROOTS = _FOREST.roots
_FEATURE = _FOREST.feature
_THRESHOLD = _FOREST.threshold
_LEFT = _FOREST.left
_LENGTH = _FOREST.length
_BITS = float(_FOREST.bits[0])
_TREES = len(_ROOTS)
_EXPECTED = length_expected(SAMPLES)


@kernel()
def _shortfall(features: NDArray[Any]) -> float:
    """How many random halvings fewer than expected set this point apart, in the mean over the trees; at least 0."""
    total = 0.0
    for tree in range(_TREES):
        node = _ROOTS[tree]
        while _FEATURE[node] >= 0:
            node = _LEFT[node] + (0 if features[_FEATURE[node]] <= _THRESHOLD[node] else 1)
        total += _LENGTH[node]
    return max(0.0, _EXPECTED - total / _TREES)


@kernel(makes_arrays=True)
def step(state: NDArray[Any], flow: NDArray[Any], ceiling: float) -> float:
    """Describe a release and ask the forest how few halvings set it apart."""
    if flow[TOKEN] <= 1:
        return NOT_MINE
    features = np.empty(transfer_features.FEATURES)
    is_known = transfer_features.look(state, flow, features)
    if flow[IS_RELEASE] != 1:
        return NOT_MINE
    surprise = _BITS * _shortfall(features) if is_known else NOT_MINE
    if surprise < ceiling:
        transfer_features.learn(state, flow)
    return surprise


class UnusualTransfer(Statistic):
    """How easily a release is set apart from quiet ones by several of its features at once.

    Measured in bits: how many random halvings of an isolation forest fewer than expected are enough, in the mean over
    its trees, times the bits that one of them is worth among the quiet releases that it was fitted on. The features are
    of the release against its token's and chain's past: amount, last hour's outflow, net share of the day, pace,
    first-time receiver, repeated amount, quiet hour (`detectors.transfer_features`).

    Assumes that quiet traffic looks, in those relative terms, like the generated traffic that the forest was fitted on
    (`detectors.fitting`, no attack in it). Fails on an attack that is unusual in one respect alone: the forest knows no
    larger than its largest, so an amount a thousand times beyond everything counts as one just beyond. It is context,
    not proof. 256 receivers are remembered for each token, one to a slot: a forgotten one counts as new.

    Says 0 until a release is set apart sooner than expected, and has no opinion before the chain has shown 50 releases
    in the unit (a token without a price: 50 of its own). A token with few releases is judged by its chain's, 20 of
    which weigh as much as 20 of its own. Does not learn from what was anomalous. Judges releases; messages count as
    inflow.

    Source: Liu, Ting and Zhou, Isolation Forest, 2008; fitted with scikit-learn, frozen and evaluated by our own code.
    """

    name: ClassVar[str] = "unusual_transfer"
    kind: ClassVar[Kind | None] = None
    summary: ClassVar[str] = "A release of {token} is unlike quiet ones in several respects at once."
    is_per_token: ClassVar[bool] = True
    step = staticmethod(step)

    @staticmethod
    def empty_state(lines: int) -> NDArray[Any]:
        """A line for each token; line 0 counts all releases of the chain."""
        return transfer_features.empty_features(lines)
