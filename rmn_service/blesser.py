"""The side door that the commit DON knocks on: sign a root, or say why not.

    known?   every message of the interval is in this node's own record, and final
    equal?   the root recomputed from them is the root asked for
    quiet?   no open incident and no curse on the lane

Three questions, three early returns, each with a reason that an operator understands. Doubt withholds. What was
signed once is remembered leaf by leaf, by the guard: a sequence number is never blessed with two different messages,
whatever interval and root they come in.
"""

from __future__ import annotations

from itertools import islice
from typing import TYPE_CHECKING, Any, Literal, NamedTuple

from ccip_core.protocol.blessing import rmn_digest, sign_blessing
from ccip_core.protocol.codec import encode_address
from ccip_core.protocol.merkle import MAX_LEAVES, merkle_root
from ccip_core.protocol.messages import MerkleRoot, RmnReport, RmnSignature
from ccip_core.signers import SignerError
from detectors.frames import At
from rmn_service.curses import GLOBAL
from rmn_service.detection import hex_text
from rmn_service.errors import RequestError
from rmn_service.guard import Leaf
from rmn_service.policy import stops_blessing

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from ccip_core.deployment import Deployment
    from ccip_core.protocol.messages import ChainSelector, Lane
    from ccip_core.signers import Signer
    from detectors.record import Record
    from rmn_service.audit import Audit
    from rmn_service.curses import Curses
    from rmn_service.guard import Guard
    from rmn_service.incidents import Incident
    from rmn_service.messages import Messages
    from rmn_service.policy import Decision
    from rmn_service.store import Store

KIND = "blessing"
"""Under which blessings stand in the store's documents."""
CLAIMS_MAX = 32
"""Roots in one request: no OffRamp serves more sources at a time."""
_SEQUENCE_NUMBER_MAX = (1 << 64) - 1
_WITHHELD_REMEMBERED, _WITHHELD_SPAN_MS = 4096, 3_600_000
"""A withheld root is audited once for each question; at most so many roots in this span."""

_MADE_UP_LOOKED_AT = 64


class Claim(NamedTuple):
    """What the DON says: these messages of the lane hash to this root. UNTRUSTED."""

    lane: Lane
    on_ramp: bytes
    min_seq_nr: int
    max_seq_nr: int
    root: bytes


class Verdict(NamedTuple):
    """The answer to one claim; blessed where the reason is None."""

    root: bytes
    question: Literal["possible", "known", "equal", "quiet"] | None
    """The one that it failed."""
    reason: str | None


class Blessing(NamedTuple):
    """The answer to a request. The signature covers exactly its roots in their order, or is None."""

    verdicts: tuple[Verdict, ...]
    digest: bytes | None
    signer: bytes | None
    signature: RmnSignature | None


class Standing(NamedTuple):
    """What the node knows at this moment, for the three questions."""

    messages: Messages
    curses: Curses
    judged: Sequence[tuple[Incident, Decision]]
    """Every incident that is not closed, with policy's answer."""
    blind: Callable[[ChainSelector], str | None]


class Blesser:
    """Holds the signing key of a node's blessings."""

    def __init__(
        self, deployment: Deployment, signer: Signer | None, guard: Guard | None, store: Store, audit: Audit
    ) -> None:
        """`guard` is there where a signer is."""
        self._deployment = deployment
        self._names = {chain.selector: chain.name for chain in deployment.chains}
        self._signer = signer
        self._guard = guard
        self._store = store
        self._audit = audit
        self._withheld: dict[tuple[Claim, str], int] = {}

    def check(self, claims: Sequence[Claim]) -> None:
        """Refuse what no honest oracle asks.

        Raises:
            RequestError: no root, too many, or several destinations.
        """
        if not 1 <= len(claims) <= CLAIMS_MAX:
            raise RequestError(f"roots = [{len(claims)} items]: give 1 to {CLAIMS_MAX}")
        dests = {claim.lane.dest for claim in claims}
        if len(dests) > 1:
            raise RequestError(f"roots = [{len(dests)} destinations]: all roots of one request have one dest")

    def answer(self, claims: Sequence[Claim], standing: Standing, now_ms: int) -> Blessing:
        """A verdict on each claim; one signature over all of them if every one is blessed.

        Raises:
            AuditError, StoreError: nothing could be written, so nothing was signed.
        """
        verdicts = tuple(self.verdict(claim, standing) for claim in claims)
        for claim, verdict in zip(claims, verdicts, strict=True):
            self._note_withheld(claim, verdict, now_ms)
        if self._signer is None or self._guard is None or any(verdict.reason is not None for verdict in verdicts):
            return Blessing(verdicts, None, None, None)
        digest = rmn_digest(self._report(claims))
        roots = [self._document(claim, standing.messages) for claim in claims]
        intent = self._audit.intend("bless", {"digest": hex_text(digest), "roots": roots}, now_ms)
        self._store.put(KIND, hex_text(digest), {"roots": roots, "at_ms": now_ms}, now_ms)
        self._guard.bless(
            Leaf(self._signer.address, claim.lane, number, leaf)
            for claim in claims
            for number, leaf in enumerate(_leaves(claim, standing.messages), claim.min_seq_nr)
        )
        try:
            signature = sign_blessing(self._signer, digest)
        except SignerError as error:  # doubt: no signature; the oracles ask other nodes, and this one again later
            self._audit.conclude("bless", intent, {"failed": str(error)}, now_ms)
            reason = f"this node's key does not sign now: {error}"
            return Blessing(tuple(verdict._replace(reason=reason) for verdict in verdicts), None, None, None)
        self._audit.conclude("bless", intent, {"r": hex_text(signature.r), "s": hex_text(signature.s)}, now_ms)
        return Blessing(verdicts, digest, self._signer.address, signature)

    def has_signed(self, lane: Lane, number: int, leaf: str) -> bool:
        """Whether this node ever blessed this message, with exactly this content."""
        if self._signer is None or self._guard is None:
            return False
        return self._guard.has_blessed(self._signer.address, lane, number, bytes.fromhex(leaf[2:]))

    def made_up(self, record: Record) -> list[tuple[Claim, int]]:
        """Roots that can't be true and when (ms) they were first put before this node, newest first; of the last few.

        Another root than its messages have, or a message that the record, which has come far enough, does not hold.
        Anybody may ask, so this is for people to see and no evidence of anything.
        """
        asked = islice(reversed(self._withheld.items()), _MADE_UP_LOOKED_AT)
        return [
            (claim, at_ms)
            for (claim, question), at_ms in asked
            if question == "equal" or (question == "known" and _was_never_sent(claim, record, at_ms))
        ]

    def verdict(self, claim: Claim, standing: Standing) -> Verdict:
        """Three questions behind a first look, each with an early return."""
        if (reason := self._absurd(claim)) is not None:
            return Verdict(claim.root, "possible", reason)
        if (reason := self._unknown(claim, standing)) is not None:
            return Verdict(claim.root, "known", reason)
        if (reason := self._unequal(claim, standing)) is not None:
            return Verdict(claim.root, "equal", reason)
        if (reason := self._unquiet(claim, standing)) is not None:
            return Verdict(claim.root, "quiet", reason)
        return Verdict(claim.root, None, None)

    def _absurd(self, claim: Claim) -> str | None:
        """What can be said without looking at any chain."""
        lane = claim.lane
        if self._signer is None:
            return "this node holds no signing key (config: signer)"
        if self._deployment.lane(lane) is None or not {*lane} <= self._names.keys():
            return f"unknown lane {lane.source} → {lane.dest}: it is not in this node's deployment"
        if encode_address(self._deployment.chain(lane.source).contracts.on_ramp) != claim.on_ramp:
            return f"on_ramp {hex_text(claim.on_ramp[:64])} is not the OnRamp of {self._names[lane.source]}"
        if not 1 <= claim.min_seq_nr <= claim.max_seq_nr <= _SEQUENCE_NUMBER_MAX:
            return f"interval {claim.min_seq_nr}..{claim.max_seq_nr} is upside down or out of range"
        if claim.max_seq_nr - claim.min_seq_nr >= MAX_LEAVES:
            return f"interval {claim.min_seq_nr}..{claim.max_seq_nr} is longer than {MAX_LEAVES} messages"
        return None

    def _unknown(self, claim: Claim, standing: Standing) -> str | None:
        """*Known?* Every message is in our own record and final, and we are not blind."""
        for selector in claim.lane:
            reason = standing.blind(selector)
            if reason is not None:
                return f"blind on {self._names[selector]}: {reason}"
        for number in range(claim.min_seq_nr, claim.max_seq_nr + 1):
            sent = standing.messages.sent(claim.lane, number)
            if sent is None:
                return f"message {number} of {self._lane_name(claim.lane)} is not in this node's record"
            if not standing.messages.is_final(sent):
                final = standing.messages.final.get(claim.lane.source)
                return (
                    f"message {number} of {self._lane_name(claim.lane)} is not final: it stands in block "
                    f"{sent.at.block_number}, final is {'none' if final is None else final}"
                )
        return None

    def _unequal(self, claim: Claim, standing: Standing) -> str | None:
        """*Equal?* Our root is their root, and contradicts nothing that we have signed."""
        leaves = _leaves(claim, standing.messages)
        root = merkle_root(leaves)
        if root != claim.root:
            return (
                f"root mismatch on {self._lane_name(claim.lane)} {claim.min_seq_nr}..{claim.max_seq_nr}: "
                f"asked for {hex_text(claim.root)}, this node computes {hex_text(root)}"
            )
        if self._signer is None or self._guard is None:
            return None
        number = self._guard.blessed_otherwise(self._signer.address, claim.lane, claim.min_seq_nr, leaves)
        if number is not None:
            return f"contradiction: message {number} of {self._lane_name(claim.lane)} was blessed with another content"
        return None

    def _unquiet(self, claim: Claim, standing: Standing) -> str | None:
        """*Quiet?* No open incident that stops blessing, and no curse, on the lane or on everything."""
        target = standing.curses.on_lane(claim.lane)
        if target is not None:
            what = "all of it" if target.subject == GLOBAL else f"subject {target.subject}"
            return f"cursed: {what} on {self._names[target.chain]}"
        for incident, decision in standing.judged:
            cause = incident.cause
            if (claim.lane in cause.lanes or cause.chain in claim.lane) and stops_blessing(incident, decision):
                return (
                    f"incident {incident.id} is {incident.state} on {self._lane_name(claim.lane)}: {incident.summary}"
                )
        return None

    def _report(self, claims: Sequence[Claim]) -> RmnReport:
        dest = self._deployment.chain(claims[0].lane.dest)
        return RmnReport(
            dest_chain_id=dest.chain_id,
            dest_chain_selector=dest.selector,
            rmn_remote_contract_address=dest.contracts.rmn_remote,
            offramp_address=dest.contracts.off_ramp,
            rmn_home_contract_config_digest=self._deployment.rmn.home_config_digest,
            merkle_roots=tuple(
                MerkleRoot(claim.lane.source, claim.on_ramp, claim.min_seq_nr, claim.max_seq_nr, claim.root)
                for claim in claims
            ),
        )

    def _document(self, claim: Claim, messages: Messages) -> dict[str, Any]:
        return {
            "source": str(claim.lane.source),
            "dest": str(claim.lane.dest),
            "min_seq": str(claim.min_seq_nr),
            "max_seq": str(claim.max_seq_nr),
            "root": hex_text(claim.root),
            "leaves": [hex_text(leaf) for leaf in _leaves(claim, messages)],
        }

    def _note_withheld(self, claim: Claim, verdict: Verdict, now_ms: int) -> None:
        """Each node's audit says why, once for each question: the DON asks again every round."""
        if verdict.question is None or self._deployment.lane(claim.lane) is None:
            return
        if (claim, verdict.question) in self._withheld:
            return
        if len(self._withheld) >= _WITHHELD_REMEMBERED:
            oldest = next(iter(self._withheld))
            if now_ms - self._withheld[oldest] < _WITHHELD_SPAN_MS:
                return  # somebody makes up roots: the log's space is not theirs to fill
            del self._withheld[oldest]
        self._withheld[claim, verdict.question] = now_ms
        body = {
            "source": str(claim.lane.source),
            "dest": str(claim.lane.dest),
            "interval": [str(claim.min_seq_nr), str(claim.max_seq_nr)],
            "root": hex_text(claim.root),
            "question": verdict.question,
            "reason": verdict.reason,
        }
        self._audit.note("withhold", body, now_ms)

    def _lane_name(self, lane: Lane) -> str:
        return f"{self._names[lane.source]} → {self._names[lane.dest]}"


def _was_never_sent(claim: Claim, record: Record, at_ms: int) -> bool:
    """By its last message: lanes number without gaps, so that where one is missing the last one is."""
    lane, number = claim.lane, claim.max_seq_nr
    asked = At(lane.dest, 0, "0x", at_ms // 1000, "0x", -1, at_ms)
    return not record.sent.get((lane, number)) and record.absence(lane, number, asked) is None


def _leaves(claim: Claim, messages: Messages) -> list[bytes]:
    """Our leaves of the interval, all of them known."""
    known = (messages.sent(claim.lane, number) for number in range(claim.min_seq_nr, claim.max_seq_nr + 1))
    return [bytes.fromhex(sent.leaf[2:]) for sent in known if sent is not None]
