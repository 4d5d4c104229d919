"""What an RMN node signs, and how (spec 6.1).

The contract recovers every signature with v = 27. A signature that came out with v = 28 is turned around: s becomes
N - s, which is the same signature of the same key with the other v. So half of all valid blessings have a high s, and
a verifier that insists on low s would refuse them.
"""

from __future__ import annotations

from typing import Protocol

from coincurve import PublicKey

from ccip_core.protocol.codec import encode_args
from ccip_core.protocol.hashing import keccak
from ccip_core.protocol.messages import RmnReport, RmnSignature

_REPORT_HEADER = keccak(b"RMN_V1_6_ANY2EVM_REPORT")
_N = 0xFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFEBAAEDCE6AF48A03BBFD25E8CD0364141
"""The order of secp256k1's group."""


class SignatureError(ValueError):
    """A signature that no key made over this digest: the chain's `ecrecover` would answer zero."""


class _Signature(Protocol):
    @property
    def v(self) -> int: ...
    @property
    def r(self) -> int: ...
    @property
    def s(self) -> int: ...


class DigestSigner(Protocol):
    """The part of a signer (`ccip_core.signers`) that blessing needs."""

    def sign_digest(self, digest: bytes) -> _Signature:
        """Sign exactly these 32 bytes, without any prefix."""


def rmn_digest(report: RmnReport) -> bytes:
    """The 32 bytes to sign. They cover all blessed roots of one report, in order: drop one and none is blessed.

    Raises:
        AbiError: a field of the report doesn't fit its type.
    """
    return keccak(encode_args(("bytes32", RmnReport), (_REPORT_HEADER, report)))


def sign_blessing(signer: DigestSigner, digest: bytes) -> RmnSignature:
    """The signer's blessing of a report, in the only form that the contract accepts."""
    signature = signer.sign_digest(digest)
    s = signature.s if signature.v == 27 else _N - signature.s
    return RmnSignature(signature.r.to_bytes(32), s.to_bytes(32))


def recover_blessing(digest: bytes, signature: RmnSignature) -> bytes:
    """The address (20 bytes) whose key blessed the digest.

    Raises:
        SignatureError: the contract would refuse the signature as `InvalidSignature`.
    """
    return ecrecover(digest, 27, signature.r, signature.s)


def ecrecover(digest: bytes, v: int, r: bytes, s: bytes) -> bytes:
    """The EVM's precompile, except that it raises where the precompile answers zero.

    Raises:
        SignatureError: v is not 27 or 28, r or s is not in 1..N-1, or r is no point of the curve.
    """
    if v not in (27, 28):
        raise SignatureError(f"v = {v} is neither 27 nor 28")
    if len(digest) != 32 or len(r) != 32 or len(s) != 32:
        raise SignatureError("digest, r and s must have 32 bytes each")
    try:
        key = PublicKey.from_signature_and_message(r + s + bytes((v - 27,)), digest, hasher=None)
    except ValueError:  # r or s out of range, no such point, or the key at infinity: nobody signed this
        raise SignatureError("r and s belong to no key") from None
    return keccak(key.format(compressed=False)[1:])[-20:]
