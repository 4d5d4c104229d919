"""What every `Rpc` promises, asked of the scripted chain and of a real node: so the scripted one can't lie."""

import pytest

from ccip_core.protocol.logs import Header
from ccip_core.rpc import RpcRefused, RpcUnreachable

UNKNOWN = b"\x77" * 32
SOMEONE_ELSE = b"\x66" * 20
CALLDATA = b"\xca\x11"


def test_a_header_is_the_same_by_number_by_hash_and_by_tag(chain):
    mined = chain.mine()
    assert isinstance(mined, Header)
    assert chain.rpc.header(mined.number) == chain.rpc.header(mined.hash) == chain.rpc.header("latest") == mined


def test_blocks_link_to_their_parents_and_time_does_not_run_backwards(chain):
    first, second = chain.mine(), chain.mine()
    assert (second.number, second.parent_hash) == (first.number + 1, first.hash)
    assert second.timestamp_s >= first.timestamp_s


def test_a_block_that_the_node_does_not_have_is_none(chain):
    assert chain.rpc.header(chain.mine().number + 1) is None
    assert chain.rpc.header(UNKNOWN) is None


def test_finalized_is_two_blocks_below_latest(chain):
    old = chain.mine()
    chain.mine()
    chain.mine()
    assert chain.rpc.header("finalized") == old


def test_logs_are_those_of_exactly_this_block_in_order(chain):
    chain.mine(logs=1)
    mined = chain.mine(logs=3)
    chain.mine(logs=1)
    logs = chain.rpc.logs(mined.hash)
    assert [log.log_index for log in logs] == [0, 1, 2]
    assert {(log.address, log.block_hash, log.block_number) for log in logs} == {
        (chain.emitter, mined.hash, mined.number)
    }
    assert all(len(topic) == 32 for log in logs for topic in log.topics)


def test_logs_of_addresses(chain):
    mined = chain.mine(logs=2)
    assert len(chain.rpc.logs(mined.hash, [SOMEONE_ELSE, chain.emitter])) == 2
    assert chain.rpc.logs(mined.hash, [SOMEONE_ELSE]) == []
    assert chain.rpc.logs(mined.hash, []) == []


def test_a_block_without_logs_has_none_and_an_unknown_block_is_an_error(chain):
    assert chain.rpc.logs(chain.mine().hash) == []
    with pytest.raises(RpcRefused):
        chain.rpc.logs(UNKNOWN)


def test_logs_in_includes_both_ends(chain):
    before, first, middle, last, after = [chain.mine(logs=1) for _ in range(5)]
    logs = chain.rpc.logs_in(first.number, last.number, [chain.emitter])
    assert [log.block_hash for log in logs] == [first.hash, middle.hash, last.hash]
    assert before.hash != after.hash


def test_after_a_reorg_the_old_blocks_and_their_logs_are_gone(chain):
    ancestor = chain.mine(logs=1)
    orphan = chain.mine(logs=1)
    chain.mine(logs=1)
    chain.reorg(2)
    replacement = chain.rpc.header(orphan.number)
    assert replacement.hash != orphan.hash
    assert replacement.parent_hash == ancestor.hash
    assert chain.rpc.header(orphan.hash) is None
    assert [log.block_hash for log in chain.rpc.logs_in(ancestor.number, orphan.number + 1)] == [ancestor.hash]
    with pytest.raises(RpcRefused):
        chain.rpc.logs(orphan.hash)


def test_a_reorg_may_cross_finality(chain):
    final = chain.mine()
    for _ in range(3):
        chain.mine()
    assert chain.rpc.header("finalized").number > final.number
    chain.reorg(4)
    assert chain.rpc.header(final.number).hash != final.hash


def test_a_transaction_is_pending_then_mined_then_orphaned(chain, sender, signed_transfer):
    raw = signed_transfer(nonce=0)
    tx_hash = chain.rpc.send_raw(raw)
    assert chain.rpc.receipt(tx_hash) is None
    assert chain.rpc.calldata(tx_hash) == CALLDATA
    assert chain.rpc.calldata(UNKNOWN) is None
    assert chain.rpc.nonce(sender) == 1
    mined = chain.mine()
    receipt = chain.rpc.receipt(tx_hash)
    assert (receipt.tx_hash, receipt.block_hash, receipt.is_success) == (tx_hash, mined.hash, True)
    chain.reorg(1)
    assert chain.rpc.receipt(tx_hash) is None
    assert chain.rpc.nonce(sender) == 0


def test_the_same_transaction_twice_and_a_used_nonce_are_refused(chain, signed_transfer):
    raw = signed_transfer(nonce=0)
    chain.rpc.send_raw(raw)
    with pytest.raises(RpcRefused, match="already"):
        chain.rpc.send_raw(raw)
    chain.mine()
    with pytest.raises(RpcRefused, match="nonce too low"):
        chain.rpc.send_raw(raw)


def test_bytes_that_are_no_transaction_are_refused(chain):
    with pytest.raises(RpcRefused):
        chain.rpc.send_raw(b"\x02\xc0")


def test_a_call_at_an_unknown_block_is_refused(chain):
    with pytest.raises(RpcRefused):
        chain.rpc.call(chain.emitter, b"\0\0\0\0", chain.mine().number + 5)


def test_asked_across_a_cut_wire_every_question_is_unreachable(chain, sender, signed_transfer):
    chain.mine()
    chain.cut_off()
    questions = [
        chain.rpc.chain_id,
        lambda: chain.rpc.header("latest"),
        lambda: chain.rpc.logs(UNKNOWN),
        lambda: chain.rpc.logs_in(0, 1),
        lambda: chain.rpc.call(SOMEONE_ELSE, b""),
        lambda: chain.rpc.nonce(sender),
        lambda: chain.rpc.balance(sender),
        chain.rpc.gas_price,
        lambda: chain.rpc.estimate_gas(sender, SOMEONE_ELSE, b""),
        lambda: chain.rpc.send_raw(signed_transfer(nonce=0)),
        lambda: chain.rpc.receipt(UNKNOWN),
        lambda: chain.rpc.calldata(UNKNOWN),
    ]
    for ask in questions:
        with pytest.raises(RpcUnreachable):
            ask()
