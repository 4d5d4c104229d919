"""The official bytecode is the pinned one, whole or not at all, and stays outside the repository."""

import base64
import hashlib
import io
import subprocess
import tarfile
from concurrent.futures import ThreadPoolExecutor

import pytest

from ccip_core.localnet import contract_set
from ccip_core.localnet.contract_set import (
    Artifact,
    ContractSetError,
    chainlink_contracts,
    default_cache_dir,
    fetch,
    members,
    own_artifact,
    unpack,
)
from ccip_core.protocol.codec import AbiError


def tarball(files):
    buffer = io.BytesIO()
    with tarfile.open(fileobj=buffer, mode="w:gz") as archive:
        for name, content in files.items():
            entry = tarfile.TarInfo(name)
            if content is None:
                entry.type, entry.linkname = tarfile.SYMTYPE, "/etc/passwd"
                archive.addfile(entry)
            else:
                entry.size = len(content)
                archive.addfile(entry, io.BytesIO(content))
    return buffer.getvalue()


ROUTER = tarball({"package/abi/v1_2_0/router.json": b"[]", "package/bytecode/v1_2_0/router.bin": b"0x6001\n"})


@pytest.fixture
def pinned_router(monkeypatch):
    """As if the package held a router alone."""
    digest = base64.b64encode(hashlib.sha512(ROUTER).digest()).decode()
    monkeypatch.setattr(contract_set, "INTEGRITY", f"sha512-{digest}")
    fetched = []

    def fetch_router(folder):
        fetched.append(folder)
        return ROUTER

    monkeypatch.setattr(contract_set, "fetch", fetch_router)
    return fetched


def test_only_plain_files_of_abi_and_bytecode_are_unpacked():
    hostile = tarball(
        {
            "package/abi/a.json": b"good",
            "package/bytecode/v1/b.bin": b"good",
            "package/contracts/A.sol": b"sources are not ours to read",
            "package/abi/../../../evil": b"",
            "../evil": b"",
            "/etc/evil": b"",
            "package/abi/link": None,
            "abi/a.json": b"",
        }
    )
    assert {str(path) for path, _ in members(hostile)} == {"abi/a.json", "bytecode/v1/b.bin"}


def test_another_tarball_than_the_pinned_one_leaves_nothing(tmp_path):
    with pytest.raises(ContractSetError, match="integrity is sha512-"):
        unpack(ROUTER, tmp_path / "whole")
    assert list(tmp_path.iterdir()) == []


def test_what_was_fetched_once_is_not_fetched_again(tmp_path, pinned_router):
    for _ in range(2):
        assert chainlink_contracts(tmp_path).artifact("Router") == Artifact("Router", (), b"\x60\x01")
    assert len(pinned_router) == 1
    assert len(list(tmp_path.iterdir())) == 1


@pytest.mark.usefixtures("pinned_router")
def test_many_who_need_it_at_once_all_get_it_whole(tmp_path):
    with ThreadPoolExecutor(8) as threads:
        routers = list(threads.map(lambda _: chainlink_contracts(tmp_path).artifact("Router"), range(8)))
    assert {router.bytecode for router in routers} == {b"\x60\x01"}
    assert [path.name for path in tmp_path.iterdir()] == ["contracts-ccip-2.0.0"]


def test_a_fetch_that_fails_leaves_nothing_behind(tmp_path, monkeypatch):
    refusal = subprocess.CompletedProcess([], 1, "", "npm error network")
    monkeypatch.setattr(contract_set, "run_npm", lambda *_, **__: refusal)
    with pytest.raises(ContractSetError, match="npm error network; check the network"):
        chainlink_contracts(tmp_path)
    assert list(tmp_path.iterdir()) == []
    with pytest.raises(ContractSetError):
        fetch(tmp_path)


@pytest.mark.usefixtures("pinned_router")
def test_a_contract_that_the_package_is_not_asked_for_is_named(tmp_path):
    with pytest.raises(ContractSetError, match="contract = Bridge"):
        chainlink_contracts(tmp_path).artifact("Bridge")


@pytest.mark.usefixtures("pinned_router")
def test_a_damaged_cache_says_how_to_mend_it(tmp_path):
    with pytest.raises(ContractSetError, match="delete it, it is fetched again"):
        chainlink_contracts(tmp_path).artifact("OnRamp")


def test_the_cache_s_place_can_be_chosen(monkeypatch, tmp_path):
    monkeypatch.delenv("CCIP_CACHE_DIR", raising=False)
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path))
    assert default_cache_dir() == tmp_path / "ccip-rmn"
    monkeypatch.setenv("CCIP_CACHE_DIR", str(tmp_path / "mine"))
    assert default_cache_dir() == tmp_path / "mine"


def test_constructor_arguments_are_checked_against_the_abi():
    voting = own_artifact("CurseVoting")
    assert voting.creation(b"\1" * 20, [(b"\2" * 20, 1)], 1, b"\3" * 20).startswith(voting.bytecode)
    with pytest.raises(AbiError):
        voting.creation(b"\1" * 20, [(b"\2" * 20, 256)], 1, b"\3" * 20)
    with pytest.raises(ContractSetError, match="contract = Bridge"):
        own_artifact("Bridge")
