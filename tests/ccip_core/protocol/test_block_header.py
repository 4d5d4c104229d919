"""A real chain's header is the one that its hash names; anything else is refused."""

import pytest

from ccip_core.localnet.anvil import Anvil
from ccip_core.protocol.block_header import BlockHeaderError, decode_header, encode_header


@pytest.fixture(scope="module")
def anvil():
    with Anvil.start(31337, block_time_s=0) as running:
        running.mine()
        yield running


def test_a_hash_vouches_for_number_time_and_parent(anvil):
    for number in ("0x0", "0x1"):
        block = anvil.rpc.request("eth_getBlockByNumber", (number, False))
        block_hash = bytes.fromhex(block["hash"][2:])
        raw = encode_header(block, block_hash)
        assert decode_header(raw, block_hash) == anvil.rpc.header(int(number, 16))


def test_a_changed_header_is_refused(anvil):
    block = anvil.rpc.request("eth_getBlockByNumber", ("0x1", False))
    block_hash = bytes.fromhex(block["hash"][2:])
    with pytest.raises(BlockHeaderError, match="not the header"):
        encode_header({**block, "timestamp": "0x1"}, block_hash)
    with pytest.raises(BlockHeaderError, match="whole headers"):
        encode_header({name: block[name] for name in ("number", "hash", "timestamp")}, block_hash)
    raw = encode_header(block, block_hash)
    for place in range(0, len(raw), 7):
        with pytest.raises(BlockHeaderError):
            decode_header(raw[:place] + bytes([raw[place] ^ 1]) + raw[place + 1 :], block_hash)
