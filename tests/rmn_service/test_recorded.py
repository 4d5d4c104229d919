"""A node's database as a history: replayed as it is, and handed on as a file that says the same."""

from __future__ import annotations

import contextlib
import json
from typing import TYPE_CHECKING

import pyarrow.parquet as pa_parquet
import pytest

from ccip_core.protocol import events
from ccip_core.protocol.codec import encode_address
from ccip_core.protocol.events import encode_log_fields
from ccip_core.protocol.hashing import leaf_of_sent, message_id
from ccip_core.protocol.logs import Header, RawLog
from ccip_core.protocol.messages import EVM2AnyTokenTransfer, Lane
from detectors.frames import Executed, Pooled, Priced, Sent
from rmn_service.cli.app import run
from rmn_service.recorded import export_table, read_recorded
from rmn_service.steps import Block
from rmn_service.store import Store

if TYPE_CHECKING:
    from collections.abc import Iterator
    from typing import Any

    from ccip_core.protocol.messages import EVM2AnyRampMessage
    from tests.rmn_service.conftest import NodeUnderTest, ScriptedCcip

ALPHA, BETA = 3379446385462418246, 7759470850252068959
LANE = Lane(ALPHA, BETA)
RECEIVER = b"\x02" * 20
TOKEN = 10**18


def block(number: int, time_s: int, *transactions: list[tuple[bytes, Any]]) -> Block:
    """One block; each list is one transaction's (emitter, event)."""
    header = Header(number, number.to_bytes(32), (number - 1).to_bytes(32), time_s)
    logs: list[RawLog] = []
    for place, transaction in enumerate(transactions):
        for emitter, event in transaction:
            topics, data = encode_log_fields(event)
            tx_hash = (number * 100 + place).to_bytes(32)
            logs.append(RawLog(emitter, tuple(topics), data, number, header.hash, tx_hash, len(logs)))
    return Block(header, tuple(logs))


class Bridge:
    """Honest token messages from alpha to beta, as logs."""

    def __init__(self, ccip: ScriptedCcip) -> None:
        self.source, self.dest = (ccip.deployment.chain(selector) for selector in LANE)
        self._ccip = ccip

    def message(self, number: int, amount: int) -> EVM2AnyRampMessage:
        pool, other = self.source.tokens[0].pool, self.dest.tokens[0].address
        transfer = EVM2AnyTokenTransfer(pool, encode_address(other), (18).to_bytes(32), amount, (0).to_bytes(32))
        plain = self._ccip.message(LANE)
        header = plain.header._replace(sequence_number=number, message_id=bytes(32))
        message = plain._replace(header=header, token_amounts=(transfer,))
        id_ = message_id(message, on_ramp=self.source.contracts.on_ramp)
        return message._replace(header=header._replace(message_id=id_))

    def sent(self, message: EVM2AnyRampMessage) -> list[tuple[bytes, Any]]:
        token, amount = self.source.tokens[0], message.token_amounts[0].amount
        on_ramp = self.source.contracts.on_ramp
        burned = events.LockedOrBurned(BETA, token.address, on_ramp, amount)
        return [
            (token.address, events.Transfer(b"\x01" * 20, token.pool, amount)),
            (token.address, events.Transfer(token.pool, bytes(20), amount)),
            (token.pool, burned),
            (on_ramp, events.CCIPMessageSent(BETA, message.header.sequence_number, message)),
        ]

    def executed(self, message: EVM2AnyRampMessage) -> list[tuple[bytes, Any]]:
        token, amount = self.dest.tokens[0], message.token_amounts[0].amount
        off_ramp, number = self.dest.contracts.off_ramp, message.header.sequence_number
        leaf = leaf_of_sent(message, on_ramp=self.source.contracts.on_ramp)
        minted = events.ReleasedOrMinted(ALPHA, token.address, off_ramp, RECEIVER, amount)
        done = events.ExecutionStateChanged(ALPHA, number, message.header.message_id, leaf, 2, b"", 1)
        made = events.Transfer(bytes(20), RECEIVER, amount)
        return [(token.address, made), (token.pool, minted), (off_ramp, done)]

    def priced(self, chain: Any, usd: int) -> list[tuple[bytes, Any]]:
        return [(chain.contracts.fee_quoter, events.UsdPerTokenUpdated(chain.tokens[0].address, usd * 10**18, 1))]


@pytest.fixture
def bridge(ccip: ScriptedCcip) -> Bridge:
    return Bridge(ccip)


@pytest.fixture
def store(ccip: ScriptedCcip, bridge: Bridge) -> Iterator[Store]:
    """Two messages; both are executed in one transaction, as the DON batches them."""
    first, second = bridge.message(1, 3 * TOKEN), bridge.message(2, 5 * TOKEN)
    with Store.open(f"sqlite:///{ccip.folder / 'node.db'}", deployment=ccip.deployment) as opened:
        # Read in an hour, long after it happened, and the destination first.
        opened.append(
            BETA,
            [
                block(7, 1_000_000, bridge.priced(bridge.dest, 2)),
                block(8, 1_000_600, [*bridge.executed(first), *bridge.executed(second)]),
            ],
            known_at_ms=9_000_000_000,
        )
        opened.append(
            ALPHA,
            [
                block(5, 1_000_010, bridge.priced(bridge.source, 2)),
                block(6, 1_000_020, bridge.sent(first), bridge.sent(second)),
            ],
            known_at_ms=9_000_000_001,
        )
        yield opened


def test_rows_come_by_block_time_and_each_message_is_an_event_with_its_value(store: Store, bridge: Bridge) -> None:
    history = read_recorded(store, bridge._ccip.deployment)
    told = [type(row).__name__ for row in history.rows if isinstance(row, Priced | Pooled | Sent | Executed)]
    assert told == ["Priced", "Priced", *["Pooled", "Sent"] * 2, *["Pooled", "Executed"] * 2]
    times = [row.at.known_at_ms for row in history.rows]
    assert times == sorted(times)
    assert times[0] == 1_000_000_000
    assert list(history.micro_usd.values()) == [6_000_000, 10_000_000, 6_000_000, 10_000_000]
    assert history.directions[LANE] == "geth-testnet->anvil-devnet"


def test_the_table_has_a_line_a_message_and_side_with_canonical_tokens(store: Store, bridge: Bridge) -> None:
    table = export_table(store, bridge._ccip.deployment)
    assert table["side"] == ["dst_burn", "dst_burn", "dst_mint", "dst_mint"]
    assert table["nonce"] == ["1", "2", "1", "2"]
    assert table["amount_raw"] == [str(3 * TOKEN), str(5 * TOKEN)] * 2
    assert table["usd"] == [6.0, 10.0, 6.0, 10.0]
    assert table["receiver"] == ["0x" + RECEIVER.hex()] * 4
    assert len(set(table["token"])) == 2
    assert len(set(table["token_eth"])) == 1
    assert len(set(table["event_id"])) == 4


def backtest(capsys: pytest.CaptureFixture[str], *arguments: str) -> dict[str, Any]:
    capsys.readouterr()
    assert run(["backtest", *arguments, "--json", "-"]) == 0
    result: dict[str, Any] = json.loads(capsys.readouterr().out)
    return result


# INV-DET-2
def test_a_leak_check_reads_the_database_itself(
    capsys: pytest.CaptureFixture[str], store: Store, ccip: ScriptedCcip
) -> None:
    store.close()
    assert run(["backtest", str(ccip.folder / "node.db"), "--leak-check"]) == 0
    assert capsys.readouterr().out == "no leak: 0 signals and 4 rows of scores are equal at 4 cuts\n"


@pytest.mark.parametrize("name", ["history.parquet", "history.csv"])
def test_honest_messages_are_quiet_in_the_database_and_in_its_export(
    capsys: pytest.CaptureFixture[str], store: Store, ccip: ScriptedCcip, name: str
) -> None:
    store.close()
    database, out = str(ccip.folder / "node.db"), str(ccip.folder / name)
    assert run(["export", database, "--out", out]) == 0
    assert "4 rows" in capsys.readouterr().out
    for history in (database, out):
        result = backtest(capsys, history)
        assert result["rows"] == 4
        assert result["signals"] == []
        assert result["undecided"]["rows"] == 0


def test_a_replay_of_the_database_accuses_whom_the_node_accused(
    capsys: pytest.CaptureFixture[str], node: NodeUnderTest, ccip: ScriptedCcip
) -> None:
    honest = ccip.send(LANE)
    ccip.mine_all(3)
    ccip.commit(ccip.claim(LANE, 1, 1))
    ccip.execute(honest)
    ccip.forge(LANE)
    ccip.mine_all(2)
    ccip.level()
    node.tick()
    said = {signal.detector for signal in node.service.signals.values()}
    assert said
    result = backtest(capsys, str(ccip.folder / "node.db"), "--config", str(ccip.folder / "node.toml"))
    assert {signal["detector"] for signal in result["signals"]} == said
    out = ccip.folder / "history.parquet"
    assert run(["export", str(ccip.folder / "node.db"), "--out", str(out)]) == 0
    assert pa_parquet.read_table(out).num_rows == 3
    exported = backtest(capsys, str(out))
    assert {signal["detector"] for signal in exported["signals"]} == said


@pytest.mark.usefixtures("store")
@pytest.mark.parametrize(
    ("arguments", "complaint"),
    [
        ("none.db --out history.csv", "none.db: no such file"),
        ("node.db --out history.xlsx", "history.xlsx: unknown kind of file"),
        ("node.db --out history.csv --deployment none.json", "none.json"),
        ("node.db --out history.csv --config none.toml", "config = none.toml: No such file"),
        ("node.db --out none/history.csv", "out = none/history.csv: "),
    ],
)
def test_an_export_that_cannot_be_says_why(
    capsys: pytest.CaptureFixture[str], ccip: ScriptedCcip, arguments: str, complaint: str
) -> None:
    with contextlib.chdir(ccip.folder):
        assert run(["export", *arguments.split()]) == 2
    (line,) = capsys.readouterr().err.splitlines()
    assert complaint in line
