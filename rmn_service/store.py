"""The record: one database that outlives the process, with one writer and many readers.

The corridor's thread writes; the API's threads read snapshots beside it (SQLite in WAL mode, or PostgreSQL). Every
write is one transaction and durable when the call returns, or it raises `StoreError` and left nothing behind. Saying a
thing twice is harmless: blocks are known by (chain, hash), logs by (chain, block hash, log index), documents by (kind,
id). What this node signed for chains is in the same database, written by `outbox.py`.
"""

from __future__ import annotations

import json
from contextlib import ExitStack
from pathlib import Path
from typing import TYPE_CHECKING, Any, NamedTuple, Self

from sqlalchemy import Row, and_, bindparam, delete, false, func, not_, select, true, update
from sqlalchemy.dialects import postgresql, sqlite

from ccip_core.protocol.logs import Header, RawLog
from ccip_core.protocol.messages import ChainSelector
from rmn_service.audit_chain import EMPTY_HEAD, AuditHead, AuditRow, audit_hash, canonical_json
from rmn_service.database import Database
from rmn_service.errors import StoreError
from rmn_service.prepared import Prepared
from rmn_service.schema import audit, blocks, documents, logs, meta
from rmn_service.steps import Block

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping, Sequence
    from contextlib import AbstractContextManager

    from ccip_core.deployment import Deployment

_CHUNK_BLOCKS, _CHUNK_LOGS = 1_000, 4_096
"""Blocks that `history` holds in memory at a time, at most; fewer, so that they hold about so many logs."""
_CHUNK_BLOCKS_FIRST = 16


class StoredBlock(NamedTuple):
    """A block as it was recorded. `known_at_ms` is when we first learned of it."""

    chain: ChainSelector
    header: Header
    logs: tuple[RawLog, ...]
    known_at_ms: int
    is_final: bool


_canonical = not_(blocks.c.is_orphan)
_header_columns = (blocks.c.number, blocks.c.hash, blocks.c.parent_hash, blocks.c.timestamp_s)
_of_chain = and_(blocks.c.chain == bindparam("of_chain"), _canonical)
_newest_first = select(*_header_columns).where(_of_chain).order_by(blocks.c.number.desc())

_CURSOR = _newest_first.limit(1)
# Walks down from the cursor: final blocks begin after a window of blocks that are not final yet.
_FINAL = _newest_first.where(blocks.c.is_final).limit(1)
_TAIL = _newest_first.limit(bindparam("limit"))
_TAIL_FROM = _newest_first.where(blocks.c.number >= bindparam("first"))
_FINALISE = (
    update(blocks)
    .where(_of_chain, blocks.c.number > bindparam("above"), blocks.c.number <= bindparam("upto"))
    .values(is_final=true())
)
_REWIND = update(blocks).where(_of_chain, blocks.c.number > bindparam("above")).values(is_orphan=true())
_AUDIT_HEAD = select(audit.c.sequence, audit.c.hash).order_by(audit.c.sequence.desc()).limit(1)


class Store:
    """A node's database. Thread-safe; every method raises `StoreError` when the database fails."""

    def __init__(self, database: Database) -> None:
        self.database = database
        engine = database.engine
        insert = postgresql.insert if engine.dialect.name == "postgresql" else sqlite.insert
        self._cursor_of = Prepared(engine, _CURSOR)
        self._final_of = Prepared(engine, _FINAL)
        self._finalise = Prepared(engine, _FINALISE)
        self._audit_head = Prepared(engine, _AUDIT_HEAD)
        self._put_block = Prepared(
            engine,
            insert(blocks).on_conflict_do_update(index_elements=["chain", "hash"], set_={"is_orphan": false()}),
            [column.name for column in blocks.c if column.name != "arrival"],
        )
        self._put_log = Prepared(engine, insert(logs).on_conflict_do_nothing(), [column.name for column in logs.c])
        document = insert(documents)
        self._put_document = Prepared(
            engine,
            document.on_conflict_do_update(
                index_elements=["kind", "id"], set_={"body": document.excluded.body, "at_ms": document.excluded.at_ms}
            ),
            [column.name for column in documents.c if column.name != "position"],
        )
        self._put_audit = Prepared(engine, insert(audit).inline(), [column.name for column in audit.c])

    @classmethod
    def open(cls, url: str, *, deployment: Deployment | None = None, read_only: bool = False) -> Self:
        """Open the database at a SQLAlchemy URL, create it if there is none yet.

        With `deployment`, a database that records other contracts is refused. `read_only` never writes a byte and
        refuses a database that does not exist: for verifiers and exports beside a running node.

        Raises:
            StoreError: can't be opened or written, not ours, of a newer release, or of another deployment.
            InUseError: another process writes it.
        """
        database = Database.open(url, read_only=read_only)
        with ExitStack() as unless_it_works:
            unless_it_works.callback(database.close)
            store = cls(database)
            if deployment is not None:
                store._claim(_identity(deployment))
            unless_it_works.pop_all()
        return store

    def close(self) -> None:
        """Let go of the database."""
        self.database.close()

    @property
    def folder(self) -> Path | None:
        """Where the database's file is; None where it is no file."""
        url = self.database.engine.url
        is_file = url.drivername.startswith("sqlite") and url.database not in {None, "", ":memory:"}
        return Path(str(url.database)).parent if is_file else None

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    # The chains, byte for byte

    def append(self, chain: ChainSelector, new_blocks: Sequence[Block], known_at_ms: int) -> None:
        """Record the next blocks of a chain, oldest first, in one transaction. Blocks that are there already stay.

        A block that was orphaned and came back is canonical again and keeps its first `known_at_ms`.

        Raises:
            StoreError: a block does not follow from the one below it, or another block has its number: rewind first.
        """
        if not new_blocks:
            return
        name = str(chain)
        block_rows = [
            {
                **header._asdict(),
                "chain": name,
                "known_at_ms": known_at_ms,
                "is_final": False,
                "is_orphan": False,
            }
            for header, _ in new_blocks
        ]
        log_rows = [_log_row(name, log) for block in new_blocks for log in block.logs]
        with self.database.writing() as connection:
            previous = _header(self._cursor_of.first(connection, of_chain=name))
            for header, _ in new_blocks:
                if previous and header.number == previous.number + 1 and header.parent_hash != previous.hash:
                    raise StoreError(
                        f"chain {name}: block {header.number} does not follow from our block {previous.number}; "
                        "rewind the chain first"
                    )
                previous = header
            self._put_block.run(connection, block_rows)
            self._put_log.run(connection, log_rows)

    def finalise(self, chain: ChainSelector, number: int) -> None:
        """Mark the chain's blocks up to and including `number` as final."""
        with self.database.writing() as connection:
            final = _header(self._final_of.first(connection, of_chain=str(chain)))
            above = final.number if final else -1
            self._finalise.run(connection, [{"of_chain": str(chain), "above": above, "upto": number}])

    def rewind(self, chain: ChainSelector, number: int, *, strikes_logs: bool = False) -> None:
        """The chain's blocks above `number` are orphans from now on. They stay in the record as evidence.

        With `strikes_logs` their logs do not: they may come back with others.

        Raises:
            StoreError: a final block would be lost. What was final stays; see `FinalityBroken`.
        """
        with self.database.writing() as connection:
            final = _header(connection.execute(_FINAL, {"of_chain": str(chain)}).first())
            if final and final.number > number:
                raise StoreError(f"chain {chain}: can't rewind to block {number}: block {final.number} is final")
            if strikes_logs:
                above = select(blocks.c.hash).where(blocks.c.chain == str(chain), _canonical, blocks.c.number > number)
                connection.execute(delete(logs).where(logs.c.chain == str(chain), logs.c.block_hash.in_(above)))
            connection.execute(_REWIND, {"of_chain": str(chain), "above": number})

    def cursor(self, chain: ChainSelector) -> Header | None:
        """The last linked block."""
        with self.database.reading() as connection:
            return _header(connection.execute(_CURSOR, {"of_chain": str(chain)}).first())

    def final(self, chain: ChainSelector) -> Header | None:
        """The last final block."""
        with self.database.reading() as connection:
            return _header(connection.execute(_FINAL, {"of_chain": str(chain)}).first())

    def block_time_s(self, chain: ChainSelector, number: int) -> int | None:
        """When the canonical block of this number was, by its own clock; None where the record lacks it."""
        wanted = select(blocks.c.timestamp_s).where(_of_chain, blocks.c.number == number)
        with self.database.reading() as connection:
            found: int | None = connection.execute(wanted, {"of_chain": str(chain)}).scalar()
        return found

    def tail(self, chain: ChainSelector, n: int) -> list[Header]:
        """The last `n` canonical headers, oldest first: what an indexer starts from.

        More than `n` where it takes more to reach the last final block; all of them while no block is final.
        """
        with self.database.reading() as connection:
            found = connection.execute(_TAIL, {"of_chain": str(chain), "limit": n}).all()
            final = _header(connection.execute(_FINAL, {"of_chain": str(chain)}).first())
            first = final.number if final else 0
            if found and found[-1].number > first:
                found = connection.execute(_TAIL_FROM, {"of_chain": str(chain), "first": first}).all()
        return [Header(*row) for row in reversed(found)]

    def logs_above(self, chain: ChainSelector, number: int) -> dict[bytes, tuple[RawLog, ...]]:
        """The logs of the chain's blocks above `number`, by block hash: what an indexer will read once more."""
        above = and_(blocks.c.chain == str(chain), _canonical, blocks.c.number > number)
        of_block = and_(logs.c.chain == blocks.c.chain, logs.c.block_hash == blocks.c.hash)
        with self.database.reading() as connection:
            hashes = connection.execute(select(blocks.c.hash).where(above)).scalars()
            found: dict[bytes, tuple[RawLog, ...]] = dict.fromkeys(hashes, ())
            rows = select(logs).join_from(blocks, logs, of_block).where(above).order_by(logs.c.log_index)
            for row in connection.execute(rows):
                found[row.block_hash] = (*found[row.block_hash], _raw_log(row))
        return found

    def history(self, since_s: int | None = None, until_s: int | None = None) -> Iterator[StoredBlock]:
        """Every canonical block of every chain in the order in which we learned of them: the judge's food at start-up.

        Streams one snapshot; blocks written meanwhile are not in it. With a span, the blocks of that block time, the
        end not included.
        """
        which = [_canonical]
        if since_s is not None:
            which.append(blocks.c.timestamp_s >= since_s)
        if until_s is not None:
            which.append(blocks.c.timestamp_s < until_s)
        return self._stream(and_(*which))

    def first_s(self) -> int | None:
        """The earliest block time of all chains; None of an empty record."""
        with self.database.reading() as connection:
            found: int | None = connection.execute(select(func.min(blocks.c.timestamp_s)).where(_canonical)).scalar()
        return found

    def block(self, chain: ChainSelector, block_hash: bytes) -> Block | None:
        """One block with its logs, whether or not it is canonical; None when it was never recorded."""
        of_block = and_(blocks.c.chain == str(chain), blocks.c.hash == block_hash)
        found = next(self._stream(of_block), None)
        return None if found is None else Block(found.header, found.logs)

    def orphans(self, chain: ChainSelector) -> Iterator[StoredBlock]:
        """The blocks that the chain dropped again, in the order in which we learned of them."""
        return self._stream(and_(blocks.c.is_orphan, blocks.c.chain == str(chain)))

    def _stream(self, which: Any) -> Iterator[StoredBlock]:
        page = select(blocks).where(which).order_by(blocks.c.arrival)
        page_logs = (
            select(blocks.c.arrival, logs)
            .join_from(blocks, logs, and_(logs.c.chain == blocks.c.chain, logs.c.block_hash == blocks.c.hash))
            .where(which)
            .order_by(blocks.c.arrival, logs.c.log_index)
        )
        with self.database.reading() as connection:
            last, size = -1, _CHUNK_BLOCKS_FIRST
            while rows := connection.execute(page.where(blocks.c.arrival > last).limit(size)).all():
                between = page_logs.where(blocks.c.arrival.between(rows[0].arrival, rows[-1].arrival))
                logs_of: dict[int, list[RawLog]] = {}
                count = 0
                for count, row in enumerate(connection.execute(between), 1):  # noqa: B007  how many
                    logs_of.setdefault(row.arrival, []).append(_raw_log(row))
                size = min(_CHUNK_BLOCKS, 4 * size, max(1, size * _CHUNK_LOGS // max(1, count)))
                for row in rows:
                    yield StoredBlock(
                        ChainSelector(int(row.chain)),
                        Header(row.number, row.hash, row.parent_hash, row.timestamp_s),
                        tuple(logs_of.get(row.arrival, ())),
                        row.known_at_ms,
                        row.is_final,
                    )
                last = rows[-1].arrival

    # What the node concluded

    def put(self, kind: str, id: str, body: Mapping[str, Any], at_ms: int) -> None:  # noqa: A002 - it is the id
        """Write a document, or replace the one of this kind and id (which keeps its place in `all`)."""
        self.put_many(kind, [(id, body)], at_ms)

    def put_many(self, kind: str, bodies: Iterable[tuple[str, Mapping[str, Any]]], at_ms: int) -> None:
        """Write several documents in one transaction: all of them or none."""
        rows = [{"kind": kind, "id": id_, "body": canonical_json(body), "at_ms": at_ms} for id_, body in bodies]
        if rows:
            with self.database.writing() as connection:
                self._put_document.run(connection, rows)

    def get(self, kind: str, id: str) -> dict[str, Any] | None:  # noqa: A002 - it is the id
        """The document's body, or None."""
        wanted = select(documents.c.body).where(documents.c.kind == kind, documents.c.id == id)
        with self.database.reading() as connection:
            body = connection.execute(wanted).scalar()
        return None if body is None else json.loads(body)

    def all(
        self, kind: str, limit: int | None = None, *, newest_first: bool = False, since_ms: int | None = None
    ) -> list[dict[str, Any]]:
        """The documents of a kind in the order of their first `put`, newest last unless `newest_first`.

        `limit` keeps the newest ones; `since_ms` those written or replaced at or after that time.
        """
        wanted = select(documents.c.body).where(documents.c.kind == kind).order_by(documents.c.position.desc())
        if since_ms is not None:
            wanted = wanted.where(documents.c.at_ms >= since_ms)
        with self.database.reading() as connection:
            bodies = connection.execute(wanted.limit(limit)).scalars().all()
        return [json.loads(body) for body in (bodies if newest_first else reversed(bodies))]

    # What the node did, and why

    def audit_append(self, kind: str, body: Mapping[str, Any], at_ms: int) -> int:
        """Add a row to the audit log; its sequence number. The row is on the disk when this returns."""
        body_json = canonical_json(body)
        with self.database.writing() as connection:
            head = AuditHead(*(self._audit_head.first(connection) or EMPTY_HEAD))
            sequence = head.sequence + 1
            hash_ = audit_hash(head.hash, sequence, at_ms, kind, body_json)
            row = AuditRow(sequence, at_ms, kind, body_json, head.hash, hash_)
            self._put_audit.run(connection, [{**row._asdict(), "body": body_json}])
        return sequence

    def audit_head(self) -> AuditHead:
        """The end of the audit log. Only who keeps it elsewhere can notice that the log was cut off."""
        with self.database.reading() as connection:
            return AuditHead(*(connection.execute(_AUDIT_HEAD).first() or EMPTY_HEAD))

    def audit_rows(self, after: int = 0, limit: int | None = None) -> Iterator[AuditRow]:
        """The audit log from sequence `after` + 1 on, oldest first; one snapshot, streamed."""
        wanted = select(audit).where(audit.c.sequence > after).order_by(audit.c.sequence).limit(limit)
        with self.database.reading() as connection:
            for row in connection.execution_options(yield_per=_CHUNK_BLOCKS).execute(wanted):
                yield AuditRow(*row)

    # Whose record this is

    def check_genesis(self, chain: ChainSelector, genesis_hash: bytes) -> None:
        """Note the chain's block 0, or compare it with the one noted before.

        Raises:
            StoreError: the chain is another one now (a local network that was started again, a wrong endpoint).
        """
        self._claim({f"chains.{chain}.genesis_hash": "0x" + genesis_hash.hex()})

    def _claim(self, facts: Mapping[str, str]) -> None:
        """Note what identifies the record, unless it contradicts what was noted before."""
        with self.database.reading() if self.database.is_read_only else self.database.writing() as connection:
            noted = {row.field: row.value for row in connection.execute(select(meta))}
            for field, value in facts.items():
                if noted.get(field, value) != value:
                    raise StoreError(
                        f"deployment: {field} = {value}: this database records {noted[field]}; "
                        "name its own deployment or another database_url"
                    )
            new = [{"field": field, "value": value} for field, value in facts.items() if field not in noted]
            if new and not self.database.is_read_only:
                connection.execute(meta.insert(), new)

    def together(self) -> AbstractContextManager[None]:
        """One transaction around every write of this thread inside the block; see `Database.together`."""
        return self.database.together()


def _identity(deployment: Deployment) -> dict[str, str]:
    """What can't change while a record goes on. Ramps, tokens, endpoints and whole chains may come and go."""
    identity = {}
    for chain in deployment.chains:
        identity[f"chains.{chain.selector}.chain_id"] = str(chain.chain_id)
        identity[f"chains.{chain.selector}.contracts.router"] = "0x" + chain.contracts.router.hex()
    return identity


def _header(row: Row[*tuple[Any, ...]] | tuple[Any, ...] | None) -> Header | None:
    return None if row is None else Header._make(row)


def _log_row(chain: str, log: RawLog) -> dict[str, Any]:
    return {**log._asdict(), "chain": chain, "topics": b"".join(log.topics)}


def _raw_log(row: Row[*tuple[Any, ...]]) -> RawLog:
    topics = tuple(row.topics[start : start + 32] for start in range(0, len(row.topics), 32))
    return RawLog(row.address, topics, row.data, row.block_number, row.block_hash, row.tx_hash, row.log_index)
