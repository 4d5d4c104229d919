"""Several endpoints of one chain: what too few of them say is not known, and what they can't agree on is told."""

from __future__ import annotations

import threading

import pytest

from ccip_core.protocol.codec import encode_args, function_selector
from ccip_core.protocol.logs import RawLog
from ccip_core.quorum_rpc import QuorumRpc
from ccip_core.rpc import NoAgreementError, RpcOverloaded, RpcRefused, RpcUnreachable, WrongChainError
from ccip_core.scripted_endpoint import ScriptedEndpoint
from ccip_core.scripted_rpc import ScriptedRpc

EMITTER = b"\xee" * 20
TOPIC = b"\x07" * 32
VIEW = function_selector("isCursed()")


def log(payload: bytes = b"\x01") -> tuple[bytes, object]:
    return EMITTER, ((TOPIC,), payload)


class Eyes:
    """A scripted chain and what looks at it."""

    def __init__(self, count: int, min_agree: int, *, is_inline: bool = False, **how) -> None:
        self.chain = ScriptedRpc(1337)
        self.endpoints = [ScriptedEndpoint(self.chain) for _ in range(count)]
        self.faults: list[tuple[int, str]] = []
        self.rpc = QuorumRpc(
            self.endpoints,
            1337,
            min_agree,
            on_fault=lambda number, fault: self.faults.append((number, fault)),
            is_inline=is_inline,
            **how,
        )

    def told(self) -> list[str]:
        return [found.what for found in self.rpc.disagreements()]


@pytest.fixture(params=[False, True], ids=["threads", "inline"])
def see(request):
    made: list[Eyes] = []

    def make(count: int = 3, min_agree: int = 2, **how) -> Eyes:
        made.append(Eyes(count, min_agree, is_inline=request.param, **how))
        return made[-1]

    yield make
    for eyes in made:
        eyes.rpc.close()


def lie_about_logs(endpoint: ScriptedEndpoint, payload: bytes = b"forged") -> None:
    """It invents a log in every block, as somebody would who wants a lane cursed."""
    endpoint.alter_logs = lambda header, logs: [
        *logs,
        RawLog(EMITTER, (TOPIC,), payload, header.number, header.hash, b"\x09" * 32, 99),
    ]


def eventually_told(eyes: Eyes, count: int = 1) -> list[str]:
    """The slowest of the endpoints may answer after the call has returned."""
    wait_for(lambda: len(eyes.told()) >= count)
    return eyes.told()


def wait_for(holds) -> bool:
    pause = threading.Event()
    for _ in range(500):
        if holds():
            return True
        pause.wait(0.01)
    return False


class TestOneIsEnough:
    def test_the_next_one_is_asked_when_one_stops_and_the_caller_hears_of_it(self) -> None:
        first, second = ScriptedRpc(1337), ScriptedRpc(1337)
        second.mine()
        rpc = QuorumRpc([first, second], 1337)
        assert rpc.header("latest") == first.head
        first.cut_off()
        with pytest.raises(RpcUnreachable):
            rpc.header("latest")
        assert rpc.current == 1
        assert rpc.header("latest") == second.head
        second.cut_off()
        first.restore()
        with pytest.raises(RpcUnreachable):
            rpc.header("latest")
        assert rpc.header("latest") == first.head

    def test_an_endpoint_of_another_chain_is_never_believed(self) -> None:
        good, wrong = ScriptedRpc(1337), ScriptedRpc(31337)
        rpc = QuorumRpc([good, wrong], 1337)
        good.cut_off()
        with pytest.raises(RpcUnreachable):
            rpc.header("latest")
        with pytest.raises(WrongChainError, match="endpoint 2 is chain id 31337"):
            rpc.header("latest")
        good.restore()
        assert rpc.header("latest") == good.head

    def test_a_chain_that_was_started_anew_is_another_chain(self) -> None:
        """It comes back under the same chain id after it could not be reached."""
        before, after = ScriptedRpc(1337), ScriptedRpc(1337, start_timestamp_s=1)
        rpc = QuorumRpc([before, after], 1337)
        rpc.pin_genesis(before.head.hash)
        before.cut_off()
        with pytest.raises(RpcUnreachable):
            rpc.header("latest")
        with pytest.raises(WrongChainError, match="started anew"):
            rpc.header("latest")

    def test_everything_else_passes_through(self) -> None:
        chain = ScriptedRpc(1337)
        chain.set_balance(b"\x01" * 20, 5)
        rpc = QuorumRpc([chain], 1337)
        assert rpc.chain_id() == 1337
        assert rpc.balance(b"\x01" * 20) == 5
        assert rpc.nonce(b"\x01" * 20) == 0
        assert rpc.gas_price() == chain.gas_price()
        assert rpc.logs(chain.head.hash) == []
        assert rpc.logs_in(0, 0) == []
        assert rpc.receipt(b"\x01" * 32) is None


@pytest.mark.parametrize("min_agree", [0, 4])
def test_more_can_not_agree_than_there_are(min_agree: int) -> None:
    with pytest.raises(ValueError, match="from 1 to the number of endpoints, 3"):
        Eyes(3, min_agree)


class TestHeads:
    def test_the_head_is_the_newest_block_that_enough_have(self, see) -> None:
        eyes = see()
        headers = [eyes.chain.mine() for _ in range(5)]
        eyes.endpoints[1].lag_blocks = 1
        eyes.endpoints[2].lag_blocks = 3
        assert eyes.rpc.header("latest") == headers[3]
        assert eyes.rpc.header("finalized") == headers[1]
        assert eyes.told() == []  # to be behind is no contradiction

    def test_a_head_that_nobody_else_has_moves_nothing(self, see) -> None:
        eyes = see()
        head = eyes.chain.mine()
        eyes.endpoints[0].alter_header = lambda header: header._replace(number=header.number + 10**9, hash=b"\x05" * 32)
        assert eyes.rpc.header("latest") == head
        assert eyes.rpc.header("finalized") == eyes.chain.header("finalized")
        assert eyes.told() == []

    def test_an_absurd_head_is_counted_where_the_others_are_on_branches(self, see) -> None:
        eyes = see()
        ancestor = eyes.chain.mine()
        eyes.chain.mine()
        eyes.endpoints[0].alter_header = lambda header: (
            header._replace(number=10**9) if header == eyes.chain.head else header
        )
        eyes.endpoints[1].lag_blocks = 1
        assert eyes.rpc.header("latest") == ancestor
        assert (1, "ahead") in eyes.faults

    def test_two_branches_above_finality_are_no_disagreement_and_the_block_below_is_the_head(self, see) -> None:
        eyes = see(2, 2)
        ancestor, _ = eyes.chain.mine(), eyes.chain.mine()
        eyes.endpoints[1].alter_header = lambda header: (
            header._replace(hash=b"\x05" * 32) if header.number == 2 else header
        )
        assert eyes.rpc.header("latest") == ancestor
        assert eyes.told() == []

    def test_fewer_who_know_a_block_is_no_reorg(self, see) -> None:
        """An endpoint that is started anew and catches up must not make us drop what we have (ponder's issue 2221)."""
        eyes = see(3, 2)
        for _ in range(9):
            eyes.chain.mine()
        assert eyes.rpc.header("latest") == eyes.chain.head
        eyes.endpoints[0].is_silent = True
        eyes.endpoints[1].lag_blocks = 6
        with pytest.raises(NoAgreementError, match="have block 9, which as many had before"):
            eyes.rpc.header("latest")
        eyes.endpoints[0].is_silent = False
        assert eyes.rpc.header("latest") == eyes.chain.head

    def test_a_chain_that_everybody_saw_drop_blocks_has_dropped_them(self, see) -> None:
        eyes = see()
        ancestor = eyes.chain.mine()
        eyes.chain.mine()
        assert eyes.rpc.header("latest") == eyes.chain.head
        eyes.chain.fork(1)
        assert eyes.rpc.header("latest") == ancestor

    def test_a_block_that_one_lacks_below_its_own_head_is_counted(self, see) -> None:
        eyes = see()
        header = eyes.chain.mine()
        for _ in range(4):
            eyes.chain.mine()
        eyes.rpc.header("latest")
        eyes.endpoints[0].alter_header = lambda found: None if found.number == header.number else found
        eyes.rpc._endpoints[0].head = 5
        assert eyes.rpc.header(header.number) == header
        done = threading.Event()
        for _ in range(500):
            if (1, "missing") in eyes.faults:
                break
            done.wait(0.01)
        assert (1, "missing") in eyes.faults
        assert eyes.told() == []

    def test_an_announced_block_counts_once_enough_have_exactly_it(self, see) -> None:
        eyes = see(3, 2)
        eyes.chain.mine()
        head = eyes.chain.mine([log()])
        assert eyes.rpc.confirm(head, [EMITTER]) == head
        assert [found.data for found in eyes.rpc.logs(head.hash, [EMITTER])] == [b"\x01"]
        assert eyes.rpc.confirm(head._replace(timestamp_s=0), [EMITTER]) is None
        assert eyes.rpc.confirm(head._replace(hash=b"\x01" * 32), [EMITTER]) is None
        eyes.endpoints[0].lag_blocks = eyes.endpoints[1].lag_blocks = 1
        assert eyes.rpc.confirm(head, [EMITTER]) is None
        eyes.endpoints[0].lag_blocks = eyes.endpoints[1].lag_blocks = 0
        assert len(eyes.rpc.logs(head.hash, [EMITTER])) == 1  # asked anew: two had refused when it was announced


class TestFacts:
    @pytest.mark.parametrize("liar", [0, 1, 2])
    def test_two_outvote_one_that_invents_a_log_and_it_is_told(self, see, liar: int) -> None:
        eyes = see()
        header = eyes.chain.mine([log()])
        lie_about_logs(eyes.endpoints[liar])
        assert [found.data for found in eyes.rpc.logs(header.hash)] == [b"\x01"]
        (what,) = eventually_told(eyes)
        assert what == f"the logs of block 0x{header.hash.hex()}"
        (found,) = eyes.rpc.disagreements()
        said = dict(found.answers)
        assert (found.block_number, found.block_hash) == (1, header.hash)
        assert b"forged".hex() in said[f"endpoint {liar + 1}"]
        assert len(said) == 2
        eyes.rpc.drop(found)
        eyes.rpc.logs(header.hash)
        assert eyes.told() == []  # once is enough

    def test_one_that_says_otherwise_of_two_is_enough_to_know_nothing(self, see) -> None:
        eyes = see(2, 2)
        header = eyes.chain.mine([log()])
        lie_about_logs(eyes.endpoints[1])
        with pytest.raises(NoAgreementError, match="2 of 2 endpoints must say the same of the logs of block"):
            eyes.rpc.logs(header.hash)
        assert len(eyes.told()) == 1

    def test_a_log_invented_in_an_empty_block_is_told_and_moves_nothing(self, see) -> None:
        eyes = see()
        header = eyes.chain.mine()
        lie_about_logs(eyes.endpoints[0])
        assert eyes.rpc.logs(header.hash) == []
        assert len(eventually_told(eyes)) == 1

    def test_logs_that_come_late_are_no_contradiction_until_the_block_is_final(self, see) -> None:
        eyes = see()
        header = eyes.chain.mine([log()])
        eyes.endpoints[2].alter_logs = lambda *_: []
        eyes.rpc.header("finalized")
        assert len(eyes.rpc.logs(header.hash)) == 1
        done = threading.Event()
        for _ in range(500):
            if (3, "empty") in eyes.faults:
                break
            done.wait(0.01)
        assert (3, "empty") in eyes.faults
        assert eyes.told() == []
        eyes.chain.mine()
        eyes.chain.mine()
        assert eyes.rpc.header("finalized") == header
        assert len(eyes.rpc.logs(header.hash)) == 1
        assert len(eventually_told(eyes)) == 1

    def test_one_that_never_has_the_logs_contradicts_in_the_end(self, see) -> None:
        eyes = see(2, 2)
        header = eyes.chain.mine([log()])
        eyes.endpoints[1].alter_logs = lambda *_: []
        for _ in range(7):
            with pytest.raises(NoAgreementError):
                eyes.rpc.logs(header.hash)
        assert eyes.told() == []
        with pytest.raises(NoAgreementError):
            eyes.rpc.logs(header.hash)
        assert len(eyes.told()) == 1

    def test_another_final_block_is_a_contradiction(self, see) -> None:
        eyes = see()
        for _ in range(6):
            eyes.chain.mine()
        assert eyes.rpc.header("finalized").number == 4
        eyes.endpoints[0].alter_header = lambda header: header._replace(hash=b"\x05" * 32)
        assert eyes.rpc.header(3) == eyes.chain.header(3)
        assert eventually_told(eyes) == ["block 3"]
        assert eyes.rpc.header(6) == eyes.chain.head
        assert eyes.told() == ["block 3"]  # above finality it may be on another branch

    def test_the_state_of_curses_is_asked_on_one_block_and_agreed_on(self, see) -> None:
        eyes = see()
        eyes.chain.on_call(EMITTER, VIEW, lambda _: encode_args(("bool",), (True,)))
        eyes.chain.mine()
        eyes.endpoints[1].alter_answer = lambda _: encode_args(("bool",), (False,))
        assert int.from_bytes(eyes.rpc.call(EMITTER, VIEW)) == 1
        assert len(eventually_told(eyes)) == 1

    def test_a_revert_is_an_answer_and_a_refusal_is_none(self, see) -> None:
        eyes = see()

        def revert(_: bytes) -> bytes:
            raise RpcRefused(3, "execution reverted", b"\x01\x02\x03\x04")

        eyes.chain.on_call(EMITTER, VIEW, revert)
        with pytest.raises(RpcRefused) as caught:
            eyes.rpc.call(EMITTER, VIEW)
        assert caught.value.data == b"\x01\x02\x03\x04"
        with pytest.raises(RpcRefused, match="unknown block"):
            eyes.rpc.logs(b"\x55" * 32)

    def test_a_liar_in_every_block_is_told_ever_more_seldom(self, see) -> None:
        eyes = see(3, 2)
        lie_about_logs(eyes.endpoints[0])
        for lies in range(1, 71):
            eyes.rpc.logs(eyes.chain.mine().hash)
            assert wait_for(lambda: eyes.faults.count((1, "contradicts")) == lies)  # noqa: B023  waited for here
        assert len(eyes.told()) == 8 + 3  # the first eight, then the 16th, the 32nd and the 64th


class TestDistrust:
    """Who was outvoted about something settled is asked nothing for a while."""

    def test_the_outvoted_is_asked_nothing_for_an_hour_and_twice_as_long_the_next_time(self, see) -> None:
        now_s = [1_000.0]
        eyes = see(clock=lambda: now_s[0])
        lie_about_logs(eyes.endpoints[2])
        first, second = eyes.chain.mine([log()]), eyes.chain.mine([log()])
        eyes.rpc.logs(first.hash)
        assert len(eventually_told(eyes)) == 1
        assert [standing.distrusted_s for standing in eyes.rpc.standings()] == [None, None, 3_600]
        eyes.rpc.logs(second.hash)
        eyes.endpoints[1].is_silent = True
        with pytest.raises(RpcUnreachable, match="endpoint 3: distrusted, not asked"):
            eyes.rpc.logs(second.hash)  # its word does not help the one that is left
        eyes.endpoints[1].is_silent = False
        assert len(eyes.told()) == 1  # it can tell no other story meanwhile
        now_s[0] += 3_600
        eyes.rpc.logs(second.hash)
        assert len(eventually_told(eyes, 2)) == 2
        assert eyes.rpc.standings()[2].distrusted_s == 7_200
        now_s[0] += 7_200 + 90_000
        eyes.rpc.logs(eyes.chain.mine([log()]).hash)
        assert len(eventually_told(eyes, 3)) == 3
        assert eyes.rpc.standings()[2].distrusted_s == 3_600  # a day of good conduct

    def test_it_must_prove_again_which_chain_it_is(self, see) -> None:
        now_s = [0.0]
        eyes = see(clock=lambda: now_s[0])
        honest = eyes.endpoints[0].alter_logs
        lie_about_logs(eyes.endpoints[0])
        eyes.rpc.logs(eyes.chain.mine([log()]).hash)
        assert eventually_told(eyes)
        now_s[0] = 3_600.0
        eyes.endpoints[0].alter_logs = honest
        eyes.endpoints[0].chain_id = lambda: 31337
        assert eyes.rpc.logs_in(0, 1)
        assert wait_for(lambda: (1, "wrong_chain") in eyes.faults)

    def test_never_so_many_that_too_few_are_left(self, see) -> None:
        """Two that contradict the others one after the other: the second one is still asked, and outvoted by nobody."""
        eyes = see()
        first, second = eyes.chain.mine([log()]), eyes.chain.mine([log()])
        honest = eyes.endpoints[0].alter_logs
        lie_about_logs(eyes.endpoints[0])
        eyes.rpc.logs(first.hash)
        assert eventually_told(eyes)
        eyes.endpoints[0].alter_logs = honest
        lie_about_logs(eyes.endpoints[1])
        with pytest.raises(NoAgreementError):
            eyes.rpc.logs(second.hash)
        assert [standing.distrusted_s is None for standing in eyes.rpc.standings()] == [False, True, True]

    def test_two_that_are_late_with_logs_cast_no_doubt_on_the_one_that_has_them(self, see) -> None:
        eyes = see()
        header = eyes.chain.mine([log()])
        for eye in eyes.endpoints[:2]:
            eye.alter_logs = lambda *_: []
        eyes.rpc.header("finalized")
        assert eyes.rpc.logs(header.hash) == []
        assert len(eventually_told(eyes)) == 1
        assert {standing.distrusted_s for standing in eyes.rpc.standings()} == {None}

    def test_where_one_is_enough_nobody_is_distrusted(self, see) -> None:
        eyes = see(3, 1)
        lie_about_logs(eyes.endpoints[0])
        eyes.rpc.logs(eyes.chain.mine([log()]).hash)
        assert {standing.distrusted_s for standing in eyes.rpc.standings()} == {None}


class TestNumbersAndTransactions:
    def test_one_that_exaggerates_or_forgets_moves_no_number(self, see) -> None:
        eyes = see()
        eyes.chain.set_balance(EMITTER, 100)
        for told in (0, 10**30):
            eyes.endpoints[0].balance = lambda _, told=told: told
            eyes.endpoints[0].nonce = lambda _, told=told: told
            eyes.endpoints[0].gas_price = lambda told=told: told
            assert eyes.rpc.balance(EMITTER) == 100
            assert eyes.rpc.nonce(EMITTER) == 0
            assert eyes.rpc.gas_price() == eyes.chain.gas_price()

    def test_one_that_keeps_transactions_back_stops_none(self, see, signed_transfer) -> None:
        eyes = see()
        eyes.endpoints[0].takes_transactions = False
        eyes.rpc.send_raw(signed_transfer(nonce=0))
        done = threading.Event()
        for _ in range(500):
            if eyes.chain.sent:
                break
            done.wait(0.01)
        assert len(eyes.chain.sent) == 1

    def test_what_enough_refuse_is_refused(self, see) -> None:
        eyes = see()
        with pytest.raises(RpcRefused):
            eyes.rpc.send_raw(b"\x02\xc0")

    def test_too_few_who_can_be_reached_is_no_answer(self, see) -> None:
        eyes = see()
        eyes.endpoints[0].is_silent = eyes.endpoints[2].is_silent = True
        for ask in (
            lambda: eyes.rpc.header("latest"),
            lambda: eyes.rpc.logs_in(0, 1),
            lambda: eyes.rpc.nonce(EMITTER),
            lambda: eyes.rpc.receipt(b"\x01" * 32),
        ):
            with pytest.raises((NoAgreementError, RpcUnreachable), match="endpoint 1: scripted endpoint is silent"):
                ask()
        assert {(1, "unreachable"), (3, "unreachable")} <= set(eyes.faults)


def test_who_hangs_delays_nobody() -> None:
    patience = threading.Event()
    eyes = Eyes(3, 2)
    header = eyes.chain.mine([log()])

    def hang(*_: object) -> list[RawLog]:
        patience.wait(60)
        return []

    eyes.endpoints[0].alter_logs = hang
    answered = threading.Event()

    def ask() -> None:
        for _ in range(50):
            assert len(eyes.rpc.logs(header.hash)) == 1
        answered.set()

    thread = threading.Thread(target=ask)
    thread.start()
    assert answered.wait(10)  # 50 answers while one endpoint answers none
    assert (1, "busy") in eyes.faults  # and it is not asked without end
    patience.set()
    thread.join()
    eyes.rpc.close()


def test_an_endpoint_that_asks_for_a_pause_gets_it() -> None:
    now_s = [100.0]
    eyes = Eyes(1, 1, clock=lambda: now_s[0])
    asked: list[float] = []

    def overloaded() -> int:
        asked.append(now_s[0])
        raise RpcOverloaded("HTTP 429", 7.0)

    eyes.endpoints[0].gas_price = overloaded
    for after_s in (0.0, 1.0, 5.0, 2.0, 1.0):
        now_s[0] += after_s
        with pytest.raises(RpcUnreachable):
            eyes.rpc.gas_price()
    assert asked == [100.0, 108.0]
    assert eyes.faults == [(1, "overloaded"), (1, "overloaded")]
    (standing,) = eyes.rpc.standings()
    assert standing.faults == {"overloaded": 2}
    assert standing.problem == "HTTP 429"
