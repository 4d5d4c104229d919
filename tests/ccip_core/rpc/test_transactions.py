"""Our transactions are byte for byte those of eth_account, and can be read back."""

import pytest
import rlp
from eth_account import Account
from hypothesis import example, given
from hypothesis import strategies as st

from ccip_core.protocol.hashing import keccak
from ccip_core.signers import LocalSigner
from ccip_core.transactions import (
    Transaction,
    TransactionFormatError,
    created_address,
    read_transaction,
    sign_transaction,
)

KEY = b"\x42" * 32
SIGNER = LocalSigner(KEY)
TRANSACTIONS = st.builds(
    Transaction,
    chain_id=st.integers(1, 2**63),
    nonce=st.integers(0, 2**64 - 2),
    priority_fee_wei=st.integers(0, 2**64),
    fee_wei_max=st.integers(0, 2**128),
    gas=st.integers(21_000, 2**63),
    to=st.just(b"") | st.binary(min_size=20, max_size=20),
    value_wei=st.integers(0, 2**255),
    data=st.binary(max_size=300),
)


@given(TRANSACTIONS)
@example(Transaction(1, 0, 0, 0, 21_000, b"", 0, b""))
@example(Transaction(1, 0, 0, 0, 21_000, b"", 0, b"\x7f"))
@example(Transaction(1, 0, 0, 0, 21_000, b"", 0, b"\x80"))
@example(Transaction(1, 127, 128, 255, 256, b"\0" * 20, 0, b"x" * 55))
@example(Transaction(1, 1, 1, 1, 21_000, b"\0" * 20, 0, b"x" * 70_000))
def test_signed_as_eth_account_signs_and_read_back(transaction):
    signed = sign_transaction(transaction, SIGNER)
    theirs = Account.sign_transaction(
        {
            "type": 2,
            "chainId": transaction.chain_id,
            "nonce": transaction.nonce,
            "maxPriorityFeePerGas": transaction.priority_fee_wei,
            "maxFeePerGas": transaction.fee_wei_max,
            "gas": transaction.gas,
            "to": transaction.to,
            "value": transaction.value_wei,
            "data": transaction.data,
        },
        KEY,
    )
    assert signed.tx_hash == theirs.hash
    assert signed.raw == theirs.raw_transaction
    assert read_transaction(signed.raw) == (transaction, SIGNER.address)


@pytest.mark.parametrize("nonce", [0, 1, 127, 128, 255, 256, 2**32])
def test_a_contract_s_address_follows_from_sender_and_nonce(nonce):
    assert created_address(SIGNER.address, nonce) == keccak(rlp.encode([SIGNER.address, nonce]))[-20:]


@given(st.binary(max_size=120).map(lambda tail: b"\x02" + tail))
def test_bytes_that_are_no_transaction_are_refused(raw):
    with pytest.raises(TransactionFormatError):
        read_transaction(raw)


def test_an_access_list_is_not_read():
    fields = {"type": 2, "chainId": 1, "nonce": 0, "maxPriorityFeePerGas": 0, "maxFeePerGas": 0, "gas": 1, "value": 0}
    access = [{"address": "0x" + "11" * 20, "storageKeys": []}]
    theirs = Account.sign_transaction(fields | {"to": b"\x11" * 20, "data": b"", "accessList": access}, KEY)
    with pytest.raises(TransactionFormatError, match="access list"):
        read_transaction(theirs.raw_transaction)


@given(TRANSACTIONS, st.data())
def test_a_cut_or_longer_transaction_is_refused(transaction, data):
    raw = sign_transaction(transaction, SIGNER).raw
    end = data.draw(st.integers(0, len(raw) - 1))
    for wrong in (raw[:end], raw + b"\0"):
        with pytest.raises(TransactionFormatError):
            read_transaction(wrong)
