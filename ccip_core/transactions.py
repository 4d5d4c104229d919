"""EIP-1559 transactions: written down, hashed, signed, and read back.

Pure, and by hand because signing is on the way of every vote.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

from coincurve import PublicKey
from eth_hash.auto import keccak

if TYPE_CHECKING:
    from collections.abc import Sequence

    from ccip_core.signers import Signer

_DYNAMIC_FEE = b"\x02"


class TransactionFormatError(ValueError):
    """Bytes that are no signed EIP-1559 transaction."""


class Transaction(NamedTuple):
    """The fields that a sender chooses; `to` is empty when the transaction creates a contract."""

    chain_id: int
    nonce: int
    priority_fee_wei: int
    fee_wei_max: int
    gas: int
    to: bytes
    value_wei: int
    data: bytes


class SignedTransaction(NamedTuple):
    """The bytes for `eth_sendRawTransaction` and the hash that the chain will know them by."""

    raw: bytes
    tx_hash: bytes
    content: Transaction


def _rlp_length(length: int, offset: int) -> bytes:
    if length < 56:
        return bytes((offset + length,))
    size = length.to_bytes((length.bit_length() + 7) // 8)
    return bytes((offset + 55 + len(size),)) + size


def _rlp(item: bytes | int) -> bytes:
    raw = item.to_bytes((item.bit_length() + 7) // 8) if isinstance(item, int) else item
    return raw if len(raw) == 1 and raw[0] < 0x80 else _rlp_length(len(raw), 0x80) + raw


def _rlp_list(encoded: Sequence[bytes]) -> bytes:
    content = b"".join(encoded)
    return _rlp_length(len(content), 0xC0) + content


def _unsigned(transaction: Transaction) -> list[bytes]:
    numbers_and_bytes: tuple[int | bytes, ...] = transaction
    return [*map(_rlp, numbers_and_bytes), _rlp_list(())]


def sign_transaction(transaction: Transaction, signer: Signer) -> SignedTransaction:
    """Sign with the sender's key (EIP-1559, type 2, empty access list)."""
    fields = _unsigned(transaction)
    signature = signer.sign_digest(keccak(_DYNAMIC_FEE + _rlp_list(fields)))
    raw = _DYNAMIC_FEE + _rlp_list([*fields, _rlp(signature.v - 27), _rlp(signature.r), _rlp(signature.s)])
    return SignedTransaction(raw, keccak(raw), transaction)


def created_address(sender: bytes, nonce: int) -> bytes:
    """Where the contract of this sender's transaction `nonce` will live."""
    return bytes(keccak(_rlp_list((_rlp(sender), _rlp(nonce))))[-20:])


def read_transaction(raw: bytes) -> tuple[Transaction, bytes]:
    """A signed transaction and its sender's address, from what `sign_transaction` made.

    Raises:
        TransactionFormatError: the bytes are anything else.
    """
    is_list, position, end = _rlp_item(raw, 1)
    if raw[:1] != _DYNAMIC_FEE or not is_list or end != len(raw):
        raise TransactionFormatError("not one EIP-1559 transaction")
    fields = []
    while position < end:
        is_list, begin, position = _rlp_item(raw, position)
        if is_list and begin != position:
            raise TransactionFormatError("an access list is not read")
        fields.append(raw[begin:position])
    if len(fields) != 12:
        raise TransactionFormatError(f"{len(fields)} fields instead of 12")
    chain_id, nonce, tip, fee_max, gas, to, value, data, _access, parity, r, s = fields
    number = int.from_bytes
    transaction = Transaction(
        number(chain_id), number(nonce), number(tip), number(fee_max), number(gas), to, number(value), data
    )
    digest = keccak(_DYNAMIC_FEE + _rlp_list(_unsigned(transaction)))
    try:
        signature = r.rjust(32, b"\0") + s.rjust(32, b"\0") + parity.rjust(1, b"\0")
        key = PublicKey.from_signature_and_message(signature, digest, hasher=None)
    except ValueError:
        raise TransactionFormatError("the signature is of no key") from None
    return transaction, keccak(key.format(compressed=False)[1:])[-20:]


def _rlp_item(raw: bytes, start: int) -> tuple[bool, int, int]:
    """Of the item at `start`: whether it is a list, and where its content begins and ends."""
    first = raw[start] if start < len(raw) else 0
    if first < 0x80:
        begin, end = start, start + 1
    else:
        length = first - (0xC0 if first >= 0xC0 else 0x80)
        begin = start + 1
        if length >= 56:
            size = length - 55
            length = int.from_bytes(raw[begin : begin + size])
            begin += size
        end = begin + length
    if end > len(raw):
        raise TransactionFormatError("the bytes end in the middle of a field")
    return first >= 0xC0, begin, end
