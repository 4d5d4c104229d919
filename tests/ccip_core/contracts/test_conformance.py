"""Each behaviour of the specification's conformance checklist that our contracts show has a named test."""

from __future__ import annotations

import re

from ccip_core import toolchain

CHECKLIST = set(range(1, 99))
"""Numbers of the checklist."""


def test_every_item_of_the_checklist_is_the_subject_of_a_forge_test():
    cited: dict[int, list[str]] = {}
    for path in (toolchain.CONTRACTS / "test").rglob("*.t.sol"):
        for comment, name in re.findall(r"(Conformance[^/]*?(?:///[^/]*?)*)function (test\w+)", path.read_text()):
            for number in re.findall(r"\d+", comment.partition(":")[0].partition("\n")[0]):
                cited.setdefault(int(number), []).append(name)

    assert cited.keys() & CHECKLIST == CHECKLIST, sorted(CHECKLIST - cited.keys())
