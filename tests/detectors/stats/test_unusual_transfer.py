from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np
import pytest

from detectors import fitting, flows, forest
from detectors.quiet_traffic import quiet_flows
from detectors.stats.unusual_transfer import UnusualTransfer, _shortfall

if TYPE_CHECKING:
    from pathlib import Path

    from numpy.typing import NDArray

DAY_S = 86_400


@pytest.mark.slow
def test_the_frozen_file_is_what_fitting_writes(tmp_path: Path) -> None:
    again = fitting.write_forest(tmp_path / forest.MODEL)
    assert again == forest.read_forest().hash
    assert sum(part.nbytes for part in forest.read_forest()) <= 100_000


@pytest.mark.slow
def test_our_evaluation_is_that_of_scikit_learn() -> None:
    features = fitting.describe(quiet_flows(5, days=60, a_day=60))
    from sklearn.ensemble import IsolationForest  # noqa: PLC0415  the one test that needs the original

    fitted = IsolationForest(n_estimators=64, max_samples=forest.SAMPLES, random_state=fitting.SEED).fit(
        fitting.quiet_features(fitting.SEED)
    )
    expected = forest.length_expected(forest.SAMPLES)
    theirs = expected * (1.0 + np.log2(-fitted.score_samples(features)))
    ours = np.array([_shortfall(row.astype(np.float32).astype(np.float64)) for row in features])
    assert ours == pytest.approx(np.maximum(0.0, theirs), abs=1e-3)


def test_a_changed_file_is_refused(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    parts = forest.read_forest()._asdict()
    (tmp_path / "models").mkdir()
    changed = parts | {"threshold": parts["threshold"] + 1}
    np.savez(tmp_path / "models" / forest.MODEL, sha256=np.array(forest.read_forest().hash), **changed)
    monkeypatch.setattr(forest.resources, "files", lambda _: tmp_path)
    with pytest.raises(ValueError, match="hash differs"):
        forest.read_forest()


def test_unusual_in_several_respects_surprises_more_than_nearly_all_of_quiet_weeks(
    bench: Any, quiet: NDArray[np.int64]
) -> None:
    """New receivers, one large amount again and again at a quick pace, all out and nothing in."""
    surprises, state = bench.fold(UnusualTransfer, quiet)
    judged = surprises[(quiet[:, flows.TIME_S] > quiet[0, 0] + 30 * DAY_S) & (surprises >= 0)]
    start_s = int(quiet[-1, 0]) + 2 * DAY_S
    token = max(range(2, 14), key=lambda token: bench.balance(quiet, token))
    part = bench.balance(quiet, token) // 100
    crowd = [bench.flow(start_s + 5 * k, part, token=token, who=f"crowd {k}") for k in range(60)]
    assert bench.fold(UnusualTransfer, bench.array(crowd), state=state.copy())[0].max() > np.quantile(judged, 0.99)
    airdrop = [bench.flow(start_s + 30 * k, part // 1_000, token=token, who=f"friend {k}") for k in range(100)]
    assert bench.fold(UnusualTransfer, bench.array(airdrop), state=state)[0].max() <= judged.max()
