"""Fits what is frozen: `python -m detectors.fitting` writes `models/unusual_transfer.npz` anew, the same every time.

The isolation forest is fitted with scikit-learn on releases of generated quiet traffic, sparse and busy, never on an
attack and never on a bridge's history. It is flattened into plain arrays; `forest` alone evaluates it.
"""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
from sklearn.ensemble import IsolationForest

from detectors import forest, transfer_features
from detectors.compiled import kernel
from detectors.quiet_traffic import quiet_flows

if TYPE_CHECKING:
    from numpy.typing import NDArray

SEED = 7
_TREES = 64
_A_DAY = (20, 53, 200, 1_000)  # 53 is what CCIP carried a day in 2024; busier and quieter chains beside it
_ROWS_EACH = 4_000
_RARE = 0.1  # between these shares of the quiet releases the bits of a halving are measured
_RAREST = 0.001


@kernel()
def _describe(state: np.ndarray, flows: np.ndarray, features: np.ndarray) -> int:
    """Features of all releases of which enough is known, learning from each; how many those are."""
    count = 0
    for at in range(len(flows)):
        is_release = flows[at, 1] == 1
        is_known = transfer_features.look(state, flows[at], features[count])
        if is_release:
            transfer_features.learn(state, flows[at])
        count += is_known
    return count


def describe(flows: NDArray[np.int64]) -> NDArray[np.float64]:
    """One line of features for each release of which enough was known."""
    state = transfer_features.empty_features(int(flows[:, 2].max()) + 1)
    features = np.empty((len(flows) + 1, transfer_features.FEATURES))
    return features[: _describe(state, flows, features)]


def quiet_features(seed: int) -> NDArray[np.float64]:
    """As many releases of sparse as of busy chains, evenly over their time."""
    parts = []
    for place, a_day in enumerate(_A_DAY):
        days = 60 + 4 * _ROWS_EACH // a_day
        features = describe(quiet_flows(seed + place, days=days, a_day=a_day))
        parts.append(features[:: max(1, len(features) // _ROWS_EACH)][:_ROWS_EACH])
    return np.concatenate(parts)


def fit_forest(features: NDArray[np.float64], seed: int) -> forest.Forest:
    """Grow a forest on quiet releases and flatten it, breadth first, so that siblings are neighbours."""
    fitted = IsolationForest(n_estimators=_TREES, max_samples=forest.SAMPLES, random_state=seed).fit(features)
    roots: list[int] = []
    nodes: list[list[float]] = []
    for tree in (estimator.tree_ for estimator in fitted.estimators_):
        roots.append(len(nodes))
        nodes.append([])
        waiting = [(0, len(nodes) - 1, 0)]
        while waiting:
            node, at, depth = waiting.pop(0)
            nodes[at] = _flatten(tree, node, depth, len(nodes))
            if tree.children_left[node] >= 0:
                waiting += [
                    (tree.children_left[node], len(nodes), depth + 1),
                    (tree.children_right[node], len(nodes) + 1, depth + 1),
                ]
                nodes += [[], []]
    feature, threshold, left, length = zip(*nodes, strict=True)
    shortfalls = -fitted.score_samples(features)  # 2 to the power of minus the mean length over the expected one
    shortfalls = forest.length_expected(forest.SAMPLES) * (1.0 + np.log2(shortfalls))
    rare, rarest = np.quantile(shortfalls, [1.0 - _RARE, 1.0 - _RAREST])
    return forest.Forest(
        np.array(roots, dtype=np.int16),
        np.array(feature, dtype=np.int8),
        np.array(threshold, dtype=np.float32),
        np.array(left, dtype=np.int16),
        np.array(length, dtype=np.float32),
        np.array([np.log2(_RARE / _RAREST) / (rarest - rare)]),
    )


def _flatten(tree: Any, node: int, depth: int, left: int) -> list[float]:
    if tree.children_left[node] < 0:
        return [-1, 0.0, 0, depth + forest.length_expected(int(tree.n_node_samples[node]))]
    return [tree.feature[node], tree.threshold[node], left, 0.0]


def write_forest(path: Path, seed: int = SEED) -> str:
    """Fit and write the forest with its hash; the hash."""
    fitted = fit_forest(quiet_features(seed), seed)
    np.savez(path, sha256=np.array(fitted.hash), **fitted._asdict())
    return fitted.hash


if __name__ == "__main__":
    write_forest(Path(__file__).parent / "models" / forest.MODEL)
