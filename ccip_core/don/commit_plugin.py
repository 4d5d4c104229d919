"""One oracle's part in the commits of one destination.

lead   when the round is ours: plan → ask for blessings → ask for signatures → send
sign   when it is a peer's: rebuild the report from our own observation, or refuse
"""

from __future__ import annotations

import logging
from typing import TYPE_CHECKING

from ccip_core.don.blessings import NO_BLESSING, Blessing, RmnContext, RmnNodes, is_blessed
from ccip_core.don.commit import NO_PRICES, CommitObservation, CommitPlan, objection, plan, report_of
from ccip_core.don.destination import Destination, reason_of
from ccip_core.don.pacing import Key, Pacing
from ccip_core.don.quorum import Quorum
from ccip_core.protocol.blessing import SignatureError
from ccip_core.protocol.codec import decode, encode
from ccip_core.protocol.messages import ChainSelector, CommitReport, MerkleRoot
from ccip_core.protocol.ocr3 import encode_commit_call, ocr3_digest, recover
from ccip_core.rpc import RpcError, RpcRefused

if TYPE_CHECKING:
    from ccip_core.don.observer import DestView
    from ccip_core.don.peers import Peers
    from ccip_core.signers import Signature, Signer

log = logging.getLogger(__name__)

COMMIT_GAS, ROOT_GAS, PRICE_GAS = 500_000, 150_000, 80_000
"""Upper bounds; a commit of one root, two signatures of each kind and two prices takes 188,000 (spec 9)."""
_PRICES = ChainSelector(0)


class RefusedError(Exception):
    """This oracle does not sign; the peer may be told why."""


class CommitPlugin:
    """Commits of one destination. `lead` runs on the destination's thread, `sign` on any."""

    def __init__(self, destination: Destination, signer: Signer, peers: Peers, rmn_nodes: RmnNodes) -> None:
        self._destination = destination
        self._signer = signer
        self._peers = peers
        self._rmn_nodes = rmn_nodes
        self._pacing = Pacing()

    def lead(self, view: DestView, now_s: float) -> float | None:
        """Report what there is to report.

        Returns:
            Seconds after which something that failed is worth another try; None when nothing is.

        Raises:
            RpcError: the destination could not be asked or told.
        """
        own = self._destination.observe(view)
        self._pacing.keep_only({_price_key(own), *(Key(lane.source, lane.next_seq_nr) for lane in own.lanes)})
        to_report = plan(own, lambda source, first: self._pacing.is_held(Key(source, first), own.round, now_s))
        if self._pacing.is_held(_price_key(own), own.round, now_s):
            to_report = to_report._replace(prices=NO_PRICES)
        wanted = _keys(own, to_report)
        if wanted:
            blessing = self._bless(view, to_report)
            report = report_of(to_report, blessing.roots, blessing.signatures)
            sent = _report_keys(own, report) if report is not None and self._send(view, own, report) else set()
            for key in sent:
                self._pacing.sent(key, own.round)
            for key in wanted - sent:
                self._pacing.failed(key, now_s)
        return self._pacing.next_try_s(now_s)

    def sign(self, encoded: bytes, sequence_number: int, leader: Signature) -> Signature:
        """Our signature on a leader's report. UNTRUSTED input.

        Raises:
            RefusedError: it is not what we would report ourselves, or its sender is none of the oracles.
        """
        try:
            digest = self._agreed_digest(encoded, sequence_number, leader)
        except RefusedError:  # perhaps the leader has merely seen the newest blocks before us
            try:
                self._destination.look()
            except RpcError as error:
                raise RefusedError(f"our own look at the chains failed: {error}") from None
            digest = self._agreed_digest(encoded, sequence_number, leader)
        return self._signer.sign_digest(digest)

    def _agreed_digest(self, encoded: bytes, sequence_number: int, leader: Signature) -> bytes:
        view = self._destination.view()
        if view is None:
            raise RefusedError("the destination's state is not known here")
        config = view.state.commit
        digest = ocr3_digest(encoded, config.info.config_digest, sequence_number)
        try:
            peer = recover(digest, *leader)
        except SignatureError as error:
            raise RefusedError(f"the leader's signature: {error}") from None
        if peer not in config.signers:
            raise RefusedError("the leader is none of the oracles")
        own = self._destination.observe(view)
        context = self._rmn_context(view)
        reason = objection(
            encoded,
            sequence_number,
            own,
            lambda roots, signatures: context is not None and is_blessed(context, roots, signatures),
        )
        if reason is not None:
            raise RefusedError(reason)
        for key in _report_keys(own, decode(CommitReport, encoded)):
            self._pacing.announced(key, peer, own.round)
        return digest

    def _bless(self, view: DestView, to_report: CommitPlan) -> Blessing:
        context = self._rmn_context(view)
        if not to_report.to_bless or context is None:
            return NO_BLESSING
        blessing = self._rmn_nodes.bless(context, to_report.to_bless)
        for root in to_report.to_bless:
            if root not in blessing.roots:
                log.info("%s: no blessing for %s", self._destination.chain.name, _text(root))
        return blessing

    def _rmn_context(self, view: DestView) -> RmnContext | None:
        chain, rmn = self._destination.chain, view.state.rmn
        if rmn is None:
            return None
        return RmnContext(
            dest_chain_id=chain.chain_id,
            dest=self._destination.selector,
            rmn_remote=chain.contracts.rmn_remote,
            off_ramp=chain.contracts.off_ramp,
            home_config_digest=rmn.rmn_home_contract_config_digest,
            signers=frozenset(signer.onchain_public_key for signer in rmn.signers),
            f_sign=rmn.f_sign,
        )

    def _send(self, view: DestView, own: CommitObservation, report: CommitReport) -> bool:
        """Collect F + 1 signatures and send; False when they did not come or the OffRamp would refuse."""
        name, config, number = self._destination.chain.name, view.state.commit, own.sequence_number
        encoded = encode(report)
        digest = ocr3_digest(encoded, config.info.config_digest, number)
        quorum = Quorum(digest, config.signers, config.info.f)
        signature = self._signer.sign_digest(digest)
        quorum.add(signature)
        for answer in self._peers.ask(self._destination.selector, number, encoded, signature):
            quorum.add(answer)
            if quorum.is_complete:
                break
        signatures = quorum.signatures()
        if signatures is None:
            log.warning("%s: too few oracles sign the report of round %d", name, own.round)
            return False
        call = encode_commit_call(config.info.config_digest, number, report, signatures)
        roots = (*report.blessed_merkle_roots, *report.unblessed_merkle_roots)
        prices = sum(map(len, report.price_updates))
        try:
            self._destination.send(call, COMMIT_GAS + ROOT_GAS * len(roots) + PRICE_GAS * prices)
        except RpcRefused as refusal:  # another leader was faster, or a curse landed: the next observation will tell
            log.info("%s: the OffRamp would refuse the commit: %s", name, reason_of(refusal))
            return False
        for root in roots:
            log.info("%s: commit %s", name, _text(root))
        return True


def _price_key(own: CommitObservation) -> Key:
    return Key(_PRICES, own.latest_price_sequence_number)


def _keys(own: CommitObservation, to_report: CommitPlan) -> set[Key]:
    roots = (*to_report.to_bless, *to_report.unblessed)
    keys = {Key(root.source_chain_selector, root.min_seq_nr) for root in roots}
    return keys if to_report.prices == NO_PRICES else {*keys, _price_key(own)}


def _report_keys(own: CommitObservation, report: CommitReport) -> set[Key]:
    return _keys(own, CommitPlan(report.blessed_merkle_roots, report.unblessed_merkle_roots, report.price_updates))


def _text(root: MerkleRoot) -> str:
    return f"{root.min_seq_nr}..{root.max_seq_nr} of {root.source_chain_selector}, root 0x{root.merkle_root.hex()}"
