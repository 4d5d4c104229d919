"""The parts of a page: tabs that stay where the visitor is.

The open part stands in the address (`?part=Controls`), so an act, a refresh and a link that somebody passes on all lead
back to it. What only costs time is not worked out for a part that is closed; forms are, so that nothing that somebody
typed is lost while they look beside it.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import streamlit as st

if TYPE_CHECKING:
    from collections.abc import Sequence

    from streamlit.elements.lib.mutable_tab_container import TabContainer

KEY = "part"
"""Under which the open part stands in the address."""


def parts(*names: str) -> Sequence[TabContainer]:
    """One container a part, in order, to be filled with `with`; `open` tells which one is looked at."""
    if st.session_state.get(KEY) not in names:  # of another page
        st.session_state.pop(KEY, None)
    return st.tabs(names, key=KEY, bind="query-params")
