"""The contracts' own tests, by forge, before the official RMNRemote."""

import json

import pytest

from ccip_core import toolchain
from ccip_core.localnet.contract_set import chainlink_contracts

TESTS_MIN = 480


@pytest.fixture(scope="module")
def rmn_remote_bytecode():
    return "0x" + chainlink_contracts().artifact("RMNRemote").bytecode.hex()


@pytest.mark.slow
def test_all_forge_tests_pass(rmn_remote_bytecode):
    done = toolchain.run_forge("test", "--json", env={"RMN_REMOTE_BYTECODE": rmn_remote_bytecode}, capture=True)

    suites = json.loads(done.stdout[done.stdout.index("{") :]) if "{" in done.stdout else {}
    results = {
        f"{suite}::{test}": result["status"]
        for suite, outcome in suites.items()
        for test, result in outcome["test_results"].items()
    }
    assert done.returncode == 0, [name for name, status in results.items() if status != "Success"] or done.stderr
    assert set(results.values()) == {"Success"}
    assert len(results) > TESTS_MIN
    assert sum("::invariant_" in name for name in results) >= 6


@pytest.mark.slow
def test_without_the_official_bytecode_forge_fails_and_says_so():
    done = toolchain.run_forge(
        "test", "--match-contract", "CurseVoting_enact", env={"RMN_REMOTE_BYTECODE": ""}, capture=True
    )

    assert done.returncode != 0
    assert "RMN_REMOTE_BYTECODE: not set; run these tests by" in done.stdout
