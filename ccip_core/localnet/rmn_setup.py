"""RMN on chain: who signs blessings (RMNHome, RMNRemote) and who votes for curses (CurseVoting)."""

from __future__ import annotations

from typing import TYPE_CHECKING

from ccip_core.localnet.construction import DeployError
from ccip_core.localnet.contract_set import own_artifact
from ccip_core.localnet.keys import dev_key
from ccip_core.protocol.codec import decode_args, encode_args, encode_call
from ccip_core.protocol.hashing import keccak
from ccip_core.protocol.messages import RmnRemoteConfig, RmnSigner

if TYPE_CHECKING:
    from collections.abc import Sequence

    from ccip_core.localnet.construction import Construction
    from ccip_core.localnet.site import Actors, Site
    from ccip_core.protocol.messages import ChainSelector

_HOME_NODES = "(bytes32,bytes32)[]"
_HOME_SOURCES = "(uint64,uint64,uint256)[]"
_HOME_DIGEST_PREFIX = bytes.fromhex("000b")
_FIRST_VERSION = 1


def rmn_signers(actors: Actors) -> tuple[RmnSigner, ...]:
    """The nodes' signing addresses, in node order."""
    return tuple(RmnSigner(dev_key("rmn_signer", index).address, index) for index in range(actors.rmn_nodes))


def create_voting(work: Construction, rmn_remote: bytes, actors: Actors) -> bytes:
    """CurseVoting for this RMNRemote: a vote for each node, and fSign + 1 of them curse."""
    return work.create(
        own_artifact("CurseVoting"),
        rmn_remote,
        [(dev_key("rmn_curser", index).address, 1) for index in range(actors.rmn_nodes)],
        actors.rmn_f + 1,
        dev_key("council").address,
    )


def configure_remote(site: Site, home_digest: bytes, actors: Actors) -> None:
    """Tell RMNRemote whose signatures bless, then hand it over to CurseVoting for good."""
    remote, voting = site.contracts.rmn_remote, site.contracts.curse_voting
    assert voting is not None
    config = RmnRemoteConfig(home_digest, rmn_signers(actors), actors.rmn_f)
    site.work.call(remote, "setConfig((bytes32,(address,uint64)[],uint64))", config)
    site.work.call(remote, "transferOwnership(address)", voting)
    site.work.call(voting, "acceptRMNRemoteOwnership()")


def configure_home(home: Site, sources: Sequence[ChainSelector], actors: Actors) -> bytes:
    """List the nodes and what they observe in RMNHome and make the list active; its config digest.

    The digest is worked out here as the contract will (spec 4.10), so that nothing has to wait for it;
    `check_home` compares.
    """
    rmn_home = home.contracts.rmn_home
    assert rmn_home is not None
    static = ([(_peer_id(signer), _offchain_key(signer)) for signer in rmn_signers(actors)], b"")
    everyone = (1 << actors.rmn_nodes) - 1
    dynamic = ([(source, actors.rmn_f, everyone) for source in sources], b"")
    origin = encode_args(
        ("bytes32", "uint256", "address", "uint32"),
        (b"EVM".ljust(32, b"\0"), home.chain.anvil.chain_id, rmn_home, _FIRST_VERSION),
    )
    body = encode_args((f"({_HOME_NODES},bytes)",), (static,))
    digest = _HOME_DIGEST_PREFIX + keccak(origin + body)[2:]
    home.work.call(
        rmn_home, f"setCandidate(({_HOME_NODES},bytes),({_HOME_SOURCES},bytes),bytes32)", static, dynamic, bytes(32)
    )
    home.work.call(rmn_home, "promoteCandidateAndRevokeActive(bytes32,bytes32)", digest, bytes(32))
    return digest


def check_home(home: Site, digest: bytes) -> None:
    """Raises DeployError when RMNHome has another active digest than the one everybody was told."""
    assert home.contracts.rmn_home is not None
    answer = home.chain.anvil.rpc.call(home.contracts.rmn_home, encode_call("getActiveDigest()"))
    (active,) = decode_args(("bytes32",), answer)
    if active != digest:
        raise DeployError(f"RMNHome: active digest is 0x{active.hex()}, RMNRemotes were given 0x{digest.hex()}")


def _peer_id(signer: RmnSigner) -> bytes:
    return keccak(b"localnet RMN peer" + signer.onchain_public_key)


def _offchain_key(signer: RmnSigner) -> bytes:
    return keccak(b"localnet RMN off-chain key" + signer.onchain_public_key)
