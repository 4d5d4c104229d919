"""What the field's tutorials do with web3.py: anvil's first key, the official ABI, one message, poll for its end."""

from __future__ import annotations

import time

import pytest
from web3 import HTTPProvider, Web3
from web3.logs import DISCARD

from ccip_core.deployment import checksum_address
from ccip_core.localnet.contract_set import chainlink_contracts
from ccip_core.localnet.keys import dev_key
from ccip_core.protocol import events, extra_args

pytestmark = pytest.mark.journey

ANVIL_KEY = "0xac0974bec39a17e36ba4a6b4d238ff944bacb478cbed5efcae784d7bf4f2ff80"
RECEIVER = checksum_address(dev_key("receiver").address)
NATIVE = "0x" + "00" * 20
UNTOUCHED, SUCCESS = 0, 2
V1_TWO_WORDS = bytes.fromhex("97a657c9") + (200_000).to_bytes(32) + (0).to_bytes(32)
"""gasLimit, strict: what tutorials of 2023 still send."""


@pytest.fixture(scope="module")
def web3_of(sdk_network):
    return {chain.selector: Web3(HTTPProvider(chain.http)) for chain in sdk_network.chains}


@pytest.fixture(scope="module")
def contract(sdk_network, web3_of):
    abis = chainlink_contracts()

    def at(selector, field, name):
        address = checksum_address(getattr(sdk_network.chain(selector).contracts, field))
        return web3_of[selector].eth.contract(address=address, abi=list(abis.artifact(name).abi))

    return at


@pytest.mark.parametrize(
    "arguments", [extra_args.encode_v2(200_000, True), V1_TWO_WORDS, b""], ids=["V2", "V1 of two words", "none"]
)
def test_a_script_sends_a_message_and_sees_it_arrive(sdk_network, web3_of, contract, arguments):
    source, dest = sdk_network.chains
    w3, router = web3_of[source.selector], contract(source.selector, "router", "Router")
    account = w3.eth.account.from_key(ANVIL_KEY)
    message = (b"\0" * 12 + bytes.fromhex(RECEIVER[2:]), b"hello", [], NATIVE, arguments)
    fee = router.functions.getFee(dest.selector, message).call()
    transaction = router.functions.ccipSend(dest.selector, message).build_transaction(
        {"from": account.address, "value": fee, "nonce": w3.eth.get_transaction_count(account.address)}
    )
    sent = w3.eth.send_raw_transaction(account.sign_transaction(transaction).raw_transaction)
    receipt = w3.eth.wait_for_transaction_receipt(sent, timeout=30)
    on_ramp = contract(source.selector, "on_ramp", "OnRamp")
    (event,) = on_ramp.events.CCIPMessageSent().process_receipt(receipt, errors=DISCARD)
    assert event.args.message.extraArgs[:4].hex() == "181dcf10"  # V2, whatever was sent
    off_ramp = contract(dest.selector, "off_ramp", "OffRamp")
    deadline = time.monotonic() + 60
    state = UNTOUCHED
    while state != SUCCESS and time.monotonic() < deadline:
        state = off_ramp.functions.getExecutionState(source.selector, event.args.sequenceNumber).call()
        time.sleep(0.1)
    assert state == SUCCESS
    executed = web3_of[dest.selector].eth.get_logs(
        {
            "address": off_ramp.address,
            "fromBlock": 0,
            "topics": [
                "0x" + events.topic(events.ExecutionStateChanged).hex(),
                None,
                None,
                event.args.message.header.messageId,
            ],
        }
    )
    assert len(executed) == 1


def test_a_script_reads_registry_pools_and_limits(sdk_network, contract):
    source, dest = sdk_network.chains
    registry = contract(source.selector, "token_admin_registry", "TokenAdminRegistry")
    tokens = registry.functions.getAllConfiguredTokens(0, 100).call()
    assert tokens == [checksum_address(token.address) for token in source.tokens]
    assert registry.functions.getPools(tokens).call() == [checksum_address(token.pool) for token in source.tokens]
    assert registry.functions.typeAndVersion().call() == "TokenAdminRegistry 1.5.0"
    router = contract(source.selector, "router", "Router")
    assert router.functions.isChainSupported(dest.selector).call()
    assert not router.functions.isChainSupported(16015286601757825753).call()  # Sepolia
