"""One local chain: an anvil process of ours.

The port is whatever the system gives to `--port 0`; anvil says it on the pipe that only we hold, so the node that we
talk to is the process that we started, whoever else is listening on this machine. See `owned_process` for the rest.
"""

from __future__ import annotations

import re
from contextlib import contextmanager
from typing import TYPE_CHECKING, Self

from ccip_core.http_rpc import HttpRpc
from ccip_core.localnet.owned_process import OwnedProcess, ProcessFailedError
from ccip_core.toolchain import anvil_path

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

_LISTENING = re.compile(r"Listening on (127\.0\.0\.1:\d+)")
_START_S_MAX = 20.0
_GAS_LIMIT = 60_000_000


class AnvilError(RuntimeError):
    """The chain did not start; the text holds anvil's own last lines."""


class Anvil:
    """A running chain. Made by `start`; `stop` may be called twice."""

    def __init__(self, process: OwnedProcess, address: str, chain_id: int, block_time_s: float) -> None:
        self.chain_id = chain_id
        self.block_time_s = block_time_s
        """0 when each transaction is mined at once."""
        self._process = process
        self._address = address
        self.rpc = HttpRpc(self.http)
        """The chain itself; closed by `stop`."""

    @classmethod
    def start(
        cls,
        chain_id: int,
        block_time_s: float = 1.0,
        *,
        prune_history_blocks: int | None = None,
        ipc: Path | None = None,
    ) -> Self:
        """Start a chain and wait until it answers.

        Args:
            chain_id: the EVM chain id.
            block_time_s: a block every so many seconds, fractions allowed; 0 mines each transaction at once.
            prune_history_blocks: how many states to keep (all by default). A reorg can't go deeper.
            ipc: where its Unix socket shall be; none by default.

        Raises:
            AnvilError: it ended or said nothing within 20 seconds.
            ToolchainError: there is no anvil.
        """
        command = [str(anvil_path()), "--host", "127.0.0.1", "--port", "0", "--chain-id", str(chain_id)]
        command += ["--slots-in-an-epoch", "1", "--gas-limit", str(_GAS_LIMIT), "--accounts", "1"]
        command += ["--no-request-size-limit"]
        if block_time_s > 0:
            command += ["--block-time", f"{block_time_s:g}"]
        if prune_history_blocks is not None:
            command += ["--prune-history", str(prune_history_blocks)]
        if ipc is not None:
            command += ["--ipc", str(ipc)]
        process = OwnedProcess(f"anvil for chain {chain_id}", command)
        try:
            address = process.wait_for(_LISTENING, _START_S_MAX).group(1)
            anvil = cls(process, address, chain_id, block_time_s)
            anvil.rpc.request("anvil_setLoggingEnabled", (False,))
        except BaseException as error:  # Ctrl-C while it starts too
            process.stop()
            if isinstance(error, ProcessFailedError):
                raise AnvilError(str(error)) from None
            raise
        return anvil

    @property
    def http(self) -> str:
        """The JSON-RPC endpoint."""
        return f"http://{self._address}"

    @property
    def ws(self) -> str:
        """The WebSocket endpoint, for `HeadStream`."""
        return f"ws://{self._address}"

    @property
    def pid(self) -> int:
        """Anvil's own process id, not a wrapper's."""
        return self._process.pid

    @property
    def is_running(self) -> bool:
        """False once the process has ended, by us or by itself."""
        return self._process.is_running

    @property
    def output(self) -> str:
        """The last lines that anvil printed, for people."""
        return self._process.output

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.stop()

    def mine(self, blocks: int = 1) -> None:
        """Mine now, beside whatever the interval does. Raises RpcError."""
        self.rpc.batch([("evm_mine", ())] * blocks)

    @contextmanager
    def mined_by_hand(self) -> Iterator[None]:
        """Within, a chain without a block time waits for `mine`, as the others do between their intervals.

        anvil 1.7 may lose a transaction of a batch that it mines one by one while `evm_mine` comes in between.
        """
        if self.block_time_s > 0:
            yield
            return
        self.rpc.request("evm_setAutomine", (False,))
        yield
        self.rpc.request("evm_setAutomine", (True,))

    def reorg(self, depth: int) -> None:
        """Replace the newest `depth` blocks by as many empty ones, final ones too if need be. Raises RpcError."""
        self.rpc.request("anvil_reorg", (depth, ()))

    def stop(self) -> None:
        """End the process; no port remains."""
        self._process.stop()
        self.rpc.close()
