"""The moment that every page shows: now, or a past one that the visitor chose."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import streamlit as st

from dashboard import words
from dashboard.names import Names

_AT = "moment"
_SPANS = {
    words.LAST_HOUR: (timedelta(hours=1), timedelta(seconds=5)),
    words.LAST_DAY: (timedelta(days=1), timedelta(minutes=1)),
    words.LAST_WEEK: (timedelta(days=7), timedelta(minutes=10)),
}
"""How far back the slider reaches, and its step."""


def chosen() -> str | None:
    """ISO 8601 in UTC; None for now."""
    at: datetime | None = st.session_state.get(_AT)
    return None if at is None else at.strftime("%Y-%m-%dT%H:%M:%SZ")


def is_told(at_ms: int) -> bool:
    """Whether what was done at that time had been done by the moment that is looked at."""
    at: datetime | None = st.session_state.get(_AT)
    return at is None or at_ms < 1000 * (int(at.timestamp()) + 1)


def banner() -> None:
    """Above every page: which moment it shows, and the way back."""
    at = chosen()
    if at is not None:
        st.warning(words.TIME_TRAVEL_ON.format(at=Names.time(at)), icon="⏳")
        st.button(words.BACK_TO_NOW, on_click=_back, key="back_to_now")


def chooser() -> None:
    """The slider in the side bar."""
    with st.expander(words.TIME_TRAVEL, expanded=chosen() is not None):
        reach, step = _SPANS[
            st.radio(words.REACH_BACK, list(_SPANS), horizontal=True, key="moment_span", on_change=_back)
        ]
        until: datetime = st.session_state.setdefault("moment_until", datetime.now(UTC).replace(microsecond=0))
        st.slider(
            words.TIME_TRAVEL,
            min_value=until - reach,
            max_value=until,
            value=until,
            step=step,
            format="MM-DD HH:mm:ss",
            key="moment_slider",
            on_change=_choose,
            help=words.TIME_TRAVEL_HELP,
            label_visibility="collapsed",
        )


def _choose() -> None:
    st.session_state[_AT] = st.session_state["moment_slider"].astimezone(UTC)


def _back() -> None:
    for key in (_AT, "moment_slider", "moment_until"):
        st.session_state.pop(key, None)
