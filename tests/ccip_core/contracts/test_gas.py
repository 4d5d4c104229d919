"""What our contracts cost, against upstream's bytecode and against what they cost before."""

from __future__ import annotations

from ccip_core.contract_gas import RATIO_MAX, recorded, table


def test_no_call_costs_more_than_upstreams_and_none_costs_what_nobody_has_written_down():
    """docs/contracts.md says how the file is made anew where a change of cost is meant."""
    measured = table()
    calls = {name.partition(":")[0] for name in measured}
    assert calls == {"ccipSend", "commit", "execute", "lockOrBurn", "releaseOrMint", "verify"}
    assert {name: gas.ratio for name, gas in measured.items() if gas.ratio > RATIO_MAX} == {}
    assert measured == recorded()
