"""EIP-1559 transactions: written down, hashed, signed, and read back.

Pure, and by hand because signing is on the way of every vote.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

from coincurve import PublicKey
from eth_hash.auto import keccak

from ccip_core.protocol import rlp

if TYPE_CHECKING:
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


def _unsigned(transaction: Transaction) -> list[bytes]:
    numbers_and_bytes: tuple[int | bytes, ...] = transaction
    return [*map(rlp.encode, numbers_and_bytes), rlp.encode_list(())]


def sign_transaction(transaction: Transaction, signer: Signer) -> SignedTransaction:
    """Sign with the sender's key (EIP-1559, type 2, empty access list)."""
    fields = _unsigned(transaction)
    signature = signer.sign_digest(keccak(_DYNAMIC_FEE + rlp.encode_list(fields)))
    raw = _DYNAMIC_FEE + rlp.encode_list(
        [*fields, rlp.encode(signature.v - 27), rlp.encode(signature.r), rlp.encode(signature.s)]
    )
    return SignedTransaction(raw, keccak(raw), transaction)


def created_address(sender: bytes, nonce: int) -> bytes:
    """Where the contract of this sender's transaction `nonce` will live."""
    return bytes(keccak(rlp.encode_list((rlp.encode(sender), rlp.encode(nonce))))[-20:])


def read_transaction(raw: bytes) -> tuple[Transaction, bytes]:
    """A signed transaction and its sender's address, from what `sign_transaction` made.

    Raises:
        TransactionFormatError: the bytes are anything else.
    """
    try:
        fields = rlp.fields_of(raw[1:]) if raw[:1] == _DYNAMIC_FEE else []
    except rlp.RlpError as error:
        raise TransactionFormatError(str(error)) from None
    if len(fields) != 12:
        raise TransactionFormatError(f"{len(fields)} fields instead of 12")
    chain_id, nonce, tip, fee_max, gas, to, value, data, access, parity, r, s = fields
    if access:
        raise TransactionFormatError("an access list is not read")
    number = int.from_bytes
    transaction = Transaction(
        number(chain_id), number(nonce), number(tip), number(fee_max), number(gas), to, number(value), data
    )
    digest = keccak(_DYNAMIC_FEE + rlp.encode_list(_unsigned(transaction)))
    try:
        signature = r.rjust(32, b"\0") + s.rjust(32, b"\0") + parity.rjust(1, b"\0")
        key = PublicKey.from_signature_and_message(signature, digest, hasher=None)
    except ValueError:
        raise TransactionFormatError("the signature is of no key") from None
    return transaction, keccak(key.format(compressed=False)[1:])[-20:]
