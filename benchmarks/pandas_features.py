"""The rival in pandas: what our six statistics look at, as one would write it, a row for each release of a batch.

    windows      value and number of releases by `rolling`, of the token and of the chain
    usual days   how many spreads a window lies above the highest of the token's earlier days, 128 of them
    usual hours  expected releases of the hour of the week, and how widely hours scatter
    net flow     of the day, and piled up over days (CUSUM)
    amount       its rank among the token's, and the most that its receiver had on an earlier day

It judges nothing, leaves nothing out that was anomalous, and lends a new token nothing from its chain. Windows end
with the row where ours end with a bucket, so the numbers are alike, not equal.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd

from detectors.flows import IS_RELEASE, RECEIVER, TIME_S, TOKEN, VALUE

if TYPE_CHECKING:
    from numpy.typing import NDArray

_DAYS = 128
_HOURS = 336
_SPANS = ("10min", "1h", "24h")


def pandas_features(flows: NDArray[np.int64]) -> pd.DataFrame:
    """All features of the batch's releases."""
    frame = _frame(flows)
    released = frame[frame["is_release"]].copy()
    of_token = released.groupby("token")["value"]
    chain = pd.Series(0, index=released.index)
    for span in _SPANS:
        token_sum = of_token.rolling(span).sum().sort_index(level=1, kind="stable").to_numpy()
        chain_sum = released["value"].rolling(span).sum()
        released[f"token_{span}"] = _above_usual(np.log2(token_sum), released["token"], released["day"])
        released[f"share_{span}"] = _above_usual(
            np.log2(token_sum / released["left"]), released["token"], released["day"]
        )
        released[f"chain_share_{span}"] = _above_usual(
            np.log2(chain_sum / released["chain_left"]), chain, released["day"]
        )
        if span != "24h":
            released[f"chain_{span}"] = _above_usual(np.log2(chain_sum), chain, released["day"])
            counts = of_token.rolling(span).count().sort_index(level=1, kind="stable").to_numpy()
            released[f"token_count_{span}"] = counts
            released[f"count_{span}"] = released["value"].rolling(span).count()
    _add_pace(released)
    released["drift"] = _drift(frame, released)
    released["rank"] = of_token.expanding().rank(pct=True).sort_index(level=1, kind="stable").to_numpy()
    released["receivers_highest"] = _receivers_highest(released)
    return released


def _frame(flows: NDArray[np.int64]) -> pd.DataFrame:
    frame = pd.DataFrame(
        {
            "token": flows[:, TOKEN],
            "value": flows[:, VALUE].astype(float).clip(min=1.0),
            "receiver": flows[:, RECEIVER],
            "is_release": flows[:, IS_RELEASE] == 1,
        },
        index=pd.to_datetime(flows[:, TIME_S], unit="s"),
    )
    frame["day"] = frame.index.floor("D")
    frame["net"] = frame["value"].where(frame["is_release"], -frame["value"])
    frame["left"] = (-frame.groupby("token")["net"].cumsum()).clip(lower=1.0)
    frame["chain_left"] = (-frame["net"].cumsum()).clip(lower=1.0)
    return frame


def _usual(highs: pd.Series[Any]) -> tuple[pd.Series[Any], pd.Series[Any]]:
    """Median and spread of each key's earlier days."""
    past = highs.groupby(level=0).rolling(_DAYS, min_periods=1)
    median = past.median().droplevel(0)
    spread = ((past.quantile(0.9).droplevel(0) - median) / 1.28).clip(lower=0.5)
    return median.groupby(level=0).shift(), spread.groupby(level=0).shift()


def _above_usual(level: Any, key: pd.Series[Any], day: pd.Series[Any]) -> NDArray[np.float64]:
    """Spreads by which each row lies above the usual highest of a day."""
    levels = np.asarray(level)
    at = pd.MultiIndex.from_arrays([key, day])
    median, spread = _usual(pd.Series(levels, index=at).groupby(level=[0, 1]).max())
    return np.asarray((levels - median.reindex(at).to_numpy()) / spread.reindex(at).to_numpy())


def _add_pace(released: pd.DataFrame) -> None:
    """Releases expected in this hour, of the chain and of the token, and how widely hours scatter about it."""
    hour = released.index.floor("h")
    counts = released.groupby([hour, "token"]).size()
    hourly = counts.unstack(fill_value=0).asfreq("h", fill_value=0)  # noqa: PD010  a pivot_table takes ten times as long
    hourly["chain"] = hourly.sum(axis=1)
    index = pd.DatetimeIndex(hourly.index)
    hour_of_week = index.day_of_week * 24 + index.hour
    of_week = hourly["chain"].groupby(hour_of_week).expanding().mean().droplevel(0).sort_index()
    season = of_week.groupby(hour_of_week).shift() / hourly["chain"].expanding().mean()
    season = season.fillna(1.0).clip(lower=0.1)
    expected = hourly.div(season, axis=0).rolling(_HOURS, min_periods=1).mean().shift().mul(season, axis=0)
    excess = ((hourly - expected) ** 2 - expected).rolling(_HOURS, min_periods=1).mean()
    scatter = (excess / (expected**2).rolling(_HOURS, min_periods=1).mean()).shift()
    row, column = index.get_indexer(hour), hourly.columns.get_indexer(released["token"])
    for name, table in (("expected", expected), ("scatter", scatter)):
        released[f"token_{name}"] = table.to_numpy()[row, column]
        released[f"chain_{name}"] = table["chain"].to_numpy()[row]


def _drift(frame: pd.DataFrame, released: pd.DataFrame) -> NDArray[np.float64]:
    """The day's net flow so far, with what earlier days piled up beyond the usual."""
    of_day = frame.groupby(["token", "day"])["net"]
    nets = of_day.sum()
    median, spread = _usual(nets)
    steps = ((nets - median) / spread).clip(-3.0, 3.0).fillna(0.0) - 0.5
    piled = steps.groupby(level=0).cumsum()
    drift = (piled - piled.groupby(level=0).cummin().clip(upper=0.0)).groupby(level=0).shift(fill_value=0.0)
    at = pd.MultiIndex.from_frame(released[["token", "day"]])
    today = (of_day.cumsum()[frame["is_release"]].to_numpy() - median.reindex(at)) / spread.reindex(at)
    return np.asarray(drift.reindex(at).to_numpy() + today.clip(-3.0, 3.0).to_numpy())


def _receivers_highest(released: pd.DataFrame) -> NDArray[np.float64]:
    """The most that each row's receiver had of the token on an earlier day; NaN for a new one."""
    keys = ["token", "receiver", "day"]
    highs = released.groupby(keys)["value"].max()
    earlier = highs.groupby(level=[0, 1]).cummax().groupby(level=[0, 1]).shift()
    return np.asarray(earlier.reindex(pd.MultiIndex.from_frame(released[keys])).to_numpy())
