"""What one oracle sees of a scripted chain: final messages only, commits and attempts at the head, reorgs undone."""

from __future__ import annotations

from typing import Any

import pytest

from ccip_core.deployment import Chain, Contracts
from ccip_core.don import observer as observer_module
from ccip_core.don.commit import NO_PRICES
from ccip_core.don.observer import ChainObserver
from ccip_core.don.offramp_state import OcrConfig, OcrConfigInfo
from ccip_core.protocol import codec, events, extra_args
from ccip_core.protocol.hashing import leaf_of_sent
from ccip_core.protocol.merkle import merkle_root
from ccip_core.protocol.messages import (
    Bytes16,
    ChainSelector,
    EVM2AnyRampMessage,
    MerkleRoot,
    RampMessageHeader,
    RmnRemoteConfig,
    Selector,
    SourceChainConfig,
)
from ccip_core.rpc import RpcUnreachable
from ccip_core.scripted_rpc import ScriptedRpc

HERE, THERE = ChainSelector(5), ChainSelector(6)
NAMES = [name for name, field in Contracts.model_fields.items() if field.is_required()]
CONTRACTS = Contracts(**{name: bytes((index,)) * 20 for index, name in enumerate(NAMES, 1)})
CHAIN = Chain(
    chain_id=1, selector=HERE, name="here", http="http://127.0.0.1:1", finality_depth_blocks=2, contracts=CONTRACTS
)
ORACLES = tuple(bytes((index,)) * 20 for index in range(101, 105))
OCR = OcrConfig(OcrConfigInfo(b"\1" * 32, 1, 4, True), ORACLES, ORACLES)
RMN = RmnRemoteConfig(b"\2" * 32, (), 1)


class Scripted:
    """A chain whose OffRamp answers what the test says."""

    def __init__(self) -> None:
        self.rpc = ScriptedRpc(1)
        self.next_seq_nr = 1
        self.cursed: tuple[bytes, ...] = ()
        off_ramp, rmn = CONTRACTS.off_ramp, CONTRACTS.rmn_remote
        self.answer(
            off_ramp, "getAllSourceChainConfigs()", (tuple[Selector, ...], tuple[SourceChainConfig, ...]), self.sources
        )
        self.answer(CONTRACTS.rmn_proxy, "getCursedSubjects()", (tuple[Bytes16, ...],), lambda: (self.cursed,))
        self.answer(off_ramp, "latestConfigDetails(uint8)", (OcrConfig,), lambda: (OCR,))
        self.answer(rmn, "getVersionedConfig()", ("uint32", RmnRemoteConfig), lambda: (1, RMN))
        self.answer(off_ramp, "getLatestPriceSequenceNumber()", ("uint64",), lambda: (0,))
        self.observer = ChainObserver(self.rpc, CHAIN, NO_PRICES)

    def sources(self) -> tuple[Any, ...]:
        return (THERE,), (SourceChainConfig(CONTRACTS.router, True, self.next_seq_nr, False, bytes(32)),)

    def answer(self, to: bytes, signature: str, types: tuple[Any, ...], values: Any) -> None:
        selector = codec.function_selector(signature)
        self.rpc.on_call(to, selector, lambda _: codec.encode_args(types, values()))

    def mine(self, *logs: tuple[bytes, Any]) -> None:
        self.rpc.mine(logs)

    def seen(self) -> list[int]:
        return [each.message.header.sequence_number for each in self.observer.final_messages(THERE, 1)]


@pytest.fixture
def scripted_chain() -> Scripted:
    return Scripted()


def sent(number: int, data: bytes = b"") -> tuple[bytes, events.CCIPMessageSent]:
    header = RampMessageHeader(number.to_bytes(32), HERE, THERE, number, 0)
    receiver = codec.encode_address(b"\x55" * 20)
    args = extra_args.encode_v2(200_000, True)
    message = EVM2AnyRampMessage(header, b"\xaa" * 20, data, receiver, args, CONTRACTS.router, 1, 1, ())
    return CONTRACTS.on_ramp, events.CCIPMessageSent(THERE, number, message)


def committed(first: int, last: int, root: bytes = b"\x77" * 32) -> tuple[bytes, events.CommitReportAccepted]:
    roots = (MerkleRoot(THERE, bytes(32), first, last, root),)
    return CONTRACTS.off_ramp, events.CommitReportAccepted((), roots, NO_PRICES)


def attempted(number: int, state: int = 2) -> tuple[bytes, events.ExecutionStateChanged]:
    return CONTRACTS.off_ramp, events.ExecutionStateChanged(THERE, number, bytes(32), bytes(32), state, b"", 0)


def test_a_message_counts_when_it_is_final_and_not_before(scripted_chain: Scripted):
    chain = scripted_chain
    chain.mine(sent(1))
    chain.observer.look()
    assert chain.seen() == []
    chain.mine()
    chain.observer.look()
    assert chain.seen() == []
    chain.mine(sent(2))
    chain.observer.look()
    assert chain.seen() == [1]


def test_messages_end_at_the_first_hole(scripted_chain: Scripted):
    chain = scripted_chain
    on_ramp, event = sent(3)
    topics, _ = events.encode_log_fields(event)
    chain.mine(sent(1), sent(2), (on_ramp, (topics, b"not abi")), sent(4))
    chain.mine()
    chain.mine()
    chain.observer.look()
    assert chain.seen() == [1, 2]


def test_another_contracts_events_are_not_the_ramps(scripted_chain: Scripted):
    chain = scripted_chain
    _, message = sent(1)
    _, report = committed(1, 1)
    chain.mine((CONTRACTS.off_ramp, message), (CONTRACTS.rmn_remote, message), (CONTRACTS.on_ramp, report))
    for _ in range(3):
        chain.mine()
    chain.observer.look()
    view = chain.observer.dest_view()
    assert chain.seen() == []
    assert view is not None
    assert view.pending == ()


def test_a_reorg_replaces_messages_even_final_ones(scripted_chain: Scripted):
    chain = scripted_chain
    chain.mine(sent(1, b"old"))
    for _ in range(4):
        chain.mine()
    chain.observer.look()
    assert chain.seen() == [1]
    chain.rpc.fork(5)
    chain.mine()
    chain.mine(sent(1, b"new"))
    for _ in range(3):
        chain.mine()
    chain.observer.look()
    (seen,) = chain.observer.final_messages(THERE, 1)
    assert seen.message.data == b"new"
    _, event = sent(1, b"new")
    assert seen.leaf == leaf_of_sent(event.message, CONTRACTS.on_ramp)


def test_a_root_is_pending_until_each_of_its_messages_was_attempted(scripted_chain: Scripted):
    chain = scripted_chain
    chain.mine(committed(1, 2), committed(3, 3))

    def pending() -> list[int]:
        chain.observer.look()
        view = chain.observer.dest_view()
        assert view is not None
        return [root.min_seq_nr for root in view.pending]

    assert pending() == [1, 3]
    chain.mine(attempted(1), attempted(3, state=3))
    assert pending() == [1]
    chain.mine(attempted(2))
    assert pending() == []
    chain.rpc.fork(1)
    chain.mine()
    assert pending() == [1]
    chain.rpc.fork(3)
    for _ in range(4):
        chain.mine()
    assert pending() == []


def test_a_root_over_more_messages_than_a_tree_holds_is_nobodys_work(scripted_chain: Scripted):
    chain = scripted_chain
    chain.mine(committed(1, (1 << 64) - 1))
    chain.observer.look()
    view = chain.observer.dest_view()
    assert view is not None
    assert view.pending == ()


def test_a_committed_root_is_rebuilt_from_our_own_messages(scripted_chain: Scripted):
    chain = scripted_chain
    chain.mine(sent(1), sent(2))
    chain.mine()
    chain.mine()
    chain.observer.look()
    leaves = [leaf_of_sent(event.message, CONTRACTS.on_ramp) for _, event in (sent(1), sent(2))]
    root = MerkleRoot(HERE, bytes(32), 1, 2, merkle_root(leaves))
    assert chain.observer.rebuilt(root, THERE).is_rebuilt
    assert not chain.observer.rebuilt(root._replace(merkle_root=b"\x66" * 32), THERE).is_rebuilt
    assert not chain.observer.rebuilt(root._replace(max_seq_nr=3), THERE).is_rebuilt


def test_state_is_read_again_when_an_event_says_so(scripted_chain: Scripted):
    chain = scripted_chain
    chain.observer.look()

    def state() -> tuple[int, int]:
        chain.observer.look()
        view = chain.observer.dest_view()
        assert view is not None
        return view.state.sources[THERE].min_seq_nr, len(view.state.cursed)

    chain.next_seq_nr, chain.cursed = 4, (bytes(16),)
    chain.mine()
    assert state() == (1, 0)
    chain.mine(committed(1, 3))
    assert state() == (4, 0)
    chain.mine((CONTRACTS.rmn_remote, events.Cursed((bytes(16),))))
    assert state() == (4, 1)


def test_while_the_state_can_not_be_read_the_destination_is_blind(scripted_chain: Scripted):
    chain = scripted_chain
    chain.observer.look()

    def gone(_: bytes) -> bytes:
        raise RpcUnreachable("gone")

    signature = "getAllSourceChainConfigs()"
    chain.rpc.on_call(CONTRACTS.off_ramp, codec.function_selector(signature), gone)
    chain.mine(committed(1, 3))
    with pytest.raises(RpcUnreachable):
        chain.observer.look()
    assert chain.observer.dest_view() is None
    chain.next_seq_nr = 4
    chain.answer(CONTRACTS.off_ramp, signature, (tuple[Selector, ...], tuple[SourceChainConfig, ...]), chain.sources)
    assert chain.observer.look()
    view = chain.observer.dest_view()
    assert view is not None
    assert view.state.sources[THERE].min_seq_nr == 4
    assert len(view.pending) == 1


def test_what_was_executed_long_ago_is_forgotten_and_nothing_else(
    scripted_chain: Scripted, monkeypatch: pytest.MonkeyPatch
):
    monkeypatch.setattr(observer_module, "MEMORY_BLOCKS", 3)
    chain = scripted_chain
    chain.next_seq_nr = 5
    chain.mine(committed(1, 2), committed(3, 4), attempted(1), attempted(2), attempted(3), sent(1), sent(2), sent(3))
    for _ in range(2):
        chain.mine()
    chain.observer.look()
    assert chain.observer.forget_executed() == {THERE: 1}
    chain.mine()
    chain.observer.look()
    assert chain.observer.forget_executed() == {THERE: 3}
    assert chain.observer.is_attempted(THERE, 3)
    assert not chain.observer.is_attempted(THERE, 1)
    chain.observer.forget_sent(THERE, 3)
    assert chain.seen() == []
    assert [each.message.header.sequence_number for each in chain.observer.final_messages(THERE, 3)] == [3]
