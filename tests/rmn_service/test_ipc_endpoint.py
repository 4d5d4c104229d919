"""A node that asks a chain over its Unix socket alone: it follows it, and is woken by its heads."""

from __future__ import annotations

import tempfile
import threading
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from ccip_core.localnet.anvil import Anvil
from rmn_service.bootstrap import build_node
from rmn_service.config import load_config
from rmn_service.errors import ConfigError

if TYPE_CHECKING:
    from collections.abc import Iterator

ALPHA = 3379446385462418246
PATIENCE_S = 20


@pytest.fixture
def path() -> Iterator[Path]:
    with tempfile.TemporaryDirectory() as folder:
        yield Path(folder) / "node.ipc"


def configured(ccip, node_files, *urls: str):
    written = node_files.write(ccip.folder, keys=())
    table = f'[[chains]]\nselector = "{ALPHA}"\nrpc_urls = {[*urls]}\n'
    # So rare a look that only a head can wake it in time.
    written.write_text("tick_s = 60\n" + written.read_text() + table)
    return load_config(written)


def test_a_chain_is_followed_over_its_socket(ccip, node_files, path: Path) -> None:
    with Anvil.start(1337, block_time_s=0, ipc=path) as anvil:
        node = build_node(configured(ccip, node_files, f"ipc://{path}"))
        try:
            node.start()
            watch, pause = node.service.watches[ALPHA], threading.Event()
            for expected in (0, 1, 2):
                for _ in range(100 * PATIENCE_S):
                    if watch.applied is not None and watch.applied.number == expected:
                        break
                    pause.wait(0.01)
                assert watch.applied == anvil.rpc.header(expected)
                anvil.mine()
        finally:
            node.stop()


def test_a_path_that_is_no_socket_is_said_before_anything_starts(ccip, node_files, path: Path) -> None:
    path.write_text("a file")
    with pytest.raises(ConfigError, match=f"^chains: {path}: not a socket; name the node's IPC file$"):
        build_node(configured(ccip, node_files, str(path)))
    with pytest.raises(ConfigError, match=r"every endpoint must start with http:// or https://, or be ipc:///path"):
        configured(ccip, node_files, "node.ipc")
    with pytest.raises(ConfigError, match="named twice"):
        configured(ccip, node_files, str(path), f"ipc://{path}")
