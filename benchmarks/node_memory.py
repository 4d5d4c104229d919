"""What a node holds in memory, and what share of a core it takes, after an hour of 100 messages a second on 3 chains.

The whole node but its sockets: chains in memory, that keep no more than what may still be asked of them, are read block
by block into a real database, judged, settled. Every message carries a token, is committed with those of its block and
executed. The hour is sped up: its CPU time over 3,600 s is the share of a core. The rival is a watcher that decodes the
same logs and keeps them in a list, as scripts do that look things up later; it has nothing else to hold.

    python -m benchmarks.node_memory [MESSAGES [EVERY]] [--rival] [--restart]    one process, its figures as JSON
"""

from __future__ import annotations

import json
import subprocess
import sys
import tempfile
import time
from collections import deque
from pathlib import Path
from typing import TYPE_CHECKING, Any, NamedTuple

from ccip_core.deployment import Chain, Contracts, Deployment, LaneConfig, Rmn, RmnSignerEntry, Token, save_deployment
from ccip_core.localnet.keys import dev_key
from ccip_core.protocol import events, extra_args
from ccip_core.protocol.codec import encode_address
from ccip_core.protocol.hashing import keccak, leaf_of_sent, message_id
from ccip_core.protocol.logs import Header, RawLog
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

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from ccip_core.scripted_rpc import Emitted

HOUR = 360_000
"""Messages of an hour."""
_A_SECOND = 100
_CHAINS = {
    ChainSelector(3379446385462418246): 1337,
    ChainSelector(7759470850252068959): 31337,
    ChainSelector(16015286601757825753): 11155111,
}
_CONTRACTS = ("router", "on_ramp", "off_ramp", "fee_quoter", "nonce_manager", "rmn_remote", "rmn_proxy", "curse_voting")
_FINALITY_DEPTH = 2
_REMEMBERED_BLOCKS = 4
_AMOUNT, _SUCCESS, _NOBODY = 10**18, 2, bytes(20)


def run() -> Iterator[tuple[str, float, float, str]]:
    """Name, ours, the rival's, unit."""
    ours, rival = _measured(str(HOUR)), _measured(str(HOUR), "--rival")
    share = ours["cpu_s"] * _A_SECOND / HOUR
    name = f"node after {HOUR:,} messages on 3 chains, an hour at 100 a second, with {share:.2f} of a core"
    yield f"{name} (rival: decoded logs in a list)", ours["rss_mb"], rival["rss_mb"], "MB"


def _measured(*arguments: str) -> dict[str, Any]:
    command = [sys.executable, "-m", "benchmarks.node_memory", *arguments]
    done = subprocess.run(command, check=True, capture_output=True, text=True)  # noqa: S603  ourselves
    answer: dict[str, Any] = json.loads(done.stdout.splitlines()[-1])
    return answer


class ShortChain(ScriptedRpc):
    """Forgets the logs of blocks that nobody asks for any more."""

    def mine_txs(self, txs: Sequence[Sequence[Emitted]], timestamp_s: int) -> tuple[Header, tuple[RawLog, ...]]:
        """A block of transactions with several logs each."""
        header = self.mine((), timestamp_s)
        logs: list[RawLog] = []
        for tx in txs:
            tx_hash = keccak(header.hash + len(logs).to_bytes(8))
            for address, event in tx:
                topics, data = events.encode_log_fields(event)
                logs.append(RawLog(address, tuple(topics), data, header.number, header.hash, tx_hash, len(logs)))
        block = type(self._blocks[-1])
        self._blocks[-1] = block(header, tuple(logs))
        if len(self._blocks) > _REMEMBERED_BLOCKS:
            old = self._blocks[-_REMEMBERED_BLOCKS].header
            self._blocks[-_REMEMBERED_BLOCKS] = block(old)
        return header, tuple(logs)


class Sending(NamedTuple):
    """Messages of one lane that were sent in one block."""

    lane: Lane
    messages: list[EVM2AnyRampMessage]


class Traffic:
    """Three chains with honest traffic on all of their lanes."""

    def __init__(self) -> None:
        self.deployment = deployment()
        self.chains = {
            selector: ShortChain(chain_id, finality_depth=_FINALITY_DEPTH) for selector, chain_id in _CHAINS.items()
        }
        self.now_s = GENESIS_TIMESTAMP_S
        self.sent = 0
        self._numbers = {config.lane: 0 for config in self.deployment.lanes}
        self._to_commit: deque[list[Sending]] = deque()
        self._to_execute: deque[list[Sending]] = deque()

    def block(self) -> list[tuple[RawLog, ...]]:
        """Twelve seconds on every chain: messages leave, those of some blocks ago are committed, then executed."""
        self.now_s += BLOCK_TIME_S
        txs: dict[ChainSelector, list[list[Emitted]]] = {selector: [] for selector in self.chains}
        if len(self._to_execute) > 1:
            for sending in self._to_execute.popleft():
                for message in sending.messages:
                    txs[sending.lane.dest].append(self._execution(sending.lane, message))
        if len(self._to_commit) > _FINALITY_DEPTH:
            due = self._to_commit.popleft()
            for sending in due:
                txs[sending.lane.dest].append(self._commit(sending))
            self._to_execute.append(due)
        fresh = [Sending(lane, []) for lane in self._numbers]
        for sending in fresh:
            for _ in range(_A_SECOND * BLOCK_TIME_S // len(fresh)):
                message = self._message(sending.lane)
                sending.messages.append(message)
                txs[sending.lane.source].append(self._departure(sending.lane, message))
                self.sent += 1
        self._to_commit.append(fresh)
        return [chain.mine_txs(txs[selector], self.now_s)[1] for selector, chain in self.chains.items()]

    def _message(self, lane: Lane) -> EVM2AnyRampMessage:
        number = self._numbers[lane] = self._numbers[lane] + 1
        source, dest = (self.deployment.chain(end) for end in lane)
        header = RampMessageHeader(bytes(32), lane.source, lane.dest, number, 0)
        carried = EVM2AnyTokenTransfer(
            source.tokens[0].pool,
            encode_address(dest.tokens[0].address),
            (18).to_bytes(32),
            _AMOUNT + number,
            (90_000).to_bytes(32),
        )
        message = EVM2AnyRampMessage(
            header=header,
            sender=keccak(number.to_bytes(8))[:20],
            data=b"hello",
            receiver=encode_address(keccak(number.to_bytes(9))[:20]),
            extra_args=extra_args.encode_v2(200_000, allow_out_of_order_execution=True),
            fee_token=b"\x03" * 20,
            fee_token_amount=10**17,
            fee_value_juels=10**17,
            token_amounts=(carried,),
        )
        named = message_id(message, on_ramp=source.contracts.on_ramp)
        return message._replace(header=header._replace(message_id=named))

    def _departure(self, lane: Lane, message: EVM2AnyRampMessage) -> list[Emitted]:
        source = self.deployment.chain(lane.source)
        token, ramp, amount = source.tokens[0], source.contracts.on_ramp, message.token_amounts[0].amount
        return [
            (token.address, events.Transfer(message.sender, token.pool, amount)),
            (token.pool, events.LockedOrBurned(lane.dest, token.address, ramp, amount)),
            (ramp, events.CCIPMessageSent(lane.dest, message.header.sequence_number, message)),
        ]

    def _commit(self, sending: Sending) -> list[Emitted]:
        lane, messages = sending
        ramp = self.deployment.chain(lane.source).contracts.on_ramp
        root = merkle_root([leaf_of_sent(message, on_ramp=ramp) for message in messages])
        first, last = (messages[place].header.sequence_number for place in (0, -1))
        claimed = MerkleRoot(lane.source, encode_address(ramp), first, last, root)
        report = events.CommitReportAccepted((claimed,), (), PriceUpdates((), ()))
        return [(self.deployment.chain(lane.dest).contracts.off_ramp, report)]

    def _execution(self, lane: Lane, message: EVM2AnyRampMessage) -> list[Emitted]:
        dest, header = self.deployment.chain(lane.dest), message.header
        token, ramp, amount = dest.tokens[0], dest.contracts.off_ramp, message.token_amounts[0].amount
        leaf = leaf_of_sent(message, on_ramp=self.deployment.chain(lane.source).contracts.on_ramp)
        done = events.ExecutionStateChanged(
            lane.source, header.sequence_number, header.message_id, leaf, _SUCCESS, b"", 1
        )
        receiver = message.receiver[12:]
        return [
            (token.address, events.Transfer(_NOBODY, receiver, amount)),
            (token.pool, events.ReleasedOrMinted(lane.source, token.address, ramp, receiver, amount)),
            (ramp, done),
        ]


def deployment() -> Deployment:
    """Three chains, a lane each way, one token that is burned and minted."""
    chains = tuple(
        Chain(
            chain_id=chain_id,
            selector=str(selector),
            name=f"scripted-{chain_id}",
            http="http://127.0.0.1:9",
            finality_depth_blocks=_FINALITY_DEPTH,
            block_time_s=BLOCK_TIME_S,
            contracts=Contracts(
                **{name: _address(chain_id, name) for name in _CONTRACTS},
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
        for selector, chain_id in _CHAINS.items()
    )
    lanes = tuple(LaneConfig(source=str(a), dest=str(b)) for a in _CHAINS for b in _CHAINS if a != b)
    signers = (RmnSignerEntry(address=dev_key("rmn_signer", 0).address, node_index=0),)
    rmn = Rmn(f_sign=0, home_config_digest=bytes.fromhex("000b" + "11" * 30), signers=signers)
    return Deployment(contracts="scripted", chains=chains, lanes=lanes, rmn=rmn)


def _address(chain_id: int, what: str) -> bytes:
    return keccak(f"{chain_id} {what}".encode())[:20]


def measure(messages: int, folder: Path, *, every: int = 0, is_restarted: bool = False) -> list[dict[str, float]]:
    """Let a node follow so many messages; its figures at the end, and each time after `every` messages."""
    from rmn_service.bootstrap import build_node  # noqa: PLC0415  the rival does without
    from rmn_service.config import load_config  # noqa: PLC0415

    traffic = Traffic()
    save_deployment(traffic.deployment, folder / "deployment.json")
    (folder / "node.toml").write_text('deployment = "deployment.json"\nposture = "observe"\n[api]\nport = 0\n')
    config = load_config(folder / "node.toml")
    node = build_node(config, rpcs=traffic.chains)
    cpu_s, figures = 0.0, []
    while traffic.sent < messages:
        traffic.block()
        began_s = time.process_time()
        node.service.tick(traffic.now_s * 1000)
        cpu_s += time.process_time() - began_s
        if every and traffic.sent % every < _A_SECOND * BLOCK_TIME_S:
            figures.append({"messages": traffic.sent, "rss_mb": rss_mb(), "cpu_s": cpu_s})
    figures.append({"messages": traffic.sent, "rss_mb": rss_mb(), "cpu_s": cpu_s, "signals": len(node.service.signals)})
    node.stop()
    if is_restarted:
        began_s = time.process_time()
        node = build_node(config, rpcs=traffic.chains)
        figures[-1] |= {"restart_cpu_s": time.process_time() - began_s, "restart_rss_mb": rss_mb()}
        node.stop()
    return figures


def _measure_rival(messages: int) -> dict[str, float]:
    traffic, kept = Traffic(), []
    while traffic.sent < messages:
        kept += [events.decode_log(log) for logs in traffic.block() for log in logs]
    return {"messages": traffic.sent, "rss_mb": rss_mb(), "events": len(kept)}


def rss_mb() -> float:
    """What this process holds in memory now."""
    status = Path("/proc/self/status").read_text(encoding="ascii")
    line = next(line for line in status.splitlines() if line.startswith("VmRSS"))
    return int(line.split()[1]) / 1024


if __name__ == "__main__":
    wanted, every, *_ = *(int(argument) for argument in sys.argv[1:] if argument.isdecimal()), 0, 0
    wanted = wanted or HOUR
    if "--rival" in sys.argv:
        told = [_measure_rival(wanted)]
    else:
        # Not in memory, where a file would be counted as none.
        with tempfile.TemporaryDirectory(dir=Path.cwd(), prefix=".bench-") as place:
            told = measure(wanted, Path(place), every=every, is_restarted="--restart" in sys.argv)
    for figures in told:
        print(json.dumps(figures))  # noqa: T201 - its purpose
