"""`rmn run`, saying when a chain's node had accepted each of its transactions. For `curse_path`.

Run as `python -m benchmarks.timed_node NODE_TOML`. The clock is the system-wide monotonic one.
"""

from __future__ import annotations

import sys
import time
from collections import Counter
from pathlib import Path

from ccip_core.http_rpc import HttpRpc
from rmn_service.cli.run_node import run_node

_send_raw = HttpRpc.send_raw
_accepted: Counter[str] = Counter()


def _timed(self: HttpRpc, raw: bytes) -> bytes:
    tx_hash = _send_raw(self, raw)
    now_ns = time.perf_counter_ns()
    _accepted[self.endpoint] += 1
    print(f"accepted {self.endpoint} {_accepted[self.endpoint]} {now_ns}", flush=True)  # noqa: T201 - for whoever started us
    return tx_hash


if __name__ == "__main__":
    HttpRpc.send_raw = _timed  # type: ignore[method-assign]
    run_node(Path(sys.argv[1]))
