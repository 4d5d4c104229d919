"""What the keys have signed binds them, whatever becomes of the record."""

from __future__ import annotations

import json
import shutil
import subprocess
import sys
from itertools import starmap
from typing import TYPE_CHECKING

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ccip_core.localnet.keys import dev_key
from ccip_core.protocol.messages import ChainSelector, Lane
from ccip_core.protocol.subjects import chain_subject, subject_text
from rmn_service.actions import Action, plan
from rmn_service.bootstrap import build_node
from rmn_service.cli.app import run
from rmn_service.config import load_config
from rmn_service.errors import InUseError, StoreError
from rmn_service.guard import Guard, Leaf, Vote
from rmn_service.guard_history import HistoryError, add_history, history_of, read_history
from rmn_service.policy import Target

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from pathlib import Path

    from tests.rmn_service.conftest import NodeUnderTest, ScriptedCcip

ALPHA, BETA = ChainSelector(3379446385462418246), ChainSelector(7759470850252068959)
LANE = Lane(ALPHA, BETA)
KEY, OTHER_KEY = b"\x01" * 20, b"\x02" * 20
TOP = (1 << 64) - 1
TX, EVIDENCE = b"\x09" * 32, "0x" + 32 * "11"
SUBJECT = subject_text(chain_subject(ALPHA))


def leaf(number: int, content: int = 0) -> bytes:
    return number.to_bytes(16) + content.to_bytes(16)


def leaves(first: int, last: int, content: int = 0) -> list[Leaf]:
    return [Leaf(KEY, LANE, number, leaf(number, content)) for number in range(first, last + 1)]


def action(evidence_at_s: int, now_ms: int = 1, cause: str = "i") -> Action:
    target = Target(BETA, SUBJECT)
    [planned] = plan("curse", cause, [target], evidence=EVIDENCE, evidence_at_s=evidence_at_s, now_ms=now_ms)
    return planned


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "guard.db"


@pytest.fixture
def guard(path: Path) -> Iterator[Guard]:
    with Guard(path) as opened:
        yield opened


class TestBlessings:
    # INV-BLESS-4
    def test_a_number_has_one_content_for_ever(self, guard: Guard, path: Path) -> None:
        guard.bless(leaves(5, 7))
        guard.bless(leaves(7, 9))  # overlaps, with the same content
        guard.close()
        with Guard(path) as again:
            assert again.blessed_otherwise(KEY, LANE, 3, [leaf(n) for n in range(3, 20)]) is None
            assert again.blessed_otherwise(KEY, LANE, 3, [leaf(n, n == 8) for n in range(3, 20)]) == 8
            assert again.blessed_otherwise(KEY, Lane(BETA, ALPHA), 8, [leaf(8, 1)]) is None
            assert again.blessed_otherwise(OTHER_KEY, LANE, 8, [leaf(8, 1)]) is None
            with pytest.raises(StoreError, match=r"message 9 .* another content"):
                again.bless([*leaves(10, 11), *leaves(9, 9, content=1)])
            assert [kept.number for kept in again.leaves()] == [5, 6, 7, 8, 9]  # none of the two new ones

    def test_numbers_up_to_the_last_uint64(self, guard: Guard) -> None:
        guard.bless(leaves(TOP - 1, TOP))
        assert guard.blessed_otherwise(KEY, LANE, TOP, [leaf(TOP, 1)]) == TOP
        assert [kept.number for kept in guard.leaves()] == [TOP - 1, TOP]


class TestVotes:
    # INV-VOTE-3
    def test_the_same_or_older_evidence_is_in_conflict_and_newer_is_not(self, guard: Guard, path: Path) -> None:
        voted = action(100)
        guard.pledge(KEY, voted, TX)()
        guard.sent(KEY, voted)
        guard.close()
        with Guard(path) as again:
            assert again.knows(KEY, voted)
            assert not again.conflicts(KEY, voted)  # itself
            assert [vote.action for vote in again.conflicts(KEY, action(100, now_ms=2))] == [voted.id]
            assert [vote.state for vote in again.conflicts(KEY, action(99, now_ms=2))] == ["sent"]
            assert not again.conflicts(KEY, action(101, now_ms=2))
            assert not again.conflicts(OTHER_KEY, action(99, now_ms=2))

    def test_a_pledge_can_be_withdrawn_and_then_never_was(self, guard: Guard, path: Path) -> None:
        guard.pledge(KEY, action(100), TX)()
        guard.withdraw(guard.pledges(KEY, action(100)))
        assert not guard.knows(KEY, action(100))
        guard.close()
        with Guard(path) as again:
            assert not list(again.votes())


class TestOneHolder:
    # INV-VOTE-2
    def test_a_second_process_is_refused_until_the_first_is_gone(self, guard: Guard, path: Path) -> None:
        with pytest.raises(InUseError, match="another process holds it"):
            Guard(path)
        other = f"from pathlib import Path; from rmn_service.guard import Guard; Guard(Path({str(path)!r}))"
        refused = subprocess.run([sys.executable, "-c", other], capture_output=True, text=True, check=False)
        assert "InUseError" in refused.stderr
        guard.close()
        assert subprocess.run([sys.executable, "-c", other], check=False).returncode == 0

    @pytest.mark.parametrize("content", [b"not a database at all, but long enough to be read as one", None])
    def test_what_is_no_guard_is_refused_and_left_alone(self, path: Path, content: bytes | None) -> None:
        import sqlite3  # noqa: PLC0415

        if content is None:
            with sqlite3.connect(path) as connection:
                connection.execute("CREATE TABLE bookmarks (url TEXT)")
            connection.close()
        else:
            path.write_bytes(content)
        before = path.read_bytes()
        with pytest.raises(StoreError, match=r"guard\.path = "):
            Guard(path)
        assert path.read_bytes() == before

    # INV-VOTE-2
    @pytest.mark.parametrize("own", ["database", "guard"])
    def test_a_second_node_on_the_record_or_the_guard_exits_with_1(
        self, node: NodeUnderTest, ccip: ScriptedCcip, own: str
    ) -> None:
        config = ccip.folder / "second.toml"
        text = (ccip.folder / "node.toml").read_text()
        another = 'database_url = "sqlite:///second.db"\n' if own == "database" else ""
        guard = '[guard]\npath = "second-guard.db"\n' if own == "guard" else ""
        config.write_text(another + text + guard)
        program = "from rmn_service.cli.app import main; main()"
        second = subprocess.run(
            [sys.executable, "-c", program, "run", "--config", str(config)], capture_output=True, text=True, check=False
        )
        assert second.returncode == 1
        said = second.stderr.splitlines()
        assert len(said) == 1
        assert ("guard.path" if own == "database" else "database_url") in said[0]
        assert "another process holds it; stop that one first" in said[0]
        node.tick()  # the first one goes on


histories = st.tuples(
    st.dictionaries(st.integers(0, 12), st.integers(0, 2)),
    st.lists(st.tuples(st.integers(0, 50), st.sampled_from("abc")), max_size=4),
)


class TestHistory:
    @pytest.mark.hypothesis
    def test_any_history_survives_the_journey(self, tmp_path: Path) -> None:
        names = iter(range(1_000_000))

        @given(histories)
        def survives(history: tuple[dict[int, int], list[tuple[int, str]]]) -> None:
            blessed, voted = history
            with Guard(tmp_path / f"{next(names)}.db") as first, Guard(tmp_path / f"{next(names)}.db") as second:
                first.bless(Leaf(KEY, LANE, number, leaf(number, content)) for number, content in blessed.items())
                for at_s, cause in voted:
                    first.pledge(KEY, action(at_s, cause=cause), TX)()
                    first.sent(KEY, action(at_s, cause=cause))
                text = history_of(first).model_dump_json()
                for _ in range(2):
                    add_history(second, read_history(text))
                assert list(second.leaves()) == list(first.leaves())
                assert list(second.votes()) == [vote._replace(state="sent") for vote in first.votes()]

        survives()

    def test_a_history_that_contradicts_ours_is_refused_whole(self, guard: Guard) -> None:
        guard.bless(leaves(5, 5))
        theirs = Leaf(KEY, LANE, 5, leaf(5, 1))
        with pytest.raises(StoreError, match="message 5"):
            guard.add([Leaf(KEY, LANE, 4, leaf(4)), theirs], [])
        assert [kept.number for kept in guard.leaves()] == [5]

    @pytest.mark.parametrize(
        ("change", "named"),
        [
            ({"version": 2}, "version"),
            ({"format": "other"}, "format"),
            ({"more": 1}, "more"),
            ({"blessings": [{"signer": "0x12"}]}, "signer"),
        ],
    )
    def test_what_is_no_history_is_one_line(self, change: dict[str, object], named: str) -> None:
        with pytest.raises(HistoryError, match=named) as caught:
            read_history(json.dumps({"format": "rmn-guard", "version": 1} | change))
        assert "\n" not in str(caught.value)

    def test_the_verbs_carry_it_over(
        self, guard: Guard, path: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
    ) -> None:
        guard.bless(leaves(1, 4))
        out, new = str(tmp_path / "history.json"), str(tmp_path / "new.db")
        assert run(["guard", "export", str(path), "--out", out]) == 1  # a node holds it
        guard.close()
        assert run(["guard", "export", str(path), "--out", out]) == 0
        assert run(["guard", "import", new, out]) == 0
        with Guard(tmp_path / "new.db") as moved:
            assert [kept.number for kept in moved.leaves()] == [1, 2, 3, 4]
        capsys.readouterr()
        assert run(["guard", "export", str(path), "--out", out]) == 2  # never over another file
        assert run(["guard", "import", new, str(path)]) == 2
        said = capsys.readouterr().err.splitlines()
        assert len(said) == 2


class TestALostRecord:
    # INV-VOTE-3
    @pytest.mark.parametrize("loss", ["restored", "deleted"])
    def test_evidence_that_was_voted_on_is_not_voted_on_again(
        self, start_node: Callable[..., NodeUnderTest], ccip: ScriptedCcip, loss: str
    ) -> None:
        ccip.answer_views()
        ccip.mine_all(3)
        node = start_node()
        node.stop()
        shutil.copy(ccip.folder / "node.db", ccip.folder / "old.db")
        node = start_node()
        ccip.forge(LANE)
        ccip.level()
        node.tick()
        [vote] = ccip.votes(BETA)
        ccip.mine_all(40)  # more than is read at once: whoever reads it again sees the evidence before the lift
        for at, remote in ((BETA, ALPHA), (ALPHA, BETA)):
            ccip.curse(Target(at, subject_text(chain_subject(remote))))
            ccip.uncurse(Target(at, subject_text(chain_subject(remote))))  # people found: it was nothing
        node.tick()
        node.stop()
        (ccip.folder / "node.db").unlink()
        for rest in ccip.folder.glob("node.db-*"):
            rest.unlink()
        if loss == "restored":
            shutil.copy(ccip.folder / "old.db", ccip.folder / "node.db")
        node = start_node()
        ccip.mine_all(2)
        node.tick(after_ms=60_000)
        assert ccip.votes(BETA) == [vote]
        # what happens from now on is another matter
        ccip.forge(LANE)
        ccip.level()
        node.tick(after_ms=60_000)
        assert len(ccip.votes(BETA)) == 2

    # INV-BLESS-4
    def test_a_message_that_was_blessed_is_not_blessed_with_another_content(
        self, start_node: Callable[..., NodeUnderTest], ccip: ScriptedCcip
    ) -> None:
        node = start_node()
        ccip.send(LANE)
        ccip.mine_all(4)
        assert node.service.bless([ccip.claim(LANE, 1, 1)], ccip.now_ms).signature is not None
        node.stop()
        for rest in ccip.folder.glob("node.db*"):
            rest.unlink()
        ccip.rpcs[ALPHA].fork(ccip.rpcs[ALPHA].head.number)  # the chain tells another story now, all of it
        ccip.sent.clear()
        ccip.mine_all(1)
        ccip.send(LANE, data=b"another")
        ccip.mine_all(4)
        node = start_node()
        answer = node.service.bless([ccip.claim(LANE, 1, 1)], ccip.now_ms)
        assert answer.signature is None
        assert "was blessed with another content" in str(answer.verdicts[0].reason)

    def test_a_new_guard_learns_from_the_record(
        self, start_node: Callable[..., NodeUnderTest], ccip: ScriptedCcip
    ) -> None:
        node = start_node()
        ccip.answer_views()
        ccip.send(LANE)
        ccip.mine_all(4)
        assert node.service.bless([ccip.claim(LANE, 1, 1)], ccip.now_ms).signature is not None
        ccip.forge(LANE)
        ccip.level()
        node.tick()
        node.stop()
        with Guard(ccip.folder / "guard.db") as guard:
            before = history_of(guard)
        (ccip.folder / "guard.db").unlink()
        build_node(load_config(ccip.folder / "node.toml"), rpcs=ccip.rpcs, clock=lambda: ccip.now_ms).stop()
        with Guard(ccip.folder / "guard.db") as guard:
            assert history_of(guard) == before
        assert (len(before.blessings), len(before.votes)) == (1, 2)


def test_a_pledge_that_a_dead_process_left_is_checked_with_the_chain(
    start_node: Callable[..., NodeUnderTest], ccip: ScriptedCcip
) -> None:
    """It died with the pledge on the disk and the intent not: nothing was sent, and the vote must still come."""
    ccip.answer_views()
    ccip.mine_all(3)
    start_node().stop()
    address = dev_key("rmn_curser").address
    with Guard(ccip.folder / "guard.db") as guard:
        left = starmap(
            Vote,
            [
                (
                    address,
                    at,
                    subject_text(chain_subject(remote)),
                    "dead",
                    1 << 40,
                    EVIDENCE,
                    "pledged",
                    TX,
                )
                for at, remote in ((ALPHA, BETA), (BETA, ALPHA))
            ],
        )
        guard.add([], left)
    node = start_node()
    ccip.forge(LANE)
    ccip.level()
    node.tick()
    node.tick(after_ms=5_000)
    assert len(ccip.votes(ALPHA)) == len(ccip.votes(BETA)) == 1
