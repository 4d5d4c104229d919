"""F + 1 out of whatever is answered: liars can neither fill a quorum nor spoil one."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from ccip_core.don.quorum import Quorum
from ccip_core.localnet.keys import dev_key
from ccip_core.protocol.hashing import keccak
from ccip_core.protocol.ocr3 import recover
from ccip_core.signers import Signature

DIGEST, OTHER = keccak(b"report"), keccak(b"another report")
ORACLES = [dev_key("oracle_signer", index) for index in range(7)]
SIGNERS = [oracle.address for oracle in ORACLES]
STRANGER = dev_key("attacker")

honest = st.integers(0, 6).map(lambda index: ORACLES[index].sign_digest(DIGEST))
lies = st.one_of(
    st.integers(0, 6).map(lambda index: ORACLES[index].sign_digest(OTHER)),
    st.just(STRANGER.sign_digest(DIGEST)),
    st.builds(Signature, st.integers(-1, 300), st.integers(-1, 1 << 257), st.integers(-1, 1 << 257)),
)


def signers_of(quorum: Quorum) -> list[bytes]:
    packed = quorum.signatures()
    assert packed is not None
    rows = zip(packed.raw_vs, packed.rs, packed.ss, strict=False)
    return [recover(DIGEST, v + 27, int.from_bytes(r), int.from_bytes(s)) for v, r, s in rows]


@given(st.lists(st.one_of(honest, lies)), st.integers(1, 2))
def test_exactly_f_plus_1_distinct_oracles_or_nothing(answers: list[Signature], f: int):
    quorum = Quorum(DIGEST, SIGNERS, f)
    counted = {signer for answer in answers if (signer := quorum.add(answer)) is not None}
    if len(counted) <= f:
        assert quorum.signatures() is None
    else:
        signers = signers_of(quorum)
        assert len(signers) == len(set(signers)) == f + 1
        assert set(signers) <= set(SIGNERS)


@given(st.permutations([0, 1, 2, 3]), st.data())
def test_f_liars_change_nothing(order: list[int], data: st.DataObject):
    """Of four oracles one answers anything at all, at any place: the other three are enough."""
    quorum = Quorum(DIGEST, SIGNERS[:4], 1)
    for index in order:
        quorum.add(data.draw(lies) if index == 3 else ORACLES[index].sign_digest(DIGEST))
    assert set(signers_of(quorum)) <= set(SIGNERS[:3])


def test_one_oracle_signing_twice_is_one():
    quorum = Quorum(DIGEST, SIGNERS, 1)
    assert quorum.add(ORACLES[0].sign_digest(DIGEST)) == SIGNERS[0]
    assert quorum.add(ORACLES[0].sign_digest(DIGEST)) == SIGNERS[0]
    assert not quorum.is_complete
