"""The other oracles, as one of them asks for signatures; and what a question and its answer look like on the wire."""

from __future__ import annotations

from typing import TYPE_CHECKING

import msgspec

from ccip_core.don.asking import Asker
from ccip_core.signers import Signature

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from ccip_core.protocol.messages import ChainSelector

TIMEOUT_S = 2.0


class WireSignature(msgspec.Struct):
    """A signature with r and s as 0x hex."""

    v: int
    r: str
    s: str


class SignatureRequest(msgspec.Struct, forbid_unknown_fields=True):
    """`POST /signatures`: a leader's commit report, signed by itself. Answered with a WireSignature or HTTP 409."""

    dest: str
    sequence_number: str
    report: str
    signature: WireSignature


_signatures = msgspec.json.Decoder(WireSignature)


def to_wire(signature: Signature) -> WireSignature:
    """For JSON."""
    return WireSignature(signature.v, f"0x{signature.r:064x}", f"0x{signature.s:064x}")


def from_wire(wire: WireSignature) -> Signature:
    """From JSON. Raises ValueError for anything but 0x hex."""
    return Signature(wire.v, int.from_bytes(hex_bytes(wire.r)), int.from_bytes(hex_bytes(wire.s)))


def hex_bytes(text: str) -> bytes:
    """0x hex. Raises ValueError."""
    if not text.startswith("0x"):
        raise ValueError("expected 0x hex")
    return bytes.fromhex(text[2:])


class Peers:
    """The other oracles' doors. The secret keeps strangers out; whether a peer is honest, signatures tell."""

    def __init__(self, urls: Sequence[str], secret: str) -> None:
        self.urls = tuple(urls)
        self._asker = Asker(TIMEOUT_S, {"authorization": f"Bearer {secret}"})

    def ask(
        self, dest: ChainSelector, sequence_number: int, report: bytes, signature: Signature
    ) -> Iterator[Signature]:
        """Signatures of the peers as they arrive. UNTRUSTED: they may be over anything or nothing."""
        request = SignatureRequest(str(dest), str(sequence_number), f"0x{report.hex()}", to_wire(signature))
        for answer in self._asker.ask([f"{url}/signatures" for url in self.urls], request):
            if answer.status != 200:
                continue
            try:
                yield from_wire(_signatures.decode(answer.body))
            except ValueError:  # msgspec's errors are ValueErrors too: a peer that speaks nonsense has not signed
                continue

    def close(self) -> None:
        """Close all connections."""
        self._asker.close()
