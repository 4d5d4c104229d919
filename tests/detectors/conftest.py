"""A network of four chains and a story-teller: blocks of rows as an indexer would hand them over."""

from __future__ import annotations

import hashlib
import json
import random
import sys
from collections.abc import Callable, Iterable, Sequence
from types import ModuleType
from typing import NamedTuple

import pytest

from ccip_core.protocol.logs import Header
from ccip_core.protocol.merkle import merkle_root
from ccip_core.protocol.messages import ChainSelector, Lane
from detectors.detector import Signal
from detectors.frames import (
    At,
    Committed,
    CurseChanged,
    Executed,
    FinalityViolated,
    Minted,
    Pooled,
    Priced,
    Row,
    Sent,
    TokenSent,
)
from detectors.judge import Grounds, Judge
from detectors.network import ChainFacts, Network, TokenFacts
from detectors.rederive import rederive
from detectors.settings import Settings
from detectors.state_rows import (
    ConfigChanged,
    Disagreed,
    LimitConsumed,
    LimitSet,
    LiquidityMoved,
    Moved,
    Side,
    Unjudged,
    Voted,
    VotersSet,
)
from rmn_service.audit_chain import canonical_json
from rmn_service.evidence import grounds_document
from rmn_service.evidence_proof import grounds_of

A, B, C, D, E = (ChainSelector(selector) for selector in (3379446385462418246, 7759470850252068959, 9003, 9004, 9005))
LANES = [Lane(A, B), Lane(B, A), Lane(C, D), Lane(D, C)]
FURTHER = Lane(B, E)
"""Where value goes on to from A and B."""
USER, THIEF, NOBODY = "0x" + "11" * 20, "0x" + "66" * 20, "0x" + "00" * 20
SETTINGS = Settings(grace_days=3, false_alarms_per_day=20.0)
"""So that a story of weeks is enough for the statistics to speak."""
ROLES = (
    "router",
    "on_ramp",
    "off_ramp",
    "fee_quoter",
    "nonce_manager",
    "rmn_remote",
    "rmn_proxy",
    "curse_voting",
    "token_admin_registry",
)


def address(*parts: object) -> str:
    return "0x" + hashlib.sha256(repr(parts).encode()).hexdigest()[:40]


def digest(*parts: object) -> str:
    return "0x" + hashlib.sha256(repr(parts).encode()).hexdigest()


def token(chain: ChainSelector, symbol: str) -> str:
    return address(chain, symbol)


def pool(chain: ChainSelector, symbol: str) -> str:
    return address(chain, symbol, "pool")


def _facts(chain: ChainSelector) -> ChainFacts:
    # HYB is locked with 6 decimals on A and C and minted with 18 elsewhere; BNM is minted with 18 everywhere.
    is_home = chain in {A, C}
    tokens = [
        TokenFacts("BNM", token(chain, "BNM"), pool(chain, "BNM"), "burn_mint", 18),
        TokenFacts(
            "HYB",
            token(chain, "HYB"),
            pool(chain, "HYB"),
            "lock_release" if is_home else "burn_mint",
            6 if is_home else 18,
        ),
    ]
    return ChainFacts(
        selector=chain,
        name=f"chain-{chain}",
        on_ramp=address(chain, "on_ramp"),
        off_ramp=address(chain, "off_ramp"),
        tokens={each.address: each for each in tokens},
        fee_quoter=address(chain, "fee_quoter"),
        rmn_remote=address(chain, "rmn_remote"),
        finality_s=2,
        roles={address(chain, role): role for role in ROLES},
    )


NETWORK = Network({chain: _facts(chain) for chain in (A, B, C, D, E)}, frozenset({*LANES, FURTHER}))

Tx = Callable[[At], Row]
"""A log that waits to be placed."""


class Step(NamedTuple):
    chain: ChainSelector
    header: Header
    rows: tuple[Row, ...]
    known_at_ms: int


def sent(
    lane: Lane,
    number: int,
    *tokens: tuple[str, int],
    salt: str = "",
    nonce: int = 0,
    message_id: str | None = None,
    sender: str = USER,
    receiver: str = USER,
) -> Tx:
    transfers = tuple(
        TokenSent(
            pool(lane.source, symbol),
            token(lane.dest, symbol),
            amount,
            NETWORK.chains[lane.source].tokens[token(lane.source, symbol)].decimals,
        )
        for symbol, amount in tokens
    )
    ramp = NETWORK.chains[lane.source].on_ramp
    ids = message_id or digest("id", lane, number, salt), leaf(lane, number, salt)
    return lambda at: Sent(at, lane, ramp, number, *ids, nonce, sender, receiver, transfers)


def leaf(lane: Lane, number: int, salt: str = "") -> str:
    return digest("leaf", lane, number, salt)


def root(lane: Lane, first: int, last: int) -> str:
    return "0x" + merkle_root([bytes.fromhex(leaf(lane, n)[2:]) for n in range(first, last + 1)]).hex()


def committed(lane: Lane, first: int, last: int, *, merkle: str | None = None, on_ramp: str | None = None) -> Tx:
    facts = NETWORK.chains[lane.dest]
    ramp = on_ramp or NETWORK.chains[lane.source].on_ramp
    is_of = merkle or root(lane, first, last)
    return lambda at: Committed(at, lane, facts.off_ramp, ramp, first, last, is_of, is_blessed=True)


def executed(lane: Lane, number: int, state: str = "success", *, salt: str = "", message_id: str | None = None) -> Tx:
    ramp = NETWORK.chains[lane.dest].off_ramp
    ids = message_id or digest("id", lane, number, salt), leaf(lane, number, salt)
    return lambda at: Executed(at, lane, ramp, number, *ids, state)  # type: ignore[arg-type]


def released(
    lane: Lane, symbol: str, amount: int, *, caller: str | None = None, recipient: str = USER, is_old: bool = False
) -> Tx:
    by = caller or NETWORK.chains[lane.dest].off_ramp
    remote = None if is_old else lane.source
    where = pool(lane.dest, symbol), token(lane.dest, symbol)
    return lambda at: Pooled(at, "in", *where, remote, by, recipient, amount)


def minted(chain: ChainSelector, symbol: str, amount: int, recipient: str = USER) -> Tx:
    return lambda at: Minted(at, token(chain, symbol), recipient, amount)


def priced(chain: ChainSelector, symbol: str, usd_per_token: int) -> Tx:
    return lambda at: Priced(at, token(chain, symbol), usd_per_token)


def pooled_out(lane: Lane, symbol: str, amount: int, *, is_old: bool = False) -> Tx:
    remote = None if is_old else lane.dest
    where = pool(lane.source, symbol), token(lane.source, symbol)
    return lambda at: Pooled(at, "out", *where, remote, NETWORK.chains[lane.source].on_ramp, None, amount)


def moved(chain: ChainSelector, symbol: str, sender: str, recipient: str, amount: int) -> Tx:
    return lambda at: Moved(at, token(chain, symbol), sender, recipient, amount)


def liquidity(chain: ChainSelector, symbol: str, side: Side, amount: int) -> Tx:
    return lambda at: LiquidityMoved(at, pool(chain, symbol), side, USER, amount)


def changed(
    chain: ChainSelector, role: str, what: str, subject: str = "", *, contract: str | None = None, **values: object
) -> Tx:
    """A change of a setting; `__` in a name stands for the dot of a nested field."""
    texts = tuple((name.replace("__", "."), str(value)) for name, value in values.items())
    remote = ChainSelector(int(subject)) if subject.isdecimal() and len(subject) > 3 else None
    return lambda at: ConfigChanged(at, contract or address(chain, role), role, what, subject, remote, texts)


def limit_set(lane: Lane, symbol: str, capacity: int, rate: int, *, side: Side = "out", is_new: bool = False) -> Tx:
    here, there = (lane.source, lane.dest) if side == "out" else (lane.dest, lane.source)
    return lambda at: LimitSet(at, pool(here, symbol), there, side, capacity > 0, capacity, rate, is_new)


def drawn(lane: Lane, symbol: str, amount: int, *, side: Side = "out") -> Tx:
    here, there = (lane.source, lane.dest) if side == "out" else (lane.dest, lane.source)
    return lambda at: LimitConsumed(at, pool(here, symbol), there, side, amount)


def consumed(chain: ChainSelector, symbol: str, amount: int) -> Tx:
    """As a pool of 1.5.1 states a draw: no word about the bucket."""
    return lambda at: LimitConsumed(at, pool(chain, symbol), None, None, amount)


def departure(lane: Lane, number: int, symbol: str, amount: int) -> list[Tx]:
    """The logs of an honest message with tokens of a 1.5.1 pool that burns them."""
    here, where = lane.source, pool(lane.source, symbol)
    return [
        moved(here, symbol, USER, where, amount),
        consumed(here, symbol, amount),
        moved(here, symbol, where, NOBODY, amount),
        pooled_out(lane, symbol, amount, is_old=True),
        sent(lane, number, (symbol, amount)),
    ]


def arrival(lane: Lane, number: int, symbol: str, amount: int) -> list[Tx]:
    """The logs of its execution by a 1.5.1 pool that mints."""
    here = lane.dest
    mint, release = minted(here, symbol, amount), released(lane, symbol, amount, is_old=True)
    return [consumed(here, symbol, amount), mint, release, executed(lane, number)]


def voters(*weights: tuple[str, int], threshold: int = 2) -> Tx:
    return lambda at: VotersSet(at, weights, threshold)


def voted(voter: str, *subjects: str, is_taken_back: bool = False) -> Tx:
    return lambda at: Voted(at, voter, subjects, is_taken_back)


def cursed(subject: str, *, is_cursed: bool = True) -> Tx:
    return lambda at: CurseChanged(at, subject, is_cursed)


def subject_of(chain: ChainSelector) -> str:
    return f"0x{chain:032x}"


def disagreed(chain: ChainSelector, step: Step) -> Disagreed:
    at = At(chain, step.header.number, "0x" + step.header.hash.hex(), step.header.timestamp_s, "", -2, step.known_at_ms)
    return Disagreed(at, f"the hash of block {step.header.number}", (("endpoint 1", "0xaa"), ("endpoint 2", "0xbb")))


def unjudged(chain: ChainSelector, step: Step) -> Unjudged:
    return Unjudged(disagreed(chain, step).at, "a rule", "ZeroDivisionError")


class Story:
    """Blocks, one after the other; each transaction is a sequence of logs."""

    def __init__(self, branch: str = "") -> None:
        self.steps: list[Step] = []
        self._branch = branch
        self._numbers: dict[ChainSelector, int] = {}

    def block(self, chain: ChainSelector, time_s: int, *txs: Sequence[Tx]) -> Step:
        number = self._numbers.get(chain, -1) + 1
        self._numbers[chain] = number
        block_hash = digest("block", chain, number, time_s, self._branch, len(self.steps))
        rows: list[Row] = []
        for position, logs in enumerate(txs):
            for log in logs:
                at = At(chain, number, block_hash, time_s, digest("tx", block_hash, position), len(rows), time_s * 1000)
                rows.append(log(at))
        header = Header(number, bytes.fromhex(block_hash[2:]), b"", time_s)
        step = Step(chain, header, tuple(rows), time_s * 1000)
        self.steps.append(step)
        return step

    def heads(self, time_s: int, *chains: ChainSelector) -> None:
        """An empty block on each of these chains."""
        for chain in chains:
            self.block(chain, time_s)

    def judge(self, *, settings: Settings = SETTINGS, whole: bool = True) -> Judge:
        """A judge that knows every step. `whole`: nothing was sent before the first block."""
        judge = Judge(NETWORK, settings=settings, keeps_grounds=True)
        for chain in NETWORK.chains:
            judge.watch_since(chain, 0, is_whole=whole)
        tell(judge, self.steps)
        return judge

    def signals(self, *, whole: bool = True, without: str = "") -> list[Signal]:
        """`without`: the detector that rightly says of these things what another one says, in its own words.

        Every signal of every story is derived again from its grounds alone, as an evidence bundle carries them.
        """
        judge = self.judge(whole=whole)
        signals = judge.ask(1 << 60)
        for signal in signals:
            grounds = carried(judge.take_grounds(signal.id))
            again = rederive(signal.detector, NETWORK, judge.settings, grounds)
            assert signal in again, f"{signal} is not what its grounds say: {again}"
        return [signal for signal in signals if signal.detector != without]


def carried(grounds: Grounds) -> Grounds:
    """The grounds after their way through a file."""
    rows: dict[Row, int] = {}
    text = canonical_json(grounds_document(grounds, lambda row: rows.setdefault(row, len(rows))))
    return grounds_of(json.loads(text), list(rows))


def tell(judge: Judge, steps: Iterable[Step]) -> None:
    for step in steps:
        judge.extend(step.chain, step.header, step.rows, step.known_at_ms)


def broken_finality(chain: ChainSelector, step: Step) -> FinalityViolated:
    at = At(chain, step.header.number, digest("new", step.header), step.header.timestamp_s, "", -1, step.known_at_ms)
    return FinalityViolated(at, step.header.number, "0x" + step.header.hash.hex(), at.block_hash)


@pytest.fixture
def story() -> Story:
    return Story()


@pytest.fixture(scope="session")
def scene() -> ModuleType:
    """The words of this file, for tests to tell stories with: `scene.sent(…)`, `scene.random_story(…)`."""
    return sys.modules[__name__]


def random_story(seed: int, lanes: Sequence[Lane] = tuple(LANES), days: int = 24) -> Story:
    """Weeks of honest traffic on some lanes, with an attack of every kind strewn in."""
    dice = random.Random(seed)
    story = Story(str((seed, lanes)))
    chains = sorted({chain for lane in lanes for chain in lane})
    next_number = dict.fromkeys(lanes, 1)
    flying: list[tuple[Lane, int, str, int]] = []
    time_s = 1_700_000_000
    story.heads(time_s, *chains)
    for chain in chains:
        story.block(chain, time_s + 1, [priced(chain, "BNM", 10**18), priced(chain, "HYB", 2 * 10**30)])
    for lane in lanes:
        story.block(lane.source, time_s + 2, [limit_set(lane, "BNM", 10**24, 10**18, is_new=True)])
        seats = [(address("voter", n), 1) for n in range(4)]
        story.block(lane.dest, time_s + 2, [voters(*seats)])
    next_number[lanes[0]] += _caravan(story, lanes[0], time_s + 10)
    done: list[tuple[Lane, int, str, int]] = []
    while time_s < 1_700_000_000 + days * 86_400:
        time_s += dice.randrange(60, 20_000)
        lane = dice.choice(lanes)
        what = dice.random()
        if what < 0.45 or not flying:
            number, symbol = next_number[lane], dice.choice(["BNM", "HYB"])
            decimals = NETWORK.chains[lane.source].tokens[token(lane.source, symbol)].decimals
            amount = dice.randrange(1, 1000) * 10**decimals
            next_number[lane] = number + 1
            story.block(lane.source, time_s, [sent(lane, number, (symbol, amount))])
            story.heads(time_s + 30, *chains)
            is_honest = dice.random() < 0.95
            story.block(lane.dest, time_s + 40, [committed(lane, number, number, merkle=None if is_honest else "0x00")])
            flying.append((lane, number, symbol, amount))
        elif what < 0.9:
            flight = flying.pop(dice.randrange(len(flying)))
            story.heads(time_s - 1, *chains)
            story.block(flight[0].dest, time_s, *_execution(dice, flight))
            done.append(flight)
        else:
            _attack(dice, story, lane, time_s, done)
        if dice.random() < 0.08:
            time_s = _stir(dice, story, lane, time_s + 40)
        if dice.random() < 0.12:
            time_s = _tamper(dice, story, lane, time_s + 50)
    return story


def local_amount(lane: Lane, symbol: str, amount: int) -> int:
    ours = NETWORK.chains[lane.dest].tokens[token(lane.dest, symbol)].decimals
    theirs = NETWORK.chains[lane.source].tokens[token(lane.source, symbol)].decimals
    return amount * 10**ours // 10**theirs


def moves(lane: Lane, symbol: str, amount: int, recipient: str = USER) -> list[Tx]:
    """The logs of an honest release: a mint first, where the token lives by that, then the pool's event."""
    facts = NETWORK.chains[lane.dest].tokens[token(lane.dest, symbol)]
    mint = [minted(lane.dest, symbol, amount, recipient)] if facts.pool_type == "burn_mint" else []
    return [*mint, released(lane, symbol, amount, recipient=recipient)]


def _execution(dice: random.Random, flight: tuple[Lane, int, str, int]) -> list[list[Tx]]:
    lane, number, symbol, amount = flight
    success = [*moves(lane, symbol, local_amount(lane, symbol, amount)), executed(lane, number)]
    return [[executed(lane, number, "failure")], success] if dice.random() < 0.2 else [success]


def _attack(dice: random.Random, story: Story, lane: Lane, time_s: int, done: list[tuple[Lane, int, str, int]]) -> None:
    kind = dice.choice(["forged", "double", "inflated", "mint", "release", "root", "spike"])
    if kind == "forged":
        story.block(
            lane.dest, time_s, [*moves(lane, "BNM", 10**20), executed(lane, 10**6 + dice.randrange(9), salt="f")]
        )
    elif kind in {"double", "inflated"} and done:
        gone, number, symbol, amount = dice.choice(done)
        more = 2 if kind == "inflated" else 1
        story.block(
            gone.dest, time_s, [*moves(gone, symbol, more * local_amount(gone, symbol, amount)), executed(gone, number)]
        )
    elif kind == "mint":
        story.block(lane.dest, time_s, [minted(lane.dest, "BNM", 10**24, THIEF)])
    elif kind == "release":
        story.block(lane.dest, time_s, [released(lane, "HYB", 10**9, caller=THIEF, recipient=THIEF)])
    elif kind == "root":
        story.block(lane.dest, time_s, [committed(lane, 10**7, 10**7 + 1, merkle=digest("forged"))])
    else:
        story.block(lane.dest, time_s, [released(lane, "BNM", 10**25, caller=THIEF, recipient=THIEF)])
    story.heads(time_s + 30, *lane)


def _stir(dice: random.Random, story: Story, lane: Lane, time_s: int) -> int:
    """Something that is not about one message: settings, limits, liquidity, prices, votes; when it was over."""
    kind = dice.choice(["setting", "limit", "drain", "withdrawal", "price", "vote", "false deposit"])
    here, there = lane.dest, lane.source
    if kind == "setting":
        story.block(here, time_s, [changed(here, "router", "OffRampAdded", str(there), off_ramp=THIEF)])
    elif kind == "limit":
        is_old, amount = dice.random() < 0.5, 95 * 10**22
        logs = departure(lane, 10**8 + dice.randrange(10**6), "BNM", amount)
        story.block(there, time_s, logs if is_old else [drawn(lane, "BNM", amount)])
    elif kind == "drain":
        story.block(here, time_s, [moved(here, "HYB", pool(here, "HYB"), THIEF, 10**9)])
    elif kind == "withdrawal":
        logs = [liquidity(here, "HYB", "out", 10**9), moved(here, "HYB", pool(here, "HYB"), USER, 10**9)]
        story.block(here, time_s, logs)
    elif kind == "price":
        story.block(here, time_s, [priced(here, "BNM", 10**18)], [priced(here, "BNM", 10**20)])
        story.block(here, time_s + 1, [priced(here, "BNM", 10**18)])
        time_s += 901
    elif kind == "vote":
        story.block(here, time_s, [voted(address("voter", 1), subject_of(there))])
    else:
        number = 10**8 + dice.randrange(10**6)
        logs = [moved(there, "BNM", USER, pool(there, "BNM"), 1), pooled_out(lane, "BNM", 10**18)]
        story.block(there, time_s, [*logs, sent(lane, number, ("BNM", 10**18))])
    story.heads(time_s + 5, *lane)
    return time_s + 5


def _caravan(story: Story, lane: Lane, time_s: int) -> int:
    """A day's worth of messages without tokens at once, so that a lane's numbers have shown how they rise."""
    numbers = range(1, 121)
    story.block(lane.source, time_s, *([sent(lane, number)] for number in numbers))
    story.block(lane.dest, time_s + 10, [committed(lane, numbers[0], numbers[-1])])
    story.block(lane.dest, time_s + 20, *([executed(lane, number)] for number in numbers))
    story.heads(time_s + 30, *lane)
    return len(numbers)


def _tamper(dice: random.Random, story: Story, lane: Lane, time_s: int) -> int:
    """What is wrong about numbers, ids, order and time rather than about tokens; when it was over."""
    kind = dice.choice(["altered", "same id", "leap", "out of order", "rushed", "early", "layered"])
    here, there, number = lane.dest, lane.source, 10**9 + dice.randrange(10**6)
    if kind == "altered":
        story.block(there, time_s, [sent(lane, number)])
        story.block(here, time_s + 10, [executed(lane, number, salt="altered")])
    elif kind == "same id":
        twin = digest("twin", lane, number)
        story.block(there, time_s, *([sent(lane, number + n, message_id=twin)] for n in range(2)))
    elif kind == "leap":
        story.block(here, time_s + 10, [executed(lane, 10**12 + number)])
    elif kind == "out of order":
        story.block(there, time_s, *([sent(lane, number + n, nonce=n)] for n in (1, 2)))
        story.block(here, time_s + 10, [executed(lane, number + 2)], [executed(lane, number + 1)])
    elif kind == "layered":
        story.block(there, time_s, [sent(lane, number, ("BNM", 10**18), receiver=THIEF)])
        story.heads(time_s + 10, there)
        story.block(here, time_s + 20, [*moves(lane, "BNM", 10**18, THIEF), executed(lane, number)])
        if here == FURTHER.source:
            further = sent(FURTHER, number, ("BNM", 10**18), sender=THIEF, receiver=USER)
            story.block(here, time_s + 20, [further])
    else:
        story.block(there, time_s, [sent(lane, number)])
        story.block(here, time_s, [executed(lane, number) if kind == "rushed" else committed(lane, number, number)])
    story.heads(time_s + 20, *lane)
    return time_s + 20
