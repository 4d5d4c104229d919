"""Which lines are broken, and that the reasons for survivors are about mutants that there are."""

from collections import Counter

from ccip_core.contract_mutants import TARGETS, mutants_of, reasons

EVERY = [mutant for target in TARGETS for mutant in mutants_of(target)]


def test_each_contract_has_its_mutants():
    counts = Counter(mutant.target.source.rpartition("/")[2] for mutant in EVERY)

    assert set(counts) == {
        "OffRamp.sol",
        "MultiOCR3Base.sol",
        "RMNRemote.sol",
        "MerkleMultiProof.sol",
        "RateLimiter.sol",
        "CurseVoting.sol",
    }
    assert min(counts.values()) >= 15
    assert len(EVERY) == len(set(EVERY)) > 300


def test_a_mutant_differs_from_its_line():
    assert all(mutant.before != mutant.after for mutant in EVERY)


def test_each_reason_is_about_a_mutant():
    made = {(mutant.target.source, mutant.before.strip(), mutant.after.strip()) for mutant in EVERY}

    assert set(reasons()) <= made
