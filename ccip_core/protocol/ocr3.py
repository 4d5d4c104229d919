"""OCR3 as the OffRamp checks it (spec 5.2): the digest that oracles sign, and the calldata of its three entrances."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

from ccip_core.protocol.abi import struct_of
from ccip_core.protocol.blessing import SignatureError, ecrecover
from ccip_core.protocol.codec import decode, decode_args, encode, encode_args, function_selector
from ccip_core.protocol.decoder import AbiError
from ccip_core.protocol.hashing import keccak
from ccip_core.protocol.messages import CommitReport, ExecutionReport, GasLimitOverride

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

MAX_SIGNATURES = 32
"""One byte of `rawVs` each."""

_EXECUTION_REPORT, _OVERRIDE = struct_of(ExecutionReport).text, struct_of(GasLimitOverride).text
_COMMIT_ARGUMENTS = ("bytes32[2]", "bytes", "bytes32[]", "bytes32[]", "bytes32")
_COMMIT = function_selector("commit(bytes32[2],bytes,bytes32[],bytes32[],bytes32)")
_EXECUTE = function_selector("execute(bytes32[2],bytes)")
_MANUALLY_EXECUTE = function_selector(f"manuallyExecute({_EXECUTION_REPORT}[],{_OVERRIDE}[][])")


class OcrSignatures(NamedTuple):
    """Signatures in the shape that `commit` takes: columns, and the v's packed into one word."""

    rs: tuple[bytes, ...]
    ss: tuple[bytes, ...]
    raw_vs: bytes
    """32 bytes; byte i is v - 27 of signature i."""


def ocr3_digest(report: bytes, config_digest: bytes, sequence_number: int) -> bytes:
    """The 32 bytes that an oracle signs for an encoded report.

    Raises:
        AbiError: the config digest has not 32 bytes, or the sequence number is no uint64.
    """
    return keccak(keccak(report) + b"".join(_context(config_digest, sequence_number)))


def pack_signatures(signatures: Iterable[tuple[int, int, int]]) -> OcrSignatures:
    """Signatures (v 27 or 28, r, s) in `commit`'s shape. Any order; the contract wants exactly F + 1.

    Raises:
        SignatureError: more than MAX_SIGNATURES, or one that is none.
    """
    signed = tuple(signatures)
    if len(signed) > MAX_SIGNATURES:
        raise SignatureError(f"{len(signed)} signatures, but rawVs has room for {MAX_SIGNATURES}")
    if any(v not in (27, 28) for v, _, _ in signed):
        raise SignatureError("every v must be 27 or 28")
    if not all(0 <= part < 1 << 256 for _, *parts in signed for part in parts):
        raise SignatureError("every r and s must fit into 32 bytes")
    return OcrSignatures(
        rs=tuple(r.to_bytes(32) for _, r, _ in signed),
        ss=tuple(s.to_bytes(32) for _, _, s in signed),
        raw_vs=bytes(v - 27 for v, _, _ in signed).ljust(32, b"\0"),
    )


def recover(digest: bytes, v: int, r: int, s: int) -> bytes:
    """The address (20 bytes) of the oracle that signed the digest.

    Raises:
        SignatureError: nobody did.
    """
    if not (0 <= r < 1 << 256 and 0 <= s < 1 << 256):
        raise SignatureError("r and s must fit into 32 bytes")
    return ecrecover(digest, v, r.to_bytes(32), s.to_bytes(32))


def encode_commit_call(
    config_digest: bytes, sequence_number: int, report: CommitReport, signatures: OcrSignatures
) -> bytes:
    """Calldata of `OffRamp.commit`.

    Raises:
        AbiError: a value doesn't fit its type.
    """
    return _COMMIT + encode_args(
        _COMMIT_ARGUMENTS,
        (_context(config_digest, sequence_number), encode(report), *signatures),
    )


def decode_commit_call(data: bytes) -> CommitReport:
    """The report in calldata of `OffRamp.commit`.

    Raises:
        AbiError: it is another call.
    """
    if data[:4] != _COMMIT:
        raise AbiError(f"calldata begins with 0x{data[:4].hex()}, not with the selector of commit")
    _, report, *_ = decode_args(_COMMIT_ARGUMENTS, data[4:])
    return decode(CommitReport, report)


def encode_execute_call(config_digest: bytes, sequence_number: int, reports: Sequence[ExecutionReport]) -> bytes:
    """Calldata of `OffRamp.execute`: no signatures, the Merkle proofs inside the reports speak.

    Raises:
        AbiError: a value doesn't fit its type.
    """
    report = encode_args((tuple[ExecutionReport, ...],), (tuple(reports),))
    return _EXECUTE + encode_args(("bytes32[2]", "bytes"), (_context(config_digest, sequence_number), report))


def encode_manually_execute_call(
    reports: Sequence[ExecutionReport], overrides: Sequence[Sequence[GasLimitOverride]]
) -> bytes:
    """Calldata of `OffRamp.manuallyExecute`: one override per message of each report; zeros keep what was sent.

    Raises:
        AbiError: a value doesn't fit its type.
    """
    return _MANUALLY_EXECUTE + encode_args(
        (tuple[ExecutionReport, ...], tuple[tuple[GasLimitOverride, ...], ...]),
        (tuple(reports), tuple(map(tuple, overrides))),
    )


def _context(config_digest: bytes, sequence_number: int) -> tuple[bytes, bytes]:
    """`reportContext`: two words."""
    words = encode_args(("bytes32", "uint64"), (config_digest, sequence_number))
    return words[:32], words[32:]
