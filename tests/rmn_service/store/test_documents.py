"""What the node concluded, kept as JSON documents."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from rmn_service.audit_chain import EMPTY_HEAD, verify_chain
from rmn_service.errors import StoreError

if TYPE_CHECKING:
    from rmn_service.store import Store


def test_a_document_comes_back_as_it_was(store: Store) -> None:
    body = {
        "selector": "16015286601757825753",
        "amount": 2**200,
        "text": "Übergrößenträger \ud800 \x00",
        "list": [None, True],
    }
    store.put("incident", "i-1", body, 10)
    assert store.get("incident", "i-1") == body
    assert store.get("signal", "i-1") is None
    assert store.all("signal") == []


def test_replacing_keeps_the_place(store: Store) -> None:
    for id_ in ("a", "b", "c"):
        store.put("incident", id_, {"id": id_}, 10)
    store.put("incident", "a", {"id": "a", "state": "closed"}, 20)
    assert store.all("incident") == [{"id": "a", "state": "closed"}, {"id": "b"}, {"id": "c"}]


def test_the_newest_ones_can_be_asked_for(store: Store) -> None:
    for number in range(6):
        store.put("signal", str(number), {"n": number}, 100 + number)
    store.put("signal", "0", {"n": 0, "again": True}, 200)
    assert [body["n"] for body in store.all("signal", limit=2)] == [4, 5]
    assert [body["n"] for body in store.all("signal", limit=2, newest_first=True)] == [5, 4]
    assert [body["n"] for body in store.all("signal", since_ms=104)] == [0, 4, 5]


def test_many_are_written_together_or_not_at_all(store: Store) -> None:
    store.put_many("signal", [("a", {"n": 1}), ("b", {"n": 2})], 10)
    with pytest.raises(TypeError):
        store.put_many("signal", [("c", {"n": 3}), ("d", {"n": object()})], 10)
    store.put_many("signal", [], 10)
    assert store.all("signal") == [{"n": 1}, {"n": 2}]


def test_writes_together_are_all_there_or_none(store: Store) -> None:
    def fail_at_the_end() -> None:
        with store.together():
            store.audit_append("intend curse", {}, 10)
            store.put("action", "a", {"n": 1}, 10)
            with store.together():
                store.audit_append("intend curse", {}, 10)
            raise StoreError("nothing of it")

    with pytest.raises(StoreError, match="nothing of it"):
        fail_at_the_end()
    assert store.audit_head() == EMPTY_HEAD
    assert store.all("action") == []
    with store.together():
        store.audit_append("intend curse", {}, 10)
        with store.together():
            store.put("action", "a", {"n": 1}, 10)
        store.audit_append("conclude curse", {}, 10)
        assert store.all("action") == []  # not durable yet, so nobody sees it
    store.put("action", "b", {"n": 2}, 10)
    assert store.audit_head().sequence == 2
    assert verify_chain(store.audit_rows()) is None
    assert store.all("action") == [{"n": 1}, {"n": 2}]


def test_a_write_that_fails_takes_the_others_with_it(store: Store) -> None:
    def fail_in_the_middle() -> None:
        with store.together():
            store.put("action", "a", {"n": 1}, 10)
            store.put("action", "b", {"n": 2}, None)

    with pytest.raises(StoreError, match=r"(?i)not.null"):
        fail_in_the_middle()
    assert store.all("action") == []
    store.put("action", "c", {"n": 3}, 10)
    assert store.all("action") == [{"n": 3}]
