"""Which row of a list is looked at: the same thing, also when the list grows above it.

A table knows a selection by the row's number, and rows move with whatever is told next. So what is remembered is the
thing's own id, in the address: an act meets what the visitor saw, and a refresh or a link leads back to it.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import streamlit as st

if TYPE_CHECKING:
    from collections.abc import Sequence

    import pandas as pd


def picked(table: pd.DataFrame, ids: Sequence[str], key: str) -> str:
    """Show the table, a row for each id; the id of the row that was picked, else (or where it is gone) the first."""
    widget, shown = f"{key}_table", f"{key}_ids"

    def pick() -> None:
        rows = st.session_state[widget]["selection"]["rows"]
        if rows:
            st.query_params[key] = st.session_state[shown][rows[0]]
        else:
            st.query_params.pop(key, None)

    wanted = st.query_params.get(key)
    st.session_state[shown] = ids
    if wanted is not None:
        rows = [ids.index(wanted)] if wanted in ids else []
        st.session_state[widget] = {"selection": {"rows": rows, "columns": [], "cells": []}}
    st.dataframe(table, hide_index=True, key=widget, on_select=pick, selection_mode="single-row")
    return ids[0] if wanted is None or wanted not in ids else wanted
