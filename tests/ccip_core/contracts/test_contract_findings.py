"""Findings of slither have answers, and answers have findings."""

import pytest

from ccip_core.contract_findings import Finding, answers, complaints, found

TIMESTAMP = Finding("timestamp", "RateLimiter._consume")
REENTRANCY = Finding("reentrancy-eth", "OffRamp._execute")


def test_a_new_finding_is_told_with_slithers_words():
    lines = complaints({TIMESTAMP: "uses timestamp", REENTRANCY: "Reentrancy in"}, {TIMESTAMP: "seconds don't matter"})

    assert lines == ["reentrancy-eth at OffRamp._execute: no answer in slither.toml: Reentrancy in"]


def test_an_answer_to_nothing_is_told():
    lines = complaints({}, {TIMESTAMP: "seconds don't matter"})

    assert lines == ["timestamp at RateLimiter._consume: answered in slither.toml, but not found any more; take it out"]


def test_every_answer_has_a_reason():
    assert all(len(reason) > 20 for reason in answers().values())


@pytest.mark.slow
def test_each_finding_has_its_answer():
    assert complaints(found(), answers()) == []
