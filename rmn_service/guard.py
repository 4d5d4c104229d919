"""What this node's keys have signed, kept outside its record, so that no loss of the record makes them contradict it.

In the spirit of EIP-3076. The record can be restored from a backup, deleted, or be another one; this file stays with
the keys and only grows. It answers two questions before anything is signed:

    blessing   a message of a lane that was blessed is never blessed with another content
    vote       evidence that was voted on is never voted on again, nor is anything older against the same subject

One process holds it at a time; SQLite locks the file exclusively, and the system unlocks it when the process dies.
A vote is *pledged* while it is being signed and *sent* once a node took it. A pledge that a dead process left behind
may have been sent or not; the chain knows (`Voter`).
"""

from __future__ import annotations

import sqlite3
import threading
from contextlib import ExitStack, contextmanager
from typing import TYPE_CHECKING, Literal, NamedTuple, Self

import structlog

from ccip_core.protocol.messages import ChainSelector, Lane
from rmn_service.engines import make_durable
from rmn_service.errands import ErrandThread
from rmn_service.errors import StoreError
from rmn_service.writer_lock import in_use

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator, Sequence
    from pathlib import Path

    from rmn_service.actions import Action

log = structlog.get_logger()

_VERSION = 1
_TABLES = """
CREATE TABLE leaves (signer BLOB, source TEXT, dest TEXT, number BLOB, leaf BLOB NOT NULL,
                     PRIMARY KEY (signer, source, dest, number)) WITHOUT ROWID;
CREATE TABLE votes (curser BLOB, chain TEXT, subject TEXT, action TEXT, evidence_at_s INTEGER NOT NULL,
                    evidence TEXT NOT NULL, state TEXT NOT NULL, tx_hash BLOB NOT NULL,
                    PRIMARY KEY (curser, chain, subject, action)) WITHOUT ROWID;
"""
_BLESSED = "SELECT number, leaf FROM leaves WHERE signer = ? AND source = ? AND dest = ? AND number BETWEEN ? AND ?"


class Leaf(NamedTuple):
    """A message that was blessed: its number and its hash."""

    signer: bytes
    lane: Lane
    number: int
    leaf: bytes


class Vote(NamedTuple):
    """A vote to curse one subject."""

    curser: bytes
    chain: ChainSelector
    subject: str
    action: str
    evidence_at_s: int
    evidence: str
    state: Literal["pledged", "sent"]
    tx_hash: bytes


class Guard:
    """The open file. Thread-safe; what is written is durable when a call returns, or StoreError is raised."""

    def __init__(self, path: Path) -> None:
        """Open the file, or make it.

        Raises:
            InUseError: another process holds it.
            StoreError: it is no guard's file, of a newer release, or can't be used.
        """
        self._path = path
        self._lock = threading.RLock()
        self._is_closed = False
        self._votes: dict[tuple[bytes, ChainSelector, str], dict[str, Vote]] = {}
        self._thread = ErrandThread("guard", lambda errand: errand())
        with ExitStack() as unless_it_works:
            try:
                if not path.absolute().parent.is_dir():
                    raise StoreError(f"guard.path = {path}: no folder {path.parent}; create it or name another file")
                self._file = sqlite3.connect(path, timeout=0, isolation_level=None, check_same_thread=False)
                unless_it_works.callback(self._file.close)
                self.is_new = self._open()
            except sqlite3.DatabaseError as error:
                if "locked" in str(error):
                    raise in_use(f"guard.path = {path}") from None
                raise StoreError(f"guard.path = {path}: {error}; name the guard's own file") from None
            unless_it_works.pop_all()

    def _open(self) -> bool:
        """Whether the file was made just now."""
        self._file.execute("PRAGMA locking_mode=EXCLUSIVE")
        tables = {name for (name,) in self._file.execute("SELECT name FROM sqlite_master WHERE type = 'table'")}
        (version,) = self._file.execute("PRAGMA user_version").fetchone()
        if tables - {"leaves", "votes"} or (tables and version == 0):
            raise StoreError(f"guard.path = {self._path}: holds somebody else's tables; name the guard's own file")
        if version > _VERSION:
            raise StoreError(f"guard.path = {self._path}: version {version}; run the release that wrote it")
        self._file.execute("PRAGMA synchronous=FULL")
        if not tables:
            self._file.executescript(f"BEGIN; {_TABLES} PRAGMA user_version = {_VERSION}; COMMIT")
        make_durable(self._file, self._path)
        for vote in self.votes():
            self._remember(vote)
        return not tables

    def close(self) -> None:
        """Let the next process have it."""
        with self._lock:
            if self._is_closed:
                return
            self._is_closed = True
            passed = self._thread.milestone()
        with passed:
            self._thread.close()
        with self._lock:
            self._file.close()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    # Blessings

    def blessed_otherwise(self, signer: bytes, lane: Lane, first: int, leaves: Sequence[bytes]) -> int | None:
        """The first of these messages, numbered from `first`, that was blessed with another content."""
        last = first + len(leaves) - 1
        with self._reading():
            blessed = self._file.execute(_BLESSED, (signer, *_names(lane), first.to_bytes(8), last.to_bytes(8)))
            for number_bytes, leaf in blessed:
                number = int.from_bytes(number_bytes)
                if leaf != leaves[number - first]:
                    return number
        return None

    def has_blessed(self, signer: bytes, lane: Lane, number: int, leaf: bytes) -> bool:
        """Whether this message was blessed, with exactly this content."""
        with self._reading():
            found = self._file.execute(_BLESSED, (signer, *_names(lane), number.to_bytes(8), number.to_bytes(8)))
            return bool(found.fetchone() == (number.to_bytes(8), leaf))

    def bless(self, new: Iterable[Leaf]) -> None:
        """These are about to be signed. What was blessed before stays as it is.

        Raises:
            StoreError: one of them was blessed with another content, or nothing could be written.
        """
        add = "INSERT INTO leaves VALUES (?, ?, ?, ?, ?) ON CONFLICT DO NOTHING"
        with self._writing():
            for signer, lane, number, leaf in new:
                key = (signer, *_names(lane), number.to_bytes(8))
                self._file.execute(add, (*key, leaf))
                if self._file.execute(_BLESSED, (*key, key[-1])).fetchone() != (key[-1], leaf):
                    raise StoreError(
                        f"guard.path = {self._path}: message {number} of {lane.source} → {lane.dest} was blessed with "
                        "another content; never sign both"
                    )

    # Votes

    def conflicts(self, curser: bytes, action: Action) -> list[Vote]:
        """Votes of other actions on the same evidence as this one's, or on later evidence, against its subjects."""
        with self._lock:
            return [
                vote
                for subject in action.subjects
                for vote in self._votes.get((curser, action.chain, subject), {}).values()
                if vote.action != action.id and vote.evidence_at_s >= action.evidence_at_s
            ]

    def pledge(self, curser: bytes, action: Action, tx_hash: bytes) -> Callable[[], None]:
        """The action's vote is being signed. Begins to write; what it returns waits for the disk and raises StoreError.

        Nothing may be sent before that has returned.
        """
        votes = [
            Vote(curser, action.chain, subject, action.id, action.evidence_at_s, action.evidence, "pledged", tx_hash)
            for subject in action.subjects
        ]
        return self._keep_soon(votes)

    def sent(self, curser: bytes, action: Action) -> None:
        """A node took the vote, or may have. Written soon; until then the pledge says enough."""
        self._keep_soon([vote._replace(state="sent") for vote in self._of(curser, action)])

    def withdraw(self, votes: Sequence[Vote]) -> None:
        """These pledges are known to have been sent to nobody."""
        with self._lock:
            for vote in votes:
                self._votes[vote.curser, vote.chain, vote.subject].pop(vote.action, None)

        def remove() -> None:
            with self._writing():
                for vote in votes:
                    self._file.execute(
                        "DELETE FROM votes WHERE curser = ? AND chain = ? AND subject = ? AND action = ?",
                        (vote.curser, str(vote.chain), vote.subject, vote.action),
                    )

        self._soon(remove)

    def knows(self, curser: bytes, action: Action) -> bool:
        """Whether the action's vote was pledged."""
        return bool(self._of(curser, action))

    def pledges(self, curser: bytes, action: Action) -> list[Vote]:
        """What was pledged for the action and is not known to have been sent."""
        return [vote for vote in self._of(curser, action) if vote.state == "pledged"]

    # The whole history, in the order of its keys

    def leaves(self) -> Iterator[Leaf]:
        """Every message that was blessed."""
        with self._reading():
            rows = self._file.execute("SELECT * FROM leaves ORDER BY signer, source, dest, number")
            for signer, source, dest, number, leaf in rows:
                yield Leaf(
                    signer, Lane(ChainSelector(int(source)), ChainSelector(int(dest))), int.from_bytes(number), leaf
                )

    def votes(self) -> Iterator[Vote]:
        """Every vote."""
        with self._reading():
            rows = self._file.execute("SELECT * FROM votes ORDER BY curser, chain, subject, evidence_at_s, action")
            for curser, chain, subject, action, evidence_at_s, evidence, state, tx_hash in rows:
                yield Vote(curser, ChainSelector(int(chain)), subject, action, evidence_at_s, evidence, state, tx_hash)

    def add(self, leaves: Iterable[Leaf], votes: Iterable[Vote]) -> None:
        """Another history of the same keys: all of it or, where it contradicts this one, nothing. Raises StoreError."""
        with self._lock, self._together():
            self.bless(leaves)
            for vote in votes:
                self._write(vote)
                self._remember(vote)

    # Plumbing

    def _of(self, curser: bytes, action: Action) -> list[Vote]:
        with self._lock:
            found = (self._votes.get((curser, action.chain, subject), {}) for subject in action.subjects)
            return [votes[action.id] for votes in found if action.id in votes]

    def _remember(self, vote: Vote) -> None:
        self._votes.setdefault((vote.curser, vote.chain, vote.subject), {})[vote.action] = vote

    def _keep_soon(self, votes: Sequence[Vote]) -> Callable[[], None]:
        with self._lock:
            for vote in votes:
                self._remember(vote)

        def write() -> None:
            with self._writing():
                for vote in votes:
                    self._write(vote)

        return self._soon(write)

    def _soon(self, write: Callable[[], None]) -> Callable[[], None]:
        failures: list[StoreError] = []

        def try_it() -> None:
            try:
                write()
            except StoreError as error:  # whoever waits hears of it; for what nobody waits for, the pledge stays
                failures.append(error)
                log.error("guard not written", why=str(error))  # noqa: TRY400 - one line says it

        with self._lock:
            if self._is_closed:
                raise StoreError(f"guard.path = {self._path}: closed; nothing was written")
            self._thread.hand_over(try_it)
            passed = self._thread.milestone()

        def wait() -> None:
            with passed:
                if failures:
                    raise failures[0]

        return wait

    def _write(self, vote: Vote) -> None:
        self._file.execute(
            "INSERT INTO votes VALUES (?, ?, ?, ?, ?, ?, ?, ?) ON CONFLICT DO UPDATE SET "
            "state = excluded.state, tx_hash = excluded.tx_hash",
            (
                vote.curser,
                str(vote.chain),
                vote.subject,
                vote.action,
                vote.evidence_at_s,
                vote.evidence,
                vote.state,
                vote.tx_hash,
            ),
        )

    @contextmanager
    def _writing(self) -> Iterator[None]:
        with self._lock:
            if self._file.in_transaction:
                yield
            else:
                with self._together():
                    yield

    @contextmanager
    def _together(self) -> Iterator[None]:
        try:
            self._file.execute("BEGIN IMMEDIATE")
            try:
                yield
            except BaseException:
                self._file.execute("ROLLBACK")
                raise
            self._file.execute("COMMIT")
        except sqlite3.Error as error:
            raise StoreError(f"guard.path = {self._path}: {error}; nothing was written") from error

    @contextmanager
    def _reading(self) -> Iterator[None]:
        with self._lock:
            try:
                yield
            except sqlite3.Error as error:
                raise StoreError(f"guard.path = {self._path}: {error}; nothing was read") from error


def _names(lane: Lane) -> tuple[str, str]:
    return str(lane.source), str(lane.dest)
