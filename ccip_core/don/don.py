"""The oracles of one deployment, started and stopped together: in this process, or each in its own."""

from __future__ import annotations

import secrets
import tempfile
from pathlib import Path
from typing import TYPE_CHECKING, Self

from ccip_core.deployment import Deployment, save_deployment
from ccip_core.don.asking import Asker
from ccip_core.don.config import OracleConfig, OracleFile, save_oracle_config
from ccip_core.don.door import Neighbours
from ccip_core.don.oracle import Oracle
from ccip_core.don.process import OracleProcess
from ccip_core.localnet.owned_process import ProcessFailedError

if TYPE_CHECKING:
    from collections.abc import Sequence

_ASK_S_MAX = 5.0


class Don:
    """3F + 1 oracles. Made by `start`; ends with `stop` or its `with` block."""

    def __init__(self, oracles: Sequence[Oracle | OracleProcess], secret: str) -> None:
        self.oracles = tuple(oracles)
        self._secret = secret

    @classmethod
    def start(
        cls,
        deployment: Deployment,
        rmn_urls: Sequence[str] = (),
        f: int = 1,
        *,
        in_process: bool = True,
        kinds: Sequence[type[Oracle]] = (),
    ) -> Self:
        """Start the oracles of a deployment; when it fails, nothing is left running.

        Args:
            deployment: whose OffRamps name these oracles' keys.
            rmn_urls: base URLs of the RMN nodes that bless.
            f: how many oracles may fail.
            in_process: threads of this process (tests), or one process each (the demo).
            kinds: classes of the first oracles, where they are not to be honest ones; in process only.

        Raises:
            ProcessFailedError: an oracle process ended or did not get ready.
            OSError: no port could be had.
        """
        secret = secrets.token_hex(32)
        count = 3 * f + 1
        don = cls(
            _in_process(deployment, secret, count, kinds) if in_process else _processes(deployment, secret, count),
            secret,
        )
        try:
            don.set_rmn_urls(rmn_urls)
            for oracle in don.oracles:
                if isinstance(oracle, Oracle):
                    oracle.start()
        except BaseException:  # Ctrl-C too: no oracle is left behind
            don.stop()
            raise
        return don

    @property
    def pids(self) -> tuple[int, ...]:
        """Of the oracles that have a process of their own."""
        return tuple(oracle.pid for oracle in self.oracles if isinstance(oracle, OracleProcess))

    def set_rmn_urls(self, urls: Sequence[str]) -> None:
        """Name the RMN nodes, now or again later.

        Raises:
            ProcessFailedError: an oracle process did not take them.
        """
        oracles = [oracle.url for oracle in self.oracles]
        for oracle in self.oracles:
            if isinstance(oracle, Oracle):
                oracle.set_neighbours(oracles, list(urls))
        self._tell(Neighbours(oracles, list(urls)))

    def stop(self) -> None:
        """Stop all oracles; no thread, process or port remains. May be called twice."""
        for oracle in self.oracles:
            if isinstance(oracle, OracleProcess):
                oracle.ask_to_stop()
        for oracle in self.oracles:
            oracle.stop()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.stop()

    def _tell(self, neighbours: Neighbours) -> None:
        processes = [oracle for oracle in self.oracles if isinstance(oracle, OracleProcess) and oracle.is_running]
        asker = Asker(_ASK_S_MAX, {"authorization": f"Bearer {self._secret}"})
        try:
            answers = asker.ask([f"{oracle.url}/neighbours" for oracle in processes], neighbours)
            taken = sum(answer.status == 200 for answer in answers)
        finally:
            asker.close()
        if taken < len(processes):
            raise ProcessFailedError(f"{len(processes) - taken} oracles did not take the RMN nodes' URLs")


def _in_process(deployment: Deployment, secret: str, count: int, kinds: Sequence[type[Oracle]]) -> list[Oracle]:
    oracles: list[Oracle] = []
    try:
        for index in range(count):
            kind = kinds[index] if index < len(kinds) else Oracle
            oracles.append(kind(OracleConfig(deployment, index, secret)))
    except BaseException:
        for oracle in oracles:
            oracle.stop()
        raise
    return oracles


def _processes(deployment: Deployment, secret: str, count: int) -> list[OracleProcess]:
    oracles: list[OracleProcess] = []
    with tempfile.TemporaryDirectory(prefix="ccip-don-") as folder:
        save_deployment(deployment, Path(folder, "deployment.json"))
        try:
            for index in range(count):
                path = Path(folder, f"oracle-{index}.json")
                save_oracle_config(OracleFile(deployment=Path("deployment.json"), index=index, secret=secret), path)
                oracles.append(OracleProcess.launch(index, path))
            for oracle in oracles:
                oracle.wait_ready()
        except BaseException:
            for oracle in oracles:
                oracle.stop()
            raise
    return oracles
