"""Tells a person what became of their act at every node: a partial failure is shown as one.

The page is drawn anew after an act, since the act changed what it shows; what is to be said of it stands above.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import streamlit as st

from dashboard import words

if TYPE_CHECKING:
    from collections.abc import Mapping

_KEY = "told"
_LEVELS = {"success": st.success, "warning": st.warning, "error": st.error}


def tell(results: Mapping[str, dict[str, Any] | str]) -> None:
    """`results`: each node's answer, or its refusal as text. Ends this run of the page."""
    st.cache_data.clear()
    refused = {name: said for name, said in results.items() if isinstance(said, str)}
    taken = len(results) - len(refused)
    if refused:
        lines = "\n".join(f"- {said}" for said in refused.values())
        text = f"{words.TAKEN_BY_SOME.format(count=taken, of=len(results))}\n{lines}"
        st.session_state[_KEY] = ("warning" if taken else "error", text)
    else:
        st.session_state[_KEY] = ("success", words.TAKEN_BY_ALL.format(count=taken))
    st.rerun()


def show_told() -> None:
    """What the last act came to, once."""
    told = st.session_state.pop(_KEY, None)
    if told is not None:
        level, text = told
        _LEVELS[level](text)
