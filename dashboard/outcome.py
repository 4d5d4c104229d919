"""Tells a person what became of their act at every node: a partial failure is shown as one."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import streamlit as st

from dashboard import words

if TYPE_CHECKING:
    from collections.abc import Mapping


def tell(results: Mapping[str, dict[str, Any] | str]) -> None:
    """`results`: each node's answer, or its refusal as text."""
    st.cache_data.clear()
    refused = {name: said for name, said in results.items() if isinstance(said, str)}
    if not refused:
        st.success(words.TAKEN_BY_ALL.format(count=len(results)))
        return
    taken = len(results) - len(refused)
    lines = "\n".join(f"- {said}" for said in refused.values())
    (st.warning if taken else st.error)(f"{words.TAKEN_BY_SOME.format(count=taken, of=len(results))}\n{lines}")
