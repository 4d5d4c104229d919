"""A real chain's receipts hash to what its headers hold, for blocks of every size; a changed log does not."""

import pytest

from ccip_core.localnet.anvil import Anvil
from ccip_core.localnet.contract_set import own_artifact
from ccip_core.localnet.keys import dev_key
from ccip_core.protocol.block_header import BlockHeaderError, encode_header, receipts_root_of
from ccip_core.protocol.codec import encode_call
from ccip_core.protocol.receipts import encode_receipt, logs_of, receipts_root
from ccip_core.wallet import Wallet


@pytest.fixture(scope="module")
def blocks():
    """(header, receipts, logs) of blocks with 0, 1, 2, 3, 17 and 140 transactions: every shape of the trie."""
    with Anvil.start(31337, block_time_s=0) as anvil:
        wallet = Wallet(anvil.rpc, dev_key("attacker"))
        anvil.rpc.request("anvil_setBalance", ("0x" + wallet.address.hex(), hex(10**20)))
        weth = wallet.deploy(own_artifact("WETH9").bytecode)
        anvil.rpc.request("evm_setAutomine", (False,))
        found = {}
        for count in (0, 1, 2, 3, 17, 140):
            for number in range(count):
                wallet.send(weth, encode_call("deposit()") if number % 3 else b"", value_wei=1 + number, gas=60_000)
            anvil.mine()
            block = anvil.rpc.request("eth_getBlockByNumber", ("latest", False))
            assert len(block["transactions"]) == count
            block_hash = bytes.fromhex(block["hash"][2:])
            receipts = [encode_receipt(one) for one in anvil.rpc.request("eth_getBlockReceipts", (block["hash"],))]
            found[count] = encode_header(block, block_hash), receipts, anvil.rpc.logs(block_hash)
        yield found


def test_receipts_hash_to_the_root_in_the_header(blocks):
    for header, receipts, _ in blocks.values():
        assert receipts_root(receipts) == receipts_root_of(header)


def test_receipts_hold_every_log_at_its_index(blocks):
    for _, receipts, logs in blocks.values():
        assert [tuple(log) for log in logs_of(receipts)] == [(log.address, log.topics, log.data) for log in logs]
        assert [log.log_index for log in logs] == list(range(len(logs)))


def test_what_is_changed_moved_left_out_or_added_gives_another_root(blocks):
    header, receipts, _ = blocks[17]
    changed = [*receipts]
    changed[5] = changed[5][:-1] + bytes([changed[5][-1] ^ 1])
    for others in (changed, receipts[:-1], receipts[1:], [*receipts, receipts[0]], receipts[::-1]):
        assert receipts_root(others) != receipts_root_of(header)


def test_what_is_no_receipt_is_refused():
    with pytest.raises(BlockHeaderError):
        encode_receipt({"logs": []})
    for nonsense in (b"", b"\x02", b"\xc0", b"\x02\xc4\x01\x01\x01\x01", b"\xff" * 9):
        with pytest.raises(BlockHeaderError):
            logs_of([nonsense])
