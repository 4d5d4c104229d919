"""Several endpoints, asked one at a time; never one that is another chain."""

from __future__ import annotations

import pytest

from ccip_core.rpc import RpcUnreachable
from ccip_core.scripted_rpc import ScriptedRpc
from rmn_service.failover import FailoverRpc, WrongChainError


def test_the_next_one_is_asked_when_one_stops_and_the_caller_hears_of_it() -> None:
    first, second = ScriptedRpc(1337), ScriptedRpc(1337)
    second.mine()
    rpc = FailoverRpc([first, second], 1337)
    assert rpc.header("latest") == first.head
    first.cut_off()
    with pytest.raises(RpcUnreachable):
        rpc.header("latest")
    assert rpc.current == 1
    assert rpc.header("latest") == second.head
    second.cut_off()
    first.restore()
    with pytest.raises(RpcUnreachable):
        rpc.header("latest")
    assert rpc.header("latest") == first.head


def test_an_endpoint_of_another_chain_is_never_believed() -> None:
    good, wrong = ScriptedRpc(1337), ScriptedRpc(31337)
    rpc = FailoverRpc([good, wrong], 1337)
    good.cut_off()
    with pytest.raises(RpcUnreachable):
        rpc.header("latest")
    with pytest.raises(WrongChainError, match="endpoint number 2 is chain id 31337"):
        rpc.header("latest")
    good.restore()
    assert rpc.header("latest") == good.head


def test_everything_else_passes_through() -> None:
    chain = ScriptedRpc(1337)
    chain.set_balance(b"\x01" * 20, 5)
    rpc = FailoverRpc([chain], 1337)
    assert rpc.chain_id() == 1337
    assert rpc.balance(b"\x01" * 20) == 5
    assert rpc.nonce(b"\x01" * 20) == 0
    assert rpc.gas_price() == chain.gas_price()
    assert rpc.logs(chain.head.hash) == []
    assert rpc.logs_in(0, 0) == []
    assert rpc.receipt(b"\x01" * 32) is None
