"""The two hashes of a message (spec section 3): its id on the source chain, its leaf in the committed tree.

They differ: the id names the OnRamp by address and covers fees; the leaf names it by the hash of the bytes that the
OffRamp has configured, covers the id, and is what a Merkle root commits to.
"""

from __future__ import annotations

from eth_hash.auto import keccak as _keccak

from ccip_core.protocol import extra_args
from ccip_core.protocol.codec import decode_address, decode_args, encode_address, encode_args
from ccip_core.protocol.messages import (
    Any2EVMRampMessage,
    Any2EVMTokenTransfer,
    EVM2AnyRampMessage,
    EVM2AnyTokenTransfer,
)


def keccak(data: bytes) -> bytes:
    """Keccak-256."""
    return _keccak(data)


_LEAF_DOMAIN_SEPARATOR = bytes(32)
_EVM_2_ANY_MESSAGE_HASH = keccak(b"EVM2AnyMessageHashV1")
_ANY_2_EVM_MESSAGE_HASH = keccak(b"Any2EVMMessageHashV1")


def message_id(message: EVM2AnyRampMessage, on_ramp: bytes) -> bytes:
    """The id that the OnRamp (20 bytes) gave the message; `header.message_id` itself is not read.

    `fee_value_juels` is not covered: the same id may come with another value.
    """
    header = message.header
    meta = encode_args(
        ("bytes32", "uint64", "uint64", "address"),
        (_EVM_2_ANY_MESSAGE_HASH, header.source_chain_selector, header.dest_chain_selector, on_ramp),
    )
    fixed = encode_args(
        ("address", "uint64", "uint64", "address", "uint256"),
        (message.sender, header.sequence_number, header.nonce, message.fee_token, message.fee_token_amount),
    )
    tokens = encode_args((tuple[EVM2AnyTokenTransfer, ...],), (message.token_amounts,))
    parts = (meta, fixed, message.receiver, message.data, tokens, message.extra_args)
    return keccak(_LEAF_DOMAIN_SEPARATOR + b"".join(map(keccak, parts)))


def leaf(message: Any2EVMRampMessage, on_ramp: bytes) -> bytes:
    """The message's leaf. `on_ramp`: the bytes that the OffRamp has configured, for an EVM source 32 bytes."""
    header = message.header
    meta = encode_args(
        ("bytes32", "uint64", "uint64", "bytes32"),
        (_ANY_2_EVM_MESSAGE_HASH, header.source_chain_selector, header.dest_chain_selector, keccak(on_ramp)),
    )
    fixed = encode_args(
        ("bytes32", "address", "uint64", "uint256", "uint64"),
        (header.message_id, message.receiver, header.sequence_number, message.gas_limit, header.nonce),
    )
    tokens = encode_args((tuple[Any2EVMTokenTransfer, ...],), (message.token_amounts,))
    return keccak(_LEAF_DOMAIN_SEPARATOR + b"".join(map(keccak, (meta, fixed, message.sender, message.data, tokens))))


def to_any2evm(message: EVM2AnyRampMessage) -> Any2EVMRampMessage:
    """The message as its EVM destination executes it (spec section 2); fees stay behind.

    Raises:
        AbiError: receiver, token address or gas is not what an EVM destination can execute.
    """
    return Any2EVMRampMessage(
        header=message.header,
        sender=encode_address(message.sender),
        data=message.data,
        receiver=decode_address(message.receiver),
        gas_limit=extra_args.decode(message.extra_args).gas_limit,
        token_amounts=tuple(_to_any2evm_transfer(transfer) for transfer in message.token_amounts),
    )


def _to_any2evm_transfer(transfer: EVM2AnyTokenTransfer) -> Any2EVMTokenTransfer:
    (dest_gas_amount,) = decode_args(("uint32",), transfer.dest_exec_data)
    return Any2EVMTokenTransfer(
        source_pool_address=encode_address(transfer.source_pool_address),
        dest_token_address=decode_address(transfer.dest_token_address),
        dest_gas_amount=dest_gas_amount,
        extra_data=transfer.extra_data,
        amount=transfer.amount,
    )


def leaf_of_sent(message: EVM2AnyRampMessage, on_ramp: bytes) -> bytes:
    """The leaf that a committed root must contain for a message that this OnRamp (20 bytes) emitted.

    Raises:
        AbiError: as `to_any2evm`.
    """
    return leaf(to_any2evm(message), encode_address(on_ramp))
