"""kill -9 at any moment: whoever comes next goes on, with nothing missing, nothing twice and no second vote.

A real node votes on real chains, again and again; each of its processes is killed at a random moment, while it starts,
replays, reads, writes, signs, sends or follows. The moments are drawn from a seed; what the machine makes of them is
its own.
"""

from __future__ import annotations

import os
import random
import signal
import subprocess
import sys
import time
from contextlib import contextmanager
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from ccip_core.deployment import save_deployment
from ccip_core.localnet.keys import dev_key
from ccip_core.localnet.localnet import Localnet
from ccip_core.protocol import events
from ccip_core.protocol.codec import encode_call
from ccip_core.protocol.subjects import chain_subject
from ccip_core.wallet import Wallet
from rmn_service.audit_chain import verify_chain
from rmn_service.demo.node_folder import lay_out_node
from rmn_service.indexer import watched_addresses
from rmn_service.store import Store

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from ccip_core.deployment import Chain

pytestmark = pytest.mark.journey

KILLS_A_ROUND = 20
LIFE_S_MAX = 30.0
GAS = 1_000_000


class Stage:
    """Two chains with a node's voter, a second voter and a thief, and the lives of the node."""

    def __init__(self, localnet: Localnet, folder: Path, url: str) -> None:
        self.localnet = localnet
        self.chains = localnet.deployment.chains
        self.url = url
        save_deployment(localnet.deployment, folder / "deployment.json")
        self.config = lay_out_node(folder / "rmn-1", 0, folder / "deployment.json", self.chains, ())
        text = self.config.read_text()
        self.config.write_text(f'database_url = "{url}"\n{text}')
        self.first = self.chains[0]
        token = next(token for token in self.first.tokens if token.pool_type == "burn_mint")
        rpc = localnet.anvil(self.first.selector).rpc
        self.token, self.thief = token.address, Wallet(rpc, dev_key("attacker"))
        owner = Wallet(rpc, dev_key("deployer", 0))
        owner.transact(self.token, encode_call("grantMintRole(address)", self.thief.address))
        self.partners = {chain.selector: self._wallet(chain, dev_key("rmn_curser", 1)) for chain in self.chains}
        self.councils = {chain.selector: self._wallet(chain, dev_key("council")) for chain in self.chains}
        self.voter = dev_key("rmn_curser", 0).address
        for anvil in localnet.anvils:
            anvil.rpc.request("evm_setIntervalMining", (0,))
        self._lives: subprocess.Popen[str] | None = None
        self.log = folder / "lives.log"
        self.kills = 0

    def _wallet(self, chain: Chain, key: object) -> Wallet:
        return Wallet(self.localnet.anvil(chain.selector).rpc, key)  # type: ignore[arg-type]

    # the chains

    def mine(self) -> None:
        """One block on each chain, later than anything before."""
        heads = [anvil.rpc.header("latest") for anvil in self.localnet.anvils]
        next_s = 1 + max(head.timestamp_s for head in heads if head is not None)
        for anvil in self.localnet.anvils:
            anvil.rpc.request("evm_mine", (next_s,))

    def steal(self) -> None:
        self.thief.send(self.token, encode_call("mint(address,uint256)", self.thief.address, 10**18), gas=GAS)
        self.mine()

    def subject_on(self, chain: Chain) -> bytes:
        return chain_subject(next(other.selector for other in self.chains if other is not chain))

    def votes(self, chain: Chain) -> int:
        """How often the node's vote stands on the chain's record."""
        rpc = self.localnet.anvil(chain.selector).rpc
        head = rpc.header("latest")
        assert head is not None
        decoded = map(events.decode_log, rpc.logs_in(0, head.number, [chain.contracts.curse_voting]))
        return sum(isinstance(event, events.VotedToCurse) and event.voter == self.voter for event in decoded)

    def transactions(self, chain: Chain) -> int:
        return self.localnet.anvil(chain.selector).rpc.nonce(self.voter)

    def lift(self, number: int) -> None:
        """The second voter votes, so it is a curse; then the council lifts it."""
        for chain in self.chains:
            vote = (number.to_bytes(16), (self.subject_on(chain),), bytes(32))
            call = encode_call("voteToCurse(bytes16,bytes16[],bytes32)", *vote)
            self.partners[chain.selector].send(chain.contracts.curse_voting, call, gas=GAS)
        self.mine()
        for chain in self.chains:
            call = encode_call("liftCurse(bytes16[])", (self.subject_on(chain),))
            self.councils[chain.selector].send(chain.contracts.curse_voting, call, gas=GAS)
        self.mine()

    # the node's lives

    @contextmanager
    def lives(self) -> Iterator[None]:
        arguments = [sys.executable, str(Path(__file__).with_name("lives.py"))]
        with (
            self.log.open("w") as log,
            subprocess.Popen(
                arguments, stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=log, text=True
            ) as self._lives,
        ):
            yield
            assert self._lives.stdin is not None
            self._lives.stdin.close()

    @contextmanager
    def life(self) -> Iterator[None]:
        """A node's process; killed when the block ends, wherever it is then."""
        lives = self._lives
        assert lives is not None
        assert lives.stdin is not None
        assert lives.stdout is not None
        lives.stdin.write(f"{self.config}\n")
        lives.stdin.flush()
        pid = int(lives.stdout.readline())
        try:
            yield
        finally:
            os.kill(pid, signal.SIGKILL)
            assert lives.stdout.readline() == f"dead {-signal.SIGKILL}\n"  # it lived until then
            self.kills += 1

    def live_until(self, condition: Callable[[], bool]) -> float:
        """One life that may go on until this is so; how long it took."""
        with self.life():
            begin_s = time.monotonic()
            while not condition():
                assert time.monotonic() - begin_s < LIFE_S_MAX, self.log.read_text()[-4_000:]
                time.sleep(0.02)
            return time.monotonic() - begin_s


@pytest.mark.slow
@pytest.mark.timeout(1_800)  # hundreds of starts, on whatever machine
@pytest.mark.parametrize(("database", "kills"), [("sqlite", 200), ("postgresql", 40)])
def test_whoever_comes_next_goes_on(
    tmp_path: Path, new_postgres_url: Callable[[], str], database: str, kills: int
) -> None:
    chance = random.Random(kills)
    url = "sqlite:///node.db" if database == "sqlite" else new_postgres_url()
    with Localnet.up(2, rmn_nodes=3) as localnet:
        stage = Stage(localnet, tmp_path, url)
        with stage.lives():
            stage.live_until(lambda: has_read(stage))  # what was before the first look is taken as given
            rounds, life_s = 0, 1.0
            while stage.kills < kills:
                rounds += 1
                stage.steal()
                for _ in range(KILLS_A_ROUND - 2):
                    with stage.life():
                        time.sleep(chance.uniform(0, 1.3 * life_s))
                    if chance.random() < 0.3:
                        stage.mine()
                before = [stage.transactions(chain) for chain in stage.chains]
                took_s = stage.live_until(partial(has_acted, stage, rounds))
                if min(before) < rounds:
                    life_s = (life_s + took_s) / 2  # aim at the whole of a life, however busy the machine is
                stage.mine()
                stage.lift(rounds)
            stage.live_until(lambda: has_read(stage))
        for chain in stage.chains:
            assert (stage.votes(chain), stage.transactions(chain)) == (rounds, rounds)
        assert_the_record_is_the_chains(stage, rounds)


def open_store(stage: Stage) -> Store:
    url = stage.url.replace("sqlite:///", f"sqlite:///{stage.config.parent}/")
    return Store.open(url, read_only=True)


def has_acted(stage: Stage, rounds: int) -> bool:
    return all(stage.transactions(chain) == rounds for chain in stage.chains)


def has_read(stage: Stage) -> bool:
    """Up to the chains' heads; they stand still meanwhile."""
    if not (stage.config.parent / "guard.db").exists():  # it is made after the record
        return False
    with open_store(stage) as store:
        heads = [anvil.rpc.header("latest") for anvil in stage.localnet.anvils]
        return [store.cursor(chain.selector) for chain in stage.chains] == heads


# INV-VOTE-1
# INV-REC-3
def assert_the_record_is_the_chains(stage: Stage, rounds: int) -> None:
    with open_store(stage) as store:
        history = list(store.history())
        for chain in stage.chains:
            rpc = stage.localnet.anvil(chain.selector).rpc
            kept = [stored for stored in history if stored.chain == chain.selector]
            first, last = kept[0].header.number, kept[-1].header.number
            assert first <= 1
            assert [stored.header for stored in kept] == [rpc.header(number) for number in range(first, last + 1)]
            logs = [log for stored in kept for log in stored.logs]
            assert logs == rpc.logs_in(first, last, watched_addresses(chain))
        assert verify_chain(store.audit_rows()) is None
        intents = [row.body for row in store.audit_rows() if row.kind == "intend curse"]
        assert sum(len(body["actions"]) for body in intents) == rounds * len(stage.chains)
        assert len(store.all("action")) == rounds * len(stage.chains)
