"""Two fresh chains, the official bytecode on one and ours on the other, and one script for both.

Both chains have the same id, the same clock and the same senders, so a contract that is created at the same step has
the same address on both: return data, revert data, logs and views can be compared byte for byte, with nothing to map.

What is compared is the set of committed artifacts. Two environment variables help who is changing a contract:
DIFFERENTIAL_OUT=ccip_core/contracts/out compares what forge has just built instead, and DIFFERENTIAL_ONLY=Router,OnRamp
takes these contracts alone from our set and the rest from upstream's, on our side too.
"""

from __future__ import annotations

import json
import os
from contextlib import contextmanager
from itertools import product
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple

import pytest

from ccip_core import toolchain
from ccip_core.localnet.anvil import Anvil
from ccip_core.localnet.contract_set import Artifact, chainlink_contracts, own_artifact
from ccip_core.protocol.abi import split_types
from ccip_core.protocol.codec import decode_args, encode_call
from ccip_core.protocol.hashing import keccak
from ccip_core.reverts import revert_text
from ccip_core.rpc import RpcRefused
from ccip_core.transactions import created_address

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping, Sequence

START_S = 1_900_000_000
GAS = 25_000_000
ETHER = 10**18
EXECUTION_STATE_CHANGED = "0x05665fe9ad095383d018353f4cbcba77e84db27dd215081bbf7cdf9ae6fbe48b"
VIEW_STEPS_MAX = 400
DIFFERENCES_SHOWN = 20
QUESTIONS_AT_ONCE = 200
SIDES = ("chainlink", "own")


def actor(name: str) -> bytes:
    """An account that exists by its name alone; anvil sends in its name."""
    return keccak(name.encode())[12:]


class Contract(NamedTuple):
    """A contract that stands at one address on both chains; its functions are upstream's."""

    name: str
    address: bytes
    functions: dict[str, str]
    """Name, and full signature, to full signature."""
    views: tuple[str, ...]


class Outcome(NamedTuple):
    """What somebody outside can notice of one call."""

    is_success: bool
    data: bytes
    halt: str
    logs: tuple[tuple[str, tuple[str, ...], str], ...]

    def __str__(self) -> str:
        words = f"returned 0x{self.data.hex()}" if self.is_success else f"reverted {revert_text(self.data)} {self.halt}"
        return "\n    ".join([words, *(f"log {address} {topics} {data}" for address, topics, data in self.logs)])


def type_text(parameter: dict) -> str:
    if not parameter["type"].startswith("tuple"):
        return parameter["type"]
    return f"({','.join(map(type_text, parameter['components']))}){parameter['type'].removeprefix('tuple')}"


def signature_of(entry: dict) -> str:
    return f"{entry['name']}({','.join(map(type_text, entry['inputs']))})"


def contract_at(artifact: Artifact, address: bytes) -> Contract:
    entries = [entry for entry in artifact.abi if entry["type"] == "function"]
    names = [entry["name"] for entry in entries]
    functions = {signature_of(entry): signature_of(entry) for entry in entries}
    functions |= {entry["name"]: signature_of(entry) for entry in entries if names.count(entry["name"]) == 1}
    views = tuple(signature_of(entry) for entry in entries if entry["stateMutability"] in {"view", "pure"})
    return Contract(artifact.name, address, functions, views)


def is_ours(name: str) -> bool:
    """Whether our side has our contract of this name, not upstream's."""
    only = os.environ.get("DIFFERENTIAL_ONLY")
    return only is None or name in only.split(",")


def ours(name: str) -> Artifact:
    """Our contract of this name."""
    folder = os.environ.get("DIFFERENTIAL_OUT")
    return own_artifact(name) if folder is None else built_artifact(Path(folder), name)


def built_artifact(out: Path, name: str) -> Artifact:
    """A contract as forge wrote it."""
    built = json.loads((out / f"{name}.sol" / f"{name}.json").read_bytes())
    return Artifact(name, tuple(built["abi"]), bytes.fromhex(built["bytecode"]["object"].removeprefix("0x")))


class Twins:
    """The same script on both chains. A transaction that can be told apart fails at once, a question in the end."""

    def __init__(self, chains: Sequence[Anvil], asker: Artifact) -> None:
        self.actor = actor
        self.told_gas: list[tuple[int, int]] = []
        """Of each execution of a message: the gas that upstream's OffRamp tells, and ours."""
        self.steps = 0
        self.differences: list[str] = []
        self.probes: dict[str, tuple] = {}
        """Values for the arguments of views, by their type."""
        self._chains = chains
        self._contracts: list[Contract] = []
        self._now_s = START_S
        self._rich: set[bytes] = set()
        self.deployer = actor("deployer")
        self._enrich(self.deployer)
        self._asker = self.create_same(asker, sender=actor("asker"))
        self._contracts.clear()

    # ── acting ──────────────────────────────────────────────────────────────────────────────────────────────────────

    def create(self, name: str, *arguments: object, sender: bytes | None = None) -> Contract:
        """Deploy upstream's contract there and ours here; both must succeed."""
        contract, outcome = self.try_create(name, *arguments, sender=sender)
        assert outcome.is_success, f"new {name}: {outcome}"
        return contract

    def try_create(self, name: str, *arguments: object, sender: bytes | None = None) -> tuple[Contract, Outcome]:
        """As `create`, where a revert is as good."""
        official = chainlink_contracts().artifact(name)
        mine = ours(name) if is_ours(name) else official
        codes = [official.creation(*arguments), mine.bytecode + official.creation(*arguments)[len(official.bytecode) :]]
        return self._create(official, codes, sender)

    def create_same(self, artifact: Artifact, *arguments: object, sender: bytes | None = None) -> Contract:
        """Deploy one and the same code on both chains: a prop of the scene."""
        contract, outcome = self._create(artifact, [artifact.creation(*arguments)] * 2, sender)
        assert outcome.is_success, f"new {artifact.name}: {outcome}"
        return contract

    def nonce(self, account: bytes) -> int:
        """How many transactions the account has sent."""
        theirs, mine = [chain.rpc.nonce(account) for chain in self._chains]
        assert theirs == mine
        return theirs

    def adopt(self, name: str, address: bytes) -> Contract:
        """A contract that another one created."""
        contract = contract_at(chainlink_contracts().artifact(name), address)
        self._contracts.append(contract)
        return contract

    def _create(self, artifact: Artifact, codes: Sequence[bytes], sender: bytes | None) -> tuple[Contract, Outcome]:
        sender = sender or self.deployer
        self._enrich(sender)
        contract = contract_at(artifact, created_address(sender, self.nonce(sender)))
        outcome = self._transact(f"new {artifact.name}", b"", codes, sender, 0, is_creation=True)
        if outcome.is_success:
            self._contracts.append(contract)
        return contract, outcome

    def send(
        self,
        contract: Contract,
        function: str,
        *arguments: object,
        sender: bytes | None = None,
        value: int = 0,
        reverts: str | None = None,
        gas_at: slice | None = None,
    ) -> Outcome:
        """A transaction; one that would revert is only tried.

        Args:
            contract: whose function it is.
            function: its name, or its signature where it is overloaded.
            arguments: as the signature has them.
            sender: the deployer unless told otherwise.
            value: wei.
            reverts: None when it has to succeed on both; else a part of the revert's text on both, "" for any outcome.
            gas_at: where the answer tells a measured gas, which is not compared.
        """
        data = encode_call(contract.functions[function], *arguments)
        words = f"{contract.name}.{function}{arguments!r:.300}"
        datas = [data, data]
        outcome = self._transact(words, contract.address, datas, sender or self.deployer, value, gas_at=gas_at)
        if reverts is None:
            assert outcome.is_success, f"step {self.steps} {words}: {outcome}"
        elif reverts:
            assert not outcome.is_success, f"step {self.steps} {words}: {outcome}"
            assert reverts in revert_text(outcome.data) or reverts in outcome.halt, f"{words}: {outcome}"
        return outcome

    def send_raw(self, to: bytes, data: bytes, *, sender: bytes | None = None, value: int = 0) -> Outcome:
        """Any calldata, also such as no compiler would make."""
        return self._transact(
            f"raw 0x{data[:4].hex()}({data[4:].hex():.80})", to, [data, data], sender or self.deployer, value
        )

    def call(self, contract: Contract, function: str, *arguments: object, sender: bytes | None = None) -> Outcome:
        """A question."""
        data = encode_call(contract.functions[function], *arguments)
        return self._ask(f"{contract.name}.{function}{arguments!r:.300}", contract.address, data, sender)

    def warp(self, seconds: int) -> None:
        """Let time pass on both chains."""
        self._now_s += seconds
        for chain in self._chains:
            chain.rpc.request("evm_setNextBlockTimestamp", (self._now_s,))
            chain.rpc.request("evm_mine", ())

    @contextmanager
    def undone(self) -> Iterator[Twins]:
        """What happens within is undone afterwards, on both chains; it fails if a question could be told apart."""
        snapshots = [chain.rpc.request("evm_snapshot", ()) for chain in self._chains]
        before = (self._contracts, self.probes, self._now_s, self.steps, set(self._rich))
        self._contracts, self.differences = list(self._contracts), []
        try:
            yield self
            count = len(self.differences)
            assert not count, "\n".join([f"{count} differences", *self.differences[:DIFFERENCES_SHOWN]])
        finally:
            self._contracts, self.probes, self._now_s, self.steps, self._rich = before
            for chain, snapshot in zip(self._chains, snapshots, strict=True):
                assert chain.rpc.request("evm_revert", (snapshot,))

    # ── comparing ───────────────────────────────────────────────────────────────────────────────────────────────────

    def compare_state(self, more: Mapping[str, tuple] | None = None) -> int:
        """Every view of every contract that was created, with every combination of the probes that fit.

        Returns:
            How many questions were asked.
        """
        probes = self.probes | dict(more or {})
        asked = [
            (contract, view, arguments)
            for contract in self._contracts
            for view in contract.views
            if all(kind in probes for kind in split_types(view.partition("(")[2][:-1]))
            for arguments in list(product(*(probes[kind] for kind in split_types(view.partition("(")[2][:-1]))))[
                :VIEW_STEPS_MAX
            ]
        ]
        questions = [(contract.address, encode_call(view, *arguments)) for contract, view, arguments in asked]
        for start in range(0, len(questions), QUESTIONS_AT_ONCE):
            part = questions[start : start + QUESTIONS_AT_ONCE]
            data = encode_call("ask((address,bytes)[])", part)
            theirs, mine = [self._answers(chain, data) for chain in self._chains]
            for place, (before, after) in enumerate(zip(theirs, mine, strict=True)):
                contract, view, arguments = asked[start + place]
                self._note(f"{contract.name}.{view}{arguments!r}", Outcome(*before, "", ()), Outcome(*after, "", ()))
        balances = [[chain.rpc.balance(contract.address) for contract in self._contracts] for chain in self._chains]
        assert balances[0] == balances[1]
        return len(asked)

    def _answers(self, chain: Anvil, data: bytes) -> tuple[tuple[bool, bytes], ...]:
        question = {"to": "0x" + self._asker.address.hex(), "data": "0x" + data.hex(), "gas": hex(GAS)}
        returned = _called(chain, question)
        assert returned.is_success, returned
        (answers,) = decode_args(("(bool,bytes)[]",), returned.data)
        return answers

    def _ask(self, words: str, to: bytes, data: bytes, sender: bytes | None = None) -> Outcome:
        question = {"to": "0x" + to.hex(), "data": "0x" + data.hex(), "from": "0x" + (sender or self.deployer).hex()}
        theirs, mine = [_called(chain, question) for chain in self._chains]
        self._note(words, theirs, mine)
        return theirs

    def _note(self, words: str, theirs: Outcome, mine: Outcome) -> None:
        self.steps += 1
        if theirs != mine:  # a question changes nothing: the script goes on, and the fixture fails in the end
            self.differences.append(f"step {self.steps}: {words}\n  chainlink {theirs}\n  own       {mine}")

    def _transact(
        self,
        words: str,
        to: bytes,
        datas: Sequence[bytes],
        sender: bytes,
        value: int,
        *,
        is_creation: bool = False,
        gas_at: slice | None = None,
    ) -> Outcome:
        self._enrich(sender)
        questions = [
            {"from": "0x" + sender.hex(), "data": "0x" + data.hex(), "value": hex(value), "gas": hex(GAS)}
            | ({"to": "0x" + to.hex()} if to else {})
            for data in datas
        ]
        outcomes = [_called(chain, question) for chain, question in zip(self._chains, questions, strict=True)]
        if is_creation:  # it returns its code, which differs; what it does later is compared
            gas_at = slice(None)
        if gas_at is not None:
            outcomes = [
                outcome._replace(data=_cut(outcome.data, gas_at)) if outcome.is_success else outcome
                for outcome in outcomes
            ]
        outcome = self._same(words, outcomes)
        if not outcome.is_success:
            return outcome
        self._now_s += 1
        receipts = [self._mined(chain, question) for chain, question in zip(self._chains, questions, strict=True)]
        self.told_gas += zip(*map(_told_gas, receipts), strict=True)
        return self._same(words, [_with_receipt(outcome, receipt) for receipt in receipts])

    def _mined(self, chain: Anvil, question: dict) -> dict:
        chain.rpc.request("evm_setNextBlockTimestamp", (self._now_s,))
        tx_hash = chain.rpc.request("eth_sendTransaction", (question,))
        chain.mine()
        receipt = chain.rpc.request("eth_getTransactionReceipt", (tx_hash,))
        assert receipt is not None
        return receipt

    def _same(self, words: str, outcomes: Sequence[Outcome]) -> Outcome:
        self.steps += 1
        theirs, mine = outcomes
        assert theirs == mine, f"step {self.steps}: {words}\n  chainlink {theirs}\n  own       {mine}"
        return theirs

    def _enrich(self, account: bytes) -> None:
        if account not in self._rich:
            self._rich.add(account)
            for chain in self._chains:
                chain.rpc.request("anvil_setBalance", ("0x" + account.hex(), hex(10**9 * ETHER)))


def _cut(data: bytes, part: slice) -> bytes:
    return data[: part.start or 0] + (b"" if part.stop is None else data[part.stop :])


def _called(chain: Anvil, question: dict) -> Outcome:
    try:
        returned = chain.rpc.request("eth_call", (question, "latest"))
    except RpcRefused as refusal:
        return Outcome(False, refusal.data, "" if refusal.data else refusal.message, ())
    return Outcome(True, bytes.fromhex(returned.removeprefix("0x")), "", ())


def _told_gas(receipt: dict) -> list[int]:
    logs = [log["data"] for log in receipt["logs"] if log["topics"] and log["topics"][0] == EXECUTION_STATE_CHANGED]
    return [int(data[2 + 3 * 64 : 2 + 4 * 64], 16) for data in logs]


def _without_gas(log: dict) -> str:
    """A log's data; what an execution took is told by upstream's and our code alike, but it is not the same number."""
    if log["topics"] and log["topics"][0] == EXECUTION_STATE_CHANGED:
        return log["data"][: 2 + 3 * 64] + "0" * 64 + log["data"][2 + 4 * 64 :]
    return log["data"]


def _with_receipt(outcome: Outcome, receipt: dict) -> Outcome:
    logs = tuple((log["address"], tuple(log["topics"]), _without_gas(log)) for log in receipt["logs"])
    return outcome._replace(is_success=receipt["status"] == "0x1", logs=logs)


@pytest.fixture(scope="session")
def chains() -> Iterator[list[Anvil]]:
    with Anvil.start(1337, 0) as theirs, Anvil.start(1337, 0) as mine:
        for chain in (theirs, mine):
            chain.rpc.request("anvil_autoImpersonateAccount", (True,))
            chain.rpc.request("evm_setAutomine", (False,))
            chain.rpc.request("evm_setNextBlockTimestamp", (START_S,))
            chain.mine()
        yield [theirs, mine]


@pytest.fixture(scope="session")
def props(tmp_path_factory) -> Callable[[str], Artifact]:
    """The contracts of `contracts/test/props`, by name: the same code on both sides, for `create_same`."""
    folder = tmp_path_factory.mktemp("props")
    places = ["--out", str(folder / "out"), "--cache-path", str(folder / "cache")]
    done = toolchain.run_forge("build", "test/props", *places, capture=True)
    assert done.returncode == 0, done.stdout + done.stderr
    return lambda name: built_artifact(folder / "out", name)


@pytest.fixture(scope="session")
def stage(chains, props) -> Twins:
    """The twins of the whole session; whoever acts on them does it within `undone`."""
    return Twins(chains, props("Asker"))


@pytest.fixture
def twins(stage) -> Iterator[Twins]:
    """Both chains as they were in the beginning."""
    with stage.undone():
        yield stage
