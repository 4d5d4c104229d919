"""One oracle's execution plugin, pure: which messages of which committed roots to execute now.

A root is executed only if the messages that this oracle saw itself hash to it. Each message is attempted once: what
failed is left to its users. Ordered messages (nonce > 0) go in the order of their sender's nonces, or not at all.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import NamedTuple

from ccip_core.protocol.merkle import merkle_root, prove
from ccip_core.protocol.messages import Any2EVMRampMessage, ChainSelector, ExecutionReport, MerkleRoot

BATCH_GAS_MAX = 14_000_000
"""Keeps `batch_gas` below 2^24, the most that EIP-7825 allows a transaction."""
BATCH_MESSAGES_MAX = 64
TRANSACTION_GAS = 150_000
REPORT_GAS = 60_000
MESSAGE_GAS = 120_000
BYTE_GAS = 40
"""Calldata, decoding and hashing of a byte of a report."""

Taken = Callable[[ChainSelector, int], bool]
"""Of a source and a sequence number."""


class SenderLane(NamedTuple):
    """NonceManager's key: a sender, as raw bytes, on a source chain."""

    source: ChainSelector
    sender: bytes


class SeenMessage(NamedTuple):
    """A message in its destination form with the leaf it hashes to."""

    message: Any2EVMRampMessage
    leaf: bytes


class CommittedRoot(NamedTuple):
    """A root of the OffRamp with this oracle's own messages of its interval; none at all when one is missing."""

    root: MerkleRoot
    messages: tuple[SeenMessage, ...]

    @property
    def is_rebuilt(self) -> bool:
        """True when this oracle's own messages hash to the root."""
        return bool(self.messages) and merkle_root([seen.leaf for seen in self.messages]) == self.root.merkle_root


def message_gas(message: Any2EVMRampMessage) -> int:
    """An upper bound of the gas that one message takes of its batch."""
    size = len(message.data) + 800 + 600 * len(message.token_amounts)
    tokens = sum(token.dest_gas_amount for token in message.token_amounts)
    return message.gas_limit + tokens + MESSAGE_GAS * (1 + len(message.token_amounts)) + BYTE_GAS * size


def batch_gas(reports: Sequence[ExecutionReport]) -> int:
    """The gas limit of the transaction that executes these reports.

    An exact-gas call keeps a 64th of the gas back, twice on the way to a receiver: hence a sixteenth on top.
    """
    inner = sum(REPORT_GAS + 2_000 * len(report.proofs) + sum(map(message_gas, report.messages)) for report in reports)
    return TRANSACTION_GAS + inner * 17 // 16


def senders(roots: Sequence[CommittedRoot], is_taken: Taken) -> set[SenderLane]:
    """Whose inbound nonces `executable` needs."""
    return {
        SenderLane(root.root.source_chain_selector, seen.message.sender)
        for root in roots
        for seen in root.messages
        if seen.message.header.nonce
        and not is_taken(root.root.source_chain_selector, seen.message.header.sequence_number)
    }


def executable(
    roots: Sequence[CommittedRoot],
    inbound_nonces: Mapping[SenderLane, int],
    is_taken: Taken,
    messages_max: int = BATCH_MESSAGES_MAX,
) -> list[ExecutionReport]:
    """One batch: reports that the OffRamp will accept, in the order given, within the batch limits.

    Args:
        roots: committed roots of sources that are not cursed, oldest first.
        inbound_nonces: the last executed nonce of each sender that `senders` names.
        is_taken: whether a message was attempted on-chain already, or is under way.
        messages_max: how many messages to execute at most.
    """
    nonces = dict(inbound_nonces)
    gas_left, messages_left = BATCH_GAS_MAX, messages_max
    reports: list[ExecutionReport] = []
    for committed in roots:
        if not committed.is_rebuilt:
            continue
        chosen: list[int] = []
        for index, seen in enumerate(committed.messages):
            header = seen.message.header
            if is_taken(header.source_chain_selector, header.sequence_number):
                continue
            gas = message_gas(seen.message)
            is_first = not chosen and not reports
            if not messages_left or (gas > gas_left and not is_first):
                break
            if header.nonce:
                key = SenderLane(header.source_chain_selector, seen.message.sender)
                if header.nonce != nonces.get(key, 0) + 1:
                    continue
                nonces[key] = header.nonce
            chosen.append(index)
            gas_left -= gas
            messages_left -= 1
        if chosen:
            reports.append(report_of(committed, chosen))
        if not messages_left:
            break
    return reports


def report_of(committed: CommittedRoot, indices: Sequence[int]) -> ExecutionReport:
    """These messages of a rebuilt root, with their proof."""
    proof = prove([seen.leaf for seen in committed.messages], indices)
    messages = tuple(committed.messages[index].message for index in indices)
    return ExecutionReport(
        committed.root.source_chain_selector,
        messages,
        tuple((b"",) * len(message.token_amounts) for message in messages),
        tuple(proof.proofs),
        proof.flag_bits,
    )
