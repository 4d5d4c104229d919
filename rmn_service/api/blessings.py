"""`POST /blessings`: the commit DON asks for signatures. No token: whoever asks, the answer is the same."""

from __future__ import annotations

from typing import Annotated, Literal

from fastapi import APIRouter
from fastapi.responses import JSONResponse
from pydantic import BaseModel, Field
from typing_extensions import TypedDict

from ccip_core.protocol.messages import ChainSelector, Lane
from rmn_service.api.door import Answer, AtDoor, answer
from rmn_service.blesser import Blessing, Claim
from rmn_service.detection import hex_text

Uint64Text = Annotated[str, Field(pattern="^[0-9]{1,20}$", examples=["3379446385462418246"])]
HashText = Annotated[str, Field(pattern="^0x[0-9a-fA-F]{64}$")]


class RootClaim(BaseModel):
    """A root of a commit report that oracles want blessed."""

    source: Uint64Text
    dest: Uint64Text
    on_ramp: Annotated[str, Field(pattern="^0x([0-9a-fA-F]{2}){0,64}$", description="the bytes of the commit report")]
    min_seq: Uint64Text
    max_seq: Uint64Text
    root: HashText

    def claim(self) -> Claim:
        """The claim, typed."""
        return Claim(
            Lane(ChainSelector(int(self.source)), ChainSelector(int(self.dest))),
            bytes.fromhex(self.on_ramp[2:]),
            int(self.min_seq),
            int(self.max_seq),
            bytes.fromhex(self.root[2:]),
        )


class BlessingRequest(BaseModel):
    """All roots have one destination; the signature covers them in this order."""

    roots: Annotated[list[RootClaim], Field(min_length=1, max_length=256)]


class RootResult(TypedDict):
    """The verdict on one root."""

    root: str
    verdict: Literal["blessed", "withheld"]
    reason: str | None


class SignatureItem(TypedDict):
    """Over the RMN report of exactly these roots in this order."""

    signer: str
    r: str
    s: str
    digest: str


class BlessingAnswer(Answer):
    """No signature if one root is withheld: ask again for those that were blessed."""

    results: list[RootResult]
    signature: SignatureItem | None


router = APIRouter()


@router.post("/blessings", response_model=BlessingAnswer)
def bless(door: AtDoor, request: BlessingRequest) -> JSONResponse:
    """For the commit DON: sign these roots, or say why not."""
    blessing = door.service.bless([root.claim() for root in request.roots], door.clock())
    with door.service.lock:
        return answer(door, {"results": _results(blessing), "signature": _signature(blessing)})


def _results(blessing: Blessing) -> list[RootResult]:
    return [
        {
            "root": hex_text(verdict.root),
            "verdict": "blessed" if verdict.reason is None else "withheld",
            "reason": verdict.reason,
        }
        for verdict in blessing.verdicts
    ]


def _signature(blessing: Blessing) -> SignatureItem | None:
    if blessing.signature is None or blessing.signer is None or blessing.digest is None:
        return None
    return {
        "signer": hex_text(blessing.signer),
        "r": hex_text(blessing.signature.r),
        "s": hex_text(blessing.signature.s),
        "digest": hex_text(blessing.digest),
    }
