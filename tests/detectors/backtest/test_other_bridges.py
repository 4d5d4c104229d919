"""Bridges that number otherwise, or whose record begins late: what is stolen is signalled, what is odd is not."""

from __future__ import annotations

import random
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from detectors.backtest import run_backtest
from detectors.registry import all_rules

Event = dict[str, Any]
Write = Callable[..., Path]
MakeEvent = Callable[..., Event]
DAY_S = 86_400
RULES = {rule.name for rule in all_rules()}


def judged(path: Path) -> dict[str, set[str]]:
    """The rules that accuse each event."""
    said: dict[str, set[str]] = {}
    for signal in run_backtest(path)["signals"]:
        if signal["detector"] in RULES:
            said.setdefault(signal["rows"][0], set()).add(signal["detector"])
    return said


def crossing_s(dice: random.Random) -> int:
    """A user releases what she burnt when she likes: minutes later as a rule, weeks later now and then."""
    return 900 + int(dice.lognormvariate(8, 1.5))


def ids_with_others(dice: random.Random, first: int, last: int, count: int) -> list[int]:
    """Ascending ids of a counter that other tokens draw on too."""
    return sorted(dice.sample(range(first, last), count))


# -- Ronin: ids of one counter, burns known from the 20th day on, two releases far above it on the 70th


@pytest.fixture(params=range(3), ids="seed{}".format)
def ronin(request: pytest.FixtureRequest, event: MakeEvent) -> list[Event]:
    dice = random.Random(request.param)
    lines: list[Event] = []
    ids = ids_with_others(dice, 980_000, 1_064_000, 2500)
    for place, number in enumerate(ids):
        burnt_s = DAY_S + 69 * DAY_S * place // len(ids)
        cells = {"nonce": str(number), "receiver": f"0x{dice.randrange(900):x}", "amount_raw": str(10**6 + number)}
        if burnt_s >= 20 * DAY_S:
            lines.append(event("burn", burnt_s, **cells))
        released_s = burnt_s + crossing_s(dice)
        if released_s < 70 * DAY_S and dice.random() < 0.9:
            lines.append(event("release", released_s, **cells))
    old = iter(ids_with_others(dice, 150_000, 980_000, 730))
    for burst in range(10):
        time_s = dice.randrange(2 * DAY_S, 69 * DAY_S)
        lines += [event("release", time_s + 5 * n, nonce=str(next(old)), receiver=f"0xold{burst}") for n in range(73)]
    dice.shuffle(lines)
    return sorted(lines, key=lambda line: line["timestamp"])


def theft(event: MakeEvent) -> list[Event]:
    """173,600 WETH and, 115 s later, 25.5 M USDC."""
    last_s = 70 * DAY_S
    return [
        event("release", last_s, nonce="2000000", amount_raw="173600", receiver="0xthief", label="attack"),
        event("release", last_s + 115, nonce="2000001", amount_raw="25500000", receiver="0xthief", label="attack"),
    ]


def test_both_of_ronins_thefts_are_signalled_and_nothing_else(
    ronin: list[Event], write: Write, event: MakeEvent
) -> None:
    stolen = theft(event)
    said = judged(write([*ronin, *stolen]))
    assert said == {line["event_id"]: {"unmatched_execution", "nonce_frontier"} for line in stolen}


def test_without_any_view_of_the_source_the_frontier_tells(ronin: list[Event], write: Write, event: MakeEvent) -> None:
    stolen = theft(event)
    path = write([line for line in [*ronin, *stolen] if line["side"] == "src_release"])
    severities = [
        signal["severity"] for signal in run_backtest(path)["signals"] if signal["detector"] == "nonce_frontier"
    ]
    assert severities == ["warning", "warning"]
    assert judged(path) == {line["event_id"]: {"nonce_frontier"} for line in stolen}


# -- histories that are not as one would like


def hours_s(dice: random.Random) -> int:
    return 600 + int(dice.lognormvariate(8, 0.8))


def traffic(
    event: MakeEvent,
    dice: random.Random,
    count: int,
    nonce_of: Callable[[int, str], str],
    takes_s: Callable[[random.Random], int] = hours_s,
    **cells: Any,
) -> list[Event]:
    """Burns every twenty minutes, each released; senders come back."""
    lines: list[Event] = []
    for place in range(count):
        burnt_s, who = place * 1200, f"0x{dice.randrange(40):x}"
        own = {"nonce": nonce_of(place, who), "receiver": who, "amount_raw": str(dice.choice([5, 10, 10, 100]) * 10**6)}
        lines += [
            event("burn", burnt_s, **own, **cells),
            event(
                "release",
                burnt_s + takes_s(dice),
                **own,
                **(cells | {"chain": cells.get("to", "b")}),
            ),
        ]
    return [{name: cell for name, cell in line.items() if name != "to"} for line in lines]


def in_time(lines: list[Event], *, since_s: int = 0) -> list[Event]:
    return sorted((line for line in lines if line["timestamp"] >= since_s), key=lambda line: line["timestamp"])


def of_sender() -> Callable[[int, str], str]:
    """Every sender counts for itself, as wallets do."""
    counts: dict[str, int] = {}

    def nonce_of(_: int, who: str) -> str:
        counts[who] = counts.get(who, 0) + 1
        return str(counts[who])

    return nonce_of


NUMBERINGS: dict[str, Callable[[], Callable[[int, str], str]]] = {
    "none": lambda: lambda _place, _who: "",
    "of senders": of_sender,
    "shared": lambda: lambda place, _: str(place * 37 + place % 5),
    "clock": lambda: lambda place, _: str(1_600_000_000_000 + place * 1_200_000 + 86_400_000 * 20 * (place > 400)),
    "hashes": lambda: lambda place, _: f"0x{place:064x}",
    "random 256 bit": lambda: lambda place, _: str(random.Random(place).getrandbits(256)),
    "anew from a million": lambda: lambda place, _: str(place if place < 300 else 10**6 + place),
    "anew from 0": lambda: lambda place, _: str(10**6 + place if place < 300 else place),
    "one glitch": lambda: lambda place, _: str(place - (place == 200)),
}


@pytest.mark.parametrize("since_day", [0, 3], ids=["whole", "late"])
@pytest.mark.parametrize("numbering", NUMBERINGS)
def test_honest_traffic_is_not_accused_however_it_is_numbered(
    write: Write, event: MakeEvent, numbering: str, since_day: int
) -> None:
    lines = in_time(traffic(event, random.Random(numbering), 600, NUMBERINGS[numbering]()), since_s=since_day * DAY_S)
    said = judged(write(lines))
    if since_day == 0:
        assert said == {}
    # A record that began late has to show first how its bridge numbers: that takes a dozen messages at worst.
    first_s = min(line["timestamp"] for line in lines)
    unfamiliar = {line["event_id"] for line in lines if line["timestamp"] < first_s + 12 * 1200}
    assert said.keys() <= unfamiliar


def test_senders_numbers_prove_nothing_about_messages_from_before_the_record(write: Write, event: MakeEvent) -> None:
    def within_two_days(dice: random.Random) -> int:
        return dice.randrange(600, 2 * DAY_S)

    lines = in_time(traffic(event, random.Random(9), 900, of_sender(), within_two_days), since_s=4 * DAY_S)
    first_s = min(line["timestamp"] for line in lines)
    unfamiliar = {line["event_id"] for line in lines if line["timestamp"] < first_s + 12 * 1200}
    assert judged(write(lines)).keys() <= unfamiliar


@pytest.mark.parametrize("numbering", ["none", "of senders", "hashes"])
def test_a_release_that_nobody_paid_for_is_signalled_however_it_is_numbered(
    write: Write, event: MakeEvent, numbering: str
) -> None:
    lines = traffic(event, random.Random(numbering), 600, NUMBERINGS[numbering]())
    stolen = event("release", 590 * 1200, nonce=NUMBERINGS[numbering]()(77_777, "0xthief"), receiver="0xthief")
    assert judged(write(in_time([*lines, stolen]))).keys() == {stolen["event_id"]}


def test_every_direction_has_numbers_of_its_own(write: Write, event: MakeEvent) -> None:
    dice = random.Random(4)
    lines: list[Event] = []
    for source, dest in (("a", "b"), ("b", "a"), ("a", "c"), ("c", "b")):
        direction = {"direction": f"{source}->{dest}", "chain": source, "to": dest}
        lines += traffic(event, dice, 200, lambda place, _: str(place), **direction)
    assert judged(write(in_time(lines))) == {}
    of_a_to_c = next(line for line in lines if line["direction"] == "a->c" and line["side"] == "src_release")
    replayed = of_a_to_c | {"event_id": "replayed", "direction": "c->b", "chain": "b", "timestamp": 250_000}
    assert judged(write(in_time([*lines, replayed]))).keys() == {"replayed"}


def test_two_names_for_one_direction_don_t_mix_messages_up(write: Write, event: MakeEvent) -> None:
    dice = random.Random(5)
    lines = [
        line
        for direction in ("a->b", "a->b, fast")
        for line in traffic(event, dice, 200, lambda place, _: str(place), direction=direction)
    ]
    assert judged(write(in_time(lines))) == {}


def test_while_the_source_is_out_of_the_record_nobody_is_accused(write: Write, event: MakeEvent) -> None:
    lines = traffic(event, random.Random(6), 1500, lambda place, _: str(place))
    gone = range(10 * DAY_S, 14 * DAY_S)
    seen = in_time([line for line in lines if line["side"] != "dst_burn" or line["timestamp"] not in gone])
    # A silence of up to a day is taken for quiet, and what is released then for unpaid.
    unnoticed = {line["event_id"] for line in seen if 0 <= line["timestamp"] - 10 * DAY_S < 1.1 * DAY_S}
    assert judged(write(seen)).keys() <= unnoticed
