"""Quorums of real nodes under simulated fire. A seed that fails here is run again by the command in the message."""

from __future__ import annotations

from collections import Counter

import pytest
from hypothesis import settings

from rmn_service.blesser import Blesser
from rmn_service.indexer import Indexer
from rmn_service.simulation import node
from rmn_service.simulation.run import Simulator
from rmn_service.voter import Voter

CHUNKS = 10
SEEDS = 20 if settings.default.max_examples < 1_000 else 1_000
"""For each number of nodes; `make verify` runs 2,000 with both."""


@pytest.fixture(scope="module", params=[4, 7])
def simulator(request):
    made = Simulator(request.param)
    yield made
    made.close()


# INV-SIM-1 INV-SIM-2 INV-SIM-3 INV-SIM-4 INV-SIM-5 INV-SIM-6 INV-SIM-7 INV-SIM-8
@pytest.mark.hypothesis
@pytest.mark.parametrize("chunk", range(CHUNKS))
def test_every_invariant_holds_for_every_seed(simulator: Simulator, chunk: int) -> None:
    for seed in range(chunk * SEEDS // CHUNKS, (chunk + 1) * SEEDS // CHUNKS):
        outcome = simulator.run(seed)
        assert outcome.broken == [], outcome.replay


def test_the_same_seed_is_the_same_run(simulator: Simulator) -> None:
    first, other, again = (simulator.run(seed) for seed in (11, 12, 11))
    assert first.digest == again.digest
    assert first.counts == again.counts
    assert first.digest != other.digest


def test_everything_that_is_meant_to_happen_happens(simulator: Simulator) -> None:
    counts: Counter[str] = Counter()
    for seed in range(100, 106):
        counts += simulator.run(seed).counts
    wanted = (
        "attacks",
        "crashes",
        "crashes without disk",
        "curses",
        "forged roots asked for",
        "liars",
        "refused by a disk",
        "reorgs",
    )
    assert all(counts[name] > 0 for name in wanted), counts


MUTANTS = {
    "blesses what it did not recompute": (Blesser, "_unequal", lambda *_: None, "INV-SIM-1"),
    "believes one endpoint": (node, "MIN_AGREE", 1, "INV-SIM-2"),
    "never sends a vote": (Voter, "_carry", lambda *_, **__: None, "INV-SIM-3"),
    "never looks for a fork": (Indexer, "_follow_reorg", lambda *_: iter(()), "INV-SIM-4"),
}


@pytest.mark.parametrize("name", MUTANTS)
def test_a_node_that_is_wrong_is_noticed(monkeypatch: pytest.MonkeyPatch, name: str) -> None:
    """Otherwise the invariants would prove nothing."""
    owner, attribute, wrong, invariant = MUTANTS[name]
    monkeypatch.setattr(owner, attribute, wrong)
    simulator = Simulator(4)
    try:
        noticed = any(invariant in fault for seed in range(40) for fault in simulator.run(seed).broken)
    finally:
        simulator.close()
    assert noticed
