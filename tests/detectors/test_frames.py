"""From the bytes of a log to rows, with messages whose ids and leaves the official contracts produced."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from ccip_core.deployment import Deployment
from ccip_core.protocol import events
from ccip_core.protocol.events import decode_log, encode_log_fields
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
from ccip_core.protocol.subjects import chain_subject
from detectors.frames import (
    Committed,
    CurseChanged,
    Executed,
    Minted,
    Pooled,
    Priced,
    Row,
    Sent,
    TokenSent,
    from_log,
    to_frame,
)
from detectors.judge import Judge
from detectors.network import Network, network_from_deployment

GOLDEN = json.loads((Path(__file__).parents[1] / "data" / "golden.json").read_text())
SOURCE, DEST = ChainSelector(GOLDEN["sourceSelector"]), ChainSelector(GOLDEN["destSelector"])
LANE = Lane(SOURCE, DEST)
ON_RAMP, OFF_RAMP, RMN_REMOTE = (bytes.fromhex(GOLDEN[name][2:]) for name in ("onRampA", "offRampB", "rmnRemoteB"))
POOL_A, TOKEN_A, POOL_B, FEE_QUOTER = (bytes([n]) * 20 for n in (0xA1, 0xA2, 0xB1, 0xF0))
TOKEN_B = bytes.fromhex(GOLDEN["messages"][0][8][0][1][-40:])
USER = bytes([0x77]) * 20
ZERO = bytes(20)


def text(raw: bytes) -> str:
    return "0x" + raw.hex()


def message(values: list[Any]) -> EVM2AnyRampMessage:
    header, sender, data, receiver, extra_args, fee_token, fee_amount, juels, tokens = values
    raw = lambda value: bytes.fromhex(value[2:])  # noqa: E731
    return EVM2AnyRampMessage(
        RampMessageHeader(raw(header[0]), *header[1:]),
        raw(sender),
        raw(data),
        raw(receiver),
        raw(extra_args),
        raw(fee_token),
        fee_amount,
        juels,
        tuple(EVM2AnyTokenTransfer(raw(t[0]), raw(t[1]), raw(t[2]), t[3], raw(t[4])) for t in tokens),
    )


MESSAGES = [message(values) for values in GOLDEN["messages"]]
LEAVES = [bytes.fromhex(leaf[2:]) for leaf in GOLDEN["leaves"]]


def chain(selector: ChainSelector, on_ramp: bytes, off_ramp: bytes, token: bytes, pool: bytes) -> dict[str, Any]:
    other = {name: text(bytes([n]) * 20) for n, name in enumerate(("router", "nonce_manager", "rmn_proxy"), start=1)}
    return {
        "chain_id": 31337,
        "selector": str(selector),
        "name": f"chain-{selector}",
        "http": "http://127.0.0.1:1",
        "finality_depth_blocks": 3,
        "block_time_s": 2.0,
        "contracts": {
            "on_ramp": text(on_ramp),
            "off_ramp": text(off_ramp),
            "fee_quoter": text(FEE_QUOTER),
            "rmn_remote": text(RMN_REMOTE),
            "token_admin_registry": text(bytes([9]) * 20),
            **other,
        },
        "tokens": [
            {"symbol": "T", "address": text(token), "pool": text(pool), "pool_type": "burn_mint", "decimals": 18}
        ],
    }


@pytest.fixture
def network() -> Network:
    return network_from_deployment(
        Deployment.model_validate(
            {
                "contracts": "own",
                "chains": [
                    chain(SOURCE, ON_RAMP, bytes([0xC1]) * 20, TOKEN_A, POOL_A),
                    chain(DEST, bytes([0xC2]) * 20, OFF_RAMP, TOKEN_B, POOL_B),
                ],
                "lanes": [{"source": str(SOURCE), "dest": str(DEST)}],
                "rmn": {"f_sign": 1, "home_config_digest": GOLDEN["rmnHomeDigest"]},
            }
        )
    )


def raw_log(address: bytes, event: events.Event, log_index: int = 0, block: int = 5) -> RawLog:
    topics, data = encode_log_fields(event)
    return RawLog(address, topics, data, block, bytes([block]) * 32, bytes([0xEE]) * 32, log_index)


def rows_of(network: Network, selector: ChainSelector, *logs: RawLog, time_s: int = 1000) -> list[Row]:
    rows: list[Row] = []
    for log in logs:
        event = decode_log(log)
        assert event is not None
        header = Header(log.block_number, log.block_hash, bytes(32), time_s)
        rows += from_log(log, event, header, selector, time_s * 1000 + 7, network)
    return rows


def test_a_deployment_becomes_facts(network: Network) -> None:
    facts = network.chains[SOURCE]
    assert network.lanes == {LANE}
    assert facts.on_ramp == text(ON_RAMP)
    assert facts.finality_s == 6
    assert facts.tokens[text(TOKEN_A)].pool == text(POOL_A)
    assert facts.token_of_pool(text(POOL_A)) is facts.token_of_symbol("T") is facts.tokens[text(TOKEN_A)]


@pytest.mark.parametrize("index", range(len(MESSAGES)))
def test_a_message_sent_carries_the_leaf_that_its_destination_computes(network: Network, index: int) -> None:
    sent = MESSAGES[index]
    (row,) = rows_of(network, SOURCE, raw_log(ON_RAMP, events.CCIPMessageSent(DEST, sent.header.sequence_number, sent)))
    assert isinstance(row, Sent)
    assert (row.lane, row.sequence_number, row.on_ramp) == (LANE, sent.header.sequence_number, text(ON_RAMP))
    assert row.leaf == GOLDEN["leaves"][index]
    assert row.message_id == text(sent.header.message_id)
    assert row.receiver == text(sent.receiver[12:])
    assert row.at.row_id == f"{text(bytes([5]) * 32)}:0"
    assert (row.at.block_time_s, row.at.known_at_ms) == (1000, 1_000_007)


def test_its_tokens_name_the_destination_and_the_decimals(network: Network) -> None:
    (row,) = rows_of(network, SOURCE, raw_log(ON_RAMP, events.CCIPMessageSent(DEST, 1, MESSAGES[0])))
    assert isinstance(row, Sent)
    assert row.tokens == (TokenSent("0x0b306bf915c4d645ff596e518faf3f9669b97016", text(TOKEN_B), 10**18, 18),)


def test_a_commit_is_a_row_for_each_root(network: Network) -> None:
    roots = [MerkleRoot(SOURCE, bytes(12) + ON_RAMP, n, n + 1, bytes([n]) * 32) for n in (1, 3)]
    log = raw_log(OFF_RAMP, events.CommitReportAccepted((roots[0],), (roots[1],), PriceUpdates((), ())))
    first, second = rows_of(network, DEST, log)
    assert isinstance(first, Committed)
    assert isinstance(second, Committed)
    assert (first.on_ramp, first.lane, first.is_blessed, second.is_blessed) == (text(ON_RAMP), LANE, True, False)
    assert (second.min_seq_nr, second.max_seq_nr, second.merkle_root) == (3, 4, text(bytes([3]) * 32))


@pytest.mark.parametrize(("state", "word"), [(1, "in_progress"), (2, "success"), (3, "failure")])
def test_an_execution(network: Network, state: int, word: str) -> None:
    event = events.ExecutionStateChanged(SOURCE, 1, bytes([1]) * 32, LEAVES[0], state, b"", 21_000)
    (row,) = rows_of(network, DEST, raw_log(OFF_RAMP, event))
    assert isinstance(row, Executed)
    assert (row.lane, row.sequence_number, row.leaf, row.state) == (LANE, 1, text(LEAVES[0]), word)


def test_pools_of_either_version(network: Network) -> None:
    rows = rows_of(
        network,
        DEST,
        raw_log(POOL_B, events.ReleasedOrMinted(SOURCE, TOKEN_B, OFF_RAMP, USER, 5), 0),
        raw_log(POOL_B, events.Minted(OFF_RAMP, USER, 5), 1),
        raw_log(POOL_B, events.Released(OFF_RAMP, USER, 5), 2),
        raw_log(POOL_B, events.LockedOrBurned(SOURCE, TOKEN_B, USER, 5), 3),
        raw_log(POOL_B, events.Burned(USER, 5), 4),
        raw_log(POOL_B, events.Locked(USER, 5), 5),
        raw_log(POOL_B, events.TokensConsumed(5), 6),
    )
    assert [(row.side, row.remote, row.caller, row.recipient) for row in rows if isinstance(row, Pooled)] == [
        ("in", SOURCE, text(OFF_RAMP), text(USER)),
        ("in", None, text(OFF_RAMP), text(USER)),
        ("in", None, text(OFF_RAMP), text(USER)),
        ("out", SOURCE, text(USER), None),
        ("out", None, text(USER), None),
        ("out", None, text(USER), None),
    ]
    assert {row.token for row in rows if isinstance(row, Pooled)} == {text(TOKEN_B)}
    assert [type(row).__name__ for row in rows if not isinstance(row, Pooled)] == ["LimitConsumed"]


def test_mints_prices_and_curses(network: Network) -> None:
    subject = chain_subject(SOURCE)
    rows = rows_of(
        network,
        DEST,
        raw_log(TOKEN_B, events.Transfer(ZERO, USER, 9), 0),
        raw_log(TOKEN_B, events.Transfer(USER, USER, 9), 1),
        raw_log(FEE_QUOTER, events.UsdPerTokenUpdated(TOKEN_B, 10**18, 1000), 2),
        raw_log(RMN_REMOTE, events.Cursed((subject,)), 3),
        raw_log(RMN_REMOTE, events.Uncursed((subject,)), 4),
    )
    assert [row._replace(at=None) for row in rows] == [  # type: ignore[arg-type]
        Minted(None, text(TOKEN_B), text(USER), 9),  # type: ignore[arg-type]
        Priced(None, text(TOKEN_B), 10**18),  # type: ignore[arg-type]
        CurseChanged(None, text(subject), is_cursed=True),  # type: ignore[arg-type]
        CurseChanged(None, text(subject), is_cursed=False),  # type: ignore[arg-type]
    ]


@pytest.mark.parametrize(
    "event",
    [
        events.CCIPMessageSent(DEST, 1, MESSAGES[0]),
        events.ExecutionStateChanged(SOURCE, 1, bytes(32), bytes(32), 2, b"", 0),
        events.ReleasedOrMinted(SOURCE, TOKEN_B, OFF_RAMP, USER, 5),
        events.Transfer(ZERO, USER, 9),
        events.UsdPerTokenUpdated(TOKEN_B, 10**18, 1000),
        events.Cursed((chain_subject(SOURCE),)),
        events.CommitReportAccepted((), (), PriceUpdates((), ())),
    ],
    ids=lambda event: type(event).__name__,
)
def test_a_stranger_states_nothing(network: Network, event: events.Event) -> None:
    for stranger in (bytes([0x66]) * 20, TOKEN_A, POOL_A, ZERO):
        assert rows_of(network, DEST, raw_log(stranger, event)) == []
    assert rows_of(network, ChainSelector(42), raw_log(OFF_RAMP, event)) == []


def test_messages_to_chains_without_a_lane_are_not_ours(network: Network) -> None:
    event = events.CCIPMessageSent(ChainSelector(42), 1, MESSAGES[0])
    assert rows_of(network, SOURCE, raw_log(ON_RAMP, event)) == []


def test_a_frame_keeps_every_integer_whole(network: Network) -> None:
    frame = to_frame(
        rows_of(
            network,
            SOURCE,
            raw_log(ON_RAMP, events.CCIPMessageSent(DEST, 1, MESSAGES[0])),
            raw_log(POOL_A, events.ReleasedOrMinted(DEST, TOKEN_A, USER, USER, 2**256 - 1), 1),
        )
    )
    assert list(frame["kind"]) == ["Sent", "Pooled"]
    assert frame["amount"][1] == 2**256 - 1
    assert frame["chain"][0] == SOURCE
    assert to_frame([]).empty


def _blocks(forged: bytes | None = None) -> list[tuple[ChainSelector, int, list[RawLog]]]:
    root = merkle_root(LEAVES)
    number = MESSAGES[0].header
    mint = [
        raw_log(TOKEN_B, events.Transfer(ZERO, bytes([0xBE]) * 20, 10**18), 0, 12),
        raw_log(POOL_B, events.ReleasedOrMinted(SOURCE, TOKEN_B, OFF_RAMP, bytes([0xBE]) * 20, 10**18), 1, 12),
    ]
    done = events.ExecutionStateChanged(SOURCE, 1, number.message_id, LEAVES[0], 2, b"", 0)
    committed = MerkleRoot(SOURCE, bytes(12) + ON_RAMP, 1, len(LEAVES), forged or root)
    return [
        (SOURCE, 0, []),
        (DEST, 0, []),
        (
            SOURCE,
            5,
            [
                raw_log(ON_RAMP, events.CCIPMessageSent(DEST, sent.header.sequence_number, sent), n)
                for n, sent in enumerate(MESSAGES)
            ],
        ),
        (SOURCE, 6, []),
        (DEST, 11, [raw_log(OFF_RAMP, events.CommitReportAccepted((committed,), (), PriceUpdates((), ())), 0, 11)]),
        (DEST, 12, [*mint, raw_log(OFF_RAMP, done, 2, 12)]),
        (SOURCE, 13, []),
    ]


def judged(network: Network, blocks: list[tuple[ChainSelector, int, list[RawLog]]]) -> list[str]:
    judge = Judge(network)
    for selector, number, logs in blocks:
        time_s = 1000 + number
        rows = rows_of(network, selector, *logs, time_s=time_s)
        judge.extend(selector, Header(number, bytes(32), bytes(32), time_s), rows, time_s * 1000)
    return [signal.detector for signal in judge.ask(1 << 60)]


def test_official_messages_commit_and_execution_are_fine(network: Network) -> None:
    assert judged(network, _blocks()) == []


def test_a_forged_root_over_official_messages_is_accused(network: Network) -> None:
    assert judged(network, _blocks(forged=bytes([7]) * 32)) == ["root_mismatch"]


def test_from_log_to_signal_in_the_forged_block_itself(network: Network) -> None:
    judge = Judge(network)
    for selector in (SOURCE, DEST):
        judge.extend(selector, Header(0, bytes(32), bytes(32), 1000), (), 0)
    for number in range(1, 11):
        root = MerkleRoot(SOURCE, bytes(12) + ON_RAMP, number, number, bytes(32))
        forged = events.ExecutionStateChanged(SOURCE, 10**6 + number, bytes(32), bytes([number]) * 32, 2, b"", 0)
        logs = [
            raw_log(OFF_RAMP, events.CommitReportAccepted((), (root,), PriceUpdates((), ())), 0, number),
            raw_log(POOL_B, events.ReleasedOrMinted(SOURCE, TOKEN_B, USER, USER, 10**18), 1, number),
            raw_log(OFF_RAMP, forged, 2, number),
        ]
        judge.extend(SOURCE, Header(number, bytes(32), bytes(32), 1000 + number), (), number)
        rows = rows_of(network, DEST, *logs, time_s=1000 + number)
        judge.extend(DEST, Header(number, bytes(32), bytes(32), 1000 + number), rows, 10**7)
        signals = judge.ask(1 << 60)
        assert {"interval_gap", "unmatched_execution", "unbacked_release"} <= {one.detector for one in signals}
