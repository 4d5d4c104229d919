"""What a signal says, for people: contracts of ours by name, amounts in whole tokens, prices in dollars.

A detector's own sentence is part of its claim, which anybody derives again to the letter, so it keeps addresses and raw
integers. What an integer in it stands for, its evidence tells: only those that the evidence calls an amount or a price
are written anew, and only where the token is ours and its decimals are known. All else stays as it is.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from ccip_core.amounts import rounded_text

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from detectors.detector import Signal
    from detectors.network import ChainFacts, Network, TokenFacts

_ADDRESS = r"0x[0-9a-f]{40}"
_POOL = re.compile(rf"\b(?:the |(The )|)pool ({_ADDRESS})(?: of [^\s,.;:]+)?")
_CONTRACT = re.compile(rf"\b{_ADDRESS}\b")
_NUMBER = re.compile(rf"(?<![Mm]essage )(?<![\w.])(\d+)\b(?!\.\d| s\b| %)(?: of ({_ADDRESS}|[A-Za-z][\w-]*))?")
_EXPECTED = re.compile(r"should be (\d+)")
_ONLY_ONE = re.compile(r"\bmessages (\d+) to \1\b")
_AMOUNT_KEYS = re.compile(r"amount|unexplained|withdrawn_in|tokens_left|capacity")
_PRICE_KEYS = {"usd_per_token", "before"}


def spoken(signal: Signal, network: Network) -> str:
    """Its summary as people read it."""
    facts = network.chains.get(signal.chain)
    if facts is None:
        return signal.summary
    token = _token_of(signal, facts)
    text = _ONLY_ONE.sub(r"message \1", signal.summary)
    if token is not None:
        text = _NUMBER.sub(lambda found: _number(found, signal, token), text)
    text = _POOL.sub(lambda found: _pool(found, facts), text)
    return _CONTRACT.sub(lambda found: _contract(found.group(), facts), text)


def _number(found: re.Match[str], signal: Signal, token: TokenFacts) -> str:
    number, of = found.groups()
    rest = "" if of is None or of in {token.symbol, token.address} else f" of {of}"
    if number in _amounts(signal):
        return f"{rounded_text(int(number), token.decimals)} {token.symbol}{rest}"
    if number in _prices(signal):
        units = int(number) * 10**token.decimals  # the price is of 10 ** 18 smallest units, in 10 ** -18 USD
        return f"{rounded_text(units, 36)} USD{rest}"
    return found.group()


def _pool(found: re.Match[str], facts: ChainFacts) -> str:
    starts, address = found.groups()
    token = facts.token_of_pool(address)
    return found.group() if token is None else f"{'The' if starts else 'the'} pool of {token.symbol}"


def _contract(address: str, facts: ChainFacts) -> str:
    token = facts.tokens.get(address)
    if token is not None:
        return token.symbol
    return address if facts.role_of(address) is None else f"of {facts.name}"


def _token_of(signal: Signal, facts: ChainFacts) -> TokenFacts | None:
    """Whose amounts it speaks of."""
    named = (signal.evidence.get("token"), signal.evidence.get("pool"))
    for address in filter(None, named):
        token = facts.tokens.get(str(address)) or facts.token_of_pool(str(address))
        if token is not None:
            return token
    return None


def _amounts(signal: Signal) -> set[str]:
    return {*_values(signal, lambda key: _AMOUNT_KEYS.search(key) is not None), *_EXPECTED.findall(signal.summary)}


def _prices(signal: Signal) -> set[str]:
    return {*_values(signal, _PRICE_KEYS.__contains__)}


def _values(signal: Signal, is_meant: Callable[[str], bool]) -> Iterator[str]:
    """The texts that stand under the keys which are meant."""
    return (value for key, value in signal.evidence.items() if isinstance(value, str) and is_meant(key))
