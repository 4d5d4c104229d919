"""Messages a second, end to end: three chains, all six lanes, the DON, from the Router to a SUCCESS on the chain.

All messages are signed beforehand and handed over at once, so that the DON always has enough to do: half carry a
token, half call a contract, one in ten is ordered. The clock starts with the first hand-over and stops when the last
execution is read off its chain; both contract sets carry the same messages, one after the other. Everything is a
process of its own, as in the demo: first the DON alone, on lanes that need no blessing; then with four RMN nodes that
watch, judge and bless.
"""

from __future__ import annotations

import tempfile
import time
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack
from pathlib import Path
from typing import TYPE_CHECKING

from ccip_core.client import SEND_SIGNATURE, CcipClient
from ccip_core.deployment import save_deployment
from ccip_core.don.don import Don
from ccip_core.localnet.contract_set import own_artifact
from ccip_core.localnet.keys import dev_key
from ccip_core.localnet.localnet import Localnet
from ccip_core.protocol import events
from ccip_core.protocol.codec import encode_call
from ccip_core.transactions import Transaction, sign_transaction
from ccip_core.wallet import Wallet
from rmn_service.demo.network import NODE_READY, node_process
from rmn_service.demo.node_folder import lay_out_node

if TYPE_CHECKING:
    from ccip_core.deployment import Chain
    from ccip_core.protocol.messages import Lane

MESSAGES_PER_LANE = 500
ORDERED_EVERY = 10
_SEND_GAS = 700_000
_FEE_WEI_MAX, _PRIORITY_FEE_WEI = 10**12, 10**9
_ALLOWANCE = (1 << 256) - 1
_SUCCESS = 2
_PAUSE_S = 0.25
_WAIT_S = 240.0


def run(messages_per_lane: int = MESSAGES_PER_LANE) -> list[tuple[str, float, float, str]]:
    """Name, messages a second on our contracts, on upstream's, unit."""
    lines = []
    for nodes, guard in ((0, "without blessing"), (4, "blessed by four RMN nodes")):
        ours, theirs = (messages_per_s(contracts, messages_per_lane, nodes) for contracts in ("own", "chainlink"))
        name = f"{6 * messages_per_lane:,} messages over 6 lanes, sent → SUCCESS, {guard} (rival: the chainlink set)"
        lines.append((name, ours, theirs, "messages/s"))
    return lines


def messages_per_s(contracts: str, messages_per_lane: int, rmn_nodes: int = 0) -> float:
    """One run on fresh chains. Raises TimeoutError when not all messages have been executed well in time."""
    with ExitStack() as stack:
        localnet = stack.enter_context(Localnet.up(3, contracts, blessing=rmn_nodes > 0))
        urls = _rmn_nodes(stack, localnet, rmn_nodes)
        load = _Load(localnet, messages_per_lane)
        stack.enter_context(Don.start(localnet.deployment, urls, in_process=False))
        wanted = messages_per_lane * len(localnet.deployment.lanes)
        first_blocks = [anvil.rpc.header("latest") for anvil in localnet.anvils]
        start_s = time.monotonic()
        load.hand_over()
        done = 0
        next_blocks = [block.number + 1 for block in first_blocks if block is not None]
        while done < wanted:
            if time.monotonic() - start_s > _WAIT_S:
                raise TimeoutError(f"{done} of {wanted} messages executed after {_WAIT_S:g} s")
            time.sleep(_PAUSE_S)
            for place, chain in enumerate(localnet.deployment.chains):
                executed, next_blocks[place] = _executed(localnet, chain, next_blocks[place])
                done += executed
        return wanted / (time.monotonic() - start_s)


def _rmn_nodes(stack: ExitStack, localnet: Localnet, count: int) -> list[str]:
    folder = Path(stack.enter_context(tempfile.TemporaryDirectory()))
    path = folder / "deployment.json"
    save_deployment(localnet.deployment, path)
    chains = localnet.deployment.chains
    configs = [lay_out_node(folder / f"rmn-{index + 1}", index, path, chains, ()) for index in range(count)]
    processes = [stack.enter_context(node_process(config)) for config in configs]
    return [process.wait_for(NODE_READY, _WAIT_S).group(1) for process in processes]


def _executed(localnet: Localnet, chain: Chain, first_block: int) -> tuple[int, int]:
    """How many messages the chain's OffRamp has executed well from this block on, and the block to ask from next."""
    rpc = localnet.anvil(chain.selector).rpc
    head = rpc.header("latest")
    assert head is not None
    if head.number < first_block:
        return 0, first_block
    logs = rpc.logs_in(first_block, head.number, [chain.contracts.off_ramp])
    found = [event for log in logs if isinstance(event := events.decode_log(log), events.ExecutionStateChanged)]
    return sum(event.state == _SUCCESS for event in found), head.number + 1


class _Load:
    """Signed messages for every lane, and what they need: allowances, and a receiver on every chain."""

    def __init__(self, localnet: Localnet, messages_per_lane: int) -> None:
        self._localnet = localnet
        self._client = CcipClient(localnet.deployment, dev_key("user"))
        chains = localnet.deployment.chains
        with ThreadPoolExecutor(len(chains)) as threads:
            receivers = dict(zip((chain.selector for chain in chains), threads.map(self._prepare, chains), strict=True))
        self._batches = [self._signed(chain, receivers, messages_per_lane) for chain in chains]
        self._client.close()

    def hand_over(self) -> None:
        """All chains at once."""
        with ThreadPoolExecutor(len(self._batches)) as threads:
            list(
                threads.map(
                    lambda both: both[0].rpc.batch(both[1]), zip(self._localnet.anvils, self._batches, strict=True)
                )
            )

    def _prepare(self, chain: Chain) -> bytes:
        wallet = Wallet(self._localnet.anvil(chain.selector).rpc, dev_key("user"))
        spent = [token.address for token in chain.tokens]
        assert chain.contracts.link is not None
        for token in (*spent, chain.contracts.link):
            wallet.send(token, encode_call("approve(address,uint256)", chain.contracts.router, _ALLOWANCE), gas=100_000)
        return wallet.deploy(own_artifact("ProgrammableReceiver").creation(chain.contracts.router))

    def _signed(
        self, chain: Chain, receivers: dict[int, bytes], messages_per_lane: int
    ) -> list[tuple[str, tuple[str]]]:
        lanes = [config.lane for config in self._localnet.deployment.lanes if config.source == chain.selector]
        first_nonce = self._localnet.anvil(chain.selector).rpc.nonce(dev_key("user").address)
        batch = []
        for nonce in range(len(lanes) * messages_per_lane):
            place, lane = nonce // len(lanes), lanes[nonce % len(lanes)]
            call = encode_call(SEND_SIGNATURE, lane.dest, self._message(lane, receivers[lane.dest], place))
            transaction = Transaction(
                chain.chain_id,
                first_nonce + nonce,
                _PRIORITY_FEE_WEI,
                _FEE_WEI_MAX,
                _SEND_GAS,
                chain.contracts.router,
                0,
                call,
            )
            signed = sign_transaction(transaction, dev_key("user"))
            batch.append(("eth_sendRawTransaction", ("0x" + signed.raw.hex(),)))
        return batch

    def _message(self, lane: Lane, receiver: bytes, place: int) -> object:
        is_ordered = place % ORDERED_EVERY == 0
        if place % 2:
            return self._client.message(
                lane,
                dev_key("receiver").address,
                b"",
                [("BNM", 1 + place)],
                gas_limit=0,
                allow_out_of_order=not is_ordered,
            )
        return self._client.message(
            lane, receiver, place.to_bytes(64), gas_limit=200_000, allow_out_of_order=not is_ordered
        )


if __name__ == "__main__":
    for name, ours, rival, unit in run():
        print(f"{name}: {ours:.1f} {unit} against {rival:.1f}")  # noqa: T201 - its purpose
