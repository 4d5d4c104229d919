"""When to try the same thing again: not while it may still be mined, and ever more slowly after it was refused."""

from __future__ import annotations

import threading
from typing import TYPE_CHECKING, NamedTuple

if TYPE_CHECKING:
    from collections.abc import Collection

    from ccip_core.protocol.messages import ChainSelector

MINED_WITHIN_BLOCKS = 2
"""A transaction that is not in one of the two blocks after it was sent is taken for lost."""
RETRY_S_FIRST, RETRY_S_MAX = 0.25, 5.0


class Key(NamedTuple):
    """What an attempt is about: the interval of a source that starts here, or one message of it."""

    source: ChainSelector
    sequence_number: int


class Pacing:
    """Remembers what was sent and what failed. A round is a block number of the destination. Thread-safe."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._sent: dict[Key, dict[bytes, int]] = {}
        self._failed: dict[Key, tuple[float, float]] = {}

    def sent(self, key: Key, round_: int) -> None:
        """This oracle sent a transaction about `key`."""
        with self._lock:
            self._sent.setdefault(key, {})[b""] = round_
            self._failed.pop(key, None)

    def announced(self, key: Key, peer: bytes, round_: int) -> None:
        """A peer is about to send one. It is believed once: a liar that announces and never sends costs two blocks."""
        with self._lock:
            self._sent.setdefault(key, {}).setdefault(peer, round_)

    def failed(self, key: Key, now_s: float) -> None:
        """It was refused: wait a little, and longer each time."""
        with self._lock:
            _, pause_s = self._failed.get(key, (0.0, RETRY_S_FIRST / 2))
            pause_s = min(2 * pause_s, RETRY_S_MAX)
            self._failed[key] = (now_s + pause_s, pause_s)

    def is_held(self, key: Key, round_: int, now_s: float) -> bool:
        """True when it is too early to try again."""
        with self._lock:
            not_before_s, _ = self._failed.get(key, (now_s, 0.0))
            rounds = self._sent.get(key, {}).values()
            return now_s < not_before_s or any(sent <= round_ < sent + MINED_WITHIN_BLOCKS for sent in rounds)

    def next_try_s(self, now_s: float) -> float | None:
        """Seconds until something that failed may be tried again; None when nothing waits."""
        with self._lock:
            waits = [not_before_s - now_s for not_before_s, _ in self._failed.values() if not_before_s > now_s]
        return min(waits, default=None)

    def keep_only(self, keys: Collection[Key]) -> None:
        """Forget everything else: it is settled."""
        with self._lock:
            self._sent = {key: rounds for key, rounds in self._sent.items() if key in keys}
            self._failed = {key: pause for key, pause in self._failed.items() if key in keys}
