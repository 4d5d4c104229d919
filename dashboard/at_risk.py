"""How much is at risk in an incident, in words: what its signals accuse, and what could still be taken. Pure."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from dashboard import words
from dashboard.names import usd, whole

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence


def risk_of(same: Sequence[Mapping[str, Any]]) -> str:
    """Of one incident as several nodes tell it: the most that any of them knows of."""
    values = [int(each["value_at_risk_micro_usd"]) for each in same if each["value_at_risk_micro_usd"] is not None]
    told = [words.ACCUSED.format(worth=usd(max(values)))] if values else []
    exposures = [each["exposure"] for each in same if each["exposure"] is not None]
    if not exposures:
        return "; ".join(told) or words.NOTHING_STATED
    exposure = max(exposures, key=lambda each: (len(each["open"]), _worth(each["open"])))
    still, guarded = exposure["open"], exposure["stopped"]
    if still:
        told.append(words.AT_MOST.format(most=at_most(still), bounds=_bounds(still)))
        if guarded:
            told.append(words.PARTLY_GUARDED.format(most=at_most(guarded)))
    elif guarded:
        told.append(words.GUARDED.format(most=at_most(guarded)))
    else:
        told.append(words.NO_POOL_THERE)
    return "; ".join(told)


def at_most(items: Sequence[Mapping[str, Any]]) -> str:
    """The sum of what has a price, then what has none token by token, then what nothing bounds."""
    bounded = [item for item in items if item["amount"] is not None]
    worth = _worth(bounded)
    sums = [usd(worth)] if worth else []
    sums += [
        f"{whole(item['amount'], item['decimals'])} {item['symbol']}"
        for item in bounded
        if item["value_micro_usd"] is None
    ]
    told = [words.UP_TO.format(most=" and ".join(sums))] if sums else []
    for bound, words_of in (("nothing", words.ANY_AMOUNT), ("unknown", words.UNKNOWN_AMOUNT)):
        tokens = _symbols(item for item in items if item["amount"] is None and item["bound"] == bound)
        told += [words_of.format(tokens=tokens)] if tokens else []
    return " and ".join(told)


def _bounds(items: Sequence[Mapping[str, Any]]) -> str:
    of = {bound: _symbols(item for item in items if item["bound"] == bound) for bound in words.BOUNDS}
    return "; ".join(f"{tokens}: {words.BOUNDS[bound]}" for bound, tokens in of.items() if tokens)


def _symbols(items: Iterable[Mapping[str, Any]]) -> str:
    return ", ".join(dict.fromkeys(item["symbol"] for item in items))


def _worth(items: Iterable[Mapping[str, Any]]) -> int:
    return sum(int(item["value_micro_usd"] or 0) for item in items)
