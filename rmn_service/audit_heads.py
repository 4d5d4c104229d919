"""The end of an audit log, signed: who keeps it elsewhere notices when the log is cut off or told anew.

The signature covers a text of its own ("RMN_AUDIT_HEAD_V1"), so it can be no blessing and no transaction.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, NamedTuple

from ccip_core.protocol.blessing import SignatureError, ecrecover
from ccip_core.protocol.hashing import keccak
from rmn_service.audit_chain import AuditHead
from rmn_service.detection import hex_text

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

    from ccip_core.signers import Signer
    from rmn_service.audit_chain import AuditRow

_DOMAIN = b"RMN_AUDIT_HEAD_V1"


class HeadError(Exception):
    """Not a signed head, or not signed by whom it says."""


class SignedHead(NamedTuple):
    """One node's word about the end of its own log at one time."""

    signer: bytes
    head: AuditHead
    at_ms: int
    v: int
    r: int
    s: int

    def document(self) -> dict[str, Any]:
        """As it is stored and answered."""
        return {
            "signer": hex_text(self.signer),
            "sequence": self.head.sequence,
            "hash": hex_text(self.head.hash),
            "at_ms": self.at_ms,
            "signature": {"v": self.v, "r": hex_text(self.r.to_bytes(32)), "s": hex_text(self.s.to_bytes(32))},
        }


def sign_head(signer: Signer, head: AuditHead, at_ms: int) -> SignedHead:
    """Raises SignerError when the key does not sign now."""
    return SignedHead(signer.address, head, at_ms, *signer.sign_digest(_digest(head, at_ms)))


def head_of(document: object) -> SignedHead:
    """A head that somebody sends, its signature checked. UNTRUSTED until then.

    Raises:
        HeadError: it is none.
    """
    try:
        match document:
            case {
                "signer": str() as signer,
                "sequence": int() as sequence,
                "hash": str() as digest,
                "at_ms": int() as at_ms,
                "signature": {"v": int() as v, "r": str() as r, "s": str() as s},
            }:
                head = AuditHead(sequence, _raw(digest, 32))
                signed = SignedHead(
                    _raw(signer, 20), head, at_ms, v, int.from_bytes(_raw(r, 32)), int.from_bytes(_raw(s, 32))
                )
                recovered = ecrecover(_digest(head, at_ms), v, signed.r.to_bytes(32), signed.s.to_bytes(32))
            case _:
                raise HeadError("not a signed head of an audit log")
    except (ValueError, OverflowError, SignatureError):
        raise HeadError("not a signed head of an audit log") from None
    if recovered != signed.signer:
        raise HeadError(f"the head says it is {signed.signer.hex()}'s, and is signed by {recovered.hex()}")
    return signed


class Fork(NamedTuple):
    """Where a log contradicts what its own node signed."""

    sequence: int
    reason: str


def contradiction(rows: Sequence[AuditRow], heads: Iterable[SignedHead]) -> Fork | None:
    """The first signed head that the log does not hold; None when it holds them all. The rows begin at 1."""
    for signed in sorted(heads, key=lambda signed: signed.head):
        head = signed.head
        if head.sequence > len(rows):
            return Fork(len(rows) + 1, f"the log ends here, but its node signed {head.sequence} rows: it was cut off")
        if head.sequence and rows[head.sequence - 1].hash != head.hash:
            return Fork(head.sequence, "its node signed another row of this number: the log was told anew")
    return None


def moved_back(before: SignedHead, now: SignedHead) -> str | None:
    """Why the later word contradicts the earlier one, as far as two heads can tell; None when it does not."""
    if now.head.sequence < before.head.sequence:
        return f"signed {before.head.sequence} audit rows before and {now.head.sequence} now: its log was cut off"
    if now.head.sequence == before.head.sequence and now.head.hash != before.head.hash:
        return f"signed two different audit rows {now.head.sequence}: its log was told anew"
    return None


def _digest(head: AuditHead, at_ms: int) -> bytes:
    return bytes(keccak(_DOMAIN + head.sequence.to_bytes(8) + head.hash + at_ms.to_bytes(8)))


def _raw(text: str, length: int) -> bytes:
    raw = bytes.fromhex(text.removeprefix("0x"))
    if len(raw) != length:
        raise HeadError(f"{text[:80]}: not {length} bytes")
    return raw


def latest(documents: Iterable[Mapping[str, Any]], signer: bytes) -> SignedHead | None:
    """The head with the highest number that this signer signed, among stored ones."""
    heads = [head_of(document) for document in documents if document["signer"] == hex_text(signer)]
    return max(heads, key=lambda signed: signed.head.sequence, default=None)
