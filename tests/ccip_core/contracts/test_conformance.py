"""Each behaviour of the specification's conformance checklist has a named test, and each function a file of tests."""

from __future__ import annotations

import json
import re

import pytest

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


HEIRS = {
    **dict.fromkeys(("Router", "RMNProxy"), ("OwnerIsCreator",)),
    "BurnFromMintTokenPool": ("TokenPool", "Ownable2Step"),
    "BurnMintTokenPool": ("TokenPool", "Ownable2Step"),
    "BurnWithFromMintTokenPool": ("TokenPool", "Ownable2Step"),
    "LockReleaseTokenPool": ("TokenPool", "Ownable2Step"),
    "FeeQuoter": ("AuthorizedCallers", "Ownable2Step"),
    "NonceManager": ("AuthorizedCallers", "Ownable2Step"),
    **dict.fromkeys(
        (
            "CurseVoting",
            "FactoryBurnMintERC20",
            "OffRamp",
            "OnRamp",
            "ProgrammableReceiver",
            "RMNHome",
            "RMNRemote",
            "TokenAdminRegistry",
        ),
        ("Ownable2Step",),
    ),
}
"""Where a contract's inherited functions are tested."""


@pytest.mark.parametrize("contract", sorted(path.stem for path in toolchain.ARTIFACTS.glob("*.json")))
def test_every_function_that_changes_something_has_a_file_of_forge_tests(contract):
    tested = {path.name.removesuffix(".t.sol") for path in (toolchain.CONTRACTS / "test").rglob("*.*.t.sol")}
    abi = json.loads((toolchain.ARTIFACTS / f"{contract}.json").read_text())["abi"]
    functions = {
        entry["name"]
        for entry in abi
        if entry["type"] == "function" and entry["stateMutability"] not in {"view", "pure"}
    }
    owners = (contract, *HEIRS.get(contract, ()))
    assert {name for name in functions if not tested & {f"{owner}.{name}" for owner in owners}} == set()
