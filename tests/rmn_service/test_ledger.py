"""The ledger's law: after any script of blocks and rewinds it answers as one that only ever saw what stands."""

from __future__ import annotations

from typing import NamedTuple

from hypothesis import given
from hypothesis import strategies as st

from ccip_core.protocol.logs import Header
from ccip_core.protocol.messages import ChainSelector, Lane
from detectors.frames import At, Executed, Row, Sent, TokenSent
from detectors.network import ChainFacts, Network, TokenFacts
from detectors.record import Record
from rmn_service.ledger import Ledger
from rmn_service.scratch import Scratch

A, B = ChainSelector(1), ChainSelector(2)
LANE = Lane(A, B)
TOKEN = TokenFacts("BNM", "0xt", "0xp", "burn_mint", 18)
NETWORK = Network(
    {A: ChainFacts(A, "a", "0xon", "0xoff", {"0xt": TOKEN}), B: ChainFacts(B, "b", "0xon", "0xoff")}, frozenset({LANE})
)


class Step(NamedTuple):
    """One more block with messages sent or executed, or a rewind by so many blocks."""

    chain: ChainSelector
    numbers: tuple[int, ...]
    rewind: int
    branch: int


steps = st.lists(
    st.builds(
        Step,
        st.sampled_from([A, B]),
        st.lists(st.integers(1, 6), max_size=3, unique=True).map(tuple),
        st.integers(0, 3),
        st.integers(0, 10**6),
    ),
    max_size=25,
)


def rows_of(step: Step, number: int) -> list[Row]:
    block_hash = f"0x{step.chain}-{number}-{step.branch}"
    rows: list[Row] = []
    for index, sequence_number in enumerate(step.numbers):
        at = At(step.chain, number, block_hash, 100 + 10 * number, f"{block_hash}:{index}", index, 0)
        id_ = f"0xid{sequence_number}"
        if step.chain == A:
            tokens = (TokenSent("0xp", "0xd", 10 * sequence_number, 18),)
            rows.append(Sent(at, LANE, "0xon", sequence_number, id_, id_, 0, f"0xs{index}", "0xr", tokens))
        else:
            rows.append(Executed(at, LANE, "0xoff", sequence_number, id_, id_, "success"))
    return rows


class Chains:
    """A record and its ledger, extended and rewound together as the service does it."""

    def __init__(self) -> None:
        self.record = Record(NETWORK)
        self.ledger = Ledger(NETWORK, self.record, Scratch())
        self.blocks: dict[ChainSelector, list[list[Row]]] = {A: [], B: []}

    def extend(self, chain: ChainSelector, rows: list[Row]) -> None:
        number = len(self.blocks[chain]) + 1
        self.blocks[chain].append(rows)
        self.record.extend(chain, Header(number, bytes(32), bytes(32), 100 + 10 * number), rows, 0)
        for row in rows:
            self.ledger.apply(row)

    def rewind(self, chain: ChainSelector, blocks: int) -> None:
        number = max(0, len(self.blocks[chain]) - blocks)
        del self.blocks[chain][number:]
        self.record.rewind(chain, number)
        self.ledger.rewind(chain, number)

    def answers(self) -> dict[str, object]:
        """All that people ask, without the order in which this process happened to learn of things."""
        ledger = self.ledger
        return {
            "in flight": sorted(entry.sent.at.row_id for entry in ledger.in_flight(LANE)),
            "sent": sorted(entry.sent.at.row_id for entry in ledger.sent_between([LANE], None, None)),
            "late": sorted(entry.sent.at.row_id for entry in ledger.sent_between([LANE], 130, 160)),
            "by sender": sorted(entry.sent.at.row_id for entry in ledger.of_sender("0xs0")),
            "by token": sorted(entry.sent.at.row_id for entry in ledger.of_tokens(["0xt"])),
            "departed": [ledger.sent_in(LANE, since, until) for since in (0, 120, 150) for until in (140, 200, 900)],
            "senders": ledger.senders_since([LANE], 130),
            "moved": [ledger.moved(LANE, since, until) for since in (0, 120, 150) for until in (140, 200, 900)],
        }


@given(steps)
def test_rewinds_leave_no_trace(script: list[Step]) -> None:
    chains = Chains()
    for step in script:
        if step.rewind:
            chains.rewind(step.chain, step.rewind)
        chains.extend(step.chain, rows_of(step, len(chains.blocks[step.chain]) + 1))
    afresh = Chains()
    for chain in (A, B):
        for rows in chains.blocks[chain]:
            afresh.extend(chain, rows)
    once = {number for rows in chains.blocks[A] for row in rows for number in [row.sequence_number]}  # type: ignore[union-attr]
    if sum(len(rows) for rows in chains.blocks[A]) == len(once):  # a number sent twice is an incident, not a ledger
        assert chains.answers() == afresh.answers()


@given(st.permutations([A, B]), st.integers(1, 6))
def test_which_chain_was_read_first_does_not_matter(order: list[ChainSelector], number: int) -> None:
    chains = Chains()
    for chain in order:
        chains.extend(chain, rows_of(Step(chain, (number,), 0, 0), 1))
    assert chains.ledger.in_flight(LANE) == []
    flow = chains.ledger.moved(LANE, 0, 1_000)
    assert (flow.messages, flow.tokens) == (1, {"0xt": 10 * number})
