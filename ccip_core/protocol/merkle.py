r"""The tree under a committed root, and proofs of several leaves at once (spec section 3).

     root            node = keccak(1 ++ min ++ max)
    /    \           an odd layer gets one padding word 0xFF…FF, layer by layer
  ab      c*
 /  \    /  \        the padding is a convention of everyone who builds trees; the contract can't see it,
a    b  c   ff…      but two builders must agree to get the same root
"""

from __future__ import annotations

from collections import deque
from itertools import pairwise
from typing import TYPE_CHECKING, NamedTuple

from eth_hash.auto import keccak

if TYPE_CHECKING:
    from collections.abc import Sequence

MAX_LEAVES = 256
"""Of a tree that the plugins build; the OffRamp refuses proofs of more hashes than that."""

_MAX_HASHES = 256
_PADDING = b"\xff" * 32
_INTERNAL_DOMAIN_SEPARATOR = (1).to_bytes(32)


class ProofError(ValueError):
    """A proof that the OffRamp would refuse (`InvalidProof`, `LeavesCannotBeEmpty`), or one that can't be made."""


class Proof(NamedTuple):
    """Evidence that some leaves are in a tree."""

    proofs: tuple[bytes, ...]
    """The nodes that can't be computed from the leaves."""
    flag_bits: int
    """Bit i: the i-th hash takes no proof, both its inputs are leaves or earlier hashes."""


def merkle_root(leaves: Sequence[bytes]) -> bytes:
    """The root over leaves in order of sequence number.

    Raises:
        ProofError: no leaf, or more than MAX_LEAVES.
    """
    (root,) = _layers(leaves)[-1]
    return root


def prove(leaves: Sequence[bytes], indices: Sequence[int]) -> Proof:
    """A proof for the leaves at `indices` (ascending) of the tree over `leaves`.

    Raises:
        ProofError: no leaves, too many, or indices that are not ascending positions among them.
    """
    layers = _layers(leaves)
    _check_indices(indices, len(leaves))
    proofs: list[bytes] = []
    flag_bits = hashes = 0
    wanted = list(indices)
    for layer in layers[:-1]:
        parents = []
        position = 0
        while position < len(wanted):
            index = wanted[position]
            if wanted[position + 1 : position + 2] == [index ^ 1]:
                flag_bits |= 1 << hashes
                position += 1
            else:
                proofs.append(layer[index ^ 1])
            hashes += 1
            position += 1
            parents.append(index // 2)
        wanted = parents
    return Proof(tuple(proofs), flag_bits)


def compute_root(leaves: Sequence[bytes], proof: Proof) -> bytes:
    """The root that the OffRamp computes from leaves and proof, step for step as it does.

    A well-formed proof of the wrong leaves yields a wrong root, not an error: compare it.

    Raises:
        ProofError: where the contract reverts.
    """
    if not leaves:
        raise ProofError("a proof needs at least one leaf")
    hashes_total = len(leaves) + len(proof.proofs) - 1
    if hashes_total > _MAX_HASHES:
        raise ProofError(f"{len(leaves)} leaves and {len(proof.proofs)} proofs are more than {_MAX_HASHES} hashes")
    if hashes_total == 0:
        return leaves[0]
    known = deque(leaves)  # then the hashes, in the order in which they are computed
    proofs = deque(proof.proofs)
    try:
        for i in range(hashes_total):
            left = known.popleft() if proof.flag_bits >> i & 1 else proofs.popleft()
            known.append(_parent(left, known.popleft()))
    except IndexError:
        raise ProofError("the flags ask for more hashes or proofs than there are") from None
    return known.pop()  # each hash made one of two, so nothing else is left of leaves, hashes and proofs


def _layers(leaves: Sequence[bytes]) -> list[list[bytes]]:
    """Padded layers from the leaves up; the last one is the root alone."""
    if not 1 <= len(leaves) <= MAX_LEAVES:
        raise ProofError(f"a tree has 1 to {MAX_LEAVES} leaves, not {len(leaves)}")
    layers = [list(leaves)]
    while len(layer := layers[-1]) > 1:
        if len(layer) % 2:
            layer.append(_PADDING)
        layers.append([_parent(layer[i], layer[i + 1]) for i in range(0, len(layer), 2)])
    return layers


def _parent(left: bytes, right: bytes) -> bytes:
    return keccak(_INTERNAL_DOMAIN_SEPARATOR + (left + right if left < right else right + left))


def _check_indices(indices: Sequence[int], count: int) -> None:
    in_order = all(before < after for before, after in pairwise(indices))
    if not indices or not in_order or indices[0] < 0 or indices[-1] >= count:
        raise ProofError(f"indices {list(indices)} are not ascending positions among {count} leaves")
