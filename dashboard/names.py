"""How things are written for people: chains by name, money with its unit, times in UTC. Pure."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from ccip_core.amounts import rounded_text
from dashboard import words

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from dashboard.client import NodeAnswer

_GLOBAL = 0x01000000000000000000000000000001
_HEX = re.compile(r"\b0x[0-9a-fA-F]{32,}\b")
_STEPS = ((1_000_000_000, "bn"), (1_000_000, "m"), (1_000, "k"))


@dataclass(frozen=True, slots=True)
class Names:
    """Chains by selector."""

    chains: Mapping[str, str]

    @classmethod
    def of(cls, answers: Iterable[NodeAnswer]) -> Names:
        """As the nodes call them."""
        return cls({chain["selector"]: chain["name"] for answer in answers for chain in answer.chains})

    def chain(self, selector: str) -> str:
        """A chain's name, or its selector where nobody named it."""
        return self.chains.get(selector, selector)

    def lane(self, text: str) -> str:
        """SOURCE:DEST as people read it."""
        source, _, dest = text.partition(":")
        return f"{self.chain(source)} → {self.chain(dest)}"

    def subject(self, subject: str) -> str:
        """What a curse subject is about."""
        number = int(subject, 16)
        return (
            words.EVERYTHING
            if number == _GLOBAL
            else self.chain(str(number))
            if str(number) in self.chains
            else subject
        )

    @staticmethod
    def time(text: str | None) -> str:
        """A node's ISO time as `2026-11-27 10:04:31 UTC`."""
        return "" if not text else f"{text[:10]} {text[11:19]} UTC"


def usd(micro: int) -> str:
    """Micro-dollars as people write dollars, rounded to the nearest shown digit."""
    dollars = abs(micro) // 1_000_000
    sign = "-" if micro < 0 else ""
    for size, word in _STEPS:
        if dollars >= size:
            tenths = (dollars * 10 + size // 2) // size
            return f"{sign}{tenths // 10}.{tenths % 10}{word} USD"
    return f"{sign}{dollars} USD"


def shortened(text: str) -> str:
    """The text with its hashes and addresses by their ends only; the whole ones stand in tables and evidence."""
    return _HEX.sub(lambda found: short(found.group()), text)


def counted(count: int, what: str) -> str:
    """So many of them: `1 message`, `2 messages`."""
    return f"{count:,} {what}{'' if count == 1 else 's'}"


def ago(seconds: int) -> str:
    """How long something is past, in the largest unit that fills."""
    for size, word in ((86_400, "day"), (3_600, "hour"), (60, "minute"), (1, "second")):
        if seconds >= size:
            return f"{counted(seconds // size, word)} ago"
    return "just now"


def whole(amount: str, decimals: int) -> str:
    """An amount in smallest units as whole tokens."""
    return rounded_text(int(amount), decimals)


def amount(token: Mapping[str, Any]) -> str:
    """What a node says of a token's amount, in whole tokens; of one whose decimals nobody knows in smallest units."""
    decimals = token.get("decimals")  # a proposal that an earlier release stored has none
    if decimals is None:
        return f"{int(token['amount']):,} {words.SMALLEST_UNITS}"
    return whole(token["amount"], decimals)


def short(text: str | None, keep: int = 10) -> str:
    """A hash or an address, its ends only."""
    return "" if not text else text if len(text) <= 2 * keep else f"{text[:keep]}…{text[-6:]}"
