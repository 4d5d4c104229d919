"""kill -9 at a random moment: what was acknowledged is in the record, and nothing is half there."""

from __future__ import annotations

import itertools
import os
import random
import signal
import subprocess
import sys
from typing import TYPE_CHECKING

import pytest

from rmn_service.audit_chain import verify_chain
from rmn_service.store import Store

if TYPE_CHECKING:
    from pathlib import Path

# Writes blocks, documents and audit rows for ever, goes back two blocks now and then, and says what is done.
WRITER = """
import sys
from ccip_core.protocol.logs import Header, RawLog
from rmn_service.steps import Block
from rmn_service.store import Store

store = Store.open(sys.argv[1])
chain = 16015286601757825753
cursor = store.cursor(chain)
number, step = (cursor.number if cursor else 0), 0
while True:
    step += 1
    if step % 7 == 0 and number - 2 > (store.final(chain).number if store.final(chain) else 0):
        number -= 2
        store.rewind(chain, number)
    number += 1
    parent = store.cursor(chain)
    block_hash = number.to_bytes(16) + len(list(store.orphans(chain))).to_bytes(16)
    header = Header(number, block_hash, parent.hash if parent else bytes(32), number)
    logs = tuple(RawLog(bytes(20), (), b"log", number, block_hash, bytes(32), index) for index in range(3))
    store.append(chain, [Block(header, logs)], step)
    store.finalise(chain, number - 4)
    store.put_many("incident", [("a", {"n": number}), ("b", {"n": number})], step)
    sequence = store.audit_append("note", {"number": number}, step)
    print(block_hash.hex(), sequence, flush=True)
"""


@pytest.mark.slow
@pytest.mark.parametrize("seed", range(3))
def test_killed_writers_lose_nothing_that_they_acknowledged(store_url: str, tmp_path: Path, seed: int) -> None:
    chance = random.Random(seed)
    for _ in range(2):  # the second writer goes on after the first one's death
        with subprocess.Popen(
            [sys.executable, "-c", WRITER, store_url], stdout=subprocess.PIPE, cwd=tmp_path, env=os.environ
        ) as writer:
            assert writer.stdout is not None
            acknowledged = [writer.stdout.readline() for _ in range(chance.randint(1, 40))]
            for _ in range(chance.randint(0, 20_000)):
                pass  # die anywhere in the work that follows
            writer.send_signal(signal.SIGKILL)
            acknowledged += writer.stdout.readlines()
            assert writer.wait(10) == -signal.SIGKILL
        said = [line.split() for line in acknowledged if line.endswith(b"\n")]
        with Store.open(store_url) as store:
            blocks = list(store.history())
            [chain] = {block.chain for block in blocks}
            orphans = list(store.orphans(chain))
            kept = {block.header.hash.hex() for block in (*blocks, *orphans)}
            assert {block_hash.decode() for block_hash, _ in said} <= kept
            assert all(len(block.logs) == 3 for block in (*blocks, *orphans))
            for below, above in itertools.pairwise(blocks):
                assert above.header.parent_hash == below.header.hash
            assert verify_chain(store.audit_rows()) is None
            assert store.audit_head().sequence >= int(said[-1][1])
            [first, second] = store.all("incident")
            assert first == second  # written together
