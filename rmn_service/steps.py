"""What a chain did, as values: the indexer states them, the service applies them to the store and the judge."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, NamedTuple

if TYPE_CHECKING:
    from ccip_core.protocol.logs import Header, RawLog


class Block(NamedTuple):
    """One block and those of its logs that we watch, in the order of the block."""

    header: Header
    logs: tuple[RawLog, ...]


@dataclass(frozen=True, slots=True)
class Extended:
    """The chain grew by these blocks, oldest first. The first one follows the cursor (see indexer.py on backfill)."""

    blocks: tuple[Block, ...]


@dataclass(frozen=True, slots=True)
class Finalised:
    """Every block up to and including `number` is final. Only ever grows."""

    number: int


@dataclass(frozen=True, slots=True)
class Reorged:
    """Our blocks above `number` are no longer of the chain; the block `number` itself still is."""

    number: int
    is_struck: bool = False
    """They may come back with other logs than were recorded of them."""


@dataclass(frozen=True, slots=True)
class FinalityBroken:
    """The chain replaced a block that had been final. The indexer stops after this step."""

    block_number: int
    """The lowest final block that the indexer remembers and that changed."""
    old_hash: bytes
    new_hash: bytes


@dataclass(frozen=True, slots=True)
class Contradicted:
    """One question about a settled part of the chain was answered in two ways: by two endpoints, or at two times."""

    what: str
    """The question, for a person."""
    block_number: int
    block_hash: bytes
    answers: tuple[tuple[str, str], ...]
    """Who said it, or when, and what. Never a URL, which may hold a key."""


Step = Extended | Finalised | Reorged | FinalityBroken | Contradicted
