"""The logs of some contracts of one chain, block by block, along whatever branch is the chain now.

A chain is a linked list: a new head is read back to the last block known, by parent hash. One `eth_getLogs` a block
when nothing unusual happens; a head on another branch rewinds to the fork; a gap longer than the memory is read in
ranges. Everything is read before anything is remembered, so an endpoint that fails half-way changes nothing.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

from ccip_core.rpc import Rpc, RpcMalformed

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from ccip_core.protocol.logs import Header, RawLog

MEMORY_BLOCKS = 256
"""How deep a fork may lie before everything is read again."""
LINKED_BLOCKS = 32
"""How far below the head a read in ranges stops, and blocks are linked one by one."""
SPAN_BLOCKS = 2_000


class Step(NamedTuple):
    """What a new head brought."""

    rewound_to: int | None
    """Everything above this block is void; -1: everything is. None: nothing is."""
    logs: list[RawLog]
    """Of the blocks that are new, in chain order."""


class ChainFollower:
    """One chain as one oracle follows it. Not thread-safe: its observer holds the lock."""

    def __init__(self, rpc: Rpc, addresses: Sequence[bytes], lookback_blocks: int) -> None:
        self._rpc = rpc
        self._addresses = tuple(addresses)
        self._lookback_blocks = lookback_blocks
        self._blocks: dict[int, Header] = {}
        self.head: Header | None = None

    def follow(self, head: Header) -> Step:
        """Read everything up to this head.

        Raises:
            RpcError: not all of it could be read; nothing is remembered, the next head tries again.
        """
        if _is_in(self._blocks, head):
            return Step(None, [])
        known, rewound_to, logs = self._known(head)
        branch = self._branch(head, known)
        if branch is None:  # a fork below everything remembered
            known, rewound_to, logs = self._reread(head)
            branch = self._branch(head, known)
            if branch is None:
                raise RpcMalformed(f"block {head.number} moved to another branch while it was read")
        for header in branch:
            logs += self._rpc.logs(header.hash, self._addresses)
        joint = head.number - len(branch)
        if rewound_to is None and self.head is not None and joint < self.head.number:
            rewound_to = joint
        self._blocks = {n: block for n, block in known.items() if head.number - MEMORY_BLOCKS <= n <= joint}
        self._blocks |= {block.number: block for block in branch}
        self.head = head
        return Step(rewound_to, logs)

    def _known(self, head: Header) -> tuple[dict[int, Header], int | None, list[RawLog]]:
        """Blocks that `head` may descend from, what they make void, and the logs up to them that are new."""
        tip = self.head
        if tip is None:
            return self._reread(head)
        if head.number - tip.number <= MEMORY_BLOCKS:
            return self._blocks, None, []
        there = self._rpc.header(tip.number)
        if there is None or there.hash != tip.hash:
            return self._reread(head)
        base, logs = self._range(tip.number + 1, head)
        return {base.number: base}, None, logs

    def _reread(self, head: Header) -> tuple[dict[int, Header], int | None, list[RawLog]]:
        base, logs = self._range(max(0, head.number - self._lookback_blocks), head)
        return {base.number: base}, -1, logs

    def _range(self, first: int, head: Header) -> tuple[Header, list[RawLog]]:
        last = max(0, head.number - LINKED_BLOCKS)
        base = self._rpc.header(last)
        if base is None:
            raise RpcMalformed(f"the node announces block {head.number} and lacks block {last}")
        logs: list[RawLog] = []
        for start in range(first, last + 1, SPAN_BLOCKS):
            logs += self._rpc.logs_in(start, min(start + SPAN_BLOCKS - 1, last), self._addresses)
        return base, logs

    def _branch(self, head: Header, known: Mapping[int, Header]) -> list[Header] | None:
        """The blocks above the last known one up to `head`; None when it descends from none that is known."""
        branch: list[Header] = []
        block, oldest = head, min(known)
        while not _is_in(known, block):
            branch.append(block)
            if block.number <= oldest:
                return None
            parent = known.get(block.number - 1)
            if parent is None or parent.hash != block.parent_hash:
                parent = self._rpc.header(block.parent_hash)
            if parent is None or parent.number != block.number - 1:
                raise RpcMalformed(f"the node announces block {block.number} and lacks its parent")
            block = parent
        branch.reverse()
        return branch


def _is_in(blocks: Mapping[int, Header], block: Header) -> bool:
    known = blocks.get(block.number)
    return known is not None and known.hash == block.hash
