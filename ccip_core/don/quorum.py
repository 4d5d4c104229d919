"""Exactly F + 1 signatures of registered oracles over one OCR3 digest, out of whatever was answered."""

from __future__ import annotations

from typing import TYPE_CHECKING

from ccip_core.protocol.blessing import SignatureError
from ccip_core.protocol.ocr3 import OcrSignatures, pack_signatures, recover

if TYPE_CHECKING:
    from collections.abc import Collection

    from ccip_core.signers import Signature


class Quorum:
    """Collects signatures over `digest`; only one of a registered signer who was not seen before counts."""

    def __init__(self, digest: bytes, signers: Collection[bytes], f: int) -> None:
        self.digest = digest
        self._signers = frozenset(signers)
        self._size = f + 1
        self._signatures: dict[bytes, Signature] = {}

    def add(self, signature: Signature) -> bytes | None:
        """Count a signature; its signer, or None when it is worth nothing. UNTRUSTED input."""
        try:
            signer = recover(self.digest, *signature)
        except SignatureError:
            return None
        if signer not in self._signers:
            return None
        if not self.is_complete:
            self._signatures.setdefault(signer, signature)
        return signer

    @property
    def is_complete(self) -> bool:
        """Whether F + 1 oracles have signed."""
        return len(self._signatures) >= self._size

    def signatures(self) -> OcrSignatures | None:
        """For the OffRamp, which wants exactly F + 1; None while there are fewer."""
        return pack_signatures(list(self._signatures.values())) if self.is_complete else None
