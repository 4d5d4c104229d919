"""Which databases a node takes: its own, or one clear line."""

from __future__ import annotations

import sqlite3
from pathlib import Path

import pytest

from ccip_core.deployment import Chain, Contracts, Deployment, Rmn
from rmn_service.database import SCHEMA_VERSION
from rmn_service.store import Store, StoreError


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


def test_the_file_is_tuned_for_durability(store: Store, store_url: str) -> None:
    store.put("incident", "1", {}, 1)
    with store._writing() as connection:
        assert connection.exec_driver_sql("PRAGMA synchronous").scalar() == 2  # FULL
        assert connection.exec_driver_sql("PRAGMA foreign_keys").scalar() == 1
        assert connection.exec_driver_sql("PRAGMA busy_timeout").scalar() == 10_000
        assert connection.exec_driver_sql("PRAGMA journal_mode").scalar() == "wal"
    assert sqlite3.connect(store_url.removeprefix("sqlite:///")).execute("PRAGMA journal_mode").fetchone() == ("wal",)


def test_commits_do_not_make_the_log_longer(store: Store, store_url: str) -> None:
    log = Path(store_url.removeprefix("sqlite:///") + "-wal")
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


def test_a_newer_schema_is_refused_and_left_alone(store_url: str, tmp_path: Path) -> None:
    Store.open(store_url).close()
    connection = sqlite3.connect(tmp_path / "node.db")
    with connection:
        connection.execute("UPDATE meta SET value = '99' WHERE field = 'schema_version'")
    connection.close()
    before = (tmp_path / "node.db").read_bytes()
    with pytest.raises(StoreError) as error:
        Store.open(store_url)
    assert is_one_line(error, "schema_version = 99", str(SCHEMA_VERSION))
    assert (tmp_path / "node.db").read_bytes() == before


def test_somebody_elses_database_is_refused_and_left_alone(store_url: str, tmp_path: Path) -> None:
    connection = sqlite3.connect(tmp_path / "node.db")
    with connection:
        connection.execute("CREATE TABLE bookmarks (url TEXT)")
    connection.close()
    before = (tmp_path / "node.db").read_bytes()
    with pytest.raises(StoreError) as error:
        Store.open(store_url)
    assert is_one_line(error, "node.db", "somebody else's tables")
    assert (tmp_path / "node.db").read_bytes() == before


def test_a_file_that_is_no_database_is_refused_and_left_alone(store_url: str, tmp_path: Path) -> None:
    (tmp_path / "node.db").write_text("[api]\nport = 8801\n" * 100)
    with pytest.raises(StoreError) as error:
        Store.open(store_url)
    assert is_one_line(error, "node.db", "not a database")
    assert [path.name for path in tmp_path.iterdir()] == ["node.db"]


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


def test_a_full_disk_is_one_line_and_nothing_is_half_written(store: Store) -> None:
    store.put("incident", "1", {"n": 1}, 1)
    with store._reading() as connection:
        pages = connection.exec_driver_sql("PRAGMA page_count").scalar()
    with store._lock:
        store._writer.exec_driver_sql(f"PRAGMA max_page_count = {pages}")
        store._writer.rollback()
    with pytest.raises(StoreError) as error:
        store.put_many("incident", [(str(n), {"text": "x" * 5_000}) for n in range(2, 9)], 2)
    assert is_one_line(error, "full", "nothing was written")
    assert store.all("incident") == [{"n": 1}]
