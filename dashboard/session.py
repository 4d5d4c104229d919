"""Who is looking: an operator's token, kept in the server's memory for one browser session and for a limited time.

The token never reaches a page, an URL, a log or a cookie. What a visitor sees follows from the role that the nodes say
they have; whether they may act is decided by each node again at every act.
"""

from __future__ import annotations

import time
from typing import NamedTuple

import streamlit as st

from dashboard import words
from dashboard.client import ApiError, Node, whoami

SESSION_S_MAX = 8 * 3600
_KEY = "visitor"


class Visitor(NamedTuple):
    """Somebody who showed a token."""

    name: str
    role: str
    may: frozenset[str]
    """What the nodes say that they may do; buttons for anything else are not worth showing."""
    token: str
    until_s: float


def visitor() -> Visitor | None:
    """Who is signed in, unless their session has run out."""
    found: Visitor | None = st.session_state.get(_KEY)
    if found is not None and found.until_s <= time.time():
        sign_out()
        return None
    return found


def sign_in(asked: tuple[Node, ...], token: str) -> None:
    """Ask the nodes whose token it is; the first that knows says.

    Raises:
        ApiError: no node knows it.
    """
    refusal = ApiError(words.NO_NODES)
    for node in asked:
        try:
            said = whoami(node, token)
        except ApiError as error:  # the next may know better; if none does, this is what the person reads
            refusal = error
        else:
            st.session_state[_KEY] = Visitor(
                said["name"], said["role"], frozenset(said["may"]), token, time.time() + SESSION_S_MAX
            )
            return
    raise refusal


def sign_out() -> None:
    """Forget the token."""
    st.session_state.pop(_KEY, None)


def door(asked: tuple[Node, ...]) -> None:
    """The sign-in corner of the side bar."""
    who = visitor()
    if who is not None:
        st.caption(words.SIGNED_IN.format(name=who.name, role=who.role))
        st.button(words.SIGN_OUT, on_click=sign_out, key="sign_out")
        return
    with st.form("sign_in", clear_on_submit=True, border=False):
        token = st.text_input(words.TOKEN, type="password", help=words.SIGN_IN_HELP, key="token")
        if st.form_submit_button(words.SIGN_IN) and token:
            try:
                sign_in(asked, token.strip())
            except ApiError as error:
                st.error(words.NOT_SIGNED_IN.format(why=error))
            else:
                st.rerun()
