"""Where the localnet's bytecode comes from. The deployer takes a `ContractSet` and does not care which.

`own` is our MIT set, whose artifacts stand in `ccip_core/artifacts`. `chainlink` is the official bytecode out of the
npm package `@chainlink/contracts-ccip`, pinned by its sha512. Those contracts are BUSL-1.1: a local, non-production
network may use them, so they are fetched when needed, kept in a cache outside the repository, and never committed.
"""

from __future__ import annotations

import base64
import hashlib
import json
import os
import tarfile
import tempfile
from dataclasses import dataclass
from functools import cache
from importlib.resources import files
from pathlib import Path, PurePosixPath
from typing import TYPE_CHECKING, Any, Protocol

from ccip_core.protocol import codec
from ccip_core.toolchain import run_npm

if TYPE_CHECKING:
    from collections.abc import Iterator

PACKAGE = "@chainlink/contracts-ccip@2.0.0"
INTEGRITY = "sha512-P0KvQtZSYC1LevMSS16jOOSsqZG4g0n/MJdcWGmE0Z5U01NVYd1MnTQJOBPsbu1NWR79DBXPXLvyr9tR5y+tiw=="

_FOLDER = "contracts-ccip-2.0.0"
_PARTS = ("abi", "bytecode")
_FILES = {
    "RMNRemote": "v1_6_0/rmn_remote",
    "RMNHome": "v1_6_0/rmn_home",
    "RMN 1.5": "v1_5_0/rmn_contract",
    "OnRamp 1.5": "v1_5_0/evm_2_evm_onramp",
    "CommitStore 1.5": "v1_5_0/commit_store",
    "OffRamp 1.5": "v1_5_0/evm_2_evm_offramp",
    "RMN 2.0": "v2_0_0/rmn",
    "RMNProxy": "v1_0_0/rmn_proxy_contract",
    "Router": "v1_2_0/router",
    "TokenAdminRegistry": "v1_5_0/token_admin_registry",
    "RegistryModuleOwnerCustom": "v1_6_0/registry_module_owner_custom",
    "NonceManager": "v1_6_0/nonce_manager",
    "FeeQuoter": "v1_6_3/fee_quoter",
    "OnRamp": "v1_6_0/onramp",
    "OffRamp": "v1_6_0/offramp",
    "BurnMintTokenPool": "v1_6_1/burn_mint_token_pool",
    "BurnFromMintTokenPool": "v1_6_1/burn_from_mint_token_pool",
    "BurnWithFromMintTokenPool": "v1_6_1/burn_with_from_mint_token_pool",
    "LockReleaseTokenPool": "v1_6_1/lock_release_token_pool",
    "FactoryBurnMintERC20": "v1_6_2/factory_burn_mint_erc20",
    "TokenPoolFactory": "v1_5_1/token_pool_factory",
    "MessageHasher": "v1_6_3/message_hasher",
    "MaybeRevertMessageReceiver": "v1_6_0/maybe_revert_message_receiver",
}


class ContractSetError(RuntimeError):
    """The contracts can't be had; the text says why and what to do."""


@dataclass(frozen=True, slots=True)
class Artifact:
    """A contract that can be deployed."""

    name: str
    abi: tuple[dict[str, Any], ...]
    bytecode: bytes
    """Creation code, without constructor arguments."""

    def creation(self, *arguments: object) -> bytes:
        """Creation code with these constructor arguments. Raises codec.AbiError when they don't fit."""
        inputs = next((entry["inputs"] for entry in self.abi if entry["type"] == "constructor"), ())
        return self.bytecode + codec.encode_args(tuple(map(_type_text, inputs)), arguments)


class ContractSet(Protocol):
    """A complete CCIP 1.6: RMNRemote, RMNHome, RMNProxy, Router, ramps, FeeQuoter, registries, pools and tokens."""

    @property
    def name(self) -> str:
        """As in deployment.json's `contracts`."""

    def artifact(self, contract_name: str) -> Artifact:
        """Raises ContractSetError when the set has no contract of this name."""


def _type_text(parameter: dict[str, Any]) -> str:
    if not parameter["type"].startswith("tuple"):
        return str(parameter["type"])
    return f"({','.join(map(_type_text, parameter['components']))}){parameter['type'].removeprefix('tuple')}"


class _OwnContracts:
    """The artifacts that come with this package."""

    name = "own"

    def artifact(self, contract_name: str) -> Artifact:
        return own_artifact(contract_name)


class _PackageContracts:
    """The unpacked package in the cache."""

    name = "chainlink"

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self.artifact = cache(self._read)

    def _read(self, contract_name: str) -> Artifact:
        try:
            place = _FILES[contract_name]
            abi = json.loads((self._folder / "abi" / f"{place}.json").read_bytes())
            code = (self._folder / "bytecode" / f"{place}.bin").read_text().strip()
            return Artifact(contract_name, tuple(abi), bytes.fromhex(code.removeprefix("0x")))
        except KeyError:
            raise ContractSetError(f"contract = {contract_name}: {PACKAGE} is not asked for it") from None
        except (OSError, ValueError) as error:
            raise ContractSetError(f"{self._folder} is damaged ({error}); delete it, it is fetched again") from None


def default_cache_dir() -> Path:
    """CCIP_CACHE_DIR, else ccip-rmn in the user's cache folder."""
    chosen = os.environ.get("CCIP_CACHE_DIR")
    if chosen:
        return Path(chosen)
    return Path(os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache") / "ccip-rmn"


def chainlink_contracts(cache_dir: Path | None = None) -> ContractSet:
    """The official contracts; fetched by npm when the cache does not have them yet.

    Raises:
        ContractSetError: npm could not fetch the package, or what it fetched is not the pinned one.
        ToolchainError: there is no npm.
    """
    folder = (cache_dir or default_cache_dir()) / _FOLDER
    if not folder.is_dir():
        folder.parent.mkdir(parents=True, exist_ok=True)
        with tempfile.TemporaryDirectory(dir=folder.parent, prefix=".fetch-") as scratch:
            unpack(fetch(Path(scratch)), Path(scratch) / "whole")
            _move_into_place(Path(scratch) / "whole", folder)
    return _PackageContracts(folder)


def fetch(folder: Path) -> bytes:
    """The package's tarball, by `npm pack` into this folder; its integrity is checked. Raises ContractSetError."""
    done = run_npm("pack", PACKAGE, "--ignore-scripts", "--silent", cwd=folder)
    tarballs = list(folder.glob("*.tgz"))
    if done.returncode != 0 or len(tarballs) != 1:
        last_words = (done.stderr or done.stdout).strip()[-300:]
        raise ContractSetError(f"{PACKAGE}: `npm pack` exited {done.returncode}: {last_words}; check the network")
    return tarballs[0].read_bytes()


def unpack(tarball: bytes, folder: Path) -> None:
    """Write abi/ and bytecode/ of the pinned tarball below `folder`. Raises ContractSetError: it is another tarball."""
    integrity = "sha512-" + base64.b64encode(hashlib.sha512(tarball).digest()).decode()
    if integrity != INTEGRITY:
        raise ContractSetError(f"{PACKAGE}: integrity is {integrity}, expected {INTEGRITY}; nothing was kept")
    for path, content in members(tarball):
        place = folder / path
        place.parent.mkdir(parents=True, exist_ok=True)
        place.write_bytes(content)


def members(tarball: bytes) -> Iterator[tuple[PurePosixPath, bytes]]:
    """The plain files under package/abi and package/bytecode. A path that points elsewhere is not one of them."""
    with tempfile.TemporaryFile() as file:
        file.write(tarball)
        file.seek(0)
        with tarfile.open(fileobj=file, mode="r:gz") as archive:
            for member in archive:
                path = PurePosixPath(member.name)
                if path.parts[:1] != ("package",) or path.parts[1:2] not in {(part,) for part in _PARTS}:
                    continue
                if ".." in path.parts or not member.isreg():
                    continue
                content = archive.extractfile(member)
                assert content is not None  # a regular file has content
                yield path.relative_to("package"), content.read()


def _move_into_place(whole: Path, folder: Path) -> None:
    """All or nothing; where another process was faster, its copy of the same pinned bytes stays."""
    try:
        whole.rename(folder)
    except OSError:
        if not folder.is_dir():
            raise


def own_contracts() -> ContractSet:
    """Our contracts; they are there, with nothing to fetch."""
    return _OwnContracts()


@cache
def own_artifact(name: str) -> Artifact:
    """A contract of ours (CurseVoting, WETH9, ProgrammableReceiver …).

    Raises:
        ContractSetError: there is none such.
    """
    file = files("ccip_core") / "artifacts" / f"{name}.json"
    try:
        artifact = json.loads(file.read_bytes())
    except FileNotFoundError:
        raise ContractSetError(f"contract = {name}: not in ccip_core/artifacts; run `make contracts`") from None
    return Artifact(name, tuple(artifact["abi"]), bytes.fromhex(artifact["bytecode"].removeprefix("0x")))
