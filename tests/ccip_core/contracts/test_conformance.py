"""Each behaviour of the specification's conformance checklist that the ramps, the Router and RMN show has a named test."""

from __future__ import annotations

import re

from ccip_core import toolchain

RAMPS_ROUTER_AND_RMN = {*range(1, 25), *range(35, 69), *range(80, 94)}
"""Numbers of the checklist: Router, OnRamp, OffRamp, NonceManager, RMN, Merkle."""


def test_every_item_of_the_checklist_is_the_subject_of_a_forge_test():
    cited: dict[int, list[str]] = {}
    for path in (toolchain.CONTRACTS / "test").rglob("*.t.sol"):
        for comment, name in re.findall(r"(Conformance[^/]*?(?:///[^/]*?)*)function (test\w+)", path.read_text()):
            for number in re.findall(r"\d+", comment.partition(":")[0].partition("\n")[0]):
                cited.setdefault(int(number), []).append(name)

    assert cited.keys() & RAMPS_ROUTER_AND_RMN == RAMPS_ROUTER_AND_RMN, sorted(RAMPS_ROUTER_AND_RMN - cited.keys())
