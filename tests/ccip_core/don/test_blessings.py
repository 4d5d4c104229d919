"""Asking RMN nodes over real sockets: liars, sluggards and dissenters, and what the OffRamp would say of the result."""

from __future__ import annotations

import json
import time
from typing import Any

import pytest

from ccip_core.don.asking import Asker
from ccip_core.don.blessings import NO_BLESSING, RmnContext, RmnNodes, is_blessed
from ccip_core.localnet.keys import dev_key
from ccip_core.protocol.blessing import sign_blessing
from ccip_core.protocol.hashing import keccak
from ccip_core.protocol.messages import ChainSelector, MerkleRoot

SIGNERS = [dev_key("rmn_signer", index) for index in range(4)]
DEST = ChainSelector((1 << 64) - 5)
CONTEXT = RmnContext(
    31337, DEST, b"\x01" * 20, b"\x02" * 20, b"\x03" * 32, frozenset(signer.address for signer in SIGNERS), 1
)
ROOTS = tuple(
    MerkleRoot(ChainSelector(source), bytes(12) + b"\x11" * 20, 1, 3, keccak(bytes((source,)))) for source in (1, 2, 3)
)


def asked_roots(request: dict[str, Any]) -> tuple[MerkleRoot, ...]:
    return tuple(
        MerkleRoot(
            ChainSelector(int(root["source"])),
            bytes.fromhex(root["on_ramp"][2:]),
            int(root["min_seq"]),
            int(root["max_seq"]),
            bytes.fromhex(root["root"][2:]),
        )
        for root in request["roots"]
    )


def answer(index: int, request: dict[str, Any], withheld: set[int] = frozenset(), **lies: Any) -> tuple[int, bytes]:
    """What an RMN node says that withholds the roots of these sources."""
    roots = asked_roots(request)
    verdicts = ["withheld" if root.source_chain_selector in withheld else "blessed" for root in roots]
    digest = CONTEXT.digest(roots)
    r, s = sign_blessing(SIGNERS[index], digest)
    signature = {
        "signer": f"0x{SIGNERS[index].address.hex()}",
        "r": f"0x{r.hex()}",
        "s": f"0x{s.hex()}",
        "digest": f"0x{digest.hex()}",
    }
    body = {
        "as_of": {},
        "results": [
            {"root": f"0x{root.merkle_root.hex()}", "verdict": verdict, "reason": None}
            for root, verdict in zip(roots, verdicts, strict=True)
        ],
        "signature": None if "withheld" in verdicts else signature,
    }
    return 200, json.dumps(body | lies).encode()


@pytest.fixture
def bless(fake_rmn_node):
    opened = []

    def bless(*answers, timeout_s=3.0):
        nodes = [fake_rmn_node(each) for each in answers]
        rmn = RmnNodes([node.url for node in nodes], Asker(timeout_s))
        opened.append(rmn)
        return rmn.bless(CONTEXT, ROOTS), nodes

    yield bless
    for rmn in opened:
        rmn.close()


def honest(index, withheld=frozenset()):
    return lambda request: answer(index, request, withheld)


def hanging(_request):
    return None


def check(blessing, sources):
    assert [root.source_chain_selector for root in blessing.roots] == sources
    assert len(blessing.signatures) == CONTEXT.f_sign + 1
    assert is_blessed(CONTEXT, blessing.roots, blessing.signatures)


def test_the_request_has_exactly_the_promised_shape(bless):
    _, nodes = bless(honest(0), honest(1))
    assert nodes[0].requests[0] == {
        "roots": [
            {
                "source": str(root.source_chain_selector),
                "dest": str(DEST),
                "on_ramp": "0x" + root.on_ramp_address.hex(),
                "min_seq": "1",
                "max_seq": "3",
                "root": "0x" + root.merkle_root.hex(),
            }
            for root in ROOTS
        ]
    }


def test_four_honest_nodes_bless_everything(bless):
    blessing, _ = bless(*(honest(index) for index in range(4)))
    check(blessing, [1, 2, 3])


def test_two_dead_nodes_cost_nothing(bless):
    started_s = time.monotonic()
    blessing, _ = bless(honest(2), hanging, honest(0), hanging, timeout_s=20.0)
    check(blessing, [1, 2, 3])
    assert time.monotonic() - started_s < 10.0


def garbage(_request):
    return 200, b'{"results": [{"root": 5}]}'


def wrong_signature(request):
    return answer(3, request, signature={"r": "0x" + "11" * 32, "s": "0x" + "22" * 32})


def others_signature(request):
    """A stranger's key, under a registered name."""
    r, s = sign_blessing(dev_key("attacker"), CONTEXT.digest(asked_roots(request)))
    return answer(
        3, request, signature={"signer": f"0x{SIGNERS[3].address.hex()}", "r": "0x" + r.hex(), "s": "0x" + s.hex()}
    )


def copied(request):
    """The first node's signature once more."""
    return answer(0, request)


def huge(_request):
    return 200, b" " * (3 << 20)


def server_error(_request):
    return 500, b"{}"


@pytest.mark.parametrize("liar", [garbage, wrong_signature, others_signature, copied, huge, server_error])
def test_a_liar_neither_helps_nor_hurts(bless, liar):
    check(bless(honest(0), liar, honest(1))[0], [1, 2, 3])
    assert bless(honest(0), liar)[0] == NO_BLESSING


def test_what_one_node_withholds_is_blessed_by_the_others(bless):
    blessing, _ = bless(honest(0, {2}), honest(1), honest(2))
    check(blessing, [1, 2, 3])


def test_a_root_withheld_by_too_many_is_left_out_and_the_rest_asked_for_again(bless):
    blessing, nodes = bless(honest(0, {2}), honest(1, {2}), honest(2, {2}), honest(3))
    check(blessing, [1, 3])
    assert [len(request["roots"]) for request in nodes[0].requests] == [3, 2]


def claims_everything(request):
    """Says "blessed" to all and signs nothing."""
    return answer(3, request, signature=None)


def test_a_node_that_claims_what_it_does_not_sign_hides_nothing(bless):
    blessing, _ = bless(claims_everything, honest(1, {3}), honest(2, {1}))
    check(blessing, [2])


def test_nodes_that_agree_on_nothing_bless_nothing(bless):
    assert bless(honest(0, {1, 2}), honest(1, {3}))[0] == NO_BLESSING


def test_everything_withheld_is_no_blessing(bless):
    assert bless(*(honest(index, {1, 2, 3}) for index in range(4)))[0] == NO_BLESSING


def test_no_nodes_no_blessing(bless):
    assert bless()[0] == NO_BLESSING


def test_is_blessed_wants_what_the_contract_wants():
    digest = CONTEXT.digest(ROOTS)
    by_address = sorted(SIGNERS, key=lambda signer: signer.address)
    first, second, third, _ = (sign_blessing(signer, digest) for signer in by_address)
    stranger = sign_blessing(dev_key("attacker"), digest)
    assert is_blessed(CONTEXT, ROOTS, (first, second))
    assert is_blessed(CONTEXT, ROOTS, (first, second, third))
    assert not is_blessed(CONTEXT, ROOTS, (first,))
    assert not is_blessed(CONTEXT, ROOTS, (second, first))
    assert not is_blessed(CONTEXT, ROOTS, (first, first))
    assert not is_blessed(CONTEXT, ROOTS[:2], (first, second))
    assert not is_blessed(CONTEXT, ROOTS, tuple(sorted((first, stranger))))
