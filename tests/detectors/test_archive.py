"""A judge whose old rows are laid down says what one says that holds them all: the same signals, at the same asking."""

from __future__ import annotations

import random
from bisect import bisect_right
from types import ModuleType
from typing import TYPE_CHECKING, Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from detectors.archive import ArchiveError, Paged
from detectors.judge import Judge
from detectors.rederive import rederive
from rmn_service.scratch import Scratch

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

    from conftest import Step, Story

    from ccip_core.protocol.logs import Header
    from ccip_core.protocol.messages import ChainSelector
    from detectors.detector import Signal
    from detectors.frames import Row

NEVER_MS = 1 << 60
DAY_S = 86_400


def late_attacks(scene: ModuleType, story: Story, dice: random.Random) -> None:
    """Weeks later: what was done is done again, under its own name and under another one."""
    rows = [row for step in story.steps for row in step.rows]
    executed = [row for row in rows if type(row).__name__ == "Executed" and row.state == "success"]
    sent = [row for row in rows if type(row).__name__ == "Sent"]
    roots = [row for row in rows if type(row).__name__ == "Committed"]
    time_s = story.steps[-1].header.timestamp_s + 20 * DAY_S
    story.heads(time_s, *scene.NETWORK.chains)
    for nth, (message, again, root) in enumerate(
        zip(dice.sample(executed, 6), dice.sample(sent, 6), dice.sample(roots, 6), strict=True)
    ):
        at_s, lane = time_s + 600 * nth, message.lane
        story.block(lane.dest, at_s, [*scene.moves(lane, "BNM", 7), lambda at, row=message: row._replace(at=at)])
        renumbered = message._replace(sequence_number=5 * 10**9 + nth)
        story.block(lane.dest, at_s + 60, [lambda at, row=renumbered: row._replace(at=at)])
        story.block(again.lane.source, at_s + 120, [lambda at, row=again: row._replace(at=at)])
        other = again._replace(sequence_number=6 * 10**9 + nth)
        story.block(again.lane.source, at_s + 180, [lambda at, row=other: row._replace(at=at)])
        story.block(root.lane.dest, at_s + 240, [lambda at, row=root: row._replace(at=at)])
        wide = root._replace(max_seq_nr=root.max_seq_nr + 3, merkle_root="0x" + "07" * 32)
        story.block(root.lane.dest, at_s + 300, [lambda at, row=wide: row._replace(at=at)])
        next_ordered = again._replace(
            sequence_number=7 * 10**9 + nth, nonce=again.nonce + 1, message_id=scene.digest("late", nth)
        )
        story.block(again.lane.source, at_s + 330, [lambda at, row=next_ordered: row._replace(at=at)])
        story.block(
            again.lane.dest,
            at_s + 360,
            [
                scene.executed(again.lane, next_ordered.sequence_number, message_id=next_ordered.message_id),
            ],
        )
        story.heads(at_s + 400, *scene.NETWORK.chains)


def fresh(scene: ModuleType, archive: Scratch | None) -> Judge:
    judge = Judge(scene.NETWORK, settings=scene.SETTINGS, keeps_grounds=archive is not None, archive=archive)
    for chain in scene.NETWORK.chains:
        judge.watch_since(chain, 0, is_whole=True)
    return judge


def said(
    scene: ModuleType, judge: Judge | Persistent, steps: list[Step], *, final_lag: int, strays: random.Random
) -> list[list[Signal]]:
    """What it says at each asking; now and then a chain grows a branch and loses it again."""
    answers = []
    for position, step in enumerate(steps):
        head = judge.record.head(step.chain)
        if head is not None and strays.random() < 0.05:
            ahead = [other for other in steps[position : position + 6] if other.chain == step.chain]
            for depth, stray in enumerate(ahead):
                header = stray.header._replace(number=head.number + 1 + depth, hash=b"lost")
                at = {"block_number": header.number, "block_hash": f"lost{position}"}
                rows = [row._replace(at=row.at._replace(**at)) for row in stray.rows]
                judge.extend(step.chain, header, rows, step.known_at_ms)
            if strays.random() < 0.5:
                answers.append(judge.ask(step.known_at_ms))
            judge.rewind(step.chain, head.number)
        scene.tell(judge, [step])
        if step.header.number >= final_lag:
            judge.finalise(step.chain, step.header.number - final_lag)
        judge.settle()
        answers.append(judge.ask(step.known_at_ms))
    answers.append(judge.ask(NEVER_MS))
    return answers


@settings(max_examples=12, deadline=None)
@given(
    seed=st.integers(0, 10**6),
    final_lag=st.sampled_from([0, 1, 3, 20]),
    newest_rows=st.sampled_from([0, 5, 60]),
    page=st.sampled_from([1, 2, 7]),
)
# INV-DET-4
def test_the_bounded_judge_says_what_the_unbounded_one_says(
    scene: ModuleType, seed: int, final_lag: int, newest_rows: int, page: int
) -> None:
    story = scene.random_story(seed, days=8)
    late_attacks(scene, story, random.Random(seed))
    whole, archive = fresh(scene, None), Scratch(newest_rows=newest_rows, page=page)
    bounded = fresh(scene, archive)
    expected = said(scene, whole, story.steps, final_lag=final_lag, strays=random.Random(seed))
    got = said(scene, bounded, story.steps, final_lag=final_lag, strays=random.Random(seed))
    assert got == expected
    assert sorted(bounded.undecided, key=repr) == sorted(whole.undecided, key=repr)
    late_s = story.steps[-1].header.timestamp_s - DAY_S
    late = {signal.detector for answer in got for signal in answer if signal.at_s > late_s}
    assert late >= {"double_execution", "duplicate_message_id", "interval_gap"}
    assert sum(map(len, (bounded.record.in_tx, bounded.record.sent))) < len(whole.record.in_tx) / 2
    for signal in (signal for answer in got for signal in answer):
        grounds = scene.carried(bounded.take_grounds(signal.id))
        assert signal in rederive(signal.detector, scene.NETWORK, bounded.settings, grounds)
    archive.close()


class Unreliable(Scratch):
    """A disk that now and then refuses to read or to write."""

    refusals = 0

    def __init__(self, dice: random.Random, one_in: int, **sizes: int) -> None:
        super().__init__(**sizes)
        self._dice, self._one_in = dice, one_in

    def _may_refuse(self) -> None:
        if self._dice.randrange(self._one_in) == 0:
            self.refusals += 1
            raise ArchiveError("this disk refuses")

    def put(self, entries: Iterable[tuple[bytes, bytes]]) -> None:
        self._may_refuse()
        super().put(entries)

    def get(self, name: bytes) -> bytes | None:
        self._may_refuse()
        return super().get(name)


class Persistent:
    """Whoever tells a judge, and tells it again where the disk refused."""

    def __init__(self, judge: Judge) -> None:
        self._judge = judge
        self.record = judge.record
        self.finalise = judge.finalise

    def extend(self, chain: ChainSelector, head: Header, rows: list[Row], known_at_ms: int) -> None:
        self._until_it_works(lambda: self._judge.extend(chain, head, rows, known_at_ms))

    def rewind(self, chain: ChainSelector, block_number: int) -> None:
        self._until_it_works(lambda: self._judge.rewind(chain, block_number))

    def ask(self, now_ms: int) -> list[Signal]:
        return self._until_it_works(lambda: self._judge.ask(now_ms))

    def settle(self) -> None:
        self._until_it_works(self._judge.settle)

    def _until_it_works(self, call: Callable[[], Any]) -> Any:
        while True:
            try:
                return call()
            except ArchiveError:
                continue


@settings(max_examples=12, deadline=None)
@given(seed=st.integers(0, 10**6), final_lag=st.sampled_from([0, 1, 3]), one_in=st.sampled_from([40, 400]))
# INV-REC-5
def test_a_disk_that_refuses_now_and_then_changes_nothing(
    scene: ModuleType, seed: int, final_lag: int, one_in: int
) -> None:
    story = scene.random_story(seed, days=8)
    late_attacks(scene, story, random.Random(seed))
    archive = Unreliable(random.Random(seed), one_in, newest_rows=5, page=2)
    whole, bounded = fresh(scene, None), fresh(scene, archive)
    expected = said(scene, whole, story.steps, final_lag=final_lag, strays=random.Random(seed))
    got = said(scene, Persistent(bounded), story.steps, final_lag=final_lag, strays=random.Random(seed))
    assert archive.refusals > 0
    assert got == expected
    assert sorted(bounded.undecided, key=repr) == sorted(whole.undecided, key=repr)
    archive.close()


@given(
    keys=st.lists(st.integers(0, 30), max_size=60),
    is_sorted=st.booleans(),
    page=st.integers(1, 5),
    asked=st.integers(0, 31),
)
def test_a_paged_list_is_a_list(keys: list[int], is_sorted: bool, page: int, asked: int) -> None:

    archive = Scratch(page=page)
    entries = sorted(keys) if is_sorted else keys
    paged = Paged(("list",), archive, lambda _: True, int, is_sorted=is_sorted)
    for entry in entries:
        paged.append(entry)
    assert list(paged) == entries
    assert [paged[place] for place in range(-len(entries), len(entries))] == [*entries, *entries]
    assert paged[2:9] == entries[2:9]
    assert paged.place_after(asked) == bisect_right(entries, asked)
    if not is_sorted:
        assert paged.places_within(asked - 3, asked) == [
            place for place, entry in enumerate(entries) if asked - 3 <= entry <= asked
        ]
    if entries:
        assert paged.pop() == entries[-1]
        assert list(paged) == entries[:-1]
    archive.close()


def test_a_scratch_file_is_nobody_elses(tmp_path) -> None:
    archive = Scratch(tmp_path)
    archive.put([(b"name", b"body"), (b"other", b"thing")])
    assert list(tmp_path.iterdir()) == []
    archive.put([(b"name", b"new body")])
    assert (archive.get(b"name"), archive.get(b"other"), archive.get(b"nothing")) == (b"new body", b"thing", None)
    archive.close()


def test_a_scratch_file_needs_a_folder_that_can_be_written(tmp_path) -> None:
    with pytest.raises(OSError, match="No such file"):
        Scratch(tmp_path / "missing")


def test_what_cannot_be_laid_down_stays(scene: ModuleType, story: Story) -> None:
    class Full(Scratch):
        def put(self, entries: object) -> None:
            raise ArchiveError(f"no space for {entries}")

    lane = scene.LANES[0]
    story.heads(100, scene.A, scene.B)
    story.block(scene.A, 110, [scene.sent(lane, 1, ("BNM", 5))])
    story.heads(111, scene.A)
    story.heads(112, scene.A)
    judge = fresh(scene, Full(newest_rows=0))
    scene.tell(judge, story.steps)
    judge.finalise(scene.A, 3)
    with pytest.raises(ArchiveError, match="no space"):
        judge.settle()
    (step,) = [story.block(scene.B, 120, [*scene.moves(lane, "BNM", 5), scene.executed(lane, 1)])]
    scene.tell(judge, [step])
    assert judge.ask(NEVER_MS) == []
