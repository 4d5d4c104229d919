"""Which column of a file is which: other names that bridges' exports use, and files of deposits alone.

A file of deposits (`bridge`, `corridor`, `tx_hash`, `timestamp`, `sender`, `receiver`, `amount_raw`, `asset_s`) has one
side and no event ids. It is read as one stream a bridge: the bridge is the chain on which all its deposits stand, a
corridor a lane that leads out of it, and no chain at the other end is watched. So rules that compare two sides have no
opinion, and statistics of releases see nothing.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

OTHER_NAMES: Mapping[str, tuple[str, ...]] = {
    "event_id": ("id", "log_id"),
    "side": ("event", "event_type", "kind"),
    "direction": ("lane",),
    "chain": ("network", "blockchain"),
    "timestamp": ("block_timestamp", "block_time_s", "time_s"),
    "tx_hash": ("transaction_hash", "txhash", "tx"),
    "nonce": ("sequence_number", "seq_nr"),
    "token": ("token_address", "asset", "asset_s"),
    "token_eth": ("canonical_token",),
    "amount_raw": ("raw_amount", "amount_wei"),
    "usd": ("amount_usd", "value_usd", "usd_value"),
    "sender": ("from", "from_address", "depositor"),
    "receiver": ("recipient", "to", "to_address"),
}
"""For each column of the data README, by what else it goes; the first that is there counts."""
_OF_DEPOSITS = ("bridge", "corridor")


def find_columns(there: Iterable[str]) -> dict[str, str]:
    """The name in the file of every column that it has, by the name in the data README."""
    names = list(there)
    folded = {name.lower(): name for name in reversed(names)}
    found = {name: name for name in names}
    for name, others in OTHER_NAMES.items():
        other = next((folded[one] for one in (name, *others) if one in folded), None)
        if name not in found and other is not None:
            found[name] = other
    return found


def is_deposits(found: Mapping[str, str]) -> bool:
    """Whether a file with these columns holds deposits alone."""
    return "side" not in found and all(name in found for name in _OF_DEPOSITS)


def wanted_of_deposits(columns: Iterable[str]) -> list[str]:
    """The columns to be read of a file of deposits so that `as_history` can give these."""
    return [*(name for name in columns if name not in _MADE), *_OF_DEPOSITS]


def as_history(columns: Mapping[str, list[Any]]) -> dict[str, list[Any]]:
    """Deposits with the columns of a history in place of their own."""
    bridges, corridors = (columns[name] for name in _OF_DEPOSITS)
    count = len(bridges)
    return {
        **{name: values for name, values in columns.items() if name not in _OF_DEPOSITS},
        "event_id": [f"deposit-{number}" for number in range(1, count + 1)],
        "side": ["src_deposit"] * count,
        "chain": list(bridges),
        "direction": [
            f"{bridge}->{corridor}" if bridge and corridor else None
            for bridge, corridor in zip(bridges, corridors, strict=True)
        ],
    }


_MADE = frozenset({"event_id", "side", "chain", "direction"})
