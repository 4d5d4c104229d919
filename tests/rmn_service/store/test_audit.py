"""The audit log: every change to it shows, at the row where it was made."""

from __future__ import annotations

import sqlite3
import threading
from typing import TYPE_CHECKING

import pytest
from hypothesis import given
from hypothesis import strategies as st

from rmn_service.audit_chain import EMPTY_HEAD, AuditHead, AuditRow, audit_hash, verify_chain
from rmn_service.store import Store

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

ROWS = 9


@pytest.fixture
def audit_file(tmp_path: Path) -> Path:
    path = tmp_path / "node.db"
    with Store.open(f"sqlite:///{path}") as store:
        for number in range(1, ROWS + 1):
            assert store.audit_append("intend vote", {"number": number, "why": "übel"}, 1_000 + number) == number
    return path


def read(path: Path) -> list[AuditRow]:
    with Store.open(f"sqlite:///{path}", read_only=True) as store:
        return list(store.audit_rows())


def tampered(path: Path, statement: str, *parameters: object) -> list[AuditRow]:
    connection = sqlite3.connect(path)
    with connection:
        connection.execute(statement, parameters)
    connection.close()
    return read(path)


def test_an_honest_log_verifies(audit_file: Path) -> None:
    rows = read(audit_file)
    assert verify_chain(rows) is None
    assert [row.sequence for row in rows] == list(range(1, ROWS + 1))
    assert rows[4].body == {"number": 5, "why": "übel"}
    assert (rows[4].kind, rows[4].at_ms) == ("intend vote", 1_005)
    with Store.open(f"sqlite:///{audit_file}") as store:
        assert store.audit_head() == AuditHead(ROWS, rows[-1].hash)
        assert [row.sequence for row in store.audit_rows(after=3, limit=2)] == [4, 5]


def test_an_empty_log_verifies(store: Store) -> None:
    assert store.audit_head() == EMPTY_HEAD
    assert verify_chain(store.audit_rows(), EMPTY_HEAD) is None


@pytest.mark.parametrize("row", range(1, ROWS + 1))
@pytest.mark.parametrize(
    ("column", "value"),
    [
        ("body", '{"number":0}'),
        ("kind", "intend"),
        ("at_ms", -1),
        ("at_ms", "soon"),
        ("hash", bytes(32)),
        ("body", b"\xff"),
    ],
)
# INV-AUDIT-2
def test_a_changed_column_is_found_at_its_row(audit_file: Path, row: int, column: str, value: object) -> None:
    rows = tampered(audit_file, f"UPDATE audit SET {column} = ? WHERE sequence = ?", value, row)
    broken = verify_chain(rows)
    assert broken is not None
    assert broken.sequence == row


@pytest.mark.parametrize("row", range(1, ROWS))
# INV-AUDIT-2
def test_a_removed_row_is_found(audit_file: Path, row: int) -> None:
    broken = verify_chain(tampered(audit_file, "DELETE FROM audit WHERE sequence = ?", row))
    assert broken is not None
    assert broken.sequence == row


def test_a_row_rewritten_with_a_right_hash_is_found_at_the_next(audit_file: Path) -> None:
    row = read(audit_file)[3]
    forged = audit_hash(row.previous_hash, row.sequence, row.at_ms, row.kind, "{}")
    broken = verify_chain(tampered(audit_file, "UPDATE audit SET body = '{}', hash = ? WHERE sequence = 4", forged))
    assert broken is not None
    assert broken.sequence == 5


def test_truncation_and_rewriting_the_end_show_against_a_noted_head(audit_file: Path) -> None:
    head = AuditHead(ROWS, read(audit_file)[-1].hash)
    rows = tampered(audit_file, "DELETE FROM audit WHERE sequence > 6")
    assert verify_chain(rows) is None  # the log alone can't know
    broken = verify_chain(rows, head)
    assert broken is not None
    assert broken.sequence == 7
    last = rows[-1]
    forged = last._replace(body_json="{}", hash=audit_hash(last.previous_hash, 6, last.at_ms, last.kind, "{}"))
    assert verify_chain([*rows[:-1], forged]) is None
    assert verify_chain([*rows[:-1], forged], AuditHead(6, last.hash)) is not None


def test_a_log_that_has_grown_since_still_verifies_against_an_old_head(audit_file: Path) -> None:
    rows = read(audit_file)
    assert verify_chain(rows, AuditHead(4, rows[3].hash)) is None


def test_two_threads_write_one_chain(store: Store) -> None:
    threads = [
        threading.Thread(target=lambda: [store.audit_append("note", {"n": n}, n) for n in range(40)]) for _ in range(3)
    ]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(20)
    rows = list(store.audit_rows())
    assert len(rows) == 120
    assert verify_chain(rows) is None


texts = st.text(st.characters(codec="utf-8"), max_size=8)


@given(texts, texts.filter(bool), texts)
def test_no_two_rows_share_a_preimage(kind: str, moved: str, body: str) -> None:
    """Moving characters from the body to the kind gives another hash."""
    assert audit_hash(bytes(32), 1, 1, kind + moved, body) != audit_hash(bytes(32), 1, 1, kind, moved + body)


def test_reading_does_not_need_the_whole_log(store: Store) -> None:
    for number in range(5):
        store.audit_append("note", {"n": number}, number)
    rows: Iterator[AuditRow] = store.audit_rows()
    assert next(rows).sequence == 1
    store.audit_append("note", {"n": 5}, 5)  # a reader half-way does not block the writer
    assert [row.sequence for row in rows] == [2, 3, 4, 5]  # and keeps its snapshot
