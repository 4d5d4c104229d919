"""A token and a data message complete on every lane, with blessings that the OffRamp's own `verify` accepted."""

from __future__ import annotations

import pytest

from ccip_core.journey import MessageState
from ccip_core.localnet.localnet import LOCAL_CHAIN_IDS
from ccip_core.protocol.messages import Lane
from ccip_core.protocol.selectors import chain_of_id

SELECTORS = [chain.selector for chain in map(chain_of_id, LOCAL_CHAIN_IDS) if chain is not None]
LANES = [Lane(source, dest) for source in SELECTORS for dest in SELECTORS if source != dest]


@pytest.fixture(scope="module")
def ended(network):
    """Both messages on all six lanes, as real traffic would be; lane → (message, state) of each."""
    token, data = {"tokens": [("BNM", 10**18)]}, {"data": b"hello", "gas_limit": 200_000}
    return {
        lane: [(message, network.client.track(message, 60)) for message in messages]
        for lane, messages in network.send_on(LANES, token, data).items()
    }


@pytest.mark.journey
@pytest.mark.parametrize("lane", LANES, ids=lambda lane: f"{lane.source % 1000}-{lane.dest % 1000}")
def test_a_token_and_a_data_message_complete(network, ended, lane):
    for message, state in ended[lane]:
        assert state is MessageState.SUCCESS
        journey = network.client.show(message.message_id)
        assert journey.commit is not None
        assert journey.commit.is_blessed, "the root was not among the blessed roots"
        item = network.get(network.nodes[0], f"/messages/0x{message.message_id.hex()}")
        assert item["state"] == "success"
        assert item["sequence_number"] == str(message.sequence_number)
        rmn = network.deployment.rmn
        signers = {entry.node_index: "0x" + entry.address.hex() for entry in rmn.signers}
        blessed_by = {each["node_index"]: each["signer"] for each in item["blessed_by"]}
        assert len(blessed_by) == rmn.f_sign + 1  # as many as the oracles need, no more
        assert blessed_by.items() <= signers.items()
        (step,) = [step for step in item["hold"]["journey"] if step["step"] == "blessed"]
        assert f"RMN nodes {', '.join(map(str, sorted(blessed_by)))}, as the commit proves" in step["by"]


@pytest.mark.journey
def test_every_blessing_is_in_the_audit_before_its_signature(network, ended):
    """INV-AUDIT-1: intent, then the act, then its outcome."""
    assert ended
    for node in network.nodes:
        rows = network.get(node, "/audit?limit=1000")["audit"]
        kinds = [row["kind"] for row in rows]
        assert "bless" in " ".join(kinds)
        sequences = [row["sequence"] for row in rows]
        assert sequences == list(range(sequences[0], sequences[0] + len(rows)))
