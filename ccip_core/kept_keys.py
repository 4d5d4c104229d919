"""What keys that never leave their keeper have in common: the keeper signs r and s, the chain wants more.

A device gives an ECDSA signature as it comes: with a high s half of the time, and without the recovery id. `complete`
makes it what `Signer` promises and proves it against the key's public half, so that a keeper that signed anything else
(another key, a digest hashed once more) is found out before the chain or the oracles see it.
"""

from __future__ import annotations

from coincurve import PublicKey
from coincurve.utils import GROUP_ORDER_INT
from eth_hash.auto import keccak

from ccip_core.signers import Signature, SignerError

_POINT_BYTES = 65


def complete(public_key: PublicKey, digest: bytes, r: int, s: int) -> Signature:
    """The signature with low s and v 27 or 28.

    Raises:
        SignerError: it is not this key's over this digest.
    """
    s = min(s, GROUP_ORDER_INT - s)
    if not (0 < r < GROUP_ORDER_INT and s > 0):
        raise SignerError("the key's keeper answered with something that is no signature; check the device")
    for parity in (0, 1):
        raw = r.to_bytes(32) + s.to_bytes(32) + bytes((parity,))
        try:
            if PublicKey.from_signature_and_message(raw, digest, hasher=None) == public_key:
                return Signature(27 + parity, r, s)
        except ValueError:  # no point has this r: the other parity may
            continue
    raise SignerError("the key's keeper signed with another key, or something else than it was given; check both")


def public_key_of(point: bytes, where: str) -> PublicKey:
    """The key of an uncompressed secp256k1 point, which stands last in every encoding of it.

    Raises:
        SignerError: it is no point of that curve.
    """
    try:
        return PublicKey(point[-_POINT_BYTES:])
    except ValueError:
        raise SignerError(f"{where}: not a secp256k1 key; make one with curve secp256k1 (ECC_SECG_P256K1)") from None


def address_of(public_key: PublicKey) -> bytes:
    """The 20 bytes that chains know the key by."""
    return bytes(keccak(public_key.format(compressed=False)[1:])[-20:])
