"""How anyone, also a thief, asks RMN nodes for a blessing: `POST /blessings`."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

import httpx
import msgspec

from ccip_core.protocol.messages import RmnSignature

if TYPE_CHECKING:
    from collections.abc import Sequence

    from ccip_core.protocol.messages import Lane, MerkleRoot

TIMEOUT_S = 5.0


class _Result(msgspec.Struct):
    verdict: str
    reason: str | None = None


class _Signature(msgspec.Struct):
    signer: str
    r: str
    s: str


class _Blessings(msgspec.Struct):
    results: list[_Result]
    signature: _Signature | None = None


class Answer(NamedTuple):
    """What one node said to one root."""

    url: str
    verdict: str
    """blessed, withheld, or unreachable."""
    reason: str
    signer: str
    signature: RmnSignature | None


def ask_for_blessings(urls: Sequence[str], lane: Lane, root: MerkleRoot) -> list[Answer]:
    """Ask each node to bless this one root. A node that does not answer is `unreachable`, never an error."""
    wanted = {
        "source": str(lane.source),
        "dest": str(lane.dest),
        "on_ramp": "0x" + root.on_ramp_address.hex(),
        "min_seq": str(root.min_seq_nr),
        "max_seq": str(root.max_seq_nr),
        "root": "0x" + root.merkle_root.hex(),
    }
    with httpx.Client(timeout=TIMEOUT_S, trust_env=False) as client:
        return [_ask(client, url, {"roots": [wanted]}) for url in urls]


def _ask(client: httpx.Client, url: str, body: object) -> Answer:
    try:
        response = client.post(f"{url.rstrip('/')}/blessings", json=body)
        response.raise_for_status()
        answer = msgspec.json.decode(response.content, type=_Blessings)
        result = answer.results[0]
        signature = None if answer.signature is None else _signature(answer.signature)
    except (httpx.HTTPError, httpx.InvalidURL, msgspec.DecodeError, IndexError, ValueError) as error:
        return Answer(url, "unreachable", str(error).splitlines()[0] if str(error) else type(error).__name__, "", None)
    signer = answer.signature.signer.lower() if answer.signature is not None else ""
    return Answer(url, result.verdict, result.reason or "", signer, signature)


def _signature(text: _Signature) -> RmnSignature:
    return RmnSignature(bytes.fromhex(text.r.removeprefix("0x")), bytes.fromhex(text.s.removeprefix("0x")))
