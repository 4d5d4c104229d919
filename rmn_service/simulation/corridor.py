"""Two scripted chains with CCIP on them: what is emitted, what a fork takes back and what comes again after it."""

from __future__ import annotations

import hashlib
from collections import deque
from typing import TYPE_CHECKING

from ccip_core.deployment import Chain, Contracts, Deployment, LaneConfig, Rmn, RmnSignerEntry
from ccip_core.localnet.keys import dev_key
from ccip_core.protocol import events, extra_args
from ccip_core.protocol.codec import decode_args, encode_address, encode_call
from ccip_core.protocol.hashing import leaf_of_sent, message_id
from ccip_core.protocol.merkle import merkle_root
from ccip_core.protocol.messages import (
    ChainSelector,
    EVM2AnyRampMessage,
    Lane,
    MerkleRoot,
    PriceUpdates,
    RampMessageHeader,
)
from ccip_core.scripted_curse import ScriptedCurse
from ccip_core.scripted_rpc import BLOCK_TIME_S, GENESIS_TIMESTAMP_S, ScriptedRpc

if TYPE_CHECKING:
    from ccip_core.protocol.logs import Header
    from ccip_core.scripted_rpc import Emitted

FINALITY_DEPTH = 2
_CHAINS = {ChainSelector(3379446385462418246): 1337, ChainSelector(7759470850252068959): 31337}
_CONTRACTS = ("router", "on_ramp", "off_ramp", "fee_quoter", "nonce_manager", "rmn_remote", "rmn_proxy", "curse_voting")
_SUCCESS = 2


def scripted_deployment(nodes: int, f: int) -> Deployment:
    """Two chains, a lane each way, and the nodes that may sign."""
    chains = tuple(
        Chain(
            chain_id=chain_id,
            selector=str(selector),
            name=f"scripted-{chain_id}",
            http="http://127.0.0.1:9",
            finality_depth_blocks=FINALITY_DEPTH,
            block_time_s=BLOCK_TIME_S,
            contracts=Contracts(
                **{name: _address(chain_id, name) for name in _CONTRACTS},
                token_admin_registry=_address(chain_id, "registry"),
            ),
        )
        for selector, chain_id in _CHAINS.items()
    )
    lanes = tuple(LaneConfig(source=str(a), dest=str(b)) for a in _CHAINS for b in _CHAINS if a != b)
    signers = tuple(RmnSignerEntry(address=dev_key("rmn_signer", i).address, node_index=i) for i in range(nodes))
    rmn = Rmn(f_sign=f, home_config_digest=bytes.fromhex("000b" + "11" * 30), signers=signers)
    return Deployment(contracts="scripted", chains=chains, lanes=lanes, rmn=rmn)


class Corridor:
    """The chains of one run. Whatever a fork drops is emitted again, in its order, as pending transactions are."""

    def __init__(self, deployment: Deployment) -> None:
        self.deployment = deployment
        self.now_s = GENESIS_TIMESTAMP_S
        curser = [dev_key("rmn_curser", entry.node_index).address for entry in deployment.rmn.signers]
        self.contracts = {chain.selector: chain.contracts for chain in deployment.chains}
        self.chains: dict[ChainSelector, ScriptedRpc] = {}
        for chain in deployment.chains:
            at = chain.contracts
            assert at.curse_voting is not None
            threshold, council = deployment.rmn.f_sign + 1, dev_key("council").address
            self.chains[chain.selector] = ScriptedRpc(
                chain.chain_id,
                finality_depth=FINALITY_DEPTH,
                contracts=ScriptedCurse(at.rmn_remote, at.curse_voting, tuple(curser), threshold, council),
            )
        self.sent: dict[Lane, list[EVM2AnyRampMessage]] = {config.lane: [] for config in deployment.lanes}
        self.attacked: Lane | None = None
        self._blocks: dict[ChainSelector, list[list[Emitted]]] = {selector: [] for selector in self.chains}
        self._waiting: dict[ChainSelector, deque[Emitted]] = {selector: deque() for selector in self.chains}

    @property
    def now_ms(self) -> int:
        """The only clock of the run."""
        return self.now_s * 1000

    # ── chains ──────────────────────────────────────────────────────────────────────────────────────────────────────

    def mine(self, selector: ChainSelector) -> Header:
        """One block with whatever waits."""
        logs = list(self._waiting[selector])
        self._waiting[selector].clear()
        self._blocks[selector].append(logs)
        return self.chains[selector].mine(logs, self.now_s)

    def fork(self, selector: ChainSelector, depth: int) -> None:
        """Replace the newest blocks, none of them final, by one more than there were."""
        depth = min(depth, FINALITY_DEPTH, len(self._blocks[selector]))
        dropped = [log for logs in self._blocks[selector][len(self._blocks[selector]) - depth :] for log in logs]
        del self._blocks[selector][len(self._blocks[selector]) - depth :]
        self.chains[selector].fork(depth)
        self._waiting[selector].extendleft(reversed(dropped))
        for _ in range(depth + 1):
            self.mine(selector)

    def final_count(self, lane: Lane) -> int:
        """How many messages of the lane are final on its source."""
        blocks = self._blocks[lane.source]
        final = [event for logs in blocks[: max(0, len(blocks) - FINALITY_DEPTH)] for _, event in logs]
        sent = [event for event in final if isinstance(event, events.CCIPMessageSent)]
        return sum(event.dest_chain_selector == lane.dest for event in sent)

    def cursed(self, selector: ChainSelector) -> tuple[bytes, ...]:
        """The subjects that are cursed on the chain now."""
        answer = self.chains[selector].call(self.contracts[selector].rmn_remote, encode_call("getCursedSubjects()"))
        subjects: tuple[bytes, ...] = decode_args(("bytes16[]",), answer)[0]
        return subjects

    # ── CCIP ────────────────────────────────────────────────────────────────────────────────────────────────────────

    def send(self, lane: Lane) -> None:
        """An honest message, in the next block of its source."""
        message = self._message(lane, len(self.sent[lane]) + 1, b"hello")
        self.sent[lane].append(message)
        event = events.CCIPMessageSent(lane.dest, message.header.sequence_number, message)
        self._waiting[lane.source].append((self.contracts[lane.source].on_ramp, event))

    def root(self, lane: Lane, first: int, last: int) -> MerkleRoot:
        """What an honest oracle commits of these messages."""
        return self._root(lane, first, self.sent[lane][first - 1 : last])

    def forged_root(self, lane: Lane, first: int, last: int) -> MerkleRoot:
        """The same interval with other contents."""
        return self._root(lane, first, [self._message(lane, number, b"forged") for number in range(first, last + 1)])

    def commit(self, lane: Lane, root: MerkleRoot) -> None:
        """A blessed root is accepted in the next block of its destination."""
        report = events.CommitReportAccepted((root,), (), PriceUpdates((), ()))
        self._waiting[lane.dest].append((self.contracts[lane.dest].off_ramp, report))

    def execute(self, lane: Lane, number: int) -> None:
        """An honest execution, in the next block of the destination."""
        self._execute(lane, self.sent[lane][number - 1])

    def attack(self, lane: Lane) -> None:
        """Stolen keys execute a message that nobody sent."""
        self.attacked = lane
        self._execute(lane, self._message(lane, len(self.sent[lane]) + 1_000, b"forged"))

    def _execute(self, lane: Lane, message: EVM2AnyRampMessage) -> None:
        header = message.header
        leaf = leaf_of_sent(message, on_ramp=self.contracts[lane.source].on_ramp)
        event = events.ExecutionStateChanged(
            lane.source, header.sequence_number, header.message_id, leaf, _SUCCESS, b"", 1
        )
        self._waiting[lane.dest].append((self.contracts[lane.dest].off_ramp, event))

    def _message(self, lane: Lane, number: int, data: bytes) -> EVM2AnyRampMessage:
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
            token_amounts=(),
        )
        named = message_id(message, on_ramp=self.contracts[lane.source].on_ramp)
        return message._replace(header=header._replace(message_id=named))

    def _root(self, lane: Lane, first: int, messages: list[EVM2AnyRampMessage]) -> MerkleRoot:
        on_ramp = self.contracts[lane.source].on_ramp
        root = merkle_root([leaf_of_sent(message, on_ramp=on_ramp) for message in messages])
        return MerkleRoot(lane.source, encode_address(on_ramp), first, first + len(messages) - 1, root)


def _address(chain_id: int, what: str) -> bytes:
    return hashlib.sha256(f"{chain_id} {what}".encode()).digest()[:20]


def invented_execution(lane: Lane) -> events.ExecutionStateChanged:
    """An execution that never was: what a lying endpoint adds to a block."""
    return events.ExecutionStateChanged(lane.source, 7_777, b"\x01" * 32, b"\x02" * 32, _SUCCESS, b"", 1)
