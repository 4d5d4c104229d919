"""What this node signed for chains, written down before it is sent.

A row is one signed transaction. It is *open* from before it leaves until the chain has mined it or another one of its
number: while it is open it may be sent again, by this process or the next, and is still one transaction. Rows are
never deleted: `mined` and `void` ones show what was signed.
"""

from __future__ import annotations

import threading
from typing import TYPE_CHECKING, Literal, NamedTuple

from sqlalchemy import func, select, update
from sqlalchemy.dialects import postgresql, sqlite

from ccip_core.protocol.messages import ChainSelector
from ccip_core.transactions import Transaction, read_transaction
from rmn_service.prepared import Prepared
from rmn_service.schema import transactions

if TYPE_CHECKING:
    from collections.abc import Sequence

    from sqlalchemy import ClauseElement, Connection

    from ccip_core.transactions import SignedTransaction
    from rmn_service.store import Store

State = Literal["open", "mined", "void"]
"""open: it may be on its way · mined: it is on the chain, until a reorg says otherwise · void: it never will be."""


def _insert(new: postgresql.Insert | sqlite.Insert) -> ClauseElement:
    """What was given up and is signed again under the same number is the same transaction."""
    again = {name: new.excluded[name] for name in ("position", "state", "at_ms")}
    return new.on_conflict_do_update(index_elements=["tx_hash"], set_=again)


_INSERTS = {
    "postgresql": _insert(postgresql.insert(transactions)),
    "sqlite": _insert(sqlite.insert(transactions)),
}


class Posted(NamedTuple):
    """One signed transaction."""

    tx_hash: bytes
    position: int
    chain: ChainSelector
    nonce: int
    raw: bytes
    action: str
    """Id of the action that it serves."""
    state: State
    at_ms: int
    """When it was signed."""

    @property
    def content(self) -> Transaction:
        """What was signed."""
        return read_transaction(self.raw)[0]


class Outbox:
    """The store's signed transactions. Thread-safe; every method may raise StoreError."""

    def __init__(self, store: Store) -> None:
        self._database = store.database
        engine = store.database.engine
        self._insert = Prepared(engine, _INSERTS[engine.dialect.name], transactions.c.keys())
        self._lock = threading.Lock()
        self._open: dict[str, list[Posted]] = {}
        open_rows = select(transactions).where(transactions.c.state == "open").order_by(transactions.c.position)
        with self._database.reading() as connection:
            self._last = connection.execute(select(func.max(transactions.c.position))).scalar() or 0
            for row in connection.execute(open_rows):
                posted = Posted(*row)._replace(chain=ChainSelector(int(row.chain)))
                self._open.setdefault(posted.action, []).append(posted)

    def write(self, chain: ChainSelector, action: str, signed: SignedTransaction, now_ms: int) -> Posted:
        """Write it down. It may be sent once this, or the `together` around it, is durable.

        The same bytes again (a void one signed once more under the number that was free again) are open again.
        """
        with self._lock:
            self._last += 1
            position = self._last
        nonce = signed.content.nonce
        posted = Posted(signed.tx_hash, position, chain, nonce, signed.raw, action, "open", now_ms)
        with self._database.writing() as connection:
            self._insert.run(connection, [{**posted._asdict(), "chain": str(chain)}])
        with self._lock:
            self._open.setdefault(action, []).append(posted)
        return posted

    def open(self, action: str) -> Sequence[Posted]:
        """The action's transactions that may be on their way, newest first."""
        with self._lock:
            return [*reversed(self._open.get(action, ()))]

    def held(self, chain: ChainSelector) -> set[int]:
        """The numbers of all transactions that may be on their way to the chain: no other may have them."""
        with self._lock:
            return {posted.nonce for rows in self._open.values() for posted in rows if posted.chain == chain}

    def settle(self, action: str, mined: bytes | None = None) -> None:
        """None of the action's transactions is on its way any more; `mined` is the hash of the one that made it."""
        with self._database.writing() as connection:
            for posted in self.open(action):
                state: State = "mined" if posted.tx_hash == mined else "void"
                _set_state(connection, posted.tx_hash, state)
        with self._lock:
            self._open.pop(action, None)

    def mined(self, action: str) -> Posted | None:
        """The action's last transaction that was mined."""
        wanted = select(transactions).where(transactions.c.action == action, transactions.c.state == "mined")
        with self._database.reading() as connection:
            row = connection.execute(wanted.order_by(transactions.c.position.desc()).limit(1)).first()
        return None if row is None else Posted(*row)._replace(chain=ChainSelector(int(row.chain)))

    def reopen(self, posted: Posted) -> None:
        """A reorg took it off the chain: it may be on its way again."""
        with self._database.writing() as connection:
            _set_state(connection, posted.tx_hash, "open")
        with self._lock:
            self._open.setdefault(posted.action, []).append(posted._replace(state="open"))

    def forget(self, posted: Posted) -> None:
        """The `together` that it was written in failed: there is no such row, and it was never sent."""
        with self._lock:
            rows = [row for row in self._open.pop(posted.action, ()) if row.tx_hash != posted.tx_hash]
            if rows:
                self._open[posted.action] = rows


def _set_state(connection: Connection, tx_hash: bytes, state: State) -> None:
    connection.execute(update(transactions).where(transactions.c.tx_hash == tx_hash).values(state=state))
