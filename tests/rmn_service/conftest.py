"""A scripted CCIP of three chains, and nodes on it with a real store, judge, voter and API: only the chains are not."""

from __future__ import annotations

import asyncio
import hashlib
from pathlib import Path
from typing import TYPE_CHECKING, Any, NamedTuple

import httpx
import pytest

from ccip_core.deployment import (
    Chain,
    Contracts,
    Deployment,
    LaneConfig,
    Rmn,
    RmnSignerEntry,
    Token,
    load_deployment,
    save_deployment,
)
from ccip_core.localnet.keys import dev_key, dev_private_key
from ccip_core.protocol import events, extra_args
from ccip_core.protocol.codec import decode_args, encode_address, encode_args, function_selector
from ccip_core.protocol.hashing import leaf_of_sent, message_id
from ccip_core.protocol.merkle import merkle_root
from ccip_core.protocol.messages import (
    ChainSelector,
    EVM2AnyRampMessage,
    EVM2AnyTokenTransfer,
    Lane,
    MerkleRoot,
    PriceUpdates,
    RampMessageHeader,
)
from ccip_core.scripted_rpc import BLOCK_TIME_S, GENESIS_TIMESTAMP_S, ScriptedRpc
from ccip_core.signers import write_keystore
from rmn_service.blesser import Claim
from rmn_service.bootstrap import build_node
from rmn_service.config import NodeConfig, load_config
from rmn_service.node import Node
from rmn_service.policy import Target

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from fastapi import FastAPI

    from ccip_core.protocol.logs import Header
    from rmn_service.alerts import Alert

PASSWORD = "correct horse"
TOKENS = {"alice": "alice-token", "bob": "bob-token", "carol": "carol-token", "vera": "vera-token"}
ROLES = {"alice": "operator", "bob": "approver", "carol": "approver", "vera": "viewer"}
VOTE = function_selector("voteToCurse(bytes16,bytes16[],bytes32)")

ALPHA, BETA, GAMMA = (
    ChainSelector(selector) for selector in (3379446385462418246, 7759470850252068959, 4489326297382772450)
)
CHAIN_IDS = {ALPHA: 1337, BETA: 31337, GAMMA: 424242}
NAMES = {ALPHA: "geth-testnet", BETA: "anvil-devnet", GAMMA: "private-testnet-mica"}


def _address(chain_id: int, what: str) -> bytes:
    return hashlib.sha256(f"{chain_id} {what}".encode()).digest()[:20]


def make_deployment(*, has_voting: bool = True) -> Deployment:
    fields = ("router", "on_ramp", "off_ramp", "fee_quoter", "nonce_manager", "rmn_remote", "rmn_proxy")
    chains = [
        Chain(
            chain_id=chain_id,
            selector=str(selector),
            name=NAMES[selector],
            http="http://127.0.0.1:9",
            finality_depth_blocks=2,
            block_time_s=BLOCK_TIME_S,
            contracts=Contracts(
                **{name: _address(chain_id, name) for name in fields},
                curse_voting=_address(chain_id, "curse_voting") if has_voting else None,
                token_admin_registry=_address(chain_id, "registry"),
            ),
            tokens=(
                Token(
                    symbol="BNM",
                    address=_address(chain_id, "BNM"),
                    pool=_address(chain_id, "BNM pool"),
                    pool_type="burn_mint",
                    decimals=18,
                ),
            ),
        )
        for selector, chain_id in CHAIN_IDS.items()
    ]
    lanes = [LaneConfig(source=str(a), dest=str(b)) for a in CHAIN_IDS for b in CHAIN_IDS if a != b]
    return Deployment(
        contracts="scripted",
        chains=tuple(chains),
        lanes=tuple(lanes),
        rmn=Rmn(
            f_sign=1,
            home_config_digest=bytes.fromhex("000b" + "11" * 30),
            signers=tuple(RmnSignerEntry(address=dev_key("rmn_signer", i).address, node_index=i) for i in range(4)),
        ),
    )


class Vote(NamedTuple):
    curse_id: bytes
    subjects: tuple[str, ...]
    evidence: str


class ScriptedCcip:
    """Three in-memory chains that say whatever a test lets them say, and a clock."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.rpcs = {selector: ScriptedRpc(chain_id, finality_depth=2) for selector, chain_id in CHAIN_IDS.items()}
        for rpc in self.rpcs.values():
            rpc.set_balance(dev_key("rmn_curser").address, 10**18)
        self.now_ms = GENESIS_TIMESTAMP_S * 1000
        self.sent: dict[Lane, list[EVM2AnyRampMessage]] = {}
        self.deploy()

    def deploy(self, *, has_voting: bool = True) -> None:
        self.deployment = make_deployment(has_voting=has_voting)
        save_deployment(self.deployment, self.folder / "deployment.json")
        self.deployment = load_deployment(self.folder / "deployment.json")

    def contracts(self, selector: ChainSelector) -> Contracts:
        return self.deployment.chain(selector).contracts

    # what happens on the chains

    def mine(self, selector: ChainSelector, *logs: tuple[bytes, object]) -> Header:
        """One block with these logs; every clock moves on to its time."""
        header = self.rpcs[selector].mine(list(logs))
        self.now_ms = max(self.now_ms, header.timestamp_s * 1000)
        return header

    def mine_all(self, blocks: int = 1) -> None:
        for _ in range(blocks):
            for selector in self.rpcs:
                self.mine(selector)

    def level(self) -> None:
        """Every chain catches up with the clock."""
        for selector, rpc in self.rpcs.items():
            while rpc.head.timestamp_s * 1000 < self.now_ms:
                self.mine(selector)

    def message(self, lane: Lane, *, data: bytes = b"hello", amount: int = 0) -> EVM2AnyRampMessage:
        number = len(self.sent.get(lane, ())) + 1
        on_ramp = self.contracts(lane.source).on_ramp
        header = RampMessageHeader(bytes(32), lane.source, lane.dest, number, 0)
        message = EVM2AnyRampMessage(
            header=header,
            sender=b"\x01" * 20,
            data=data,
            receiver=encode_address(b"\x02" * 20),
            extra_args=extra_args.encode_v2(200_000, allow_out_of_order_execution=True),
            fee_token=b"\x03" * 20,
            fee_token_amount=10**17,
            fee_value_juels=10**17,
            token_amounts=(self.transfer(lane, amount),) if amount else (),
        )
        return message._replace(header=header._replace(message_id=message_id(message, on_ramp=on_ramp)))

    def transfer(self, lane: Lane, amount: int) -> EVM2AnyTokenTransfer:
        """So much BNM, as its pool let it go."""
        (source,), (dest,) = (self.deployment.chain(end).tokens for end in lane)
        return EVM2AnyTokenTransfer(
            source.pool, encode_address(dest.address), (18).to_bytes(32), amount, (90_000).to_bytes(32)
        )

    def price(self, selector: ChainSelector, usd: int) -> Header:
        """What one BNM costs on this chain, in whole dollars."""
        token = self.deployment.chain(selector).tokens[0].address
        event = events.UsdPerTokenUpdated(token, usd * 10**18, GENESIS_TIMESTAMP_S)
        return self.mine(selector, (self.contracts(selector).fee_quoter, event))

    def send(self, lane: Lane, *, data: bytes = b"hello", amount: int = 0) -> EVM2AnyRampMessage:
        """An honest message, emitted by the OnRamp in a block of its own; with so much BNM."""
        message = self.message(lane, data=data, amount=amount)
        self.sent.setdefault(lane, []).append(message)
        event = events.CCIPMessageSent(lane.dest, message.header.sequence_number, message)
        self.mine(lane.source, (self.contracts(lane.source).on_ramp, event))
        return message

    def leaf(self, message: EVM2AnyRampMessage) -> bytes:
        on_ramp = self.contracts(message.header.source_chain_selector).on_ramp
        return leaf_of_sent(message, on_ramp=on_ramp)

    def claim(self, lane: Lane, first: int, last: int) -> Claim:
        """What an honest oracle asks for."""
        leaves = [self.leaf(message) for message in self.sent[lane][first - 1 : last]]
        on_ramp = encode_address(self.contracts(lane.source).on_ramp)
        return Claim(lane, on_ramp, first, last, merkle_root(leaves))

    def commit(self, claim: Claim, *, is_blessed: bool = True) -> Header:
        root = MerkleRoot(claim.lane.source, claim.on_ramp, claim.min_seq_nr, claim.max_seq_nr, claim.root)
        split = ((root,), ()) if is_blessed else ((), (root,))
        event = events.CommitReportAccepted(*split, PriceUpdates((), ()))
        return self.mine(claim.lane.dest, (self.contracts(claim.lane.dest).off_ramp, event))

    def execute(self, message: EVM2AnyRampMessage, *, state: int = 2) -> Header:
        header = message.header
        dest = header.dest_chain_selector
        event = events.ExecutionStateChanged(
            header.source_chain_selector, header.sequence_number, header.message_id, self.leaf(message), state, b"", 1
        )
        return self.mine(dest, (self.contracts(dest).off_ramp, event))

    def forge(self, lane: Lane, *, count: int = 1) -> list[EVM2AnyRampMessage]:
        """Messages that nobody sent, executed at the destination."""
        forged = []
        for index in range(count):
            fake = self.message(lane, data=b"forged")
            header = fake.header._replace(sequence_number=fake.header.sequence_number + index)
            fake = fake._replace(header=header)
            fake = fake._replace(
                header=header._replace(message_id=message_id(fake, on_ramp=self.contracts(lane.source).on_ramp))
            )
            forged.append(fake)
            self.execute(fake)
        return forged

    def curse(self, target: Target) -> Header:
        event = events.Cursed((bytes.fromhex(target.subject[2:]),))
        return self.mine(target.chain, (self.contracts(target.chain).rmn_remote, event))

    def uncurse(self, target: Target) -> Header:
        event = events.Uncursed((bytes.fromhex(target.subject[2:]),))
        return self.mine(target.chain, (self.contracts(target.chain).rmn_remote, event))

    def answer_views(self, *, cursed: tuple[str, ...] = (), voted: tuple[str, ...] = ()) -> None:
        """What RMNRemote and CurseVoting say of themselves, on every chain."""
        for selector, rpc in self.rpcs.items():
            at = self.contracts(selector)
            subjects = tuple(bytes.fromhex(subject[2:]) for subject in cursed)
            rpc.on_call(
                at.rmn_remote,
                function_selector("getCursedSubjects()"),
                lambda _, subjects=subjects: encode_args(("bytes16[]",), (subjects,)),
            )
            if at.curse_voting is not None:
                rpc.on_call(at.curse_voting, VOTE, lambda _: b"")
                rpc.on_call(at.curse_voting, function_selector("hasVoted(address,bytes16)"), _has_voted(voted))
                ballot = encode_args(("uint16", "address[]"), (1, ()))
                config = encode_args(("uint32", "uint256[]", "uint16"), (1, (), 2))
                rpc.on_call(at.curse_voting, function_selector("getVote(bytes16)"), lambda _, ballot=ballot: ballot)
                rpc.on_call(at.curse_voting, function_selector("getConfig()"), lambda _, config=config: config)

    def votes(self, selector: ChainSelector) -> list[Vote]:
        """The votes that this chain's node was handed, decoded."""
        return [
            Vote(curse_id, tuple("0x" + subject.hex() for subject in subjects), "0x" + evidence.hex())
            for sent in self.rpcs[selector].sent
            if sent.content.data[:4] == VOTE and sent.content.to == self.contracts(selector).curse_voting
            for curse_id, subjects, evidence in [
                decode_args(("bytes16", "bytes16[]", "bytes32"), sent.content.data[4:])
            ]
        ]


def _has_voted(voted: tuple[str, ...]) -> Callable[[bytes], bytes]:
    def answer(arguments: bytes) -> bytes:
        _, subject = decode_args(("address", "bytes16"), arguments)
        return encode_args(("bool",), ("0x" + subject.hex() in voted,))

    return answer


def write_config(
    folder: Path,
    *,
    posture: str = "curse",
    keys: tuple[str, ...] = ("signer", "curser"),
    api: str = "",
    more: str = "",
) -> Path:
    """A node's folder as an operator would lay it out; `api` and `more` are further TOML."""
    (folder / "password").write_text(PASSWORD + "\n")
    lines = ['deployment = "deployment.json"', f'posture = "{posture}"', "[api]", "port = 0", api]
    for name in keys:
        keystore = folder / f"{name}.json"
        if not keystore.exists():
            role = "rmn_signer" if name == "signer" else "rmn_curser"
            write_keystore(keystore, dev_private_key(role), PASSWORD, iterations=2)
        lines += [f"[{name}]", f'path = "{name}.json"', 'password_file = "password"']
    for name, token in TOKENS.items():
        digest = hashlib.sha256(token.encode()).hexdigest()
        lines += ["[[operators]]", f'name = "{name}"', f'role = "{ROLES[name]}"', f'token_sha256 = "{digest}"']
    config = folder / "node.toml"
    config.write_text("\n".join([*lines, more]) + "\n")
    return config


class Http:
    """Asks the API in this process, without a port."""

    def __init__(self, app: FastAPI) -> None:
        self._app = app

    def request(self, method: str, path: str, **options: Any) -> httpx.Response:
        async def exchange() -> httpx.Response:
            transport = httpx.ASGITransport(self._app, raise_app_exceptions=False)
            async with httpx.AsyncClient(transport=transport, base_url="http://node") as client:
                return await client.request(method, path, **options)

        return asyncio.run(exchange())

    def get(self, path: str, **options: Any) -> httpx.Response:
        return self.request("GET", path, **options)

    def post(self, path: str, **options: Any) -> httpx.Response:
        return self.request("POST", path, **options)


class Heard:
    """A notifier that keeps what it was told."""

    def __init__(self) -> None:
        self.alerts: list[Alert] = []

    def notify(self, alert: Alert) -> None:
        self.alerts.append(alert)

    def kinds(self) -> list[str]:
        return [alert.kind for alert in self.alerts]


class NodeUnderTest:
    """A node that moves when the test says so."""

    def __init__(self, ccip: ScriptedCcip, config: NodeConfig) -> None:
        self.ccip = ccip
        self.heard = Heard()
        self.node: Node = build_node(config, rpcs=ccip.rpcs, clock=lambda: ccip.now_ms, notifier=self.heard)
        self.service = self.node.service
        self.http = Http(self.node.app)

    def tick(self, after_ms: int = 0) -> None:
        """One walk of the corridor, and the end of whatever it sent."""
        self.ccip.now_ms += after_ms
        self.service.tick(self.ccip.now_ms)
        assert self.service.voter.settle(10)

    def stop(self) -> None:
        self.node.stop()

    def act(self, name: str, path: str, body: object = None) -> httpx.Response:
        return self.http.post(path, json=body, headers={"Authorization": f"Bearer {TOKENS[name]}"})


class NodeFiles(NamedTuple):
    """For tests that wire a node in their own way."""

    write: Callable[..., Path]
    http: type[Http]


@pytest.fixture
def node_files() -> NodeFiles:
    return NodeFiles(write_config, Http)


@pytest.fixture
def ccip(tmp_path: Path) -> ScriptedCcip:
    return ScriptedCcip(tmp_path)


@pytest.fixture
def start_node(ccip: ScriptedCcip) -> Iterator[Callable[..., NodeUnderTest]]:
    """Start a node (again): same folder, same keys, same database."""
    started: list[NodeUnderTest] = []

    def start(
        *, posture: str = "curse", keys: tuple[str, ...] = ("signer", "curser"), api: str = "", more: str = ""
    ) -> NodeUnderTest:
        config = load_config(write_config(ccip.folder, posture=posture, keys=keys, api=api, more=more))
        node = NodeUnderTest(ccip, config)
        started.append(node)
        node.tick()
        return node

    yield start
    for node in started:
        node.stop()


@pytest.fixture
def node(start_node: Callable[..., NodeUnderTest]) -> NodeUnderTest:
    return start_node()
