"""Who is looking: an operator's token, or an OpenID provider's, kept in the server's memory for a limited time.

An operator's token never reaches a page, an URL, a log or a cookie. An ID token comes from `st.login` (Streamlit keeps
it in a signed cookie that scripts can't read) and is passed on to the nodes, which check it themselves. What a visitor
sees follows from the role that the nodes say they have; whether they may act is decided by each node again at every
act.
"""

from __future__ import annotations

import time
from datetime import UTC, datetime
from typing import NamedTuple

import streamlit as st

from dashboard import moment, words
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


def actor() -> Visitor | None:
    """Who may act: whoever is signed in, but nobody while they look at a past moment."""
    return None if moment.chosen() is not None else visitor()


def sign_in(asked: tuple[Node, ...], token: str, until_s: float | None = None) -> None:
    """Ask the nodes whose token it is; the first that knows says. It counts until `until_s`, at most for eight hours.

    Raises:
        ApiError: no node knows it, or it has run out.
    """
    if until_s is not None and until_s <= time.time():
        raise ApiError(words.RUN_OUT)
    refusal = ApiError(words.NO_NODES)
    for node in asked:
        try:
            said = whoami(node, token)
        except ApiError as error:  # the next may know better; if none does, this is what the person reads
            refusal = error
        else:
            latest_s = time.time() + SESSION_S_MAX
            until_s = latest_s if until_s is None else min(until_s, latest_s)
            st.session_state[_KEY] = Visitor(said["name"], said["role"], frozenset(said["may"]), token, until_s)
            return
    raise refusal


def sign_out() -> None:
    """Forget the token."""
    st.session_state.pop(_KEY, None)


def has_provider() -> bool:
    """Whether people sign in at an OpenID provider: `[auth]` stands in Streamlit's secrets.toml."""
    return st.secrets.load_if_toml_exists() and "auth" in st.secrets


def door(asked: tuple[Node, ...]) -> None:
    """The sign-in corner of the side bar."""
    is_vouched = has_provider() and st.user.is_logged_in
    if visitor() is None and is_vouched:
        _enter(asked, str(st.user.tokens.get("id", "")), float(str(st.user.get("exp", 0))))
    who = visitor()
    if who is not None:
        st.caption(words.SIGNED_IN.format(name=who.name, role=who.role))
        st.caption(words.SIGNED_IN_UNTIL.format(at=datetime.fromtimestamp(who.until_s, UTC).strftime("%H:%M UTC")))
    if who is not None or is_vouched:
        if st.button(words.SIGN_OUT, key="sign_out"):
            sign_out()
            if is_vouched:
                st.logout()
            st.rerun()
        return
    if has_provider():
        st.button(words.SIGN_IN_BY_PROVIDER, on_click=st.login, key="sign_in_by_provider")
    with st.form("sign_in", clear_on_submit=True, border=False):
        token = st.text_input(words.TOKEN, type="password", help=words.SIGN_IN_HELP, key="token")
        if st.form_submit_button(words.SIGN_IN) and token and _enter(asked, token.strip()):
            st.rerun()


def _enter(asked: tuple[Node, ...], token: str, until_s: float | None = None) -> bool:
    try:
        sign_in(asked, token, until_s)
    except ApiError as error:
        st.error(words.NOT_SIGNED_IN.format(why=error))
        return False
    return True
