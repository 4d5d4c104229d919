"""Blessings: v is always 27, whatever s that takes."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ccip_core.protocol.blessing import SignatureError, ecrecover, recover_blessing, sign_blessing
from ccip_core.protocol.hashing import keccak
from ccip_core.protocol.messages import RmnSignature
from ccip_core.signers import LocalSigner

N = 0xFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFEBAAEDCE6AF48A03BBFD25E8CD0364141
SIGNER = LocalSigner(keccak(b"an RMN node"))
DIGEST = keccak(b"a report")


@given(st.binary(min_size=32, max_size=32))
def test_a_blessing_names_its_signer(digest):
    assert recover_blessing(digest, sign_blessing(SIGNER, digest)) == SIGNER.address


def test_about_half_of_all_blessings_have_a_high_s():
    high = sum(int.from_bytes(sign_blessing(SIGNER, keccak(b"%d" % i)).s) > N // 2 for i in range(100))
    assert 25 < high < 75


@given(st.binary(min_size=32, max_size=32), st.integers(0, 511))
def test_a_blessing_of_something_else_names_someone_else(digest, bit):
    r, s = sign_blessing(SIGNER, digest)
    changed = bytearray(r + s)
    changed[bit // 8] ^= 1 << bit % 8
    try:
        address = recover_blessing(digest, RmnSignature(bytes(changed[:32]), bytes(changed[32:])))
    except SignatureError:
        return
    assert address != SIGNER.address


@pytest.mark.parametrize("v", [27, 28])
def test_both_forms_of_a_signature_name_the_same_key(v):
    signature = next(s for i in range(64) if (s := SIGNER.sign_digest(keccak(b"%d" % i))).v == v)
    digest = next(d for i in range(64) if SIGNER.sign_digest(d := keccak(b"%d" % i)) == signature)
    r, s, turned = (x.to_bytes(32) for x in (signature.r, signature.s, N - signature.s))
    assert ecrecover(digest, v, r, s) == ecrecover(digest, 55 - v, r, turned) == SIGNER.address


GOOD_R, GOOD_S = sign_blessing(SIGNER, DIGEST)


@pytest.mark.parametrize(
    ("digest", "v", "r", "s"),
    [
        (DIGEST, 27, bytes(32), GOOD_S),
        (DIGEST, 27, GOOD_R, bytes(32)),
        (DIGEST, 27, N.to_bytes(32), GOOD_S),
        (DIGEST, 27, GOOD_R, N.to_bytes(32)),
        (DIGEST, 27, b"\xff" * 32, GOOD_S),
        (DIGEST, 27, (5).to_bytes(32), GOOD_S),  # no point of the curve has x = 5
        (DIGEST, 0, GOOD_R, GOOD_S),
        (DIGEST, 29, GOOD_R, GOOD_S),
        (DIGEST, 27, GOOD_R[1:], GOOD_S),
        (DIGEST, 27, GOOD_R[:31], GOOD_R[31:] + GOOD_S),  # 64 bytes, wrongly cut
        (DIGEST, 27, GOOD_R, GOOD_S + b"\0"),
        (DIGEST[1:], 27, GOOD_R, GOOD_S),
    ],
)
def test_what_no_key_signed_is_refused(digest, v, r, s):
    with pytest.raises(SignatureError):
        ecrecover(digest, v, r, s)


@given(*[st.binary(min_size=31, max_size=33)] * 3, st.integers(-1, 300))
def test_random_signatures_raise_nothing_but_signature_error(digest, r, s, v):
    try:
        assert len(ecrecover(digest, v, r, s)) == 20
    except SignatureError:
        return
