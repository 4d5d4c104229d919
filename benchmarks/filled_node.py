"""A node with 100,000 messages in its record, behind its HTTP API. For `dashboard`.

Run as `python -m benchmarks.filled_node FOLDER`: a process of its own, so that what it costs can be counted. It prints
where it answers and runs until it is ended. Its two chains are in memory and stand still, and so does its clock.
"""

from __future__ import annotations

import hashlib
import sys
from pathlib import Path

import uvicorn

from ccip_core.deployment import Chain, Contracts, Deployment, LaneConfig, Rmn, save_deployment
from ccip_core.listening import bound_socket
from ccip_core.protocol import events, extra_args
from ccip_core.protocol.codec import encode_address
from ccip_core.protocol.hashing import leaf_of_sent, message_id
from ccip_core.protocol.merkle import merkle_root
from ccip_core.protocol.messages import (
    ChainSelector,
    EVM2AnyRampMessage,
    MerkleRoot,
    PriceUpdates,
    RampMessageHeader,
)
from ccip_core.scripted_rpc import ScriptedRpc
from rmn_service.bootstrap import build_node
from rmn_service.config import load_config

MESSAGES = 100_000
_A_BLOCK = 100
_SOURCE, _DEST = ChainSelector(3379446385462418246), ChainSelector(7759470850252068959)
_CHAIN_IDS = {_SOURCE: 1337, _DEST: 31337}


def serve(folder: Path) -> None:
    """Read all messages, then answer until this process is ended."""
    deployment = _deployment()
    save_deployment(deployment, folder / "deployment.json")
    chains = [
        f'[[chains]]\nselector = "{selector}"\nrpc_urls = ["http://127.0.0.1:9"]\nstart_block = 0'
        for selector in _CHAIN_IDS
    ]
    lines = ['deployment = "deployment.json"', "[api]", "requests_per_s = 10000", *chains]
    (folder / "node.toml").write_text("\n".join(lines) + "\n")
    rpcs = {selector: ScriptedRpc(chain_id) for selector, chain_id in _CHAIN_IDS.items()}
    _send_all(deployment, rpcs)
    now_ms = 1000 * max(rpc.head.timestamp_s for rpc in rpcs.values())
    node = build_node(load_config(folder / "node.toml"), rpcs=rpcs, clock=lambda: now_ms)
    server = uvicorn.Server(uvicorn.Config(node.app, log_config=None, access_log=False, lifespan="off", ws="none"))
    try:
        read = -1
        while (height := node.service.messages.heights(deployment.lanes[0].lane)[1]) < MESSAGES:
            node.service.tick(now_ms)
            assert node.service.watches[_DEST].applied is not None, "the chain was not read"
            assert node.service.watches[_DEST].applied.number > read, f"stuck at message {height}"
            read = node.service.watches[_DEST].applied.number
        with bound_socket("127.0.0.1", 0) as listener:
            print(f"URL: http://127.0.0.1:{listener.getsockname()[1]}", flush=True)  # noqa: T201 - for whoever started us
            server.run(sockets=[listener])
    finally:
        node.stop()


def _send_all(deployment: Deployment, rpcs: dict[ChainSelector, ScriptedRpc]) -> None:
    """Every message sent, committed and executed, in blocks of a hundred."""
    on_ramp, off_ramp = deployment.chain(_SOURCE).contracts.on_ramp, deployment.chain(_DEST).contracts.off_ramp
    for first in range(1, MESSAGES + 1, _A_BLOCK):
        numbers = range(first, first + _A_BLOCK)
        messages = [_message(number, on_ramp) for number in numbers]
        leaves = [leaf_of_sent(message, on_ramp=on_ramp) for message in messages]
        sent = [
            (on_ramp, events.CCIPMessageSent(_DEST, number, message))
            for number, message in zip(numbers, messages, strict=True)
        ]
        root = MerkleRoot(_SOURCE, encode_address(on_ramp), numbers[0], numbers[-1], merkle_root(leaves))
        committed = (off_ramp, events.CommitReportAccepted((root,), (), PriceUpdates((), ())))
        executed = [
            (off_ramp, events.ExecutionStateChanged(_SOURCE, number, message.header.message_id, leaf, 2, b"", 1))
            for number, message, leaf in zip(numbers, messages, leaves, strict=True)
        ]
        rpcs[_SOURCE].mine(sent)
        rpcs[_SOURCE].mine()
        rpcs[_DEST].mine()
        rpcs[_DEST].mine([committed, *executed])
    for _ in range(4):
        for rpc in rpcs.values():
            rpc.mine()


def _message(number: int, on_ramp: bytes) -> EVM2AnyRampMessage:
    header = RampMessageHeader(bytes(32), _SOURCE, _DEST, number, 0)
    message = EVM2AnyRampMessage(
        header=header,
        sender=(number % 1000).to_bytes(20),
        data=b"hello",
        receiver=encode_address(b"\x02" * 20),
        extra_args=extra_args.encode_v2(200_000, allow_out_of_order_execution=True),
        fee_token=b"\x03" * 20,
        fee_token_amount=10**17,
        fee_value_juels=10**17,
        token_amounts=(),
    )
    return message._replace(header=header._replace(message_id=message_id(message, on_ramp=on_ramp)))


def _deployment() -> Deployment:
    fields = ("router", "on_ramp", "off_ramp", "fee_quoter", "nonce_manager", "rmn_remote", "rmn_proxy")
    chains = [
        Chain(
            chain_id=chain_id,
            selector=str(selector),
            name=f"chain-{chain_id}",
            http="http://127.0.0.1:9",
            finality_depth_blocks=2,
            block_time_s=12,
            contracts=Contracts(
                **{name: hashlib.sha256(f"{chain_id} {name}".encode()).digest()[:20] for name in fields},
                token_admin_registry=bytes(19) + b"\x01",
            ),
            tokens=(),
        )
        for selector, chain_id in _CHAIN_IDS.items()
    ]
    lanes = (LaneConfig(source=str(_SOURCE), dest=str(_DEST)), LaneConfig(source=str(_DEST), dest=str(_SOURCE)))
    rmn = Rmn(f_sign=0, home_config_digest=bytes.fromhex("000b" + "11" * 30), signers=())
    return Deployment(contracts="scripted", chains=tuple(chains), lanes=lanes, rmn=rmn)


if __name__ == "__main__":
    serve(Path(sys.argv[1]))
