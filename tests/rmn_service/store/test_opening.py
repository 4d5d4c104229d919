"""Which databases a node takes: its own, or one clear line."""

from __future__ import annotations

import sqlite3
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest
from alembic.autogenerate import compare_metadata
from alembic.migration import MigrationContext
from sqlalchemy import text

from ccip_core.deployment import Chain, Contracts, Deployment, Rmn
from rmn_service.audit_chain import verify_chain
from rmn_service.errors import InUseError, StoreError
from rmn_service.schema import REVISION, metadata
from rmn_service.store import Store

RELEASE_1 = Path(__file__).parents[2] / "data/node_release_1.sql"
"""What the first release wrote: three blocks, the last one orphaned, a document, two audit rows."""


def deployment(router: int = 1, chain_id: int = 1337, selector: int = 3379446385462418246) -> Deployment:
    address = bytes([9]) * 20
    contracts = Contracts(
        router=bytes([router]) * 20,
        on_ramp=address,
        off_ramp=address,
        fee_quoter=address,
        nonce_manager=address,
        rmn_remote=address,
        rmn_proxy=address,
        token_admin_registry=address,
    )
    chain = Chain(chain_id=chain_id, selector=str(selector), name="one", http="http://127.0.0.1:1", contracts=contracts)
    return Deployment(contracts="own", chains=(chain,), lanes=(), rmn=Rmn(f_sign=1, home_config_digest=bytes(32)))


def is_one_line(error: pytest.ExceptionInfo[StoreError], *named: str) -> bool:
    text = str(error.value)
    return "\n" not in text and all(name in text for name in named)


def test_the_file_is_tuned_for_durability(sqlite_url: str) -> None:
    with Store.open(sqlite_url) as store:
        assert_durable(store)
    assert sqlite3.connect(sqlite_url.removeprefix("sqlite:///")).execute("PRAGMA journal_mode").fetchone() == ("wal",)


def assert_durable(store: Store) -> None:
    store.put("incident", "1", {}, 1)
    with store.database.writing() as connection:
        assert connection.exec_driver_sql("PRAGMA synchronous").scalar() == 2  # FULL
        assert connection.exec_driver_sql("PRAGMA foreign_keys").scalar() == 1
        assert connection.exec_driver_sql("PRAGMA busy_timeout").scalar() == 10_000
        assert connection.exec_driver_sql("PRAGMA journal_mode").scalar() == "wal"


def test_a_server_is_told_to_be_durable(new_postgres_url: Callable[[], str]) -> None:
    with Store.open(new_postgres_url()) as store, store.database.writing() as connection:
        assert connection.exec_driver_sql("SHOW synchronous_commit").scalar() == "on"
        assert connection.exec_driver_sql("SHOW fsync").scalar() == "on"


def test_commits_do_not_make_the_log_longer(sqlite_url: str) -> None:
    with Store.open(sqlite_url) as store:
        log = Path(sqlite_url.removeprefix("sqlite:///") + "-wal")
        length = log.stat().st_size
        for number in range(50):
            store.put("incident", str(number), {"text": "x" * 1_000}, 1)
        assert log.stat().st_size == length
        assert len(store.all("incident")) == 50


def test_its_own_deployment_opens_again_and_may_grow(store_url: str) -> None:
    Store.open(store_url, deployment=deployment()).close()
    Store.open(store_url, deployment=deployment()).close()
    grown = deployment()
    other = deployment(chain_id=31337, selector=7759470850252068959)
    grown = grown.model_copy(update={"chains": grown.chains + other.chains})
    Store.open(store_url, deployment=grown).close()
    Store.open(store_url).close()


@pytest.mark.parametrize("wrong", [deployment(router=2), deployment(chain_id=1)])
def test_another_deployment_is_refused(store_url: str, wrong: Deployment) -> None:
    Store.open(store_url, deployment=deployment()).close()
    with pytest.raises(StoreError) as error:
        Store.open(store_url, deployment=wrong)
    field = "router" if wrong.chains[0].chain_id == 1337 else "chain_id"
    assert is_one_line(error, "3379446385462418246", field, "records", "name its own deployment")


def test_a_refused_deployment_leaves_no_trace(store_url: str) -> None:
    """Half of its chains fit; after the refusal the record still takes what it would have taken before."""
    Store.open(store_url, deployment=deployment()).close()
    new = deployment(chain_id=31337, selector=7759470850252068959)
    mixed = new.model_copy(update={"chains": new.chains + deployment(router=2).chains})
    with pytest.raises(StoreError):
        Store.open(store_url, deployment=mixed)
    Store.open(store_url, deployment=deployment(router=5, selector=7759470850252068959)).close()


def test_a_chain_that_began_anew_is_refused(store: Store) -> None:
    chain = deployment().chains[0].selector
    store.check_genesis(chain, b"\x01" * 32)
    store.check_genesis(chain, b"\x01" * 32)
    with pytest.raises(StoreError) as error:
        store.check_genesis(chain, b"\x02" * 32)
    assert is_one_line(error, str(chain), "genesis_hash", "0x0202", "0x0101")


def test_a_record_of_the_first_release_is_led_here(tmp_path: Path, sqlite_url: str) -> None:
    old = sqlite3.connect(tmp_path / "node.db")
    old.executescript(RELEASE_1.read_text())
    old.close()
    with pytest.raises(StoreError, match="start the node once to upgrade it"):
        Store.open(sqlite_url, read_only=True)
    for _ in range(2):  # the second time there is nothing to do
        with Store.open(sqlite_url) as store:
            assert [stored.header.number for stored in store.history()] == [1, 2]
            [orphan] = store.orphans(next(store.history()).chain)
            assert (orphan.header.number, orphan.known_at_ms, len(orphan.logs)) == (3, 77, 1)
            assert store.all("incident") == [{"n": 1}]
            assert store.audit_head().sequence == 2
            assert verify_chain(store.audit_rows()) is None
            assert_tables_are_ours(store)


def test_a_new_database_has_the_tables_that_the_program_means(store: Store) -> None:
    assert_tables_are_ours(store)


def assert_tables_are_ours(store: Store) -> None:
    """Alembic finds nothing to change between the migrated tables and `schema.py`."""
    with store.database.writing() as connection:
        assert compare_metadata(MigrationContext.configure(connection), metadata) == []


def test_a_newer_schema_is_refused_and_left_alone(store_url: str) -> None:
    with Store.open(store_url) as store, store.database.writing() as connection:
        connection.execute(text("UPDATE alembic_version SET version_num = '9999'"))
    for read_only in (False, True):
        with pytest.raises(StoreError) as error:
            Store.open(store_url, read_only=read_only)
        assert is_one_line(error, "revision 9999", REVISION, "run the release that wrote it")


# INV-VOTE-2
def test_a_second_writer_is_refused_and_readers_are_not(store: Store, store_url: str) -> None:
    store.put("incident", "1", {"n": 1}, 1)
    with pytest.raises(InUseError) as error:
        Store.open(store_url)
    assert is_one_line(error, "database_url", "another process holds it")
    other = f"from rmn_service.store import Store; Store.open({store_url!r})"
    refused = subprocess.run([sys.executable, "-c", other], capture_output=True, text=True, check=False)
    assert "InUseError" in refused.stderr
    with Store.open(store_url, read_only=True) as reader:
        assert reader.all("incident") == [{"n": 1}]
    store.close()
    Store.open(store_url).close()


def test_a_server_that_drops_its_connections_is_written_again(new_postgres_url: Callable[[], str]) -> None:
    url = new_postgres_url()
    with Store.open(url) as store, Store.open(url, read_only=True) as reader:
        for number in range(4):
            drop_connections(reader)
            put = put_alone if number % 2 else put_together
            with pytest.raises(StoreError, match="nothing was written"):
                put(store, number)
            put_together(store, number)
        assert [body["n"] for body in store.all("incident")] == [0, 1, 2, 3]
        with pytest.raises(InUseError):
            Store.open(url)


def test_who_lost_the_connection_is_not_the_writer_for_ever(new_postgres_url: Callable[[], str]) -> None:
    url = new_postgres_url()
    with Store.open(url) as store, Store.open(url, read_only=True) as reader:
        drop_connections(reader)
        with Store.open(url) as other:
            other.put("incident", "theirs", {"n": 1}, 1)
            for _ in range(2):
                with pytest.raises(StoreError, match="nothing was written"):
                    store.put("incident", "ours", {"n": 2}, 1)
        store.put("incident", "ours", {"n": 2}, 1)
        assert store.all("incident") == [{"n": 1}, {"n": 2}]


def put_alone(store: Store, number: int) -> None:
    store.put("incident", str(number), {"n": number}, 1)


def put_together(store: Store, number: int) -> None:
    with store.together():
        store.put("incident", str(number), {"n": number}, 1)


def drop_connections(reader: Store) -> None:
    """As a server that restarts does."""
    others = "datname = current_database() AND pid <> pg_backend_pid()"
    with reader.database.reading() as connection:
        connection.execute(text(f"SELECT pg_terminate_backend(pid, 5000) FROM pg_stat_activity WHERE {others}"))


def test_somebody_elses_database_is_refused_and_left_alone(sqlite_url: str, tmp_path: Path) -> None:
    connection = sqlite3.connect(tmp_path / "node.db")
    with connection:
        connection.execute("CREATE TABLE bookmarks (url TEXT)")
    connection.close()
    before = (tmp_path / "node.db").read_bytes()
    with pytest.raises(StoreError) as error:
        Store.open(sqlite_url)
    assert is_one_line(error, "node.db", "somebody else's tables")
    assert (tmp_path / "node.db").read_bytes() == before


def test_a_file_that_is_no_database_is_refused_and_left_alone(sqlite_url: str, tmp_path: Path) -> None:
    (tmp_path / "node.db").write_text("[api]\nport = 8801\n" * 100)
    with pytest.raises(StoreError) as error:
        Store.open(sqlite_url)
    assert is_one_line(error, "node.db", "not a database")
    assert {path.name for path in tmp_path.iterdir()} == {"node.db", "node.db-lock"}


def test_a_path_that_can_not_be_written_is_refused(tmp_path: Path) -> None:
    with pytest.raises(StoreError) as error:
        Store.open(f"sqlite:///{tmp_path}/nowhere/node.db")
    assert is_one_line(error, "nowhere", "create it")
    with pytest.raises(StoreError) as error:
        Store.open(f"sqlite:///{tmp_path}")  # a folder
    assert is_one_line(error, "unable to open")
    assert list(tmp_path.iterdir()) == []


def test_a_verifier_does_not_create_what_it_should_verify(tmp_path: Path) -> None:
    with pytest.raises(StoreError) as error:
        Store.open(f"sqlite:///{tmp_path}/node.db", read_only=True)
    assert is_one_line(error, "node.db", "unable to open")
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize(
    ("url", "named"),
    [
        ("sqlite://", "name a file"),
        ("sqlite:///:memory:", "name a file"),
        ("mysql://127.0.0.1/x", "sqlite:///node.db"),
        ("node.db", "not a URL"),
        ("postgresql+nosuch://127.0.0.1/x", "driver"),
    ],
)
def test_a_url_that_we_do_not_speak_is_refused(url: str, named: str) -> None:
    with pytest.raises(StoreError) as error:
        Store.open(url)
    assert is_one_line(error, "database_url", named)


def test_a_password_is_never_shown() -> None:
    with pytest.raises(StoreError) as error:
        Store.open("postgresql+nosuch://rmn:hunter2@127.0.0.1/x")
    assert "hunter2" not in str(error.value)


def test_a_full_disk_is_one_line_and_nothing_is_half_written(sqlite_url: str) -> None:
    with Store.open(sqlite_url) as store:
        store.put("incident", "1", {"n": 1}, 1)
        with store.database.reading() as connection:
            pages = connection.exec_driver_sql("PRAGMA page_count").scalar()
        with store.database.writing() as connection:
            connection.exec_driver_sql(f"PRAGMA max_page_count = {pages}")
        with pytest.raises(StoreError) as error:
            store.put_many("incident", [(str(n), {"text": "x" * 5_000}) for n in range(2, 9)], 2)
        assert is_one_line(error, "full", "nothing was written")
        assert store.all("incident") == [{"n": 1}]
