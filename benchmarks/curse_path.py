"""From a mined log to a vote that a chain's node has accepted: an RMN node against a web3.py polling script.

Both watch the same chain, see the same unbacked mint and hold a voter's key of the same `CurseVoting`. Both run in
processes of their own and say, by the system's one monotonic clock, when the chain's node had accepted their vote; the
clock starts when the evidence block is mined. After each trial the council lifts the curse.
"""

from __future__ import annotations

import os
import random
import re
import statistics
import sys
import tempfile
import time
from contextlib import ExitStack, contextmanager
from pathlib import Path
from typing import TYPE_CHECKING

from ccip_core.deployment import save_deployment
from ccip_core.localnet.keys import dev_key, dev_private_key
from ccip_core.localnet.localnet import Localnet
from ccip_core.localnet.owned_process import OwnedProcess
from ccip_core.protocol.codec import encode_call
from ccip_core.protocol.subjects import chain_subject
from ccip_core.wallet import Wallet
from rmn_service.demo.network import NODE_READY
from rmn_service.demo.node_folder import lay_out_node

if TYPE_CHECKING:
    from collections.abc import Iterator

    from ccip_core.deployment import Token
    from ccip_core.localnet.anvil import Anvil

TRIALS = 61
POLL_S = 0.1
_WAIT_S = 20.0
_GAS = 1_000_000
_PAUSE_S = 0.3
"""Between trials, so that both have dealt with the blocks before: real ones are further apart."""


def run(trials: int = TRIALS) -> list[tuple[str, float, float, str]]:
    """Name, our median, the rival's median, unit."""
    with ExitStack() as stack:
        folder = Path(stack.enter_context(tempfile.TemporaryDirectory()))
        localnet = stack.enter_context(Localnet.up(2, rmn_nodes=3))
        chain = localnet.deployment.chains[0]
        remote = localnet.deployment.chains[1].selector
        voting = chain.contracts.curse_voting
        assert voting is not None
        token = next(token for token in chain.tokens if token.pool_type == "burn_mint")
        anvil = localnet.anvil(chain.selector)
        thief = Wallet(anvil.rpc, dev_key("attacker"))
        council = Wallet(anvil.rpc, dev_key("council"))
        owner = Wallet(anvil.rpc, dev_key("deployer", 0))
        owner.transact(token.address, encode_call("grantMintRole(address)", thief.address))

        save_deployment(localnet.deployment, folder / "deployment.json")
        config = lay_out_node(folder / "rmn-1", 0, folder / "deployment.json", localnet.deployment.chains, ())
        node = stack.enter_context(OwnedProcess("node", (sys.executable, "-m", "benchmarks.timed_node", str(config))))
        node.wait_for(NODE_READY, _WAIT_S)
        subject = chain_subject(remote)
        rival = stack.enter_context(_rival(anvil, token, voting, subject))
        for each in localnet.anvils:
            each.rpc.request("evm_setIntervalMining", (0,))

        mint = encode_call("mint(address,uint256)", thief.address, 10**18)
        lift = encode_call("liftCurse(bytes16[])", (subject,))
        ours: list[float] = []
        rivals: list[float] = []
        for trial in range(1, trials + 2):
            time.sleep(random.uniform(_PAUSE_S, _PAUSE_S + POLL_S))  # noqa: S311 - any phase of the rival's poll
            thief.send(token.address, mint, gas=_GAS)
            next_s = _next_s(localnet)
            anvil.rpc.request("evm_mine", (next_s,))
            mined_ns = time.perf_counter_ns()
            accepted = re.compile(rf"accepted {re.escape(anvil.http)} {trial} (\d+)")
            for process, times in ((node, ours), (rival, rivals)):
                times.append((int(process.wait_for(accepted, _WAIT_S).group(1)) - mined_ns) / 1e6)
            _mine(localnet)
            council.send(voting, lift, gas=_GAS)
            _mine(localnet)
    return [
        (
            f"log mined → vote accepted, median of {trials}, against a {POLL_S:g} s web3.py poll and transact()",
            statistics.median(ours[1:]),  # the first trial warms both
            statistics.median(rivals[1:]),
            "ms",
        )
    ]


def _mine(localnet: Localnet) -> None:
    """One block on each chain, later than anything before: a lifted curse answers only what was before it."""
    next_s = _next_s(localnet)
    for anvil in localnet.anvils:
        anvil.rpc.request("evm_mine", (next_s,))


def _next_s(localnet: Localnet) -> int:
    heads = [anvil.rpc.header("latest") for anvil in localnet.anvils]
    return 1 + max(head.timestamp_s for head in heads if head is not None)


@contextmanager
def _rival(anvil: Anvil, token: Token, voting: bytes, subject: bytes) -> Iterator[OwnedProcess]:
    contracts = ("0x" + address.hex() for address in (token.address, token.pool, voting))
    words = (anvil.http, *contracts, subject.hex(), str(POLL_S))
    environment = {**os.environ, "RIVAL_KEY": dev_private_key("rmn_curser", 1).hex()}
    with OwnedProcess(
        "rival", (sys.executable, "-m", "benchmarks.rival_watcher", *words), environment=environment
    ) as process:
        process.wait_for(re.compile("watching"), _WAIT_S)
        yield process


if __name__ == "__main__":
    for name, ours, rival, unit in run():
        print(f"{name}: {ours:.2f} {unit} against {rival:.1f} {unit}, {rival / ours:.0f}x")  # noqa: T201 - its purpose
