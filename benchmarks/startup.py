"""From `ccip up` to the first message that can be quoted, on our contracts and on upstream's.

Three chains with blessing on, as by default. The clock starts with the command and stops when a client that has just
read the deployment file has its quote, on every lane. What is installed once (anvil, upstream's package) is there.
"""

from __future__ import annotations

import re
import statistics
import sys
import tempfile
import time
from pathlib import Path

from ccip_core.client import CcipClient
from ccip_core.deployment import load_deployment
from ccip_core.localnet.contract_set import chainlink_contracts
from ccip_core.localnet.keys import dev_key
from ccip_core.localnet.owned_process import OwnedProcess

TRIALS = 5
_READY = re.compile("lanes; written to")
_WAIT_S = 60.0


def run(trials: int = TRIALS) -> list[tuple[str, float, float, str]]:
    """Name, our median, the rival's median, unit."""
    chainlink_contracts()  # fetched once
    times: dict[str, list[float]] = {"own": [], "chainlink": []}
    for _ in range(trials):
        for contracts, taken in times.items():
            taken.append(seconds_to_first_quote(contracts))
    own, chainlink = (statistics.median(taken) for taken in times.values())
    name = f"ccip up → every lane quotes, 3 chains, median of {trials} (rival: the chainlink set)"
    return [(name, own, chainlink, "s")]


def seconds_to_first_quote(contracts: str) -> float:
    """One start. Raises ProcessFailedError."""
    with tempfile.TemporaryDirectory() as folder:
        out = Path(folder, "deployment.json")
        command = (str(Path(sys.executable).with_name("ccip")), "up", "--contracts", contracts, "--out", str(out))
        start_s = time.monotonic()
        with OwnedProcess("ccip up", command) as process:
            process.wait_for(_READY, _WAIT_S)
            deployment = load_deployment(out)
            client = CcipClient(deployment, dev_key("user"))
            try:
                for config in deployment.lanes:
                    client.quote(config.lane, client.message(config.lane, dev_key("receiver").address, b"hello"))
            finally:
                client.close()
            return time.monotonic() - start_s


if __name__ == "__main__":
    for name, ours, rival, unit in run():
        print(f"{name}: {ours:.2f} {unit} against {rival:.2f}")  # noqa: T201 - its purpose
