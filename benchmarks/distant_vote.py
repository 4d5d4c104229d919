"""From the decision to curse to a vote that a node 50 ms away has accepted, against web3.py's `transact()`.

The decision is the moment when the corridor begins to write its intent; everything after it counts: audit row, intent,
signature, guard, both commits, and the one call. Both sides hold a voter's key of the same contract, behind the same
proxy, and vote in turns; the council lifts in between.
"""

from __future__ import annotations

import json
import re
import statistics
import sys
import tempfile
import time
from contextlib import ExitStack
from importlib.resources import files
from pathlib import Path
from typing import TYPE_CHECKING, Any

from web3 import HTTPProvider, Web3
from web3.middleware import SignAndSendRawMiddlewareBuilder

from ccip_core.http_rpc import HttpRpc
from ccip_core.localnet.keys import dev_key, dev_private_key
from ccip_core.localnet.localnet import Localnet
from ccip_core.localnet.owned_process import OwnedProcess
from ccip_core.protocol.codec import encode_call
from ccip_core.protocol.subjects import chain_subject, subject_text
from ccip_core.wallet import Wallet
from rmn_service.actions import plan
from rmn_service.audit import Audit
from rmn_service.guard import Guard
from rmn_service.hands import Hand
from rmn_service.policy import Target
from rmn_service.rmn_contracts import RmnContract
from rmn_service.store import Store
from rmn_service.voter import Voter

if TYPE_CHECKING:
    from ccip_core.deployment import Chain
    from rmn_service.errands import Errand

TRIALS = 21
ROUND_TRIP_S = 0.05
_LISTENING = re.compile(r"listening (\d+)")
_GAS = 1_000_000


def run(trials: int = TRIALS) -> list[tuple[str, float, float, str]]:
    """Name, our median, the rival's median, unit."""
    with ExitStack() as stack:
        folder = Path(stack.enter_context(tempfile.TemporaryDirectory(dir=Path.cwd(), prefix=".bench-")))
        localnet = stack.enter_context(Localnet.up(2, rmn_nodes=3))
        chain = localnet.deployment.chains[0]
        anvil = localnet.anvil(chain.selector)
        anvil.rpc.request("evm_setIntervalMining", (0,))
        words = (anvil.http.rpartition(":")[2], str(ROUND_TRIP_S / 2))
        proxy = OwnedProcess("proxy", (sys.executable, "-m", "benchmarks.slow_proxy", *words))
        stack.enter_context(proxy)
        url = f"http://127.0.0.1:{proxy.wait_for(_LISTENING, 10).group(1)}"
        ours = _Ours(stack, chain, url, folder)
        rival = _rival(chain, url)
        council = Wallet(anvil.rpc, dev_key("council"))
        subjects = [chain_subject(selector) for selector in (1, 2)]
        lift = encode_call("liftCurse(bytes16[])", tuple(subjects))
        ours_s, rival_s = [], []
        for trial in range(trials + 1):
            ours_s.append(ours.vote(subject_text(subjects[0]), trial))
            start = time.perf_counter()
            rival(trial.to_bytes(16), subjects[1])
            rival_s.append(time.perf_counter() - start)
            anvil.mine()
            council.send(chain.contracts.curse_voting or b"", lift, gas=_GAS)
            anvil.mine()
        calls = f"{ROUND_TRIP_S * 1000:g} ms away"
        return [
            (
                f"decision → vote accepted by a node {calls} (rival: web3.py transact())",
                statistics.median(ours_s[1:]) * 1000,  # the first trial opens the connections
                statistics.median(rival_s[1:]) * 1000,
                "ms",
            ),
            (
                f"the same, in round trips of {ROUND_TRIP_S * 1000:g} ms",
                statistics.median(ours_s[1:]) / ROUND_TRIP_S,
                statistics.median(rival_s[1:]) / ROUND_TRIP_S,
                "round trips",
            ),
        ]


class _TimedRpc(HttpRpc):
    """Says when the node had accepted the last transaction."""

    accepted_s = 0.0

    def send_raw(self, raw: bytes) -> bytes:
        tx_hash = super().send_raw(raw)
        self.accepted_s = time.perf_counter()
        return tx_hash


class _Ours:
    def __init__(self, stack: ExitStack, chain: Chain, url: str, folder: Path) -> None:
        rpc = self._rpc = _TimedRpc(url, 10.0)
        stack.callback(rpc.close)
        self._store = stack.enter_context(Store.open(f"sqlite:///{folder}/node.db"))
        guard = stack.enter_context(Guard(folder / "guard.db"))
        self._wallet = Wallet(rpc, dev_key("rmn_curser", 0))
        contracts = chain.contracts
        contract = RmnContract(contracts.rmn_remote, contracts.curse_voting, contracts.rmn_proxy, self._wallet.address)
        hand = Hand(self._wallet, contract)
        self._chain = chain.selector
        self._voter = Voter(
            {self._chain: hand}, self._store, Audit(self._store), guard=guard, clock=_now_ms, attempt=_attempt
        )
        stack.callback(self._voter.close)

    def vote(self, subject: str, trial: int) -> float:
        """Seconds."""
        self._wallet.warm()
        target = Target(self._chain, subject)
        start = time.perf_counter()
        planned = plan("curse", "i", [target], evidence="0x" + 32 * "11", evidence_at_s=trial + 1, now_ms=_now_ms())
        with self._store.together():
            intended = self._voter.intend(planned, _now_ms())
        for errand in self._voter.launch(intended, _now_ms(), own=self._chain):
            errand()
        [state] = [action.state for action in self._voter.actions() if action.id == planned[0].id]
        assert state == "sent", state
        return self._rpc.accepted_s - start


def _rival(chain: Chain, url: str) -> Any:
    web3 = Web3(HTTPProvider(url))
    account = web3.eth.account.from_key(dev_private_key("rmn_curser", 1))
    web3.middleware_onion.inject(SignAndSendRawMiddlewareBuilder.build(account), layer=0)
    abi = json.loads((files("ccip_core") / "artifacts/CurseVoting.json").read_text())["abi"]
    address = Web3.to_checksum_address(chain.contracts.curse_voting or b"")
    voting = web3.eth.contract(address=address, abi=abi)

    def vote(curse_id: bytes, subject: bytes) -> None:
        voting.functions.voteToCurse(curse_id, [subject], bytes(32)).transact({"from": account.address})

    return vote


def _attempt(errand: Errand) -> None:
    errand()


def _now_ms() -> int:
    return time.time_ns() // 1_000_000


if __name__ == "__main__":
    for name, ours, rival, unit in run():
        print(f"{name}: {ours:.3g} {unit} against {rival:.3g}, {rival / ours:.1f}x")  # noqa: T201 - its purpose
