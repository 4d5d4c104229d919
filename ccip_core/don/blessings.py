"""Asks the RMN nodes to bless roots, and believes only signatures that it recovered itself.

One signature covers exactly the roots of one report. When nodes disagree about a root, the roots that fSign + 1 nodes
say they bless are asked for again, the largest such set first: what fSign + 1 honest nodes bless together is found,
whatever the others claim.
"""

from __future__ import annotations

from itertools import combinations, islice, pairwise
from typing import TYPE_CHECKING, NamedTuple

import msgspec

from ccip_core.don.asking import Answer, Asker
from ccip_core.protocol.blessing import SignatureError, recover_blessing, rmn_digest
from ccip_core.protocol.messages import ChainSelector, MerkleRoot, RmnReport, RmnSignature

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

TIMEOUT_S = 1.5
"""A node that takes longer has not blessed."""
ATTEMPTS_MAX = 12
"""Sets of roots that are asked for again in one round; enough for every pair of four nodes."""
COMBINATIONS_MAX = 1_000


class RmnContext(NamedTuple):
    """Everything of an RMN report apart from its roots, and who may sign it."""

    dest_chain_id: int
    dest: ChainSelector
    rmn_remote: bytes
    off_ramp: bytes
    home_config_digest: bytes
    signers: frozenset[bytes]
    f_sign: int

    def digest(self, roots: Sequence[MerkleRoot]) -> bytes:
        """What the nodes sign for exactly these roots in this order."""
        return rmn_digest(
            RmnReport(
                self.dest_chain_id, self.dest, self.rmn_remote, self.off_ramp, self.home_config_digest, tuple(roots)
            )
        )


class Blessing(NamedTuple):
    """Roots, and the signatures that the OffRamp will accept for them."""

    roots: tuple[MerkleRoot, ...]
    signatures: tuple[RmnSignature, ...]


NO_BLESSING = Blessing((), ())


class _Result(msgspec.Struct):
    root: str
    verdict: str
    reason: str | None = None


class _Signature(msgspec.Struct):
    r: str
    s: str


class _Answer(msgspec.Struct):
    results: list[_Result]
    signature: _Signature | None = None


_answers = msgspec.json.Decoder(_Answer)


def is_blessed(context: RmnContext, roots: Sequence[MerkleRoot], signatures: Sequence[RmnSignature]) -> bool:
    """Whether RMNRemote.verify would accept: fSign + 1 registered signers or more, strictly ascending."""
    digest = context.digest(roots)
    try:
        signers = [recover_blessing(digest, signature) for signature in signatures]
    except SignatureError:
        return False
    ascending = all(before < after for before, after in pairwise(signers))
    return ascending and context.signers.issuperset(signers) and len(signers) > context.f_sign


class RmnNodes:
    """The RMN nodes as one oracle knows them: URLs, nothing else."""

    def __init__(self, urls: Sequence[str], asker: Asker | None = None) -> None:
        self.urls = tuple(urls)
        self._asker = asker or Asker(TIMEOUT_S)

    def bless(self, context: RmnContext, roots: Sequence[MerkleRoot]) -> Blessing:
        """As many of `roots` (ascending by source) as fSign + 1 nodes bless together, perhaps none."""
        wanted = tuple(roots)
        quorum, verdicts = self._ask(self.urls, context, wanted)
        if quorum is not None:
            return Blessing(wanted, quorum)
        for urls, subset in islice(_agreed(verdicts, wanted, context.f_sign + 1), ATTEMPTS_MAX):
            quorum, _ = self._ask(urls, context, subset)
            if quorum is not None:
                return Blessing(subset, quorum)
        return NO_BLESSING

    def close(self) -> None:
        """Close all connections."""
        self._asker.close()

    def _ask(
        self, urls: Sequence[str], context: RmnContext, roots: tuple[MerkleRoot, ...]
    ) -> tuple[tuple[RmnSignature, ...] | None, Mapping[str, frozenset[bytes]]]:
        """Signatures of fSign + 1 nodes over these roots once they are in; else what each node says it blesses."""
        digest = context.digest(roots)
        signatures: dict[bytes, RmnSignature] = {}
        verdicts: dict[str, frozenset[bytes]] = {}
        base = {f"{url.rstrip('/')}/blessings": url for url in urls}
        for answer in self._asker.ask(list(base), _request(context.dest, roots)):
            understood = _understood(answer)
            if understood is None:
                continue
            verdicts[base[answer.url]] = _blessed_roots(understood)
            signature = _signature(understood)
            signer = None if signature is None else _signer(digest, signature)
            if signature is not None and signer is not None and signer in context.signers:
                signatures[signer] = signature
            if len(signatures) > context.f_sign:
                return tuple(signatures[signer] for signer in sorted(signatures)), verdicts
        return None, verdicts


def _request(dest: ChainSelector, roots: Sequence[MerkleRoot]) -> dict[str, list[dict[str, str]]]:
    return {
        "roots": [
            {
                "source": str(root.source_chain_selector),
                "dest": str(dest),
                "on_ramp": f"0x{root.on_ramp_address.hex()}",
                "min_seq": str(root.min_seq_nr),
                "max_seq": str(root.max_seq_nr),
                "root": f"0x{root.merkle_root.hex()}",
            }
            for root in roots
        ]
    }


def _agreed(
    verdicts: Mapping[str, frozenset[bytes]], roots: Sequence[MerkleRoot], quorum: int
) -> list[tuple[tuple[str, ...], tuple[MerkleRoot, ...]]]:
    """Proper subsets of the roots that some `quorum` nodes say they all bless, largest first, with all such nodes."""
    by_subset: dict[tuple[MerkleRoot, ...], set[str]] = {}
    for urls in islice(combinations(sorted(verdicts), quorum), COMBINATIONS_MAX):
        common = frozenset.intersection(*(verdicts[url] for url in urls))
        subset = tuple(root for root in roots if root.merkle_root in common)
        if subset:
            by_subset.setdefault(subset, set()).update(urls)
    found = [(tuple(sorted(urls)), subset) for subset, urls in by_subset.items() if len(subset) < len(roots)]
    return sorted(found, key=lambda each: -len(each[1]))


def _understood(answer: Answer) -> _Answer | None:
    if answer.status != 200:
        return None
    try:
        return _answers.decode(answer.body)
    except (msgspec.MsgspecError, RecursionError):  # a node that speaks nonsense has not blessed
        return None


def _blessed_roots(answer: _Answer) -> frozenset[bytes]:
    return frozenset(
        root for result in answer.results if result.verdict == "blessed" and (root := _bytes32(result.root)) is not None
    )


def _signature(answer: _Answer) -> RmnSignature | None:
    if answer.signature is None:
        return None
    r, s = _bytes32(answer.signature.r), _bytes32(answer.signature.s)
    return None if r is None or s is None else RmnSignature(r, s)


def _signer(digest: bytes, signature: RmnSignature) -> bytes | None:
    try:
        return recover_blessing(digest, signature)
    except SignatureError:
        return None


def _bytes32(text: str) -> bytes | None:
    try:
        raw = bytes.fromhex(text.removeprefix("0x"))
    except ValueError:
        return None
    return raw if len(raw) == 32 else None
