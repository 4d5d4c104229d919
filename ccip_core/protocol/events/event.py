"""How an event class becomes a topic, and a log becomes an event.

An event is a NamedTuple whose fields stand in ABI order; `Indexed[…]` fields travel in topics. `@event` enters the
class into the table by its topic. Contracts that share an event (ownership, curses) share the class; different events
of one name get distinct class names and give `@event` the name that Solidity hashes.
"""

from __future__ import annotations

from functools import cache
from typing import TYPE_CHECKING, Any, NamedTuple, TypeVar, get_args

from eth_hash.auto import keccak

from ccip_core.protocol.abi import INDEXED, WORD, Struct, Word, annotations_of, struct_of
from ccip_core.protocol.codec import encoder
from ccip_core.protocol.decoder import AbiError, Decoder, decoder

if TYPE_CHECKING:
    from collections.abc import Callable

    from ccip_core.protocol.logs import RawLog

Event = tuple[Any, ...]
"""An instance of one of the event classes."""

_E = TypeVar("_E", bound=Event)


class _Form(NamedTuple):
    """What it takes to read and write one event."""

    topic: bytes
    topics: Struct
    """The indexed fields; they come first in every event of CCIP."""
    data: Struct
    """The other fields."""


EVENTS: dict[bytes, type[Event]] = {}
"""Every event class by its topic."""

_FORMS: dict[type[Event], _Form] = {}


def event(solidity_name: str = "") -> Callable[[type[_E]], type[_E]]:
    """Enter a NamedTuple class into the table; `solidity_name` where it is not the class's own name."""

    def enter(cls: type[_E]) -> type[_E]:
        form = _form(cls, solidity_name or cls.__name__)
        if form.topic in EVENTS:
            raise TypeError(f"{cls.__name__} has the topic of {EVENTS[form.topic].__name__}")
        EVENTS[form.topic] = cls
        _FORMS[cls] = form
        return cls

    return enter


def _form(cls: type[Event], solidity_name: str) -> _Form:
    fields = struct_of(cls).fields
    is_indexed = [INDEXED in get_args(hint) for hint in annotations_of(cls).values()]
    split = sum(is_indexed)
    if any(is_indexed[split:]) or not all(isinstance(field, Word) for _, field in fields[:split]):
        raise TypeError(f"{cls.__name__}: indexed fields must come first and be single words")
    topics, data = Struct(fields[:split], title=cls.__name__), Struct(fields[split:], title=cls.__name__)
    signature = solidity_name + struct_of(cls).text
    return _Form(keccak(signature.encode()), topics, data)


@cache
def _decoders(cls: type[Event]) -> tuple[Decoder, Decoder]:
    """Of topics and data; compiled when the first such log is met: most programs meet few kinds, many none."""
    form = _FORMS[cls]
    return decoder(form.topics), decoder(form.data)


def topic(cls: type[Event]) -> bytes:
    """The event's first topic: the hash of its signature."""
    return _FORMS[cls].topic


def decode_log(log: RawLog) -> Event | None:
    """The event that a log states; None for a topic that is not in the table (or an anonymous event).

    Nothing is said about *who* stated it: anyone can emit any event, so look at `log.address` first.

    Raises:
        AbiError: the topic is known, but the log is not one that CCIP's contracts can emit.
    """
    topics, data = log.topics, log.data
    cls = EVENTS.get(topics[0]) if topics else None
    if cls is None:
        return None
    form = _FORMS[cls]
    words = b"".join(topics[1:])
    if len(topics) != 1 + len(form.topics.fields) or any(len(word) != WORD for word in topics):
        raise AbiError(f"{cls.__name__}: {len(topics)} topics instead of {1 + len(form.topics.fields)} words")
    decode_topics, decode_data = _decoders(cls)
    indexed, _ = decode_topics(words, 0, len(words))
    rest, position = decode_data(data, 0, len(data))
    if position != len(data):
        raise AbiError(f"{cls.__name__}: {len(data) - position} bytes after the end of the data")
    return tuple.__new__(cls, indexed + rest)


def encode_log_fields(value: Event) -> tuple[tuple[bytes, ...], bytes]:
    """Topics and data of the log that states this event: for scripted chains and tests.

    Raises:
        AbiError: a field's value doesn't fit its type.
    """
    form, name = _FORMS[type(value)], type(value).__name__
    split = len(form.topics.fields)
    words = encoder(form.topics, name)(value[:split])
    indexed = tuple(words[i : i + WORD] for i in range(0, len(words), WORD))
    return (form.topic, *indexed), encoder(form.data, name)(value[split:])
