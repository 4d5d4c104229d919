"""Cross-chain tokens without code: see them, set one up, limit, lock down, upgrade a pool, hand over."""

import json
from typing import Any

import streamlit as st

from dashboard import moment, session, token_commands, travel, words
from dashboard.kept import Kept
from dashboard.looks import listed, look, nodes_or_say, speaking
from dashboard.names import Names
from dashboard.parts import parts
from dashboard.token_commands import CommandError
from dashboard.token_view import bucket_chart, buckets, facts, my_tokens, plan_table

Tokens = list[dict[str, str]]
_ASKS = {
    "upgrade-pool": (words.NEW_POOL, "--pool"),
    "transfer-admin": (words.NEW_ADMINISTRATOR, "--to"),
}
"""Tasks that need one address, and the option that it is given by."""


@st.cache_resource(show_spinner=False)
def known_tokens() -> Kept[Tokens]:
    """Every token on every chain of the deployment."""
    return Kept(lambda: token_commands.run("tokens")["tokens"])


@st.fragment(run_every=3)
def list_of(names: Names) -> None:
    """All of them, as of when, looked at again and again."""
    try:
        tokens, at = known_tokens().look()
    except CommandError as error:
        st.error(str(error))
        return
    st.dataframe(my_tokens(tokens, names), hide_index=True, key="my_tokens")
    st.caption(words.AS_OF.format(at=names.time(at.isoformat())))


@st.cache_resource(show_spinner=False, max_entries=50)
def known_token(symbol: str, chain: str) -> Kept[dict[str, Any]]:
    """One token on one chain; it is asked for while somebody looks."""
    return Kept(lambda: token_commands.run("token", "show", symbol, "--chain", chain))


@st.fragment(run_every=3)
def token_page(tokens: Tokens, names: Names) -> None:
    """One token on one chain, live: how full its buckets are, who may do what, and the last messages that carry it."""
    places = {f"{token['symbol']} · {names.chain(token['chain'])}": token for token in tokens}
    place = places[st.selectbox(words.PLACE, list(places), key="token_place")]
    try:
        token, at = known_token(place["symbol"], place["chain"]).look()
    except CommandError as error:
        st.error(str(error))
        return
    rows = buckets(token, names)
    if len(rows):
        st.altair_chart(bucket_chart(rows), width="stretch", key="bucket_chart")
    st.dataframe(rows, hide_index=True, key="buckets")
    st.dataframe(facts(token), hide_index=True, key="token_facts")
    st.subheader(words.ACTIVITY)
    given = (("q", place["symbol"]), ("limit", 20))
    carried: list[Any] = next(iter(listed(nodes_or_say(), "/messages", given).values()), [])
    if carried:
        moves = travel.table(carried, names)[["sent", "lane", "tokens", "value", "state", "id"]]
        st.dataframe(moves, hide_index=True, key="token_activity")
    else:
        st.caption(words.NO_ACTIVITY)
    st.caption(words.AS_OF.format(at=names.time(at.isoformat())))


def wanted(tokens: Tokens, names: Names) -> tuple[str, ...] | None:
    """What the visitor wants, as a command; None until enough is filled in."""
    task = st.selectbox(words.TASK, list(words.TASKS), format_func=words.TASKS.__getitem__, key="task")
    symbols = sorted({token["symbol"] for token in tokens})
    chains = {name: selector for selector, name in names.chains.items()}
    if task == "setup":
        return new_token(chains)
    symbol = st.selectbox(words.SYMBOL, symbols, key="symbol")
    here = {names.chain(token["chain"]): token["chain"] for token in tokens if token["symbol"] == symbol}
    chain = here[st.selectbox(words.ON_CHAIN, list(here), key="chain")]
    base = ("token", task, symbol, "--chain", chain)
    others = {name: selector for name, selector in chains.items() if selector != chain}
    if task in {"limits", "connect", "lockdown"}:
        remote = others[st.selectbox(words.REMOTE_CHAIN, list(others), key="remote")]
        if task == "lockdown":
            st.warning(words.LOCKDOWN_HELP)
            return token_commands.lockdown(symbol, chain, remote)
        capacity = st.number_input(words.CAPACITY, min_value=0.0, key="capacity", help=words.CAPACITY_HELP)
        rate = st.number_input(words.RATE, min_value=0.0, key="rate")
        return token_commands.with_limits((*base, "--remote", remote), capacity, rate)
    if task == "new-pool":
        address = next(t["address"] for t in tokens if (t["symbol"], t["chain"]) == (symbol, chain))
        kind = st.radio(words.POOL_KIND, list(words.POOL_TYPES), format_func=words.POOL_TYPES.__getitem__, key="kind")
        return ("token", "deploy", f"{symbol}v2", "--chain", chain, "--token", address, "--pool", kind)
    if task in _ASKS:
        label, option = _ASKS[task]
        if task == "upgrade-pool":
            st.info(words.UPGRADE_HELP)
        address = st.text_input(label, key="address").strip()
        return (*base, option, address) if address else None
    return base


def new_token(chains: dict[str, str]) -> tuple[str, ...] | None:
    """The wizard: details, settings, networks, limits."""
    symbol = st.text_input(words.SYMBOL, max_chars=11, key="new_symbol").strip()
    on = st.multiselect(words.ON_CHAINS, list(chains), help=words.ON_CHAINS_HELP, key="on_chains")
    left, right = st.columns(2)
    home = left.radio(words.POOL_KIND, list(words.POOL_TYPES), format_func=words.POOL_TYPES.__getitem__, key="home")
    decimals = right.number_input(words.DECIMALS, 0, 77, 18, key="decimals")
    supply = st.number_input(words.SUPPLY_AT_HOME, min_value=0, value=1_000_000, key="supply")
    left, right = st.columns(2, vertical_alignment="bottom")
    capacity = left.number_input(words.CAPACITY, min_value=0.0, key="capacity", help=words.CAPACITY_HELP)
    rate = right.number_input(words.RATE, min_value=0.0, key="rate")
    if not symbol or len(on) < 2:
        st.caption(words.WIZARD_NEEDS)
        return None
    where = ",".join(chains[name] for name in on)
    base = (
        "token",
        "setup",
        symbol,
        "--on",
        where,
        "--home",
        home,
        "--decimals",
        str(decimals),
        "--supply",
        str(supply),
    )
    return token_commands.with_limits(base, capacity, rate)


def plan_of(command: tuple[str, ...]) -> None:
    """Every transaction before anybody signs it; then sent by the local keys, or exported."""
    st.code("ccip " + " ".join(command), language="sh")
    plan = token_commands.run(*command, "--plan")
    for warning in plan["warnings"]:
        st.warning(warning)
    if not plan["steps"]:
        st.success(words.NOTHING_TO_DO)
        return
    st.dataframe(plan_table(plan), hide_index=True, key="plan")
    raw = json.dumps(plan, indent=2)
    st.download_button(words.RAW_CALLDATA, raw, file_name="plan.json", mime="application/json", key="raw")
    if all(step["to"] for step in plan["steps"]):
        packed = token_commands.safe_batches(*command)
        st.download_button(words.SAFE_BATCHES, packed, file_name="safe.zip", mime="application/zip", key="safe")
    who = session.actor()
    if not token_commands.is_local():
        st.caption(words.REAL_KEYS)
    elif who is None or "propose" not in who.may:
        st.caption(words.READ_ONLY)
    elif st.button(words.SEND_PLAN.format(count=len(plan["steps"])), key="send_plan"):
        with st.spinner(words.SENDING):
            token_commands.run(*command)
        known_tokens().forget()
        known_token.clear()
        st.success(words.PLAN_SENT)


def show() -> None:
    """My tokens, one token, and what to do with it."""
    if moment.chosen() is not None:
        st.info(words.ONLY_NOW)
        return
    names = Names.of(speaking(look(nodes_or_say())))
    try:
        tokens, _ = known_tokens().look()
        mine, one, change = parts(words.MY_TOKENS, words.ONE_TOKEN, words.CHANGE_TOKEN)
        with mine:
            list_of(names)
        if one.open:
            with one:
                token_page(tokens, names)
        with change:
            command = wanted(tokens, names)
            if command is not None and change.open:
                plan_of(command)
    except CommandError as error:
        st.error(str(error))
        st.caption(words.TOKENS_ASK_CHAINS)


show()
