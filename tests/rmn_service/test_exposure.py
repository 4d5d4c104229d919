"""What forged messages could take over a lane: no more than the pool's limit and holding, nothing where cursed."""

from __future__ import annotations

import pytest

from ccip_core.protocol.logs import Header
from ccip_core.protocol.messages import ChainSelector, Lane
from ccip_core.protocol.subjects import chain_subject, subject_text
from detectors.frames import At, CurseChanged, Priced
from detectors.network import ChainFacts, Network, TokenFacts
from detectors.record import Record
from detectors.state_rows import LimitConsumed, LimitSet, Moved
from rmn_service.curses import Curses
from rmn_service.exposure import exposure_of

A, B, C = ChainSelector(1), ChainSelector(2), ChainSelector(3)
TO_B, FROM_C, BACK = Lane(A, B), Lane(C, B), Lane(B, A)
MINTED = TokenFacts("BNM", "0xbnm", "0xbnmpool", "burn_mint", 18)
LOCKED = TokenFacts("LNR", "0xlnr", "0xlnrpool", "lock_release", 6)
START_S = 1_000


class Told:
    """Chain B's record, a block for each row."""

    def __init__(self, *tokens, first_block=1):
        facts = {name: ChainFacts(name, str(name), "0xon", "0xoff") for name in (A, C)}
        facts[B] = ChainFacts(B, "b", "0xon", "0xoff", {token.address: token for token in tokens})
        self.record = Record(Network(facts, frozenset({TO_B, FROM_C, BACK})))
        self.curses = Curses()
        self.number = first_block - 1
        self.block()

    def block(self, make=None):
        self.number += 1
        at = At(B, self.number, f"0x{self.number}", START_S + self.number, f"0xt{self.number}", 0, 0)
        rows = [] if make is None else [make(at)]
        header = Header(self.number, bytes(32), bytes(32), START_S + self.number)
        self.record.extend(B, header, rows, 0)
        for row in rows:
            if isinstance(row, CurseChanged):
                self.curses.apply(row)

    def limit(self, token, source, capacity, *, rate=0, is_enabled=True):
        self.block(lambda at: LimitSet(at, token.pool, source, "in", is_enabled, capacity, rate, is_new=True))

    def ask(self, *lanes, at_s=None):
        return exposure_of(lanes, self.record, self.curses, at_s)


def test_a_limit_bounds_it_less_what_was_drawn_plus_what_refilled():
    told = Told(MINTED)
    told.limit(MINTED, A, 1_000, rate=3)
    told.block(lambda at: LimitConsumed(at, MINTED.pool, A, "in", 400))
    told.block()  # a second later
    (bnm,) = told.ask(TO_B)["open"]
    assert (bnm["amount"], bnm["bound"], bnm["value_micro_usd"]) == ("603", "limit", None)


def test_a_price_makes_it_money_and_the_past_is_asked_by_what_stood_then():
    told = Told(MINTED)
    told.limit(MINTED, A, 7 * 10**18)
    told.block(lambda at: Priced(at, MINTED.address, 2 * 10**18))
    before_s = START_S + told.number
    told.limit(MINTED, A, 10**18)
    assert told.ask(TO_B)["open"][0]["value_micro_usd"] == "2000000"
    assert told.ask(TO_B, at_s=before_s)["open"][0]["value_micro_usd"] == "14000000"


def test_a_pool_gives_no_more_than_it_holds_whatever_its_limits_together_allow():
    told = Told(LOCKED)
    told.limit(LOCKED, A, 600)
    told.limit(LOCKED, C, 500)
    told.block(lambda at: Moved(at, LOCKED.address, "0xsomebody", LOCKED.pool, 800))
    (one,) = told.ask(TO_B)["open"]
    (both,) = told.ask(TO_B, FROM_C)["open"]
    assert (one["amount"], one["bound"]) == ("600", "limit")
    assert (both["amount"], both["bound"]) == ("800", "holding")


def test_a_pool_that_mints_without_a_limit_is_bounded_by_nothing():
    told = Told(MINTED)
    told.limit(MINTED, A, 0, is_enabled=False)
    (bnm,) = told.ask(TO_B)["open"]
    assert (bnm["amount"], bnm["bound"]) == (None, "nothing")


@pytest.mark.parametrize("token", [MINTED, LOCKED])
def test_what_the_record_began_too_late_to_know_is_not_said_to_be_nothing(token):
    (item,) = Told(token, first_block=500).ask(TO_B)["open"]
    assert (item["amount"], item["bound"]) == (None, "unknown")


def test_a_pool_that_no_lane_joins_with_the_source_pays_nothing():
    told = Told(MINTED)
    told.limit(MINTED, C, 1_000)
    assert told.ask(TO_B) == {"open": [], "stopped": []}


def test_a_curse_at_the_destination_stops_it_and_one_at_the_source_does_not():
    told = Told(MINTED)
    told.limit(MINTED, A, 1_000)
    told.block(lambda at: CurseChanged(at, subject_text(chain_subject(C)), is_cursed=True))
    here = At(A, 1, "0x1", START_S, "0xt1", 0, 0)
    told.curses.apply(CurseChanged(here, subject_text(chain_subject(B)), is_cursed=True))
    assert told.ask(TO_B)["open"], "another chain's traffic is cursed, and what is to be sent"
    before_s = START_S + told.number
    told.block(lambda at: CurseChanged(at, subject_text(chain_subject(A)), is_cursed=True))
    stopped = told.ask(TO_B)
    assert stopped["open"] == []
    assert stopped["stopped"][0]["amount"] == "1000"
    assert told.ask(TO_B, at_s=before_s)["open"]
