"""A user of CCIP: quote, send, follow, and execute by hand.

Every refusal of the contracts is turned into one sentence (`CcipRefusal`); what the caller asked wrongly is a
`BadRequest` before anything is sent. Approvals are for exact amounts.
"""

from __future__ import annotations

import time
from typing import TYPE_CHECKING, Literal, NamedTuple, Never

from ccip_core import journey as journeys
from ccip_core import views
from ccip_core.amounts import amount_text
from ccip_core.chains import Chains
from ccip_core.journey import Commit, Journey, MessageState, Sent
from ccip_core.manual_execution import manual_execution, open_from_s
from ccip_core.preflight import Finding, Preflight
from ccip_core.protocol import codec, events, extra_args
from ccip_core.protocol.messages import EVM2AnyMessage, EVM2AnyRampMessage, EVMTokenAmount, Lane
from ccip_core.protocol.structs_v1_5 import EVM2EVMMessage
from ccip_core.refusal import BadRequest, CcipRefusal, refusal
from ccip_core.rpc import RpcRefused
from ccip_core.tracking import Progress, passed, progress
from ccip_core.wallet import TransactionFailed, Wallet

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from ccip_core.deployment import Chain, Deployment, Token
    from ccip_core.rpc import Receipt
    from ccip_core.signers import Signer

FeeToken = Literal["LINK", "native"]

LINK: FeeToken = "LINK"
NATIVE = bytes(20)
SEND_SIGNATURE = "ccipSend(uint64,(bytes,bytes,(address,uint256)[],address,bytes))"
_GET_FEE = "getFee(uint64,(bytes,bytes,(address,uint256)[],address,bytes))"


class SentMessage(NamedTuple):
    """What `send` leaves behind: enough to follow the message."""

    message_id: bytes
    sequence_number: int
    tx_hash: bytes
    lane: Lane
    block_number: int
    fee: int


class CcipClient:
    """Acts on a deployment with one key, which pays on every chain.

    Errors of every method: `DeploymentError` (the file, or a chain that it names, can't be used), `RpcError` (a chain
    stopped answering), `TransactionError` (it was not mined in time), `BadRequest`, `CcipRefusal`.
    """

    def __init__(self, deployment: Deployment, signer: Signer) -> None:
        self.deployment = deployment
        self.chains = Chains(deployment)
        self._signer = signer
        self._wallets: dict[int, Wallet] = {}

    @property
    def address(self) -> bytes:
        """The account that sends."""
        return self._signer.address

    def close(self) -> None:
        """Close every connection."""
        self.chains.close()

    def message(
        self,
        lane: Lane,
        receiver: bytes,
        data: bytes = b"",
        tokens: Sequence[tuple[str, int]] = (),
        *,
        gas_limit: int = 200_000,
        allow_out_of_order: bool = True,
        fee_token: FeeToken = LINK,
    ) -> EVM2AnyMessage:
        """The message for the Router; tokens are pairs of symbol and amount in the source token's smallest units."""
        source = self._source(lane)
        if len(receiver) != 20:
            raise BadRequest(f"receiver = 0x{receiver.hex()}: an EVM address has 20 bytes")
        link = source.contracts.link if fee_token == LINK else NATIVE
        if link is None:
            raise BadRequest(f"fee-token = LINK: the deployment names no LINK on {source.name}; pay with native")
        return EVM2AnyMessage(
            receiver=codec.encode_address(receiver),
            data=data,
            token_amounts=tuple(EVMTokenAmount(find_token(source, symbol).address, n) for symbol, n in tokens),
            fee_token=link,
            extra_args=extra_args.encode_v2(gas_limit, allow_out_of_order),
        )

    def quote(self, lane: Lane, message: EVM2AnyMessage) -> int:
        """The Router's fee for this message, in the smallest units of its fee token."""
        source = self._source(lane)
        call = codec.encode_call(_GET_FEE, lane.dest, message)
        try:
            answer = self.chains.rpc(lane.source).call(source.contracts.router, call)
        except RpcRefused as error:
            self._refuse("quote", lane, error)
        (fee,) = codec.decode_args(("uint256",), answer)
        return int(fee)

    def preflight(self, lane: Lane, message: EVM2AnyMessage) -> list[Finding]:
        """Everything that would stop this message, on both chains, the worst last. Nothing is sent."""
        self._source(lane)
        questions = Preflight(self.chains, lane, message, self.address)
        try:
            fee = self.quote(lane, message)
        except CcipRefusal as refused:
            return [*questions.findings(None), Finding("fee", "stop", str(refused))]
        return questions.findings(fee)

    def send(
        self,
        lane: Lane,
        receiver: bytes,
        data: bytes = b"",
        tokens: Sequence[tuple[str, int]] = (),
        *,
        gas_limit: int = 200_000,
        allow_out_of_order: bool = True,
        fee_token: FeeToken = LINK,
    ) -> SentMessage:
        """Quote, approve and send; returns when the sending transaction is mined."""
        source = self._source(lane)
        message = self.message(
            lane,
            receiver,
            data,
            tokens,
            gas_limit=gas_limit,
            allow_out_of_order=allow_out_of_order,
            fee_token=fee_token,
        )
        fee = self.quote(lane, message)
        needs = _needs(message, fee)
        self._check_funds(source, needs, fee if message.fee_token == NATIVE else 0)
        call = codec.encode_call(SEND_SIGNATURE, lane.dest, message)
        try:
            self._approve(source, needs)
            receipt = self._wallet(lane.source).transact(
                source.contracts.router, call, value_wei=fee if message.fee_token == NATIVE else 0
            )
        except (RpcRefused, TransactionFailed) as error:
            self._refuse("send", lane, error)
        on_ramp = views.on_ramp(self.chains.rpc(lane.source), source.contracts.router, lane.dest)
        return _sent_message(receipt, on_ramp, lane, fee)

    def state(self, message_id: bytes) -> MessageState:
        """How far the message has come."""
        return self.show(message_id).state

    def track(self, sent: SentMessage, timeout_s: float = 120.0) -> MessageState:
        """Follow a message until it ends or the time is up; the last state seen."""
        deadline = time.monotonic() + timeout_s
        pause_s = max(0.05, min(1.0, self.chains.chain(sent.lane.dest).block_time_s / 4))
        found = self._find(sent.message_id)
        while not journeys.has_run(self.chains, found) and time.monotonic() < deadline:
            time.sleep(pause_s)
        return self.state(sent.message_id)

    def follow(self, message_id: bytes, timeout_s: float = 120.0) -> Iterator[Progress]:
        """Each stage as it is reached, and each change of what is waited for, to the end or until the time is up."""
        sent = self._find(message_id)
        deadline = time.monotonic() + timeout_s
        pause_s = max(0.05, min(1.0, self.chains.chain(sent.lane.dest).block_time_s / 4))
        last: Progress | None = None
        while True:
            way = journeys.journey(self.chains, sent)
            now = progress(self.chains, way)
            stages = passed(None if last is None else last.stage, now.stage, way)
            yield from (Progress(stage, "") for stage in stages[:-1])
            if now != last:
                yield now
            last = now
            if now.stage.is_end or time.monotonic() >= deadline:
                return
            time.sleep(pause_s)

    def show(self, message_id: bytes) -> Journey:
        """The message's way, with the transactions of each step."""
        return journeys.journey(self.chains, self._find(message_id))

    def execute(self, message_id: bytes, gas_limit: int | None = None) -> MessageState:
        """Execute by hand a committed message, with another gas limit for its receiver if given."""
        sent = self._find(message_id)
        way = journeys.journey(self.chains, sent)
        if way.state in {MessageState.SUCCESS, MessageState.DISPLACED}:
            raise CcipRefusal(f"message 0x{message_id.hex()}: nothing to execute, its state is {way.state}")
        if way.commit is None:
            raise CcipRefusal(
                f"message 0x{message_id.hex()}: not committed yet (state: {way.state}); wait for its commit"
            )
        off_ramp, call, gas = manual_execution(self.chains, sent, way.commit, gas_limit)
        try:
            self.chains.rpc(sent.lane.dest).call(off_ramp, call, sender=self.address)
            self._wallet(sent.lane.dest).transact(off_ramp, call, gas=gas)
        except (RpcRefused, TransactionFailed) as error:
            self._refuse("execute", sent.lane, error, hint=self._wait_hint(sent, way.commit))
        return self.state(message_id)

    def _source(self, lane: Lane) -> Chain:
        if self.deployment.lane(lane) is None:
            raise BadRequest(f"lane = {self._lane_text(lane)}: not in this deployment; see `ccip lanes`")
        return self.chains.chain(lane.source)

    def _lane_text(self, lane: Lane) -> str:
        names = {chain.selector: chain.name for chain in self.deployment.chains}
        return f"{names.get(lane.source, lane.source)} → {names.get(lane.dest, lane.dest)}"

    def _wallet(self, selector: int) -> Wallet:
        if selector not in self._wallets:
            self._wallets[selector] = Wallet(self.chains.rpc(selector), self._signer)
        return self._wallets[selector]

    def _find(self, message_id: bytes) -> Sent:
        sent = journeys.find_sent(self.chains, message_id)
        if sent is None:
            raise BadRequest(f"message_id = 0x{message_id.hex()}: no OnRamp of this deployment sent it")
        return sent

    def _check_funds(self, source: Chain, needs: dict[bytes, int], value_wei: int) -> None:
        rpc = self.chains.rpc(source.selector)
        for token, needed in needs.items():
            has = views.balance_of(rpc, token, self.address)
            if has < needed:
                symbol, decimals = _describe(source, token)
                raise CcipRefusal(
                    f"0x{self.address.hex()} has {amount_text(has, decimals)} {symbol} on {source.name} "
                    f"and needs {amount_text(needed, decimals)} (amount and fee)"
                )
        has_wei = rpc.balance(self.address)
        if has_wei < value_wei:
            raise CcipRefusal(f"0x{self.address.hex()} has {has_wei} wei on {source.name}; the fee is {value_wei}")

    def _approve(self, source: Chain, needs: dict[bytes, int]) -> None:
        """Approve what is missing, all in one block if the chain is willing."""
        rpc, router, wallet = self.chains.rpc(source.selector), source.contracts.router, self._wallet(source.selector)
        sent = [
            wallet.send(token, codec.encode_call("approve(address,uint256)", router, needed))
            for token, needed in needs.items()
            if views.allowance(rpc, token, self.address, router) < needed
        ]
        for tx_hash in sent:
            if not wallet.wait(tx_hash).is_success:
                raise CcipRefusal(f"approve on {source.name}: transaction 0x{tx_hash.hex()} reverted")

    def _wait_hint(self, sent: Sent, commit: Commit) -> str:
        now_s = views.latest(self.chains.rpc(sent.lane.dest)).timestamp_s
        return f"in {max(0, open_from_s(self.chains, sent, commit) - now_s)} s"

    def _refuse(self, what: str, lane: Lane, error: RpcRefused | TransactionFailed, hint: str = "later") -> Never:
        raise refusal(what, self.deployment, lane, error, hint) from None


def find_token(chain: Chain, symbol: str) -> Token:
    """The chain's token of this symbol.

    Raises:
        BadRequest: there is none such; the message lists what there is.
    """
    for token in chain.tokens:
        if token.symbol == symbol:
            return token
    raise BadRequest(
        f"token = {symbol}: not on {chain.name}; it has {', '.join(t.symbol for t in chain.tokens) or 'none'}"
    )


def _needs(message: EVM2AnyMessage, fee: int) -> dict[bytes, int]:
    """What the Router will pull, per token: LINK may be both cargo and fee."""
    needs: dict[bytes, int] = {}
    for token, amount in message.token_amounts:
        needs[token] = needs.get(token, 0) + amount
    if message.fee_token != NATIVE:
        needs[message.fee_token] = needs.get(message.fee_token, 0) + fee
    return needs


def _describe(chain: Chain, address: bytes) -> tuple[str, int]:
    for token in chain.tokens:
        if token.address == address:
            return token.symbol, token.decimals
    return "LINK", 18


def _sent_message(receipt: Receipt, on_ramp: bytes, lane: Lane, fee: int) -> SentMessage:
    for log in receipt.logs:
        match events.decode_log(log) if log.address == on_ramp else None:
            case events.CCIPMessageSent(message=EVM2AnyRampMessage(header=header)):
                message_id, number = header.message_id, header.sequence_number
            case events.CCIPSendRequested(message=EVM2EVMMessage(message_id=message_id, sequence_number=number)):
                pass
            case _:
                continue
        return SentMessage(message_id, number, receipt.tx_hash, lane, receipt.block_number, fee)
    raise CcipRefusal(f"transaction 0x{receipt.tx_hash.hex()} was mined but its OnRamp sent no message")
