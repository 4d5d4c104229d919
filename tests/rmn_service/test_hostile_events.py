"""Whatever CCIP's contracts state, in any order and with any numbers, breaks no judge, no proof and no answer."""

from __future__ import annotations

import random
from typing import TYPE_CHECKING, Any

import pytest

from ccip_core.protocol import events
from ccip_core.protocol.abi import AbiType, Array, Blob, Word, struct_of
from ccip_core.protocol.hashing import message_id
from ccip_core.protocol.messages import Lane, MerkleRoot
from ccip_core.protocol.subjects import GLOBAL_CURSE_SUBJECT, chain_subject
from rmn_service.evidence_proof import envelope, prove

if TYPE_CHECKING:
    from ccip_core.protocol.messages import ChainSelector, EVM2AnyRampMessage
    from tests.rmn_service.conftest import NodeUnderTest, ScriptedCcip

STEPS = 40
PAGES = ("status", "chains", "lanes", "messages", "signals", "incidents", "curses", "proposals", "audit", "metrics")
OF_OFF_RAMP = (events.CommitReportAccepted, events.ExecutionStateChanged)
OF_FEE_QUOTER = (events.UsdPerTokenUpdated, events.UsdPerUnitGasUpdated)
OF_POOL = (
    events.LockedOrBurned, events.ReleasedOrMinted, events.Locked, events.Burned, events.Released, events.Minted,
    events.Transfer, events.TokensConsumed, events.InboundRateLimitConsumed, events.OutboundRateLimitConsumed,
    events.ChainAdded, events.ChainConfigured, events.RateLimitConfigChanged, events.LiquidityAdded,
    events.LiquidityRemoved,
)  # fmt: skip
OF_VOTING = (events.VotedToCurse, events.UnvotedToCurse, events.CurseVotingConfigSet, events.CouncilCursed)
OF_ANY = tuple(events.EVENTS.values())


class Hostile:
    """Chains that state anything. Numbers are extreme as often as not; names are mostly of what exists."""

    def __init__(self, ccip: ScriptedCcip, seed: int) -> None:
        self.ccip = ccip
        self.dice = random.Random(seed)
        self.sent: list[EVM2AnyRampMessage] = []
        self.selectors = list(ccip.rpcs)
        self.addresses = [
            address
            for chain in ccip.deployment.chains
            for address in (*dict(chain.contracts).values(), chain.tokens[0].address, chain.tokens[0].pool)
            if isinstance(address, bytes)
        ]
        self.subjects = [*map(chain_subject, self.selectors), GLOBAL_CURSE_SUBJECT]

    def block(self) -> None:
        chain = self.dice.choice(self.selectors)
        self.ccip.mine(chain, *(self._log(chain) for _ in range(self.dice.randrange(4))))

    def _log(self, chain: ChainSelector) -> tuple[bytes, object]:
        at, token = self.ccip.contracts(chain), self.ccip.deployment.chain(chain).tokens[0]
        assert at.curse_voting is not None
        emitter, kinds = self.dice.choice(
            [
                (at.on_ramp, (events.CCIPMessageSent,)), (at.off_ramp, OF_OFF_RAMP), (at.fee_quoter, OF_FEE_QUOTER),
                (token.pool, OF_POOL), (token.address, (events.Transfer,)), (at.curse_voting, OF_VOTING),
                (at.rmn_remote, (events.Cursed, events.Uncursed)), (self.dice.choice(self.addresses), OF_ANY),
            ]
        )  # fmt: skip
        kind = self.dice.choice(kinds)
        other = self.dice.choice([each for each in self.selectors if each != chain])
        if kind is events.CCIPMessageSent and emitter == at.on_ramp:
            return emitter, self._sent(Lane(chain, other))
        if kind is events.ExecutionStateChanged and self.sent:
            return emitter, self._executed(self.dice.choice(self.sent))
        stated = self._value(struct_of(kind))
        if kind is events.CommitReportAccepted:
            on_ramp = bytes(12) + self.ccip.contracts(other).on_ramp
            root = MerkleRoot(other, on_ramp, self._number(8), self._number(8), self.dice.randbytes(32))
            stated = stated._replace(unblessed_merkle_roots=(root,))
        return emitter, stated

    def _sent(self, lane: Lane) -> events.CCIPMessageSent:
        message = self.ccip.message(lane, data=self.dice.randbytes(9), amount=self.dice.choice([0, 1, 2**256 - 1]))
        header = message.header._replace(sequence_number=self._number(8), nonce=self._number(8))
        message = message._replace(header=header, fee_token_amount=self._number(32), fee_value_juels=self._number(32))
        id_ = message_id(message, on_ramp=self.ccip.contracts(lane.source).on_ramp)
        self.sent.append(message._replace(header=header._replace(message_id=id_)))
        return events.CCIPMessageSent(lane.dest, header.sequence_number, self.sent[-1])

    def _executed(self, message: EVM2AnyRampMessage) -> events.ExecutionStateChanged:
        header, state = message.header, self.dice.randrange(1, 4)
        return events.ExecutionStateChanged(
            header.source_chain_selector, header.sequence_number, header.message_id, self.ccip.leaf(message), state,
            b"", self._number(32),
        )  # fmt: skip

    def _number(self, size: int) -> int:
        top = 256**size - 1
        return self.dice.choice([0, 1, 2, top, top - 1, min(top, 2**63), self.dice.randrange(top + 1)])

    def _value(self, kind: AbiType) -> Any:
        dice = self.dice
        if isinstance(kind, Array):
            return tuple(self._value(kind.item) for _ in range(dice.randrange(3)))
        if isinstance(kind, Blob):
            return (
                dice.choice(["", "\x1b[2J", "x" * 300]) if kind.text == "string" else dice.randbytes(dice.randrange(99))
            )
        if isinstance(kind, Word):
            return self._word(kind)
        fields = tuple(self._value(field) for _, field in kind.fields)
        return kind.maker(*fields) if kind.maker else fields

    def _word(self, kind: Word) -> Any:
        if kind.kind == "bool":
            return self.dice.random() < 0.5
        known: dict[tuple[str, int], list[Any]] = {
            ("uint", 8): self.selectors, ("address", 20): self.addresses, ("bytes", 16): self.subjects
        }  # fmt: skip
        if (kind.kind, kind.size) in known and self.dice.random() < 0.7:
            return self.dice.choice(known[kind.kind, kind.size])
        number = self._number(kind.size)
        return number if kind.kind == "uint" else number.to_bytes(kind.size)


@pytest.mark.parametrize("seed", range(8))
# INV-DET-6
def test_nothing_that_contracts_state_breaks_a_node(node: NodeUnderTest, ccip: ScriptedCcip, seed: int) -> None:
    hostile = Hostile(ccip, seed)
    for _ in range(STEPS):
        hostile.block()
        node.tick()
    service = node.service
    assert service.signals, "the story is not empty"
    assert "unjudged_row" not in {signal.detector for signal in service.signals.values()}
    for id_, signal in service.signals.items():
        bundle = node.http.get(f"/evidence/{service.evidence[id_]}").json()["bundle"]
        assert prove(envelope(bundle, {})).claim["detector"] == signal.detector
    details = [f"incidents/{id_}" for id_ in service.incidents]
    details += [f"messages/0x{message.header.message_id.hex()}" for message in hostile.sent]
    details += [f"blast-radius?kind=curse&subjects={lane.source}:{lane.dest}" for lane in service.network.lanes]
    for page in (*PAGES, *details):
        assert node.http.get(f"/{page}").status_code == 200, page
