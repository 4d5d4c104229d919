"""A signal as people read it: our contracts by name, amounts in whole tokens; all that it can't be sure of stays."""

from __future__ import annotations

import pytest

from ccip_core.protocol.messages import ChainSelector, Lane
from detectors.detector import make_signal
from detectors.frames import At, Sent
from detectors.network import ChainFacts, Network, TokenFacts
from rmn_service.spoken import spoken

HERE, THERE = ChainSelector(1), ChainSelector(2)
LANE = Lane(HERE, THERE)
TOKEN, POOL, OFF_RAMP, STRANGER = ("0x" + f"{number:02x}" * 20 for number in (1, 2, 3, 4))
NETWORK = Network(
    {
        HERE: ChainFacts(
            HERE,
            "mainland",
            "0xon",
            OFF_RAMP,
            {TOKEN: TokenFacts("BNM", TOKEN, POOL, "lock_release", 6)},
            roles={OFF_RAMP: "off_ramp"},
        )
    },
    frozenset({LANE}),
)
ROW = Sent(At(HERE, 1, "0xb", 0, "0xt", 0, 0), LANE, "0xon", 1, "0xi", "0xl", 0, "0xs", "0xr", ())


@pytest.mark.parametrize(
    ("summary", "evidence", "told"),
    [
        (
            f"Message 2500000 released 2500000 of {TOKEN}, but it should be 1.",
            {"token": TOKEN, "released_amount": "2500000", "sequence_number": "2500000"},
            "Message 2500000 released 2.5 BNM, but it should be 0.000001 BNM.",
        ),
        (
            f"The pool {POOL} of BNM is short of 1234567000000 that left it; of 3000000 since the record began.",
            {"pool": POOL, "unexplained_amount": "1234567000000", "unexplained_in_record": "3000000"},
            "The pool of BNM is short of 1,234,567 BNM that left it; of 3 BNM since the record began.",
        ),
        (
            f"The inbound limit of pool {POOL} has 5 of 900000000 left, empty in 5 s at this pace.",
            {"pool": POOL, "tokens_left": "5", "capacity": "900000000"},
            "The inbound limit of the pool of BNM has 0.000005 BNM of 900 BNM left, empty in 5 s at this pace.",
        ),
        (
            f"The price of {TOKEN} went from {10**30} to {5 * 10**30} in one step.",
            {"token": TOKEN, "usd_per_token": str(5 * 10**30), "before": str(10**30)},
            "The price of BNM went from 1 USD to 5 USD in one step.",
        ),
        (
            f"SourceChainConfigSet by the off_ramp {OFF_RAMP}: roots of the source need no blessing.",
            {"contract": OFF_RAMP},
            "SourceChainConfigSet by the off_ramp of mainland: roots of the source need no blessing.",
        ),
        (
            "The root committed for messages 7 to 7 claims message 7, which was never sent.",
            {"root": "0xr"},
            "The root committed for message 7 claims message 7, which was never sent.",
        ),
        (
            "The root committed for messages 7 to 71 claims message 71, which was never sent.",
            {"root": "0xr"},
            "The root committed for messages 7 to 71 claims message 71, which was never sent.",
        ),
        (
            f"2500000 of {STRANGER} was minted without its pool.",
            {"token": STRANGER, "amount": "2500000"},
            f"2500000 of {STRANGER} was minted without its pool.",
        ),
        (
            f"The pool {POOL} released 1000000 for {STRANGER}, which is not the OffRamp.",
            {"pool": POOL, "token": TOKEN, "amount": "1000000"},
            f"The pool of BNM released 1 BNM for {STRANGER}, which is not the OffRamp.",
        ),
    ],
)
def test_amounts_and_names_are_told_as_people_say_them(summary, evidence, told):
    signal = make_signal("rule", ROW, lanes=[LANE], summary=summary, evidence=evidence)
    assert spoken(signal, NETWORK) == told
