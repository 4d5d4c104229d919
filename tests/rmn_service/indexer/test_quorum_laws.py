"""The indexer's law on three endpoints of which two must agree: forks, one of them lying, any of them failing.

Whatever the endpoints do, nothing enters the record that the chain does not hold; once they work again the record is
the chain that won, log by log, logs that were served late included.
"""

from __future__ import annotations

import contextlib
from typing import TYPE_CHECKING

import pytest
from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, rule, run_state_machine_as_test

from ccip_core.rpc import RpcError
from rmn_service.steps import Finalised, FinalityBroken, Reorged

if TYPE_CHECKING:
    from collections.abc import Callable

    from conftest import Eyes, Follower

    from ccip_core.protocol.logs import Header, RawLog
    from rmn_service.steps import Step

payloads = st.lists(st.one_of(st.none(), st.binary(max_size=3)), min_size=1, max_size=4)


class Script(RuleBasedStateMachine):
    eyes: Eyes
    start: Callable[[], Follower]

    @initialize()
    def begin(self) -> None:
        self.follower = self.start()
        self.ever: set[tuple[bytes, bytes]] = set()
        """Every log that the chain ever held: block hash and payload."""
        self.called_final = 0

    def _note(self) -> None:
        scripted = self.eyes.scripted
        self.called_final = max(self.called_final, scripted.head.number - scripted.finality_depth)
        self.ever |= {(scripted.head.hash, log.data) for log in scripted.logs(scripted.head.hash, self.eyes.watched)}

    @rule(payloads=payloads)
    def mine(self, payloads: list[bytes | None]) -> None:
        for payload in payloads:
            self.eyes.mine(payload)
            self._note()

    @rule(data=st.data(), payloads=payloads)
    def fork(self, data: st.DataObject, payloads: list[bytes | None]) -> None:
        scripted = self.eyes.scripted
        depth = data.draw(st.integers(0, scripted.head.number - max(0, self.called_final)), "depth")
        scripted.fork(depth)
        self.mine(payloads[: data.draw(st.integers(0, len(payloads)), "new blocks")])

    @rule(liar=st.integers(0, 2), manner=st.sampled_from(["invents", "hides", "another block", "absurd head"]))
    def one_lies(self, liar: int, manner: str) -> None:
        self.nobody_lies()
        endpoint = self.eyes.endpoints[liar]
        match manner:
            case "invents":
                endpoint.alter_logs = self.eyes.invent
            case "hides":
                endpoint.alter_logs = lambda *_: []
            case "another block":
                endpoint.alter_header = lambda header: header._replace(hash=b"\x66" + header.hash[1:])
            case _:
                endpoint.alter_header = lambda header: header._replace(number=header.number + 10**9)

    @rule()
    def nobody_lies(self) -> None:
        for endpoint in self.eyes.endpoints:
            endpoint.alter_logs = lambda _, logs: logs
            endpoint.alter_header = lambda header: header

    @rule()
    def all_serve_logs_late(self) -> None:
        scripted = self.eyes.scripted

        def late(header: Header, logs: list[RawLog]) -> list[RawLog]:
            return [] if header.number > scripted.head.number - scripted.finality_depth else logs

        for endpoint in self.eyes.endpoints:
            endpoint.alter_logs = late

    @rule(place=st.integers(0, 2), lag=st.integers(0, 5), is_silent=st.booleans())
    def one_fails(self, place: int, lag: int, is_silent: bool) -> None:
        self.eyes.endpoints[place].lag_blocks = lag
        self.eyes.endpoints[place].is_silent = is_silent

    @rule(has_hint=st.booleans())
    def poll(self, has_hint: bool) -> None:
        """As `Watch` does: a hint counts when it is confirmed."""
        hint = self.eyes.rpc.confirm(self.eyes.scripted.head, self.eyes.watched) if has_hint else None
        with contextlib.suppress(RpcError):
            self.follower.poll(hint, self._hear)

    @rule()
    def restart(self) -> None:
        self.follower.restart()

    def _hear(self, step: Step) -> None:
        assert not isinstance(step, FinalityBroken)
        if isinstance(step, Finalised):
            assert step.number <= self.called_final
        if isinstance(step, Reorged):
            assert step.number >= (self.follower.final_number or 0)

    @invariant()
    def nothing_is_recorded_that_the_chain_never_held(self) -> None:
        if hasattr(self, "follower"):
            logs = [log for block in self.follower.blocks for log in block.logs]
            assert {(log.block_hash, log.data) for log in logs} <= self.ever

    def teardown(self) -> None:
        if not hasattr(self, "follower"):
            return
        self.nobody_lies()
        for endpoint in self.eyes.endpoints:
            endpoint.lag_blocks, endpoint.is_silent = 0, False
        for _ in range(4):  # more blocks: so that what was read before becomes final, and is read again
            self.mine([b"end"])
            for _ in range(3):
                self.follower.poll(None, self._hear)
        recorded, winning = self.follower.blocks, self.eyes.winning_chain
        assert recorded[-1] == winning[-1]
        assert set(recorded) <= set(winning)  # behind finality, ranges keep the blocks that hold logs
        assert [block for block in recorded if block.logs] == [block for block in winning if block.logs]
        self.follower.close()


# INV-REC-1 INV-EYES-1
@pytest.mark.slow
@pytest.mark.hypothesis
def test_the_record_is_the_chain_that_won_whatever_endpoints_do(
    follow: Callable[..., Follower], new_eyes: type[Eyes]
) -> None:
    class ThisScript(Script):
        def __init__(self) -> None:
            super().__init__()
            self.eyes = new_eyes()
            self.start = lambda: follow(self.eyes.rpc)

    run_state_machine_as_test(
        ThisScript,
        settings=settings(
            max_examples=settings.default.max_examples * 2 // 5,
            stateful_step_count=25,
            deadline=None,
            suppress_health_check=[HealthCheck.too_slow],
        ),
    )
