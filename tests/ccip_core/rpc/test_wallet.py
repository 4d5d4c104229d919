"""A wallet sends in one call when warm, waits, explains reverts, and finds its way back after it was overtaken."""

import threading

import pytest

from ccip_core.localnet.anvil import Anvil
from ccip_core.localnet.contract_set import own_artifact
from ccip_core.localnet.keys import dev_key
from ccip_core.protocol.codec import encode_call
from ccip_core.rpc import RpcRefused, RpcUnreachable
from ccip_core.scripted_rpc import ScriptedRpc
from ccip_core.transactions import sign_transaction
from ccip_core.wallet import (
    REPRICE_PERCENT,
    REPRICE_PERCENT_MIN,
    TransactionFailed,
    TransactionNotMined,
    Wallet,
)

SOMEONE = b"\x11" * 20


class CountingRpc:
    """Counts what a wallet asks of the chain behind it."""

    def __init__(self, rpc):
        self._rpc = rpc
        self.calls = []

    def __getattr__(self, name):
        method = getattr(self._rpc, name)

        def counted(*arguments, **named):
            self.calls.append(name)
            return method(*arguments, **named)

        return counted


class RefusingRpc(CountingRpc):
    """Refuses the next transaction with this message."""

    refusal = None
    is_kept = False

    def send_raw(self, raw):
        if self.refusal is not None:
            refusal, self.refusal = self.refusal, None
            if self.is_kept:
                self._rpc.send_raw(raw)
            raise refusal
        return self._rpc.send_raw(raw)


@pytest.fixture
def anvil():
    with Anvil.start(31337, block_time_s=0) as started:
        yield started


@pytest.fixture
def wallet(anvil):
    return Wallet(anvil.rpc, dev_key("user"))


def test_transact_waits_until_the_transfer_is_mined(anvil, wallet):
    receipt = wallet.transact(SOMEONE, value_wei=7)
    assert receipt.is_success
    assert receipt.gas_used == 21_000
    assert anvil.rpc.balance(SOMEONE) == 7


def test_what_is_sent_is_a_dynamic_fee_transaction_with_headroom(anvil, wallet):
    tx_hash = wallet.send(SOMEONE, value_wei=7, gas=30_000)
    sent = anvil.rpc.request("eth_getTransactionByHash", ("0x" + tx_hash.hex(),))
    assert (sent["type"], int(sent["chainId"], 16), int(sent["gas"], 16)) == ("0x2", 31337, 30_000)
    assert sent["from"] == "0x" + wallet.address.hex()
    base_fee = int(anvil.rpc.request("eth_getBlockByNumber", ("latest", False))["baseFeePerGas"], 16)
    assert int(sent["maxFeePerGas"], 16) >= 2 * base_fee + int(sent["maxPriorityFeePerGas"], 16)
    assert int(sent["maxPriorityFeePerGas"], 16) >= 10**9


def test_warm_and_told_the_gas_a_send_is_one_call():
    chain = CountingRpc(ScriptedRpc(1))
    wallet = Wallet(chain, dev_key("user"))
    wallet.warm()
    for _ in range(3):
        chain.calls.clear()
        wallet.send(SOMEONE, gas=30_000)
        assert chain.calls == ["send_raw"]


def test_a_contract_is_deployed_and_can_be_called(anvil, wallet):
    weth = wallet.deploy(own_artifact("WETH9").bytecode)
    wallet.transact(weth, encode_call("deposit()"), value_wei=5)
    balance = anvil.rpc.call(weth, encode_call("balanceOf(address)", wallet.address))
    assert int.from_bytes(balance) == 5


def test_what_would_revert_is_not_sent_when_the_gas_is_to_be_estimated(anvil, wallet):
    weth = wallet.deploy(own_artifact("WETH9").bytecode)
    with pytest.raises(TransactionFailed, match="would revert") as caught:
        wallet.transact(weth, encode_call("withdraw(uint256)", 5))
    assert caught.value.tx_hash is None
    assert anvil.rpc.nonce(wallet.address) == 1


def test_a_revert_on_chain_carries_its_revert_data(anvil, wallet):
    weth = wallet.deploy(own_artifact("WETH9").bytecode)
    call = encode_call("withdraw(uint256)", 5)
    with pytest.raises(RpcRefused) as refused:
        anvil.rpc.call(weth, call, sender=wallet.address)
    with pytest.raises(TransactionFailed, match=r"0x[0-9a-f]{64} reverted") as caught:
        wallet.transact(weth, call, gas=100_000)
    assert caught.value.data == refused.value.data
    assert anvil.rpc.receipt(caught.value.tx_hash).is_success is False


def test_another_process_with_the_same_key_is_no_obstacle(anvil, wallet):
    wallet.transact(SOMEONE, value_wei=1, gas=30_000)
    Wallet(anvil.rpc, dev_key("user")).transact(SOMEONE, value_wei=1, gas=30_000)
    wallet.transact(SOMEONE, value_wei=1, gas=30_000)
    assert anvil.rpc.balance(SOMEONE) == 3


def test_a_base_fee_that_ran_away_is_asked_again(anvil, wallet):
    wallet.transact(SOMEONE, value_wei=1, gas=30_000)
    anvil.rpc.request("anvil_setNextBlockBaseFeePerGas", (hex(10**13),))
    anvil.mine()
    wallet.transact(SOMEONE, value_wei=1, gas=30_000)
    assert anvil.rpc.balance(SOMEONE) == 2


def test_after_a_reorg_refresh_finds_the_nonce_again(anvil, wallet):
    anvil.mine()
    wallet.transact(SOMEONE, value_wei=1, gas=30_000)
    anvil.reorg(1)
    wallet.refresh()
    wallet.transact(SOMEONE, value_wei=2, gas=30_000)
    assert anvil.rpc.balance(SOMEONE) == 2


def test_a_transaction_that_is_never_mined_is_not_a_failed_one():
    wallet = Wallet(ScriptedRpc(1), dev_key("user"))
    with pytest.raises(TransactionNotMined, match=r"within 0\.05 s") as caught:
        wallet.transact(SOMEONE, gas=30_000, timeout_s=0.05)
    assert caught.value.tx_hash is not None


@pytest.mark.parametrize("message", ["already known", "ALREADY_EXISTS: already known", "transaction already imported"])
def test_known_already_is_as_good_as_sent(message):
    chain = RefusingRpc(ScriptedRpc(1))
    chain.refusal, chain.is_kept = RpcRefused(-32000, message), True
    wallet = Wallet(chain, dev_key("user"))
    first = wallet.send(SOMEONE, gas=30_000)
    second = wallet.send(SOMEONE, gas=30_000)
    assert [sent.tx_hash for sent in chain._rpc.sent] == [first, second]


def test_what_is_refused_for_a_reason_of_its_own_is_the_callers_to_know():
    chain = RefusingRpc(ScriptedRpc(1))
    wallet = Wallet(chain, dev_key("user"))
    chain.refusal = RpcRefused(-32000, "insufficient funds for gas * price + value")
    with pytest.raises(RpcRefused, match="insufficient funds"):
        wallet.send(SOMEONE, gas=30_000)
    wallet.send(SOMEONE, gas=30_000)
    assert [sent.content.nonce for sent in chain._rpc.sent] == [0]


@pytest.mark.parametrize("is_kept", [True, False], ids=["arrived", "lost"])
def test_after_a_cut_in_the_middle_of_sending_the_chain_says_which_nonce_is_next(is_kept):
    chain = RefusingRpc(ScriptedRpc(1))
    wallet = Wallet(chain, dev_key("user"))
    wallet.send(SOMEONE, gas=30_000)
    chain.refusal, chain.is_kept = RpcUnreachable("cut"), is_kept
    with pytest.raises(RpcUnreachable):
        wallet.send(SOMEONE, gas=30_000)
    wallet.send(SOMEONE, gas=30_000)
    assert [sent.content.nonce for sent in chain._rpc.sent] == ([0, 1, 2] if is_kept else [0, 1])


def test_threads_share_a_wallet_without_a_gap_in_the_nonces():
    chain = ScriptedRpc(1)
    wallet = Wallet(chain, dev_key("user"))
    threads = [threading.Thread(target=lambda: [wallet.send(SOMEONE, gas=30_000) for _ in range(10)]) for _ in range(6)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert [sent.content.nonce for sent in chain.sent] == list(range(60))


def test_what_is_prepared_is_sent_as_often_as_one_likes_and_is_one_transaction(anvil, wallet):
    assert not wallet.is_warm
    wallet.warm()
    assert wallet.is_warm
    signed = wallet.prepare(SOMEONE, value_wei=1, gas=30_000)
    assert anvil.rpc.nonce(wallet.address) == 0
    anvil.rpc.request("evm_setAutomine", (False,))
    assert [wallet.offer(signed.raw), wallet.offer(signed.raw)] == ["accepted", "known"]
    wallet.send(SOMEONE, value_wei=2, gas=30_000)  # does not take its number
    anvil.mine()
    assert wallet.offer(signed.raw) == "misnumbered"
    assert anvil.rpc.receipt(signed.tx_hash).is_success
    assert anvil.rpc.balance(SOMEONE) == 3


def test_a_dropped_transaction_comes_back_with_the_same_bytes(anvil, wallet):
    anvil.rpc.request("evm_setAutomine", (False,))
    signed = wallet.prepare(SOMEONE, value_wei=1, gas=30_000)
    wallet.offer(signed.raw)
    anvil.rpc.request("anvil_dropTransaction", ("0x" + signed.tx_hash.hex(),))
    anvil.mine()
    assert anvil.rpc.receipt(signed.tx_hash) is None
    assert wallet.offer(signed.raw) == "accepted"
    anvil.mine()
    assert anvil.rpc.receipt(signed.tx_hash).is_success


@pytest.fixture(params=["anvil", "scripted"])
def chain(request):
    """One that mines when it is told to."""
    if request.param == "scripted":
        return ScriptedRpc(31337)
    rpc = request.getfixturevalue("anvil").rpc
    rpc.request("evm_setAutomine", (False,))
    rpc.mine = lambda: rpc.request("evm_mine")
    return rpc


def test_a_replacement_pays_a_fifth_more_and_only_one_of_both_is_mined(chain):
    wallet = Wallet(chain, dev_key("user"))
    stuck = wallet.prepare(SOMEONE, value_wei=1, gas=30_000)
    wallet.offer(stuck.raw)
    other = wallet.prepare(SOMEONE, value_wei=2, gas=30_000)
    wallet.offer(other.raw)
    better = wallet.reprice(stuck.content)
    for name in ("priority_fee_wei", "fee_wei_max"):
        assert getattr(better.content, name) * 100 >= getattr(stuck.content, name) * (100 + REPRICE_PERCENT)
    assert better.content._replace(priority_fee_wei=0, fee_wei_max=0) == stuck.content._replace(
        priority_fee_wei=0, fee_wei_max=0
    )
    assert wallet.offer(better.raw) == "accepted"
    chain.mine()
    assert [chain.receipt(signed.tx_hash) is not None for signed in (stuck, better, other)] == [False, True, True]


def test_a_replacement_that_pays_too_little_more_is_outbid():
    chain = ScriptedRpc(1)
    wallet = Wallet(chain, dev_key("user"))
    signed = wallet.prepare(SOMEONE, gas=30_000)
    wallet.offer(signed.raw)
    percent = (100 + REPRICE_PERCENT_MIN - 1) / 100
    cheap = sign_transaction(
        signed.content._replace(
            priority_fee_wei=int(signed.content.priority_fee_wei * percent),
            fee_wei_max=int(signed.content.fee_wei_max * percent),
        ),
        dev_key("user"),
    )
    assert wallet.offer(cheap.raw) == "outbid"
    assert [pending.tx_hash for pending in chain.sent] == [signed.tx_hash]


def test_a_replacement_goes_with_the_price_of_today(anvil, wallet):
    anvil.rpc.request("evm_setAutomine", (False,))
    stuck = wallet.prepare(SOMEONE, value_wei=1, gas=30_000)
    anvil.rpc.request("anvil_setNextBlockBaseFeePerGas", (hex(10**13),))
    anvil.mine()
    better = wallet.reprice(stuck.content)
    assert better.content.fee_wei_max > 10**13
    wallet.offer(better.raw)
    anvil.mine()
    assert anvil.rpc.receipt(better.tx_hash).is_success


def test_a_released_number_leaves_no_gap(chain):
    wallet = Wallet(chain, dev_key("user"))
    first = wallet.prepare(SOMEONE, gas=30_000)
    second = wallet.prepare(SOMEONE, gas=30_000)
    wallet.release(second.content)
    third = wallet.prepare(SOMEONE, value_wei=1, gas=30_000)
    assert third.content.nonce == second.content.nonce
    wallet.offer(first.raw)
    wallet.offer(third.raw)
    fourth = wallet.prepare(SOMEONE, gas=30_000)
    fifth = wallet.prepare(SOMEONE, gas=30_000)
    wallet.release(fourth.content)  # others are above it
    wallet.release(fifth.content)
    chain.mine()
    assert wallet.prepare(SOMEONE, gas=30_000).content.nonce == fourth.content.nonce
