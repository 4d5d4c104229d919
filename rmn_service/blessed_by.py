"""Who blessed a root, read off the transaction that committed it.

The event says that a root was blessed, not by whom: the signatures are in the calldata alone. They are recovered
against the digest that the RMN signs (spec 6.1), so one endpoint's word for the calldata is enough: a signature of a
key that the deployment names can't be invented. Others are left out.
"""

from __future__ import annotations

import contextlib
from threading import Lock
from typing import TYPE_CHECKING, NamedTuple

from ccip_core.protocol.blessing import SignatureError, recover_blessing, rmn_digest
from ccip_core.protocol.decoder import AbiError
from ccip_core.protocol.messages import RmnReport
from ccip_core.protocol.ocr3 import decode_commit_call
from ccip_core.rpc import RpcError

if TYPE_CHECKING:
    from collections.abc import Mapping

    from ccip_core.deployment import Deployment
    from ccip_core.protocol.messages import ChainSelector, CommitReport
    from ccip_core.rpc import Rpc
    from detectors.frames import Committed

_REMEMBERED = 10_000


class Signatory(NamedTuple):
    """An RMN node whose signature stands in a commit."""

    node_index: int
    signer: bytes


class BlessedBy:
    """Asks a chain once for each commit. Thread-safe; the caller holds no lock, since it waits for the chain."""

    def __init__(self, deployment: Deployment, rpcs: Mapping[ChainSelector, Rpc]) -> None:
        self._deployment = deployment
        self._rpcs = rpcs
        self._indexes = {entry.address: entry.node_index for entry in deployment.rmn.signers}
        self._lock = Lock()
        self._known: dict[tuple[ChainSelector, str, str], tuple[Signatory, ...]] = {}

    def of(self, commit: Committed) -> tuple[Signatory, ...] | None:
        """By node index; None where it is not known: not blessed, no plain commit, or the chain can't be asked."""
        key = (commit.lane.dest, commit.at.tx_hash, commit.merkle_root)
        with self._lock:
            known = self._known.get(key)
        if known is not None or not commit.is_blessed:
            return known
        try:
            data = self._rpcs[commit.lane.dest].calldata(bytes.fromhex(commit.at.tx_hash[2:]))
            report = None if data is None else decode_commit_call(data)
        except (RpcError, AbiError):
            return None
        if report is None or not any(
            root.merkle_root.hex() == commit.merkle_root[2:] and root.source_chain_selector == commit.lane.source
            for root in report.blessed_merkle_roots
        ):
            return None
        found = self._signatories(commit.lane.dest, report)
        if not found:
            return None
        with self._lock:
            if len(self._known) >= _REMEMBERED:
                self._known.clear()
            self._known[key] = found
        return found

    def _signatories(self, dest: ChainSelector, report: CommitReport) -> tuple[Signatory, ...]:
        chain = self._deployment.chain(dest)
        digest = rmn_digest(
            RmnReport(
                dest_chain_id=chain.chain_id,
                dest_chain_selector=dest,
                rmn_remote_contract_address=chain.contracts.rmn_remote,
                offramp_address=chain.contracts.off_ramp,
                rmn_home_contract_config_digest=self._deployment.rmn.home_config_digest,
                merkle_roots=report.blessed_merkle_roots,
            )
        )
        found = set()
        for signature in report.rmn_signatures:
            with contextlib.suppress(SignatureError):
                signer = recover_blessing(digest, signature)
                if signer in self._indexes:
                    found.add(Signatory(self._indexes[signer], signer))
        return tuple(sorted(found))
