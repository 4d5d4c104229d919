"""What the two hashes cover, and what can't cross to an EVM destination."""

from __future__ import annotations

import pytest

from ccip_core.protocol import extra_args
from ccip_core.protocol.codec import AbiError, encode_address
from ccip_core.protocol.hashing import leaf, leaf_of_sent, message_id, to_any2evm
from ccip_core.protocol.messages import EVM2AnyRampMessage, EVM2AnyTokenTransfer, RampMessageHeader

ON_RAMP = b"\x11" * 20
TRANSFER = EVM2AnyTokenTransfer(b"\x22" * 20, bytes(12) + b"\x33" * 20, (18).to_bytes(32), 5, (90_000).to_bytes(32))
SENT = EVM2AnyRampMessage(
    header=RampMessageHeader(b"\x44" * 32, 1, 2, 3, 4),
    sender=b"\x55" * 20,
    data=b"data",
    receiver=bytes(12) + b"\x66" * 20,
    extra_args=extra_args.encode_v2(200_000, True),
    fee_token=b"\x77" * 20,
    fee_token_amount=6,
    fee_value_juels=7,
    token_amounts=(TRANSFER,),
)


def variants(message, skipped):
    """The message with each field in turn changed, nested ones too."""
    for name, value in message._asdict().items():
        if name in skipped:
            continue
        if isinstance(value, RampMessageHeader):
            yield from (message._replace(header=header) for header in variants(value, skipped))
        elif name == "token_amounts":
            yield from (message._replace(token_amounts=(transfer,)) for transfer in variants(value[0], skipped))
            yield message._replace(token_amounts=value * 2)
        else:
            changed = value + 1 if isinstance(value, int) else bytes(len(value) - 1) + b"\x99"
            yield message._replace(**{name: changed})


def test_the_message_id_covers_everything_but_itself_and_the_fee_in_juels():
    changed = list(variants(SENT, {"message_id", "fee_value_juels"}))
    ids = {message_id(message, ON_RAMP) for message in [SENT, *changed]} | {message_id(SENT, b"\x12" * 20)}
    assert len(ids) == len(changed) + 2
    same = SENT._replace(header=SENT.header._replace(message_id=bytes(32)), fee_value_juels=8)
    assert message_id(same, ON_RAMP) == message_id(SENT, ON_RAMP)


def test_the_leaf_covers_everything_that_the_destination_executes():
    arriving = to_any2evm(SENT)
    on_ramp = encode_address(ON_RAMP)
    changed = list(variants(arriving, set()))
    leaves = {leaf(message, on_ramp) for message in [arriving, *changed]} | {leaf(arriving, ON_RAMP)}
    assert len(leaves) == len(changed) + 2


def test_the_leaf_of_a_sent_message():
    assert leaf_of_sent(SENT, ON_RAMP) == leaf(to_any2evm(SENT), encode_address(ON_RAMP))


@pytest.mark.parametrize(
    "message",
    [
        SENT._replace(receiver=b"\x66" * 32),  # a Solana account
        SENT._replace(receiver=b"\x66" * 20),
        SENT._replace(extra_args=b""),
        SENT._replace(token_amounts=(TRANSFER._replace(dest_token_address=b"\x33" * 20),)),
        SENT._replace(token_amounts=(TRANSFER._replace(dest_exec_data=b""),)),
        SENT._replace(token_amounts=(TRANSFER._replace(dest_exec_data=(2**32).to_bytes(32)),)),
    ],
)
def test_what_no_evm_destination_can_execute_has_no_leaf(message):
    with pytest.raises(AbiError):
        leaf_of_sent(message, ON_RAMP)
