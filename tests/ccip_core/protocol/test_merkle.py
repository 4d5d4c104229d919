"""Trees and proofs: the SDK's vectors, the laws, and proofs that must fail."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ccip_core.protocol.hashing import keccak
from ccip_core.protocol.merkle import MAX_LEAVES, Proof, ProofError, compute_root, merkle_root, prove

PADDING = b"\xff" * 32


def leaves_of(count: int) -> list[bytes]:
    return [keccak(b"leaf %d" % i) for i in range(count)]


def node(a: bytes, b: bytes) -> bytes:
    return keccak((1).to_bytes(32) + min(a, b) + max(a, b))


def test_golden_trees(merkle_golden, from_json):
    assert [vector["n"] for vector in merkle_golden] == [1, 2, 3, 4, 5, 6, 7, 9, 17]
    for vector in merkle_golden:
        leaves, root = from_json(vector["leaves"]), from_json(vector["root"])
        proof = Proof(from_json(vector["proof"]), sum(flag << i for i, flag in enumerate(vector["flags"])))
        assert merkle_root(leaves) == root
        assert prove(leaves, vector["prove"]) == proof
        assert compute_root([leaves[i] for i in vector["prove"]], proof) == root


def test_a_single_leaf_is_its_root():
    (leaf,) = leaves_of(1)
    assert merkle_root([leaf]) == leaf
    assert prove([leaf], [0]) == Proof((), 0)
    assert compute_root([leaf], Proof((), 2**256 - 1)) == leaf  # flags without hashes are ignored, as on-chain


def test_every_odd_layer_is_padded_for_itself():
    a, b, c, d, e = leaves_of(5)
    left = node(node(a, b), node(c, d))
    assert merkle_root([a, b, c, d, e]) == node(left, node(node(e, PADDING), PADDING))
    assert prove([a, b, c, d, e], [4]) == Proof((PADDING, PADDING, left), 0)


@given(st.integers(1, MAX_LEAVES), st.randoms(use_true_random=False))
def test_any_subset_of_any_tree_is_provable(count, rng):
    leaves = leaves_of(count)
    indices = sorted(rng.sample(range(count), rng.randint(1, count)))
    proof = prove(leaves, indices)
    assert compute_root([leaves[i] for i in indices], proof) == merkle_root(leaves)


@pytest.mark.parametrize("count", [255, 256])
def test_the_largest_trees(count):
    leaves = leaves_of(count)
    root = merkle_root(leaves)
    everything = prove(leaves, range(count))
    assert compute_root(leaves, everything) == root
    for index in (0, 1, 127, 128, count - 1):
        assert compute_root([leaves[index]], prove(leaves, [index])) == root


@pytest.mark.parametrize("count", [0, 257])
def test_no_tree_without_leaves_or_with_too_many(count):
    with pytest.raises(ProofError, match=f"not {count}"):
        merkle_root(leaves_of(count))


@pytest.mark.parametrize("indices", [[], [-1], [3], [1, 0], [0, 0], [0, 1, 2, 3]])
def test_indices_that_name_no_leaves(indices):
    with pytest.raises(ProofError, match="are not ascending positions among 3 leaves"):
        prove(leaves_of(3), indices)


@given(st.integers(2, 20), st.data())
def test_a_changed_proof_never_leads_to_the_root(count, data):
    leaves = leaves_of(count)
    indices = sorted(data.draw(st.sets(st.integers(0, count - 1), min_size=1)))
    proven = [leaves[i] for i in indices]
    proofs, flag_bits = prove(leaves, indices)
    words = [*proven, *proofs]
    at = data.draw(st.integers(0, len(words) - 1))
    words[at] = keccak(words[at])
    changed = Proof(tuple(words[len(proven) :]), flag_bits)
    assert compute_root(words[: len(proven)], changed) != merkle_root(leaves)


@given(st.integers(1, 9), st.data())
def test_a_foreign_leaf_is_in_no_tree(count, data):
    """CVE-2023-34459: no mix of flags and inner nodes may make the root appear beside an unused forged leaf."""
    layers = [leaves_of(count)]
    root = merkle_root(layers[0])
    while len(layer := layers[-1]) > 1:
        padded = layer + [PADDING] * (len(layer) % 2)
        layers.append([node(padded[i], padded[i + 1]) for i in range(0, len(padded), 2)])
    known = st.sampled_from([word for layer in layers for word in layer] + [PADDING, bytes(32)])
    forged = keccak(b"forged")
    leaves = data.draw(st.permutations([forged, *data.draw(st.lists(known, max_size=4))]))
    proof = Proof(tuple(data.draw(st.lists(known, max_size=5))), data.draw(st.integers(0, 2**10)))
    try:
        computed = compute_root(leaves, proof)
    except ProofError:
        return
    assert computed != root


ONE, TWO, THREE = leaves_of(3)


@pytest.mark.parametrize(
    ("leaves", "proof", "said"),
    [
        ([], Proof((ONE,), 0), "at least one leaf"),
        ([], Proof((), 0), "at least one leaf"),
        ([ONE], Proof((TWO,), 1), "more hashes or proofs"),  # the flag asks for a hash before there is one
        ([ONE, TWO], Proof((), 0), "more hashes or proofs"),  # the flag asks for a proof
        ([ONE, TWO], Proof((THREE,), 3), "more hashes or proofs"),  # hash 0 is used up
        ([ONE] * 2, Proof((ONE,) * 256, 0), "are more than 256 hashes"),
        ([ONE] * 258, Proof((), 2**257 - 1), "are more than 256 hashes"),
    ],
)
def test_what_the_contract_calls_an_invalid_proof(leaves, proof, said):
    with pytest.raises(ProofError, match=said):
        compute_root(leaves, proof)


def test_the_largest_proof_that_the_contract_takes():
    assert len(compute_root([ONE] * 257, Proof((), 2**256 - 1))) == 32
    assert len(compute_root([ONE], Proof((ONE,) * 256, 0))) == 32


@given(
    st.lists(st.binary(min_size=32, max_size=32), max_size=6),
    st.lists(st.binary(min_size=32, max_size=32), max_size=6),
    st.integers(0, 2**16),
)
def test_any_proof_yields_a_root_or_proof_error(leaves, proofs, flag_bits):
    try:
        assert len(compute_root(leaves, Proof(tuple(proofs), flag_bits))) == 32
    except ProofError:
        return
