"""What a curse is about: 16 bytes, a chain or everything (spec 6.1)."""

from __future__ import annotations

from ccip_core.protocol.messages import ChainSelector

GLOBAL_CURSE_SUBJECT = bytes.fromhex("01000000000000000000000000000001")
"""Stops every lane of the chain whose RMNRemote holds it."""


def chain_subject(selector: ChainSelector) -> bytes:
    """The subject that stops lanes from and to a remote chain. On the chain itself it has no effect."""
    return selector.to_bytes(16)


def subject_selector(subject: bytes) -> ChainSelector | None:
    """The chain that a subject names; None for the global subject and whatever else anyone may have cursed."""
    number = int.from_bytes(subject)
    return ChainSelector(number) if len(subject) == 16 and 0 < number < 1 << 64 else None


_DRILL = b"\xfd" * 8


def drill_subject(number: int) -> bytes:
    """A subject that names nothing and so stops nothing, for fire drills; another one for each number below 2^64."""
    return _DRILL + number.to_bytes(8)


def is_drill(subject: bytes) -> bool:
    """Whether somebody practises with this subject."""
    return subject.startswith(_DRILL)


def subject_text(subject: bytes) -> str:
    """0x and 32 hex digits, as rows, APIs and the store write it."""
    return f"0x{subject.hex()}"
