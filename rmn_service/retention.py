"""What a node drops from its database: old traffic that closed ranges hold.

Off unless `[retention]` says otherwise. Dropped are the logs of messages (sent, committed, executed, and what pools
and tokens moved for them) that are final, older than `keep_days` and in the exported files; of each chain the oldest
first and without a gap, a few blocks a transaction. Settings, limits, prices, curses and votes on a chain stay, as do
orphaned blocks, incidents and their evidence, the audit log and all that this node signed.

The record is then said to begin later: a node that starts on it does not call a message that it dropped one that nobody
sent, nor misses it; what was done with such a message stays undecided. Until it starts anew it knows what it knew.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import structlog
from sqlalchemy import and_, delete, func, not_, or_, select

from ccip_core.protocol import events
from rmn_service.closed_ranges import GapError, spans_in
from rmn_service.schema import blocks, logs

if TYPE_CHECKING:
    from collections.abc import Iterable
    from pathlib import Path

    from ccip_core.protocol.messages import ChainSelector
    from rmn_service.store import Store

log = structlog.get_logger()

EVERY_S = 600
_DAY_S = 86_400
_BLOCKS = 64
"""A transaction's worth."""
_BLOCKS_LEFT = 1_024
"""So many of a chain's newest final blocks stay whatever their age: what an indexer finds a fork by."""
_TRAFFIC = tuple(
    events.topic(kind)
    for kind in (
        events.CCIPMessageSent,
        events.CommitReportAccepted,
        events.ExecutionStateChanged,
        events.LockedOrBurned,
        events.ReleasedOrMinted,
        events.Locked,
        events.Burned,
        events.Released,
        events.Minted,
        events.Transfer,
        events.OutboundRateLimitConsumed,
        events.InboundRateLimitConsumed,
        events.TokensConsumed,
    )
)


class Retention:
    """Drops when it is asked. Raises StoreError; what was dropped until then is dropped."""

    def __init__(self, store: Store, chains: Iterable[ChainSelector], *, keep_days: int, exported: Path) -> None:
        self._store = store
        self._chains = tuple(chains)
        self._keep_s = keep_days * _DAY_S
        self._exported = exported

    def run(self, now_ms: int) -> None:
        """Drop what may be dropped by now."""
        try:
            spans = spans_in(self._exported)
        except GapError as error:  # what is not exported stays
            log.warning("nothing is dropped", reason=str(error))
            return
        if not spans:
            return
        first_s = self._store.first_s()
        until_s = min(now_ms // 1000 - self._keep_s, spans[-1].until_s)
        if first_s is None or first_s >= until_s or not self._holds_the_first(spans[0].since_s):
            return
        for chain in self._chains:
            count = self._drop(chain, until_s, now_ms)
            if count:
                log.info("old traffic dropped", chain=str(chain), blocks=count, until_s=until_s)

    def _holds_the_first(self, since_s: int) -> bool:
        """Whether the files begin no later than the traffic that is still in the database."""
        wanted = select(func.min(blocks.c.timestamp_s)).join_from(blocks, logs, _of_block).where(_is_traffic)
        with self._store.database.reading() as connection:
            first_s: int | None = connection.execute(wanted.where(not_(blocks.c.is_orphan))).scalar()
        return first_s is not None and first_s >= since_s

    def _drop(self, chain: ChainSelector, until_s: int, now_ms: int) -> int:
        final = self._store.final(chain)
        if final is None:
            return 0
        name, count = f"begin-{chain}", 0
        begin = self._store.get("setting", name) or {"opening_block": 0, "is_whole": False}
        old = and_(
            blocks.c.chain == str(chain),
            blocks.c.is_final,
            not_(blocks.c.is_orphan),
            blocks.c.timestamp_s < until_s,
            blocks.c.number < final.number - _BLOCKS_LEFT,
        )
        while True:
            wanted = (
                select(blocks.c.hash, blocks.c.number)
                .where(old, blocks.c.number > begin.get("dropped_to", -1))
                .order_by(blocks.c.number)
                .limit(_BLOCKS)
            )
            with self._store.together(), self._store.database.writing() as connection:
                found = connection.execute(wanted).all()
                if not found:
                    return count
                hashes, last = [row.hash for row in found], found[-1].number
                here = and_(logs.c.chain == str(chain), logs.c.block_hash.in_(hashes))
                connection.execute(delete(logs).where(here, _is_traffic))
                held = select(logs.c.block_hash).where(here)
                connection.execute(
                    delete(blocks).where(
                        blocks.c.chain == str(chain), blocks.c.hash.in_(hashes), blocks.c.hash.not_in(held)
                    )
                )
                begin |= {"opening_block": max(begin["opening_block"], last), "is_whole": False, "dropped_to": last}
                self._store.put("setting", name, begin, now_ms)
            count += len(found)


_of_block = and_(logs.c.chain == blocks.c.chain, logs.c.block_hash == blocks.c.hash)
_is_traffic = or_(*(func.substr(logs.c.topics, 1, 32) == topic for topic in _TRAFFIC))
