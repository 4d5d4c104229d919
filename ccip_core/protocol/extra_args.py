"""A message's execution wishes: a four-byte tag and `abi.encode` of a static struct (spec section 2)."""

from __future__ import annotations

from typing import NamedTuple

from ccip_core.protocol.codec import AbiError, decode_args, encode, encode_args
from ccip_core.protocol.messages import Bool, Uint256  # noqa: TC001 - the codec reads the annotations at run time

EVM_EXTRA_ARGS_V1_TAG = bytes.fromhex("97a657c9")
GENERIC_EXTRA_ARGS_V2_TAG = bytes.fromhex("181dcf10")


class ExtraArgs(NamedTuple):
    """How the destination executes: gas for the receiver's `ccipReceive`, and whether the sender's order is kept."""

    gas_limit: Uint256
    allow_out_of_order_execution: Bool


def encode_v1(gas_limit: int) -> bytes:
    """The old form: ordered execution."""
    return EVM_EXTRA_ARGS_V1_TAG + encode_args(("uint256",), (gas_limit,))


def encode_v2(gas_limit: int, allow_out_of_order_execution: bool) -> bytes:
    """The form that the OnRamp turns every other one into before it emits the message."""
    return GENERIC_EXTRA_ARGS_V2_TAG + encode(ExtraArgs(gas_limit, allow_out_of_order_execution))


def decode(extra_args: bytes) -> ExtraArgs:
    """Either form. Empty extraArgs mean the lane's configured default, which these bytes can't tell.

    Raises:
        AbiError: another tag (other chain families have their own), or a malformed struct.
    """
    tag, body = extra_args[:4], extra_args[4:]
    if tag == GENERIC_EXTRA_ARGS_V2_TAG:
        return ExtraArgs(*decode_args(("uint256", "bool"), body))
    if tag == EVM_EXTRA_ARGS_V1_TAG:
        (gas_limit,) = decode_args(("uint256",), body)
        return ExtraArgs(gas_limit, allow_out_of_order_execution=False)
    raise AbiError(f"extraArgs: tag 0x{tag.hex()} is neither V1 (0x97a657c9) nor V2 (0x181dcf10)")
