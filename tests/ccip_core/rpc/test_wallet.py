"""A wallet sends in one call when warm, waits, explains reverts, and finds its way back after it was overtaken."""

import threading

import pytest

from ccip_core.localnet.anvil import Anvil
from ccip_core.localnet.contract_set import own_artifact
from ccip_core.localnet.keys import dev_key
from ccip_core.protocol.codec import encode_call
from ccip_core.rpc import RpcRefused, RpcUnreachable
from ccip_core.scripted_rpc import ScriptedRpc
from ccip_core.wallet import TransactionFailed, TransactionNotMined, Wallet

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


def test_presigning_uses_nothing_up_and_is_dropped_when_anything_changed(anvil, wallet):
    wallet.presign(SOMEONE, b"", 30_000)  # cold: nothing to sign yet
    wallet.transact(SOMEONE, value_wei=1, gas=30_000)
    wallet.presign(SOMEONE, b"", 30_000)
    assert anvil.rpc.nonce(wallet.address) == 1
    wallet.transact(SOMEONE, value_wei=2, gas=30_000)  # another value than was signed
    wallet.presign(SOMEONE, b"", 30_000)
    wallet.transact(SOMEONE, gas=30_000)
    wallet.presign(SOMEONE, b"", 30_000)
    Wallet(anvil.rpc, dev_key("user")).transact(SOMEONE, value_wei=4, gas=30_000)  # takes the nonce
    wallet.transact(SOMEONE, gas=30_000)
    assert anvil.rpc.balance(SOMEONE) == 7
    assert anvil.rpc.nonce(wallet.address) == 5
