"""The moment that every page shows: now, or a past one that the visitor chose."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import streamlit as st

from dashboard import words

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


def say_always_now() -> None:
    """On a page that has no past."""
    if chosen() is not None:
        st.info(words.ALWAYS_NOW)


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
        if chosen() is not None:
            st.button(words.BACK_TO_NOW, on_click=_back, key="back_to_now")


def _choose() -> None:
    st.session_state[_AT] = st.session_state["moment_slider"].astimezone(UTC)


def _back() -> None:
    for key in (_AT, "moment_slider", "moment_until"):
        st.session_state.pop(key, None)
