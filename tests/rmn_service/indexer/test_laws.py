"""The law of the indexer: whatever a chain and an endpoint do, the record is the chain that won.

For any script of blocks, forks above finality, silences, crashes and restarts, the record equals indexing the winning
chain afresh, everything that was dropped is kept as an orphan, and the steps tell the same story as the record.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest
from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import (
    RuleBasedStateMachine,
    initialize,
    invariant,
    precondition,
    rule,
    run_state_machine_as_test,
)

from ccip_core.rpc import RpcError, RpcRefused
from rmn_service.indexer import Indexer
from rmn_service.steps import Block, Extended, Finalised, FinalityBroken, Reorged

if TYPE_CHECKING:
    from collections.abc import Callable

    from conftest import Follower, ScriptedPlayground

    from ccip_core.deployment import Chain
    from ccip_core.protocol.logs import Header
    from rmn_service.steps import Step

payloads = st.lists(st.one_of(st.none(), st.binary(max_size=3)), min_size=1, max_size=4)


class Story:
    """What the applied steps tell, taken by themselves."""

    def __init__(self) -> None:
        self.chain: list[Block] = []
        self.told: dict[bytes, Block] = {}
        self.final = -1

    def hear(self, step: Step) -> None:
        match step:
            case Extended(blocks):
                for block in blocks:
                    assert not self.chain or block.header.parent_hash == self.chain[-1].header.hash
                    self.chain.append(block)
                    self.told[block.header.hash] = block
            case Reorged(number):
                assert number >= self.final
                self.chain = [block for block in self.chain if block.header.number <= number]
            case Finalised(number):
                assert number >= self.final
                self.final = number
            case FinalityBroken():
                pytest.fail("no fork of this script reaches below finality")


class Script(RuleBasedStateMachine):
    playground: ScriptedPlayground
    start: Callable[[], Follower]
    chain: Chain

    @initialize()
    def begin(self) -> None:
        self.scripted = self.playground.scripted
        self.follower = self.start()
        self.story = Story()
        self.called_final = 0
        self.seen: list[Header] = []

    def _note_head(self) -> None:
        head = self.scripted.head
        self.seen.append(head)
        self.called_final = max(self.called_final, head.number - self.scripted.finality_depth)

    @rule(payloads=payloads)
    def mine(self, payloads: list[bytes | None]) -> None:
        for payload in payloads:
            self.playground.mine(payload)
            self._note_head()

    @rule(data=st.data(), payloads=payloads)
    def fork(self, data: st.DataObject, payloads: list[bytes | None]) -> None:
        """Another branch: shorter, as long or longer, never below what was called final."""
        depth = data.draw(st.integers(0, self.scripted.head.number - max(0, self.called_final)), "depth")
        self.playground.rollback(depth)
        self.mine(payloads[: data.draw(st.integers(0, len(payloads)), "new blocks")])

    @rule(data=st.data())
    def poll(self, data: st.DataObject) -> None:
        """Woken by the timer, by the newest head, or by one that is old or of a dead branch."""
        hint = data.draw(st.sampled_from([None, self.scripted.head, *self.seen[-6:]]), "hint")
        before = self.follower.blocks
        try:
            self._poll(hint)
        except RpcRefused:  # it followed on our tip, and its branch died before we asked for its logs
            assert hint is not None
            assert self.scripted.header(hint.hash) is None
            assert self.follower.blocks == before

    @rule(answers=st.integers(0, 9))
    def poll_a_dying_endpoint(self, answers: int) -> None:
        self.playground.rpc.calls_left = answers
        try:
            self._poll()
        except RpcError:
            pass
        finally:
            self.playground.rpc.calls_left = None

    @rule(crash_at=st.integers(0, 3), is_applied=st.booleans())
    def poll_and_crash(self, crash_at: int, is_applied: bool) -> None:
        """Before a step is applied, or after; what was applied but not acknowledged is known from the record alone."""
        for position, step in enumerate(self.follower.indexer.poll()):
            if position == crash_at and not is_applied:
                break
            self.follower._apply(step)
            self.story.hear(step)
            if position == crash_at:
                self.restart()
                break

    @rule()
    def restart(self) -> None:
        self.follower.restart()

    @rule()
    @precondition(lambda self: self.seen)
    def cut_off(self) -> None:
        before = self.follower.blocks
        self.scripted.cut_off()
        with pytest.raises(RpcError):
            self._poll()
        self.scripted.restore()
        assert self.follower.blocks == before

    def _poll(self, hint: Header | None = None) -> None:
        for step in self.follower.indexer.poll(hint):
            self.follower._apply(step)
            self.story.hear(step)

    @invariant()
    def the_record_is_what_the_steps_told(self) -> None:
        if hasattr(self, "story"):
            assert self.follower.blocks == self.story.chain

    def teardown(self) -> None:
        if not hasattr(self, "story"):
            return
        for _ in range(3):
            self._poll()
        assert self.follower.indexer.tip == self.scripted.head
        fresh = Indexer(self.playground.rpc, self.chain, [self.chain.contracts.router])
        afresh = [block for step in fresh.poll() if isinstance(step, Extended) for block in step.blocks]
        assert self.follower.blocks == afresh
        settled = max(0, self.scripted.head.number - self.scripted.finality_depth)
        assert settled <= self.follower.final_number <= max(0, self.called_final)
        dropped = {header.hash for header in self.story_headers()} - {block.header.hash for block in afresh}
        orphans = {stored.header.hash: Block(stored.header, stored.logs) for stored in self._orphans()}
        assert orphans == {block_hash: self.story.told[block_hash] for block_hash in dropped}
        self.follower.close()

    def story_headers(self) -> list[Header]:
        return [block.header for block in self.story.told.values()]

    def _orphans(self) -> Any:
        [chain] = {stored.chain for stored in self.follower.store.history()} or {None}
        return [] if chain is None else list(self.follower.store.orphans(chain))


# INV-REC-1
@pytest.mark.slow
@pytest.mark.hypothesis
def test_the_record_is_the_chain_that_won(
    follow: Callable[..., Follower], chain: Chain, new_scripted: type[ScriptedPlayground]
) -> None:
    class ThisScript(Script):
        def __init__(self) -> None:
            super().__init__()
            self.chain = chain
            self.playground = new_scripted()
            self.start = lambda: follow(self.playground.rpc)

    run_state_machine_as_test(
        ThisScript,
        settings=settings(
            max_examples=settings.default.max_examples * 2 // 5,
            stateful_step_count=20,
            deadline=None,
            suppress_health_check=[HealthCheck.too_slow],
        ),
    )
