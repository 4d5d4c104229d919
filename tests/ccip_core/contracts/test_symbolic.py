"""halmos proves the core properties of our contracts, and finds the counterexample once a rule is broken."""

import pytest

from ccip_core.contract_proofs import Change, Verdict, prove

RATE_LIMITER = "src/libraries/RateLimiter.sol"
RMN_REMOTE = "src/rmn/RMNRemote.sol"
OFF_RAMP = "src/offRamp/OffRamp.sol"
CURSE_VOTING = "src/rmn/CurseVoting.sol"

PROPERTIES = {
    "RateLimiterSymbolic": {"consume_neverMoreThanCapacityAndRate", "setConfig_createsNothing"},
    "RMNRemoteSymbolic": {
        "verify_needsASignature",
        *(f"verify_needsDistinctSigners_{count}" for count in (1, 2, 3, 4)),
    },
    "OffRampSymbolic": {
        "execute_needsACommittedLeaf",
        "execute_needsACommittedLeaf_withAProof",
        "manuallyExecute_needsACommittedLeaf",
        "manuallyExecute_needsACommittedLeaf_withAProof",
        "execute_nothingOfACursedSource",
        "manuallyExecute_nothingOfACursedSource",
    },
    "CurseVotingSymbolic": {
        "voteToCurse_neverCursesUnderTheThreshold",
        "enact_neverCursesUnderTheThreshold",
        "voteToCurse_countsOnce",
        "voteToCurse_refusesASubjectTwice",
        "unvoteToCurse_takesBackOnce",
        "liftCurse_clears",
        "setConfig_voidsVotes",
    },
}

# Each breaks the properties whose names start so.
BROKEN = {
    "consume_": (
        Change(RATE_LIMITER, "return _min(capacity, tokens + elapsed * rate);", "return tokens + elapsed * rate;"),
        Change(RATE_LIMITER, "return _min(capacity, tokens + elapsed * rate);", "return capacity;"),
        Change(
            RATE_LIMITER,
            "            s_bucket.lastUpdated = uint32(block.timestamp);\n        }",
            "        }",
        ),
    ),
    "setConfig_createsNothing": (Change(RATE_LIMITER, "uint128(_min(config.capacity, tokens))", "uint128(tokens)"),),
    "verify_needsASignature": (Change(RMN_REMOTE, "s_config.fSign + 1) revert", "s_config.fSign) revert"),),
    "verify_needsDistinctSigners_2": (
        Change(RMN_REMOTE, "s_config.fSign + 1) revert", "s_config.fSign) revert"),
        Change(RMN_REMOTE, "if (signer <= previous) revert", "if (signer < previous) revert"),
        Change(RMN_REMOTE, "if (!s_isSigner[signer]) revert UnexpectedSigner();", ""),
        Change(RMN_REMOTE, "if (s_configVersion == 0) revert ConfigNotSet();", ""),
    ),
    "execute_needsACommittedLeaf": (Change(OFF_RAMP, "if (timestamp == 0) revert RootNotCommitted(source);", ""),),
    "manuallyExecute_needsACommittedLeaf": (
        Change(OFF_RAMP, "if (timestamp == 0) revert RootNotCommitted(source);", ""),
    ),
    "execute_nothingOfACursedSource": (
        Change(OFF_RAMP, "if (_isCursed(source)) {", "if (source == 0) {"),
        Change("src/rmn/RMNRemote.sol", "|| s_cursedSubjects.contains(GLOBAL_CURSE_SUBJECT);", ";"),
    ),
    "manuallyExecute_nothingOfACursedSource": (Change(OFF_RAMP, "if (_isCursed(source)) {", "if (source == 0) {"),),
    "voteToCurse_never": (
        Change(CURSE_VOTING, "if (_ballotOf(subjects[i]).weight < s_weightThreshold) continue;", ""),
    ),
    "enact_never": (
        Change(
            CURSE_VOTING,
            "if (_ballotOf(subjects[i]).weight < s_weightThreshold) revert ThresholdNotReached(subjects[i]);",
            "",
        ),
    ),
    "voteToCurse_countsOnce": (Change(CURSE_VOTING, "if (_isIn(ballot, seat)) continue;", ""),),
    "voteToCurse_refuses": (
        Change(CURSE_VOTING, "if (subjects[i] <= subjects[i - 1]) revert", "if (subjects[i] < subjects[i - 1]) revert"),
    ),
    "unvoteToCurse_": (Change(CURSE_VOTING, "ballot.votedBitmap &= ~_bitOf(seat);", ""),),
    "liftCurse_": (Change(CURSE_VOTING, "delete s_ballots[subjects[i]];", ""),),
    "setConfig_voidsVotes": (
        Change(
            CURSE_VOTING,
            "return ballot.configVersion == configVersion ? ballot : Ballot(configVersion, 0, 0);",
            "return ballot;",
        ),
    ),
}


def contract_of(start):
    return next(contract for contract, names in PROPERTIES.items() if any(name.startswith(start) for name in names))


def test_each_rule_is_broken_once():
    """A property that can't fail proves nothing. Where only the number of signatures differs, one stands for all."""
    rules = {name.rstrip("_1234") for names in PROPERTIES.values() for name in names}
    broken = {start.rstrip("_1234") for start in BROKEN}
    assert {rule for rule in rules if not any(rule.startswith(start) for start in broken)} == set()


@pytest.mark.slow
@pytest.mark.parametrize("contract", PROPERTIES)
def test_all_properties_hold(contract, tmp_path):
    assert prove(contract, tmp_path) == dict.fromkeys(
        (f"check_{name}" for name in PROPERTIES[contract]), Verdict.PROVED
    )


@pytest.mark.slow
@pytest.mark.parametrize(("start", "change"), [(start, change) for start in BROKEN for change in BROKEN[start]])
def test_a_broken_rule_has_a_counterexample(start, change, tmp_path):
    verdicts = prove(contract_of(start), tmp_path, start, change)

    assert Verdict.COUNTEREXAMPLE in verdicts.values(), verdicts
