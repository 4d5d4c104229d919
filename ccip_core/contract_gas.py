"""What CCIP's six dear calls cost on our contracts and on upstream's bytecode, from the same input.

Two fresh networks of two chains, one a contract set. Their deployers take the same steps, so contracts, messages,
signatures and proofs are equal to the byte, and no clock enters: the figures are the same on every machine, and
`contracts/gas.json` can be compared exactly. Everything is done twice and measured the second time, when counters and
balances are no longer zero. A figure is the gas of the call itself, without what a transaction and its calldata cost
whatever the contract does.

`python -m ccip_core.contract_gas` measures and writes the file.
"""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, NamedTuple

import typer

from ccip_core import views
from ccip_core.client import SEND_SIGNATURE, CcipClient
from ccip_core.don.execute import CommittedRoot, SeenMessage, report_of
from ccip_core.don.prices import local_prices
from ccip_core.localnet.contract_set import own_artifact
from ccip_core.localnet.keys import dev_key
from ccip_core.localnet.localnet import Localnet
from ccip_core.protocol import events
from ccip_core.protocol.blessing import rmn_digest, sign_blessing
from ccip_core.protocol.codec import encode, encode_address, encode_args, encode_call
from ccip_core.protocol.hashing import leaf, to_any2evm
from ccip_core.protocol.merkle import merkle_root
from ccip_core.protocol.messages import CommitReport, MerkleRoot, PriceUpdates, RmnReport, RmnSignature
from ccip_core.protocol.ocr3 import encode_commit_call, encode_execute_call, ocr3_digest, pack_signatures
from ccip_core.toolchain import CONTRACTS
from ccip_core.wallet import Wallet

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from ccip_core.deployment import Token
    from ccip_core.localnet.anvil import Anvil
    from ccip_core.protocol.messages import EVM2AnyMessage
    from ccip_core.rpc import Receipt

SNAPSHOT = CONTRACTS / "gas.json"
RATIO_MAX = 1.15
"""The most that a call of ours may cost of what upstream's costs."""
BATCH = 8
"""Messages of one root, half of them executed at once."""

_GAS = 10_000_000
_TRANSACTION_GAS, _ZERO_BYTE_GAS, _BYTE_GAS = 21_000, 4, 16
"""What a transaction pays before its first instruction."""
_ETHER = 10**18
_PAUSE_S = 600
"""Of chain time before each step, so that every bucket is full again and every price is old."""
_ALLOWANCE = (1 << 256) - 1
_SUCCESS = 2
_LOCK = "lockOrBurn((bytes,uint64,address,uint256,address))"
_RELEASE = "releaseOrMint((bytes,uint64,address,uint256,address,bytes,bytes,bytes))"
_VERIFY = "verify(address,(uint64,bytes,uint64,uint64,bytes32)[],(bytes32,bytes32)[])"


class Gas(NamedTuple):
    """Of one call, on both contract sets."""

    own: int
    chainlink: int

    @property
    def ratio(self) -> float:
        """Ours in terms of theirs."""
        return self.own / self.chainlink


def table() -> dict[str, Gas]:
    """Measure both sets. Errors: those of `Localnet.up`."""
    own, chainlink = measured("own"), measured("chainlink")
    return {call: Gas(gas, chainlink[call]) for call, gas in own.items()}


def recorded() -> dict[str, Gas]:
    """What `contracts/gas.json` says."""
    return {call: Gas(**gas) for call, gas in json.loads(SNAPSHOT.read_bytes()).items()}


def measured(contracts: str) -> dict[str, int]:
    """The gas of each call on a fresh network of this contract set."""
    with Localnet.up(2, contracts) as localnet:
        stage = _Stage(localnet)
        try:
            for _ in range(2):
                gas = dict(stage.calls())
        finally:
            stage.close()
    return gas


class _Stage:
    """Everybody whom a call needs: a user, oracles, RMN nodes, and the ramps, in whose name anvil sends."""

    def __init__(self, localnet: Localnet) -> None:
        deployment = localnet.deployment
        self._lane = deployment.lanes[0].lane
        self._source, self._dest = deployment.chain(self._lane.source), deployment.chain(self._lane.dest)
        self._source_anvil, self._dest_anvil = localnet.anvil(self._lane.source), localnet.anvil(self._lane.dest)
        self._prices = local_prices(deployment, self._lane.dest)
        self._home_digest = deployment.rmn.home_config_digest
        self._client = CcipClient(deployment, dev_key("user"))
        receiver = own_artifact("ProgrammableReceiver").creation(self._dest.contracts.router)
        self._receiver = Wallet(self._dest_anvil.rpc, dev_key("user")).deploy(receiver)
        self._user, self._oracle = dev_key("user").address, dev_key("oracle_transmitter", 0).address
        self._ocr_sequence_number = 0
        for anvil, ramp in (
            (self._source_anvil, self._source.contracts.on_ramp),
            (self._dest_anvil, self._dest.contracts.off_ramp),
        ):
            anvil.rpc.request("evm_setIntervalMining", (0,))
            anvil.rpc.request("anvil_autoImpersonateAccount", (True,))
            anvil.rpc.request("anvil_setBalance", ("0x" + ramp.hex(), hex(_ETHER)))
        assert self._source.contracts.link is not None
        allow = encode_call("approve(address,uint256)", self._source.contracts.router, _ALLOWANCE)
        for token in (self._source.contracts.link, *(token.address for token in self._source.tokens)):
            _sent(self._source_anvil, self._user, token, allow)

    def close(self) -> None:
        self._client.close()

    def calls(self) -> Iterator[tuple[str, int]]:
        """Name and gas of each call."""
        message = self._client.message
        data = message(self._lane, self._receiver, b"\1" * 64)
        ordered = message(self._lane, self._receiver, b"\1" * 64, allow_out_of_order=False)
        token = message(self._lane, dev_key("receiver").address, tokens=[("BNM", _ETHER)], gas_limit=0)
        sent = [self._send(each) for each in (data, ordered, token)]
        for name, (gas, _) in zip(("64 bytes", "64 bytes, ordered", "a token"), sent, strict=True):
            yield f"ccipSend: {name}", gas
        root = self._root([seen for _, seen in sent])
        yield "commit: a blessed root and prices", self._commit(root, self._prices)
        for name, place in (("64 bytes", 0), ("64 bytes, ordered", 1), ("a token", 2)):
            yield f"execute: {name}", self._execute(root, [place])
        batch = self._root([self._send(data)[1] for _ in range(BATCH)])
        yield "commit: a blessed root", self._commit(batch, PriceUpdates((), ()))
        yield f"execute: {BATCH // 2} messages of {BATCH}", self._execute(batch, range(0, BATCH, 2))
        yield "verify: 2 signatures", self._verify(root.root)
        for here, there in zip(self._source.tokens, self._dest.tokens, strict=True):
            if here.pool_type == there.pool_type:
                yield f"lockOrBurn: {here.pool_type}", self._lock(here)
                yield f"releaseOrMint: {here.pool_type}", self._release(here, there)

    def _send(self, message: EVM2AnyMessage) -> tuple[int, SeenMessage]:
        call = encode_call(SEND_SIGNATURE, self._lane.dest, message)
        gas, receipt = _sent(self._source_anvil, self._user, self._source.contracts.router, call)
        found = [event for log in receipt.logs if isinstance(event := events.decode_log(log), events.CCIPMessageSent)]
        arriving = to_any2evm(found[0].message)
        return gas, SeenMessage(arriving, leaf(arriving, encode_address(self._source.contracts.on_ramp)))

    def _root(self, messages: Sequence[SeenMessage]) -> CommittedRoot:
        numbers = [seen.message.header.sequence_number for seen in messages]
        on_ramp = encode_address(self._source.contracts.on_ramp)
        tree = merkle_root([seen.leaf for seen in messages])
        return CommittedRoot(MerkleRoot(self._lane.source, on_ramp, numbers[0], numbers[-1], tree), tuple(messages))

    def _blessings(self, root: MerkleRoot) -> tuple[RmnSignature, ...]:
        place = self._dest.contracts
        report = RmnReport(
            self._dest.chain_id, self._lane.dest, place.rmn_remote, place.off_ramp, self._home_digest, (root,)
        )
        nodes = sorted((dev_key("rmn_signer", index) for index in range(2)), key=lambda key: key.address)
        return tuple(sign_blessing(node, rmn_digest(report)) for node in nodes)

    def _commit(self, committed: CommittedRoot, prices: PriceUpdates) -> int:
        root = committed.root
        self._ocr_sequence_number += 1
        digest = views.ocr_config(self._dest_anvil.rpc, self._dest.contracts.off_ramp, 0).config_digest
        report = CommitReport(prices, (root,), (), self._blessings(root))
        to_sign = ocr3_digest(encode(report), digest, self._ocr_sequence_number)
        signatures = pack_signatures([dev_key("oracle_signer", index).sign_digest(to_sign) for index in range(2)])
        call = encode_commit_call(digest, self._ocr_sequence_number, report, signatures)
        return _sent(self._dest_anvil, self._oracle, self._dest.contracts.off_ramp, call)[0]

    def _execute(self, root: CommittedRoot, places: Sequence[int]) -> int:
        digest = views.ocr_config(self._dest_anvil.rpc, self._dest.contracts.off_ramp, 1).config_digest
        call = encode_execute_call(digest, self._ocr_sequence_number, [report_of(root, places)])
        gas, receipt = _sent(self._dest_anvil, self._oracle, self._dest.contracts.off_ramp, call)
        states = [
            event.state
            for log in receipt.logs
            if isinstance(event := events.decode_log(log), events.ExecutionStateChanged)
        ]
        assert states == [_SUCCESS] * len(places)
        return gas

    def _verify(self, root: MerkleRoot) -> int:
        call = encode_call(_VERIFY, self._dest.contracts.off_ramp, (root,), self._blessings(root))
        return _sent(self._dest_anvil, self._oracle, self._dest.contracts.rmn_remote, call)[0]

    def _lock(self, token: Token) -> int:
        """The OnRamp has handed the pool the amount when it calls."""
        hand_over = encode_call("transfer(address,uint256)", token.pool, _ETHER)
        _sent(self._source_anvil, self._user, token.address, hand_over)
        arguments = (encode_address(self._receiver), self._lane.dest, self._user, _ETHER, token.address)
        call = encode_call(_LOCK, arguments)
        return _sent(self._source_anvil, self._source.contracts.on_ramp, token.pool, call)[0]

    def _release(self, here: Token, there: Token) -> int:
        arguments = (
            encode_address(self._user),
            self._lane.source,
            dev_key("receiver").address,
            _ETHER,
            there.address,
            encode_address(here.pool),
            encode_args(("uint256",), (here.decimals,)),
            b"",
        )
        call = encode_call(_RELEASE, arguments)
        return _sent(self._dest_anvil, self._dest.contracts.off_ramp, there.pool, call)[0]


def _sent(anvil: Anvil, sender: bytes, to: bytes, data: bytes) -> tuple[int, Receipt]:
    """Anvil sends in anybody's name; the gas of the call itself."""
    transaction = {"from": "0x" + sender.hex(), "to": "0x" + to.hex(), "data": "0x" + data.hex(), "gas": hex(_GAS)}
    anvil.rpc.request("evm_increaseTime", (_PAUSE_S,))
    tx_hash = bytes.fromhex(anvil.rpc.request("eth_sendTransaction", (transaction,))[2:])
    anvil.mine()
    receipt = anvil.rpc.receipt(tx_hash)
    assert receipt is not None
    assert receipt.is_success, f"0x{tx_hash.hex()} reverted"
    zeros = data.count(0)
    return receipt.gas_used - _TRANSACTION_GAS - _ZERO_BYTE_GAS * zeros - _BYTE_GAS * (len(data) - zeros), receipt


def main() -> None:
    """Measure and write."""
    SNAPSHOT.write_text(json.dumps({call: gas._asdict() for call, gas in table().items()}, indent=2) + "\n")
    typer.echo(SNAPSHOT.read_text(), nl=False)


if __name__ == "__main__":
    main()
