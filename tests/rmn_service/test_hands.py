"""Votes reach their chain exactly once: whatever is dropped, stuck, reorged or overtaken, whoever dies."""

from __future__ import annotations

from itertools import count
from typing import TYPE_CHECKING, Any

import pytest
import structlog.testing

from ccip_core.deployment import Deployment
from ccip_core.localnet.keys import dev_key
from ccip_core.localnet.localnet import Localnet
from ccip_core.protocol import events
from ccip_core.protocol.codec import encode_call
from ccip_core.protocol.subjects import chain_subject, subject_text
from ccip_core.wallet import REPRICE_PERCENT_MIN, Wallet
from rmn_service.actions import plan
from rmn_service.audit import Audit
from rmn_service.errors import StoreError
from rmn_service.guard import Guard
from rmn_service.hands import Hand
from rmn_service.policy import Target
from rmn_service.rmn_contracts import RmnContract
from rmn_service.store import Store
from rmn_service.voter import Voter

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from ccip_core.rpc import Rpc
    from rmn_service.actions import Action
    from rmn_service.errands import Errand

SUBJECTS = [subject_text(chain_subject(selector)) for selector in range(1, 65)]
STUCK_MS = 30_000


@pytest.fixture(scope="module")
def localnet() -> Iterator[Localnet]:
    with Localnet.up(2, rmn_nodes=3) as running:
        for anvil in running.anvils:
            anvil.rpc.request("evm_setIntervalMining", (0,))  # blocks come when a test wants them
        yield running


class Voting:
    """A voter with a real chain, a real key of its CurseVoting and a real record; it may die and come back."""

    def __init__(self, localnet: Localnet, folder: Path, url: str) -> None:
        self.chain = localnet.deployment.chains[0]
        self.anvil = localnet.anvil(self.chain.selector)
        self.deployment: Deployment = localnet.deployment
        self.key = dev_key("rmn_curser", 0)
        self.folder = folder
        self.url = url
        self.now_ms = 1_000_000
        self.rpc: Rpc = self.anvil.rpc
        self.is_read_up = True
        self.lifted: set[str] = set()
        self.start()

    def start(self) -> None:
        """A new process, as it were: what was only in memory is gone."""
        self.store = Store.open(self.url)
        at = self.chain.contracts
        contract = RmnContract(at.rmn_remote, at.curse_voting, at.rmn_proxy, self.key.address)
        hand = Hand(Wallet(self.rpc, self.key), contract)
        self.failures: list[StoreError] = []
        self.guard = Guard(self.folder / "guard.db")
        self.voter = Voter(
            {self.chain.selector: hand},
            self.store,
            Audit(self.store),
            guard=self.guard,
            clock=lambda: self.now_ms,
            attempt=self._attempt,
        )
        self.tick()

    def _attempt(self, errand: Errand) -> None:
        try:
            errand()
        except StoreError as error:
            self.failures.append(error)

    def die(self) -> None:
        self.voter.settle(10)
        self.voter.close()
        self.guard.close()
        self.store.close()

    def restart(self) -> None:
        self.die()
        self.start()

    def tick(self, after_ms: int = 0) -> None:
        self.now_ms += after_ms
        self.voter.press(self.is_cursed, lambda _: self.is_read_up, self.now_ms)
        assert self.voter.settle(20)

    def is_cursed(self, action: Action) -> bool:
        call = [encode_call("isCursed(bytes16)", bytes.fromhex(subject[2:])) for subject in action.subjects]
        remote = self.chain.contracts.rmn_remote
        answers = [any(self.anvil.rpc.call(remote, data)) for data in call]
        return all(answers) or {*action.subjects} <= self.lifted

    def intend(self, subject: str, cause: str = "i") -> list[Action]:
        planned = plan(
            "curse",
            cause,
            [Target(self.chain.selector, subject)],
            evidence="0x" + "11" * 32,
            evidence_at_s=5,
            now_ms=self.now_ms,
        )
        with self.store.together():
            return self.voter.intend(planned, self.now_ms)

    def vote(self, subject: str) -> Action:
        intended = self.intend(subject)
        for errand in self.voter.launch(intended, self.now_ms):
            errand()
        assert self.voter.settle(20)
        return self.action(intended[0].id)

    def action(self, id_: str) -> Action:
        return next(action for action in self.voter.actions() if action.id == id_)

    def mine(self) -> None:
        self.anvil.mine()

    def votes(self, subject: str) -> int:
        """How often this voter is on record on the chain for a subject."""
        head = self.anvil.rpc.header("latest")
        assert head is not None
        logs = self.anvil.rpc.logs_in(0, head.number, [self.chain.contracts.curse_voting])
        return sum(
            event.voter == self.key.address and bytes.fromhex(subject[2:]) in event.subjects
            for event in map(events.decode_log, logs)
            if isinstance(event, events.VotedToCurse)
        )

    @property
    def nonce(self) -> int:
        return self.anvil.rpc.nonce(self.key.address)

    def transaction(self, tx: str | None) -> Any:
        return self.anvil.rpc.request("eth_getTransactionByHash", (tx,))


voters = count()


@pytest.fixture(params=["sqlite", "postgresql"])
def voting(request: pytest.FixtureRequest, localnet: Localnet, tmp_path: Path) -> Iterator[Voting]:
    """With an empty record of its own, of either kind; the chain is shared by all tests of the module."""
    is_file = request.param == "sqlite"
    url = f"sqlite:///{tmp_path}/node.db" if is_file else request.getfixturevalue("new_postgres_url")()
    started = Voting(localnet, tmp_path, url)
    yield started
    started.mine()
    started.die()


@pytest.fixture
def subject() -> str:
    return SUBJECTS[next(voters)]


# INV-VOTE-1
def test_what_is_signed_is_durable_before_it_is_sent(voting: Voting, subject: str) -> None:
    nonce = voting.nonce
    [action] = voting.intend(subject)
    with Store.open(voting.url, read_only=True) as reader, reader.database.reading() as connection:
        [raw] = connection.exec_driver_sql("SELECT raw FROM transactions WHERE state = 'open'").scalars()
    assert voting.nonce == nonce  # nothing has left
    voting.restart()  # the process died before it could send
    assert voting.action(action.id).state == "sent"
    voting.mine()
    voting.tick()
    mined = voting.action(action.id)
    assert mined.state == "mined"
    assert voting.anvil.rpc.request("eth_getRawTransactionByHash", (mined.tx,)) == "0x" + raw.hex()
    assert (voting.votes(subject), voting.nonce) == (1, nonce + 1)


def test_dying_after_sending_sends_nothing_new(voting: Voting, subject: str) -> None:
    nonce = voting.nonce
    action = voting.vote(subject)
    for _ in range(3):
        voting.restart()
    voting.mine()
    voting.restart()
    assert voting.action(action.id).state == "mined"
    voting.restart()
    assert (voting.votes(subject), voting.nonce) == (1, nonce + 1)


def test_a_dropped_vote_is_sent_again_as_it_was(voting: Voting, subject: str) -> None:
    action = voting.vote(subject)
    voting.anvil.rpc.request("anvil_dropTransaction", (action.tx,))
    voting.mine()
    assert voting.votes(subject) == 0
    voting.tick(after_ms=4_000)
    voting.mine()
    voting.tick(after_ms=1_000)
    assert (voting.action(action.id).state, voting.action(action.id).tx) == ("mined", action.tx)
    assert voting.votes(subject) == 1


def test_a_stuck_vote_is_replaced_for_a_higher_fee_and_counts_once(voting: Voting, subject: str) -> None:
    nonce = voting.nonce
    action = voting.vote(subject)
    first = voting.transaction(action.tx)
    voting.tick(after_ms=STUCK_MS - 5_000)
    assert voting.action(action.id).tx == action.tx
    voting.tick(after_ms=5_000)
    voting.tick(after_ms=1_000)
    second = voting.transaction(voting.action(action.id).tx)
    assert second["hash"] != first["hash"]
    assert (second["nonce"], second["input"]) == (first["nonce"], first["input"])
    for fee in ("maxFeePerGas", "maxPriorityFeePerGas"):
        assert int(second[fee], 16) * 100 >= int(first[fee], 16) * (100 + REPRICE_PERCENT_MIN)
    voting.restart()
    voting.mine()
    voting.tick()
    assert (voting.action(action.id).state, voting.action(action.id).tx) == ("mined", second["hash"])
    assert (voting.votes(subject), voting.nonce) == (1, nonce + 1)


def test_a_reorg_that_drops_a_mined_vote_brings_the_same_vote_back(voting: Voting, subject: str) -> None:
    voting.mine()
    nonce = voting.nonce
    action = voting.vote(subject)
    voting.mine()
    voting.tick(after_ms=1_000)
    assert voting.action(action.id).state == "mined"
    voting.anvil.reorg(1)
    assert voting.votes(subject) == 0
    voting.tick(after_ms=15_000)  # looks again at a vote that is not enacted
    voting.tick(after_ms=1_000)
    voting.mine()
    voting.tick(after_ms=1_000)
    assert (voting.action(action.id).state, voting.action(action.id).tx) == ("mined", action.tx)
    assert (voting.votes(subject), voting.nonce) == (1, nonce + 1)


def test_a_number_that_somebody_else_used_up_costs_no_vote(voting: Voting, subject: str) -> None:
    """Another program holds the same key, against all advice: its transaction takes the number of ours."""
    action = voting.vote(subject)
    voting.anvil.rpc.request("anvil_dropTransaction", (action.tx,))
    Wallet(voting.anvil.rpc, voting.key).send(b"\x11" * 20, value_wei=1, gas=30_000)
    voting.mine()
    for _ in range(3):
        voting.tick(after_ms=5_000)
    voting.mine()
    voting.tick(after_ms=1_000)
    assert voting.action(action.id).state == "mined"
    assert voting.action(action.id).tx != action.tx
    assert voting.votes(subject) == 1


def test_a_gap_in_the_numbers_closes_by_itself(voting: Voting, subject: str) -> None:
    other = SUBJECTS[next(voters)]
    first, second = voting.vote(subject), voting.vote(other)
    voting.anvil.rpc.request("anvil_dropTransaction", (first.tx,))
    voting.mine()
    assert (voting.votes(subject), voting.votes(other)) == (0, 0)  # the second waits behind the gap
    voting.tick(after_ms=4_000)
    voting.mine()
    voting.tick(after_ms=1_000)
    assert (voting.action(first.id).state, voting.action(second.id).state) == ("mined", "mined")
    assert (voting.votes(subject), voting.votes(other)) == (1, 1)


def test_an_intent_that_was_not_written_leaves_no_signature_and_no_gap(voting: Voting, subject: str) -> None:
    nonce = voting.nonce

    def fail_after_signing() -> None:
        with voting.store.together():
            voting.intend(subject)
            raise StoreError("the disk is full")

    with pytest.raises(StoreError):
        fail_after_signing()
    assert voting.voter.actions() == []
    action = voting.vote(subject)
    voting.mine()
    voting.tick(after_ms=1_000)
    assert voting.action(action.id).state == "mined"
    assert (voting.votes(subject), voting.nonce) == (1, nonce + 1)


def test_what_people_lifted_meanwhile_is_not_voted_for_again(voting: Voting, subject: str) -> None:
    nonce = voting.nonce
    voting.voter._hands[voting.chain.selector].wallet.refresh()  # cold: nothing is signed with the intent
    [action] = voting.intend(subject)
    voting.is_read_up = False
    voting.restart()
    voting.tick(after_ms=60_000)
    assert voting.action(action.id).state == "intended"  # it waits until it knows what happened meanwhile
    voting.lifted = {subject}
    voting.is_read_up = True
    voting.tick(after_ms=60_000)
    assert voting.action(action.id).state == "moot"
    assert (voting.votes(subject), voting.nonce) == (0, nonce)


def test_a_purse_that_runs_low_is_an_alarm_and_one_that_is_empty_costs_no_vote(voting: Voting, subject: str) -> None:
    full = hex(voting.anvil.rpc.balance(voting.key.address))
    address = "0x" + voting.key.address.hex()
    voting.anvil.rpc.request("anvil_setBalance", (address, "0x1"))
    with structlog.testing.capture_logs() as logs:
        voting.tick(after_ms=20_000)
    assert [entry["event"] for entry in logs] == ["curser's balance is low"]
    funds = voting.voter.funds[voting.chain.selector]
    assert (funds.balance_wei, funds.is_low) == (1, True)
    action = voting.vote(subject)
    assert "will try again" in action.note
    assert action.state == "intended"
    voting.anvil.rpc.request("anvil_setBalance", (address, full))
    with structlog.testing.capture_logs() as logs:
        voting.tick(after_ms=40_000)
    assert [entry["event"] for entry in logs] == ["curser's balance is enough again"]
    voting.mine()
    voting.tick(after_ms=10_000)
    assert voting.action(action.id).state == "mined"
    assert voting.votes(subject) == 1


def test_a_base_fee_that_ran_away_is_paid(voting: Voting, subject: str) -> None:
    voting.anvil.rpc.request("anvil_setNextBlockBaseFeePerGas", (hex(10**11),))
    voting.mine()
    action = voting.vote(subject)
    voting.mine()
    voting.tick(after_ms=1_000)
    assert voting.action(action.id).state == "mined"
    assert voting.votes(subject) == 1


# INV-VOTE-3
def test_without_the_guard_nothing_is_sent_and_the_vote_is_tried_again(voting: Voting, subject: str) -> None:
    nonce = voting.nonce
    voting.guard._file.execute("PRAGMA query_only = ON")  # as a disk that is full or gone
    action = voting.vote(subject)
    assert [type(failure) for failure in voting.failures] == [StoreError]
    assert (action.state, voting.nonce) == ("intended", nonce)
    voting.guard._file.execute("PRAGMA query_only = OFF")
    voting.tick(after_ms=10_000)
    voting.mine()
    voting.tick(after_ms=10_000)
    assert voting.action(action.id).state == "mined"
    assert (voting.votes(subject), voting.nonce) == (1, nonce + 1)
    voting.die()
    with Guard(voting.folder / "guard.db") as guard:
        assert [vote.state for vote in guard.votes()] == ["sent"]
    voting.start()
