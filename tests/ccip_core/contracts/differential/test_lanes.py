"""Router, OnRamp, OffRamp, NonceManager: a lane whose two ends stand on one chain, from `ccipSend` to the receiver."""

import random

import pytest

from ccip_core.contract_gas import RATIO_MAX
from ccip_core.localnet.contract_set import own_artifact
from ccip_core.localnet.keys import dev_key
from ccip_core.protocol import codec
from ccip_core.protocol.blessing import rmn_digest, sign_blessing
from ccip_core.protocol.codec import encode_address, encode_args
from ccip_core.protocol.configs import DestChainConfig
from ccip_core.protocol.hashing import leaf, to_any2evm
from ccip_core.protocol.merkle import merkle_root, prove
from ccip_core.protocol.messages import (
    CommitReport,
    EVM2AnyRampMessage,
    ExecutionReport,
    GasLimitOverride,
    GasPriceUpdate,
    MerkleRoot,
    PriceUpdates,
    RmnReport,
    TokenPriceUpdate,
)
from ccip_core.protocol.ocr3 import (
    encode_commit_call,
    encode_execute_call,
    encode_manually_execute_call,
    ocr3_digest,
    pack_signatures,
)

ZERO = b"\0" * 20
ETHER = 10**18
SOURCE, DEST, ELSEWHERE = 501, 502, 503
EVM = bytes.fromhex("2812d52c")
SENT = "0x192442a2b2adb6a7948f097023cb6b57d29d3a7a5dd33e6666d33c39cc456f32"
COMMIT_DIGEST, EXECUTE_DIGEST, HOME_DIGEST = (
    b"\x00\x0a" + b"\1" * 30,
    b"\x00\x0a" + b"\2" * 30,
    b"\x00\x0b" + b"\3" * 30,
)
ON, OFF = (True, 10**6 * ETHER, ETHER), (False, 0, 0)
DEST_CONFIG = DestChainConfig(
    True,
    5,
    30_000,
    3_000_000,
    300_000,
    16,
    40,
    3_000,
    0,
    0,
    0,
    EVM,
    False,
    25,
    125_000,
    200_000,
    11 * 10**17,
    90_000,
    10,
)
GAS_ESTIMATION_SENDER = bytes.fromhex("00c11c11c11c11c11c11c11c11c11c11c11c11c1")
NO_PRICES = PriceUpdates((), ())
THRESHOLD_S = 3_600
GLOBAL_SUBJECT = 1 << 120 | 1
RECEIVER_INTERFACE = bytes.fromhex("85572ffb")


def v2(gas_limit=200_000, out_of_order=True):
    return bytes.fromhex("181dcf10") + encode_args(("uint256", "bool"), (gas_limit, out_of_order))


class Lane:
    def __init__(self, twins, props):
        self.twins = twins
        self.user, self.stranger, self.aggregator = map(twins.actor, ("user", "stranger", "aggregator"))
        self.transmitters = [twins.actor(f"transmitter {n}") for n in range(4)]
        create, send = twins.create, twins.send
        self.weth = twins.create_same(own_artifact("WETH9"))
        self.link = create("FactoryBurnMintERC20", "LINK", "LINK", 18, 0, 10**9 * ETHER, self.user)
        self.rmn, self.dest_rmn = create("RMNRemote", SOURCE, ZERO), create("RMNRemote", DEST, ZERO)
        self.proxy, self.dest_proxy = (create("RMNProxy", rmn.address) for rmn in (self.rmn, self.dest_rmn))
        self.router = create("Router", self.weth.address, self.proxy.address)
        self.dest_router = create("Router", self.weth.address, self.dest_proxy.address)
        self.registry, self.dest_registry = create("TokenAdminRegistry"), create("TokenAdminRegistry")
        self.nonces, self.dest_nonces = create("NonceManager", []), create("NonceManager", [])
        self.quoter = create(
            "FeeQuoter",
            (1_000 * ETHER, self.link.address, 86_400),
            [twins.deployer],
            [self.link.address, self.weth.address],
            [],
            [],
            [(self.link.address, 9 * 10**17), (self.weth.address, ETHER)],
            [(DEST, DEST_CONFIG), (ELSEWHERE, DEST_CONFIG)],
        )
        self.on_ramp = create(
            "OnRamp",
            (SOURCE, self.proxy.address, self.nonces.address, self.registry.address),
            (self.quoter.address, False, ZERO, self.aggregator, ZERO),
            [(DEST, self.router.address, False), (ELSEWHERE, self.router.address, False)],
        )
        self.off_ramp = create(
            "OffRamp",
            (DEST, 5_000, self.dest_proxy.address, self.dest_registry.address, self.dest_nonces.address),
            (self.quoter.address, THRESHOLD_S, ZERO),
            [(self.dest_router.address, SOURCE, True, False, encode_address(self.on_ramp.address))],
        )
        send(self.nonces, "applyAuthorizedCallerUpdates", ([self.on_ramp.address], []))
        send(self.dest_nonces, "applyAuthorizedCallerUpdates", ([self.off_ramp.address], []))
        send(self.quoter, "applyAuthorizedCallerUpdates", ([self.off_ramp.address], []))
        send(self.router, "applyRampUpdates", [(DEST, self.on_ramp.address), (ELSEWHERE, self.on_ramp.address)], [], [])
        send(self.dest_router, "applyRampUpdates", [], [], [(SOURCE, self.off_ramp.address)])
        signers = [dev_key("oracle_signer", n).address for n in range(4)]
        send(
            self.off_ramp,
            "setOCR3Configs",
            [
                (COMMIT_DIGEST, 0, 1, True, signers, self.transmitters),
                (EXECUTE_DIGEST, 1, 1, False, [], self.transmitters),
            ],
        )
        self.rmn_keys = sorted((dev_key("rmn_signer", n) for n in range(3)), key=lambda key: key.address)
        rmn_signers = [(key.address, place) for place, key in enumerate(self.rmn_keys)]
        send(self.dest_rmn, "setConfig", (HOME_DIGEST, rmn_signers, 1))
        self._tokens(props)
        self.price()
        self.receiver = twins.create_same(props("OddReceiver"))
        self.ocr_sequence = 0
        twins.probes = {
            "uint64": (SOURCE, DEST, ELSEWHERE, 0, 1, 2, 3),
            "address": (
                self.user,
                self.token.address,
                self.dest_token.address,
                self.on_ramp.address,
                self.off_ramp.address,
            ),
            "uint8": (0, 1, 2),
            "bytes": (encode_address(self.user), b""),
            "bytes16": (SOURCE.to_bytes(16), DEST.to_bytes(16)),
            "bytes4": (b"\xff" * 4, bytes.fromhex("01ffc9a7")),
        }

    def _tokens(self, props):
        twins, create, send = self.twins, self.twins.create, self.twins.send
        self.token = create("FactoryBurnMintERC20", "T", "T", 18, 0, 10**9 * ETHER, self.user)
        self.dest_token = create("FactoryBurnMintERC20", "T", "T", 6, 0, 0, self.user)
        self.pool = create("BurnMintTokenPool", self.token.address, 18, (), self.proxy.address, self.router.address)
        self.dest_pool = create(
            "BurnMintTokenPool", self.dest_token.address, 6, (), self.dest_proxy.address, self.dest_router.address
        )
        ends = (
            (self.token, self.pool, self.registry, DEST, self.dest_pool, self.dest_token),
            (self.dest_token, self.dest_pool, self.dest_registry, SOURCE, self.pool, self.token),
        )
        for token, pool, registry, selector, remote_pool, remote_token in ends:
            send(token, "grantMintAndBurnRoles", pool.address)
            send(registry, "proposeAdministrator", token.address, twins.deployer)
            send(registry, "acceptAdminRole", token.address)
            send(registry, "setPool", token.address, pool.address)
            remote = (selector, [encode_address(remote_pool.address)], encode_address(remote_token.address), ON, ON)
            send(pool, "applyChainUpdates", [], [remote])
        self.odd_token = twins.create_same(props("OddToken"))
        self.odd_pool = twins.create_same(props("OddPool"), self.odd_token.address)
        for registry in (self.registry, self.dest_registry):
            send(registry, "proposeAdministrator", self.odd_token.address, twins.deployer)
            send(registry, "acceptAdminRole", self.odd_token.address)
            send(registry, "setPool", self.odd_token.address, self.odd_pool.address)
        send(self.odd_token, "mint", self.user, 10**9)
        send(self.odd_pool, "set", 0, encode_address(self.odd_token.address), b"odd")
        for token in (self.link, self.token):
            send(token, "approve", self.router.address, 2**256 - 1, sender=self.user)
        twins.send_raw(
            self.odd_token.address,
            codec.encode_call("approve(address,uint256)", self.router.address, 2**256 - 1),
            sender=self.user,
        )

    def price(self):
        prices = [(self.link.address, 15 * ETHER), (self.weth.address, 3_000 * ETHER)]
        self.twins.send(self.quoter, "updatePrices", (prices, [(DEST, 3 * 10**12), (ELSEWHERE, 1)]))

    # ── source ──────────────────────────────────────────────────────────────────────────────────────────────────────

    def message(self, **changes):
        fields = {
            "receiver": encode_address(self.receiver.address),
            "data": b"hello",
            "tokens": [],
            "fee_token": self.link.address,
            "extra_args": v2(),
        } | changes
        return tuple(fields.values())

    def ccip_send(self, *, dest=DEST, value=0, reverts=None, sender=None, **changes):
        """The message that the OnRamp emitted, or None."""
        message = self.message(**changes)
        outcome = self.twins.send(
            self.router, "ccipSend", dest, message, sender=sender or self.user, value=value, reverts=reverts
        )
        for _, topics, data in outcome.logs:
            if topics[0] == SENT:
                return codec.decode(EVM2AnyRampMessage, bytes.fromhex(data[2:]))
        return None

    # ── destination ─────────────────────────────────────────────────────────────────────────────────────────────────

    def leaf(self, message):
        return leaf(message, encode_address(self.on_ramp.address))

    def root(self, leaves, first, last=None, **changes):
        plain = MerkleRoot(
            SOURCE,
            encode_address(self.on_ramp.address),
            first,
            first + len(leaves) - 1 if last is None else last,
            merkle_root(leaves),
        )
        return plain._replace(**changes)

    def bless(self, roots, keys=None):
        report = RmnReport(1337, DEST, self.dest_rmn.address, self.off_ramp.address, HOME_DIGEST, tuple(roots))
        return tuple(sign_blessing(key, rmn_digest(report)) for key in (self.rmn_keys[:2] if keys is None else keys))

    def commit(
        self,
        blessed=(),
        unblessed=(),
        *,
        prices=NO_PRICES,
        blessings=None,
        oracles=(0, 1),
        sender=None,
        digest=COMMIT_DIGEST,
        sequence=None,
        mangle=lambda data: data,
    ):
        self.ocr_sequence += 1
        sequence = self.ocr_sequence if sequence is None else sequence
        signatures = self.bless(blessed) if blessings is None and blessed else blessings or ()
        report = CommitReport(prices, tuple(blessed), tuple(unblessed), signatures)
        to_sign = ocr3_digest(codec.encode(report), digest, sequence)
        signed = pack_signatures(dev_key("oracle_signer", n).sign_digest(to_sign) for n in oracles)
        data = mangle(encode_commit_call(digest, sequence, report, signed))
        return self.twins.send_raw(self.off_ramp.address, data, sender=sender or self.transmitters[0])

    def report(self, messages, committed=None, *, token_data=None, source=SOURCE, **changes):
        committed = committed or messages
        leaves = [self.leaf(message) for message in committed]
        proof = prove(leaves, [committed.index(message) for message in messages])
        token_data = token_data or tuple(tuple(b"" for _ in message.token_amounts) for message in messages)
        plain = ExecutionReport(source, tuple(messages), token_data, tuple(proof.proofs), proof.flag_bits)
        return plain._replace(**changes)

    def execute(self, *reports, sender=None, digest=EXECUTE_DIGEST, mangle=lambda data: data):
        data = mangle(encode_execute_call(digest, 7, reports))
        return self.twins.send_raw(self.off_ramp.address, data, sender=sender or self.transmitters[0])

    def execute_by_hand(self, reports, overrides=None):
        if overrides is None:
            overrides = [
                [GasLimitOverride(0, (0,) * len(message.token_amounts)) for message in report.messages]
                for report in reports
            ]
        return self.twins.send_raw(
            self.off_ramp.address, encode_manually_execute_call(reports, overrides), sender=self.stranger
        )

    def states(self, last):
        for number in range(last + 1):
            self.twins.call(self.off_ramp, "getExecutionState", SOURCE, number)
        self.twins.compare_state()


@pytest.fixture(scope="module")
def built_lane(stage, props):
    with stage.undone():
        yield Lane(stage, props)


@pytest.fixture
def lane(built_lane):
    """The lane as it was built."""
    with built_lane.twins.undone():
        built_lane.ocr_sequence = 0
        yield built_lane


@pytest.fixture
def twins(lane):
    return lane.twins


def test_router(twins, lane):
    owner_only, router, stranger = "Only callable by owner", lane.router, lane.stranger
    for function, arguments in (
        ("applyRampUpdates", ([], [], [])),
        ("setWrappedNative", (stranger,)),
        ("recoverTokens", (ZERO, stranger, 1)),
        ("transferOwnership", (stranger,)),
    ):
        twins.send(router, function, *arguments, sender=stranger, reverts=owner_only)
    off = [(SOURCE, lane.off_ramp.address), (SOURCE, stranger), (9, stranger)]
    twins.send(router, "applyRampUpdates", [], [], off)
    twins.send(router, "applyRampUpdates", [], [], off)
    twins.send(router, "applyRampUpdates", [], [(8, stranger)], [], reverts="OffRampMismatch")
    twins.send(router, "applyRampUpdates", [(5, stranger), (5, ZERO), (6, stranger)], [off[0]], [off[0]])
    twins.send(router, "applyRampUpdates", [], off[1:], [])
    twins.compare_state({"uint64": (5, 6, 8, 9, SOURCE, DEST), "address": (stranger, lane.off_ramp.address)})
    twins.call(router, "getSupportedTokens", DEST)
    twins.call(router, "getSupportedTokens", 999)
    twins.send(lane.link, "transfer", router.address, 77, sender=lane.user)
    twins.send(router, "recoverTokens", lane.link.address, ZERO, 7, reverts="InvalidRecipientAddress")
    twins.send(router, "recoverTokens", lane.link.address, stranger, 7)
    twins.send(router, "recoverTokens", lane.link.address, stranger, 71, reverts="exceeds balance")
    twins.send(router, "recoverTokens", ZERO, stranger, 1, reverts="")
    twins.send(router, "recoverTokens", ZERO, lane.receiver.address, 0, reverts="")
    twins.send_raw(router.address, b"", value=5)
    twins.send(router, "setWrappedNative", lane.link.address)
    twins.send(router, "setWrappedNative", ZERO)
    twins.send(router, "setWrappedNative", lane.weth.address)
    twins.send(router, "transferOwnership", stranger)
    twins.send(router, "acceptOwnership", reverts="Must be proposed owner")
    twins.send(router, "acceptOwnership", sender=stranger)
    twins.compare_state()


def test_sending(twins, lane):
    """What the field's tutorials send, and what nobody should."""
    router, user = lane.router, lane.user
    v1 = bytes.fromhex("97a657c9")
    for extra_args, gas_limit in (
        (b"", 200_000),
        (v1 + (5).to_bytes(32), 5),
        (v1 + (400_000).to_bytes(32) + (1).to_bytes(32), 400_000),  # the two words of old: gasLimit, strict
        (v2(7, True), 7),
        (v2(8, False), 8),
    ):
        twins.call(router, "getFee", DEST, lane.message(extra_args=extra_args))
        sent = lane.ccip_send(extra_args=extra_args)
        assert sent.extra_args[:4] == bytes.fromhex("181dcf10")  # always V2
        assert int.from_bytes(sent.extra_args[4:36]) == gas_limit
        assert (sent.header.nonce == 0) == bool(sent.extra_args[-1])  # in any order, or in its sender's
    lane.ccip_send(extra_args=b"\1\2\3\4" + bytes(32), reverts="InvalidExtraArgsTag")
    lane.ccip_send(extra_args=v1, reverts="")
    lane.ccip_send(extra_args=v2(3_000_001), reverts="MessageGasLimitTooHigh")
    twins.compare_state()

    lane.ccip_send(fee_token=ZERO, value=ETHER)  # too much: kept, and told in the event
    fee = int.from_bytes(twins.call(router, "getFee", DEST, lane.message(fee_token=ZERO)).data)
    lane.ccip_send(fee_token=ZERO, value=fee)
    lane.ccip_send(fee_token=ZERO, value=fee - 1, reverts="InsufficientFeeTokenAmount")
    lane.ccip_send(fee_token=ZERO, reverts="InsufficientFeeTokenAmount")
    lane.ccip_send(value=1, reverts="InvalidMsgValue")
    lane.ccip_send(fee_token=lane.weth.address, reverts="")
    lane.ccip_send(fee_token=lane.stranger, reverts="FeeTokenNotSupported")
    lane.ccip_send(fee_token=ZERO, value=10**6 * ETHER, reverts="")  # above the cap in LINK
    lane.ccip_send(sender=lane.stranger, reverts="insufficient allowance")
    lane.ccip_send(dest=999, reverts="UnsupportedDestinationChain")
    lane.ccip_send(receiver=b"\1" * 20, reverts="InvalidEVMAddress")
    lane.ccip_send(receiver=encode_address(user), data=b"", extra_args=v2(0))
    lane.ccip_send(data=bytes(30_000))
    lane.ccip_send(data=bytes(30_001), reverts="MessageTooLarge")

    token, odd = lane.token.address, lane.odd_token.address
    lane.ccip_send(tokens=[(token, 5 * ETHER)])
    lane.ccip_send(tokens=[(token, 1), (token, 2), (odd, 3)])
    lane.ccip_send(tokens=[(token, 1)] * 6, reverts="UnsupportedNumberOfTokens")
    lane.ccip_send(tokens=[(token, 0)], reverts="CannotSendZeroTokens")
    lane.ccip_send(tokens=[(lane.link.address, 1)], reverts="")  # no pool: the transfer to nobody fails first
    lane.ccip_send(tokens=[(lane.stranger, 1)], reverts="")
    lane.ccip_send(tokens=[(token, 10**7 * ETHER)], reverts="TokenMaxCapacityExceeded")
    lane.ccip_send(tokens=[(token, 10**30 * ETHER)], reverts="exceeds balance")
    lane.ccip_send(dest=ELSEWHERE, tokens=[(token, 1)], reverts="ChainNotAllowed")
    lane.ccip_send(dest=ELSEWHERE)
    lane.ccip_send(dest=ELSEWHERE, extra_args=b"")
    twins.compare_state()

    fees = [lane.link.address, lane.weth.address, token]
    twins.send(lane.on_ramp, "withdrawFeeTokens", fees, sender=lane.stranger)
    twins.send(lane.on_ramp, "withdrawFeeTokens", fees, sender=lane.stranger)
    twins.compare_state({"address": (lane.aggregator, lane.on_ramp.address, lane.pool.address)})
    assert twins.steps > 250


def test_odd_pools_and_tokens_on_the_way_out(twins, lane):
    odd, pool, token = lane.odd_token.address, lane.odd_pool, encode_address(lane.odd_token.address)
    for mood, dest_token, data in (
        (0, token, b""),
        (0, token, bytes(32)),
        (0, token, bytes(33)),
        (0, b"", b""),
        (0, b"\1" * 20, b""),
        (0, bytes(31) + b"\1", b""),
        (1, token, b""),
        (2, token, b""),
        (7, token, b""),
    ):
        twins.send(pool, "set", mood, dest_token, data)
        lane.ccip_send(tokens=[(odd, 5)], reverts="")
    twins.send(pool, "set", 8, token, b"")
    for target, call in (
        (
            lane.router.address,
            codec.encode_call("ccipSend(uint64,(bytes,bytes,(address,uint256)[],address,bytes))", DEST, lane.message()),
        ),
        (lane.on_ramp.address, codec.encode_call("withdrawFeeTokens(address[])", [lane.link.address])),
        (
            lane.on_ramp.address,
            codec.encode_call(
                "forwardFromRouter(uint64,(bytes,bytes,(address,uint256)[],address,bytes),uint256,address)",
                DEST,
                lane.message(),
                1,
                lane.user,
            ),
        ),
    ):
        twins.send(pool, "setCall", target, call)
        lane.ccip_send(tokens=[(odd, 5)], reverts="")
    twins.send(pool, "set", 0, token, b"")
    for vice in range(7):
        twins.send(lane.odd_token, "setVice", vice)
        lane.ccip_send(tokens=[(odd, 500)], reverts="")
    twins.compare_state()


def test_on_ramp_called_by_any_router(twins, lane):
    ramp, me, stranger = lane.on_ramp, twins.actor("a router of my own"), lane.stranger
    twins.send(lane.link, "transfer", ramp.address, ETHER, sender=lane.user)
    forward = "forwardFromRouter"
    message = lane.message()
    twins.send(ramp, forward, DEST, message, 5, lane.user, sender=me, reverts="MustBeCalledByRouter")
    twins.send(ramp, "applyDestChainConfigUpdates", [(DEST, me, False)], sender=me, reverts="OnlyCallableByOwner")
    twins.send(ramp, "applyDestChainConfigUpdates", [(0, me, False)], reverts="InvalidDestChainConfig")
    twins.send(ramp, "applyDestChainConfigUpdates", [(DEST, me, False), (9, ZERO, True)])
    twins.send(ramp, forward, DEST, message, 5, ZERO, sender=me, reverts="RouterMustSetOriginalSender")
    twins.send(ramp, forward, DEST, message, 5, ZERO, sender=stranger, reverts="RouterMustSetOriginalSender")
    twins.send(ramp, forward, 9, message, 5, lane.user, sender=me, reverts="SenderNotAllowed")
    twins.send(ramp, forward, 99, message, 5, lane.user, sender=me, reverts="MustBeCalledByRouter")
    twins.send(ramp, forward, DEST, message, 5, lane.user, sender=me)
    twins.send(ramp, forward, DEST, lane.message(fee_token=lane.weth.address), 5, lane.user, sender=me)
    twins.send(
        ramp, forward, DEST, lane.message(fee_token=stranger), 5, lane.user, sender=me, reverts="TokenNotSupported"
    )
    twins.send(ramp, forward, DEST, message, 1_001 * ETHER, lane.user, sender=me, reverts="MessageFeeTooHigh")
    twins.send(
        ramp,
        forward,
        DEST,
        lane.message(tokens=[(lane.link.address, 5)]),
        5,
        lane.user,
        sender=me,
        reverts="UnsupportedToken",
    )
    twins.send(
        ramp,
        forward,
        DEST,
        lane.message(tokens=[(lane.link.address, 0)]),
        5,
        lane.user,
        sender=me,
        reverts="CannotSendZeroTokens",
    )
    twins.send(ramp, forward, DEST, lane.message(receiver=b"any", extra_args=b""), 5, lane.user, sender=me)
    twins.send(lane.rmn, "curse(bytes16)", DEST.to_bytes(16))
    twins.send(ramp, forward, DEST, message, 5, lane.user, sender=me)  # no curse is asked for here
    twins.call(ramp, "getFee", DEST, message)
    twins.call(ramp, "getFee", 99, message)
    lane.ccip_send(reverts="CursedByRMN")
    twins.send(lane.rmn, "uncurse(bytes16)", DEST.to_bytes(16))
    twins.send(lane.rmn, "curse(bytes16)", GLOBAL_SUBJECT.to_bytes(16))
    lane.ccip_send(reverts="BadARMSignal")
    twins.call(lane.router, "getFee", DEST, message)
    twins.send(lane.rmn, "uncurse(bytes16)", GLOBAL_SUBJECT.to_bytes(16))
    twins.compare_state()

    allow = "applyAllowlistUpdates"
    twins.send(
        ramp, allow, [(DEST, True, [lane.user], [])], sender=stranger, reverts="OnlyCallableByOwnerOrAllowlistAdmin"
    )
    twins.send(ramp, allow, [(DEST, False, [lane.user], [])], reverts="InvalidAllowListRequest")
    twins.send(ramp, allow, [(DEST, True, [ZERO], [])], reverts="InvalidAllowListRequest")
    twins.send(ramp, allow, [(DEST, True, [], [lane.user])])
    twins.send(ramp, forward, DEST, message, 5, lane.user, sender=stranger, reverts="SenderNotAllowed")
    twins.send(ramp, allow, [(DEST, True, [lane.user, stranger, lane.user], [])])
    twins.send(ramp, forward, DEST, message, 5, lane.user, sender=stranger, reverts="MustBeCalledByRouter")
    twins.send(ramp, forward, DEST, message, 5, lane.user, sender=me)
    dynamic = (lane.quoter.address, False, ZERO, lane.aggregator, stranger)
    twins.send(ramp, "setDynamicConfig", dynamic, sender=stranger, reverts="OnlyCallableByOwner")
    for place, value in ((0, ZERO), (1, True), (3, ZERO)):
        bad = (*dynamic[:place], value, *dynamic[place + 1 :])
        twins.send(ramp, "setDynamicConfig", bad, reverts="InvalidConfig")
    twins.send(ramp, "setDynamicConfig", dynamic)
    twins.send(ramp, allow, [(DEST, False, [], [stranger, ZERO]), (77, True, [stranger], [])], sender=stranger)
    twins.compare_state({"uint64": (DEST, 77, 9, 99)})
    static = (SOURCE, lane.proxy.address, lane.nonces.address, lane.registry.address)
    for place in range(4):
        bad = (*static[:place], 0 if place == 0 else ZERO, *static[place + 1 :])
        twins.try_create("OnRamp", bad, dynamic, [])
    twins.try_create("OnRamp", static, (ZERO, *dynamic[1:]), [])
    twins.try_create("OnRamp", static, dynamic, [(0, ZERO, False)])


def test_nonce_manager(twins, lane):
    manager, me, sender = lane.nonces, twins.actor("ramp"), encode_address(lane.user)
    twins.send(manager, "getIncrementedOutboundNonce", DEST, lane.user, sender=me, reverts="UnauthorizedCaller")
    twins.send(manager, "incrementInboundNonce", DEST, 1, sender, sender=me, reverts="UnauthorizedCaller")
    twins.send(manager, "applyAuthorizedCallerUpdates", ([me], []), sender=me, reverts="OnlyCallableByOwner")
    twins.send(manager, "applyAuthorizedCallerUpdates", ([ZERO], []), reverts="ZeroAddressNotAllowed")
    twins.send(manager, "applyAuthorizedCallerUpdates", ([me, me], [lane.stranger, lane.on_ramp.address]))
    for expected in (1, 2, 2, 0, 4, 3):
        twins.send(manager, "incrementInboundNonce", DEST, expected, sender, sender=me)
        twins.send(manager, "incrementInboundNonce", DEST, expected, b"", sender=me)
    for _ in range(3):
        twins.send(manager, "getIncrementedOutboundNonce", DEST, lane.user, sender=me)
    update = "applyPreviousRampsUpdates"
    twins.send(manager, update, [], sender=me, reverts="OnlyCallableByOwner")
    twins.send(manager, update, [(DEST, False, (lane.stranger, ZERO))])
    twins.send(manager, update, [(DEST, False, (lane.stranger, ZERO))], reverts="PreviousRampAlreadySet")
    twins.send(manager, update, [(DEST, True, (ZERO, lane.stranger)), (9, False, (ZERO, ZERO)), (9, False, (ZERO, me))])
    twins.call(manager, "getInboundNonce", DEST, encode_address(me))
    twins.send(manager, "incrementInboundNonce", DEST, 1, encode_address(me), sender=me, reverts="")
    twins.send(manager, "getIncrementedOutboundNonce", 9, me, sender=me, reverts="")
    twins.compare_state({"uint64": (DEST, 9), "bytes": (sender, b""), "address": (lane.user,)})


def commit_two(lane, *, extra_args=None, tokens=(), data=b"hello", count=2):
    messages = [
        to_any2evm(lane.ccip_send(extra_args=extra_args or v2(), tokens=list(tokens), data=data)) for _ in range(count)
    ]
    first = messages[0].header.sequence_number
    lane.commit([lane.root([lane.leaf(message) for message in messages], first)])
    return messages


def test_committing(twins, lane):
    messages = [to_any2evm(lane.ccip_send(extra_args=b"")) for _ in range(6)]
    leaves = [lane.leaf(message) for message in messages]
    good = lane.root(leaves[:2], 1)
    prices = PriceUpdates((TokenPriceUpdate(lane.link.address, 16 * ETHER),), (GasPriceUpdate(DEST, 4 * 10**12),))

    # what is wrong with the roots, in the order in which it is found
    lane.commit([good], blessings=lane.bless([good], lane.rmn_keys[:1]))
    lane.commit([good], blessings=lane.bless([good], lane.rmn_keys[1::-1]))
    lane.commit([good], blessings=lane.bless([good], [dev_key("attacker"), dev_key("attacker")]))
    lane.commit([], [good])
    twins.send(lane.dest_rmn, "curse(bytes16)", SOURCE.to_bytes(16))
    lane.commit([good])
    lane.commit(prices=prices, sequence=1)
    lane.commit(prices=prices, sequence=1)
    lane.commit()
    twins.send(lane.dest_rmn, "uncurse(bytes16)", SOURCE.to_bytes(16))
    for changes in (
        {"source_chain_selector": 999},
        {"on_ramp_address": lane.on_ramp.address},
        {"on_ramp_address": b""},
        {"min_seq_nr": 2},
        {"min_seq_nr": 0},
        {"max_seq_nr": 0},
        {"merkle_root": bytes(32)},
        {"min_seq_nr": 2, "on_ramp_address": b""},
        {"min_seq_nr": 2, "merkle_root": bytes(32)},
    ):
        lane.commit([good._replace(**changes)])
        lane.commit([good._replace(**changes)], oracles=(0,), sender=lane.stranger)

    # what is wrong with the report, after the roots
    lane.commit([good], oracles=())
    lane.commit([good], oracles=(0,))
    lane.commit([good], oracles=(0, 1, 2))
    lane.commit([good], oracles=(2, 2))
    lane.commit([good], oracles=(0, 9))
    lane.commit([good], sender=lane.stranger)
    lane.commit([good], digest=EXECUTE_DIGEST)
    lane.commit([good], mangle=lambda data: data + b"\0")
    lane.commit([good], mangle=lambda data: data[:-1])
    lane.commit([good], mangle=lambda data: data[:-32] + b"\2" * 32)
    lane.commit([good], oracles=(0,), sender=GAS_ESTIMATION_SENDER)
    twins.compare_state()

    lane.commit([good], prices=prices, sequence=9)
    lane.commit([good])
    lane.commit([good._replace(min_seq_nr=3, max_seq_nr=4)])  # the same root once more
    lane.commit(prices=prices, sequence=9)
    lane.commit(prices=prices, sequence=8)
    lane.commit(prices=prices, sequence=0)
    lane.commit([lane.root(leaves[2:3], 3)], prices=prices, sequence=8)  # stale prices beside a root are dropped
    lane.commit([lane.root(leaves[3:4], 4), lane.root(leaves[4:5], 5)])
    lane.commit([lane.root(leaves[5:], 6), lane.root(leaves[5:], 7)])
    twins.call(lane.off_ramp, "getMerkleRoot", SOURCE, good.merkle_root)
    twins.call(lane.off_ramp, "getMerkleRoot", DEST, good.merkle_root)
    twins.compare_state()

    source = (lane.dest_router.address, SOURCE, True, True, encode_address(lane.on_ramp.address))
    twins.send(lane.off_ramp, "applySourceChainConfigUpdates", [source])
    last = lane.root(leaves[5:], 6)
    lane.commit([last])
    lane.commit([], [last], blessings=lane.bless([last]))
    lane.commit([], [last._replace(min_seq_nr=7, max_seq_nr=7)])
    twins.send(lane.off_ramp, "applySourceChainConfigUpdates", [(*source[:2], False, *source[3:])])
    lane.commit([], [last._replace(min_seq_nr=7, max_seq_nr=7, merkle_root=b"\7" * 32)])
    twins.compare_state()


def test_executing(twins, lane):
    messages = commit_two(lane, extra_args=v2(300_000, False), count=5)
    one, two, three, four, five = messages
    everything = lane.report(messages)
    lane.execute()
    lane.execute(lane.report([one], messages), sender=lane.stranger)
    lane.execute(lane.report([one], messages), digest=COMMIT_DIGEST)
    lane.execute(lane.report([one], messages), mangle=lambda data: data + b"\0" * 32)
    lane.execute(lane.report([one], messages, source=DEST))
    lane.execute(lane.report([one], messages, source=999))
    lane.execute(everything._replace(messages=(), offchain_token_data=()))
    lane.execute(everything._replace(offchain_token_data=()))
    lane.execute(lane.report([one], messages, token_data=((b"", b""),)))
    lane.execute(lane.report([one], messages)._replace(proofs=()))
    lane.execute(lane.report([one], messages)._replace(proof_flag_bits=2**256 - 1))
    lane.execute(lane.report([one], messages)._replace(proofs=(b"\1" * 32,) * 3))
    lane.execute(everything._replace(proofs=(b"\1" * 32,) * 300))
    wrong_dest = one._replace(header=one.header._replace(dest_chain_selector=9))
    lane.execute(lane.report([one], messages)._replace(messages=(wrong_dest,)))
    wrong_source = one._replace(header=one.header._replace(source_chain_selector=9))
    lane.execute(lane.report([one], messages)._replace(messages=(wrong_source,)))
    lane.execute(lane.report([one], messages)._replace(messages=(one._replace(data=b"forged"),)))
    lane.states(6)

    lane.execute(lane.report([two], messages))  # its nonce is not due
    lane.states(6)
    lane.execute(lane.report([one, two], messages))
    lane.execute(lane.report([one], messages))
    lane.execute(lane.report([one, three], messages))
    lane.states(6)
    twins.send(lane.dest_rmn, "curse(bytes16)", SOURCE.to_bytes(16))
    lane.execute(lane.report([four], messages))
    lane.execute_by_hand([lane.report([four], messages)])
    twins.send(lane.dest_rmn, "uncurse(bytes16)", SOURCE.to_bytes(16))
    lane.execute_by_hand([lane.report([four], messages)])
    twins.warp(THRESHOLD_S + 5)
    lane.execute_by_hand([lane.report([five], messages)])
    lane.execute_by_hand([lane.report([four, five], messages)])
    lane.execute_by_hand([lane.report([four], messages)])
    lane.execute_by_hand([])
    lane.states(6)


@pytest.mark.parametrize("mood", range(8))
def test_receivers(twins, lane, mood):
    """Takes, reverts, bombs, burns its gas, panics, calls back; told again by hand, with more gas and with less."""
    twins.send(lane.receiver, "set", mood, RECEIVER_INTERFACE, False)
    tokens = [(lane.token.address, 3 * 10**12)]
    messages = commit_two(lane, extra_args=v2(150_000), tokens=tokens)
    again = encode_execute_call(EXECUTE_DIGEST, 7, [lane.report(messages[:1], messages)])
    twins.send(lane.receiver, "setCall", lane.off_ramp.address, again)
    lane.execute(lane.report(messages, messages))
    lane.execute(lane.report(messages, messages))
    lane.states(3)
    by_hand = encode_manually_execute_call(
        [lane.report(messages[1:], messages)], [[GasLimitOverride(0, (0,) * len(tokens))]]
    )
    twins.send(lane.receiver, "setCall", lane.off_ramp.address, by_hand)
    report = [lane.report(messages[:1], messages)]
    for limit, token_gas in (
        (0, (0,)),
        (149_999, (0,)),
        (400_000, (124_999,)),
        (400_000, ()),
        (400_000, (0, 0)),
        (400_000, (200_000,)),
    ):
        lane.execute_by_hand(report, [[GasLimitOverride(limit, token_gas)]])
    lane.execute_by_hand(report, [])
    lane.execute_by_hand(report, [[]])
    twins.send(lane.receiver, "set", 0, RECEIVER_INTERFACE, False)
    lane.execute_by_hand([lane.report(messages, messages)])
    lane.states(3)


@pytest.mark.parametrize(
    "case",
    [
        ("85572ffb", False, b"x", 0),
        ("85572ffb", False, b"", 0),
        ("85572ffb", False, b"", 100_000),
        ("00000000", False, b"x", 100_000),
        ("85572ffb", True, b"x", 100_000),
        ("85572ffb", False, b"x", 1_000),
    ],
)
def test_who_is_called_at_all(twins, lane, case):
    claimed, claims_all, data, gas_limit = case
    twins.send(lane.receiver, "set", 0, bytes.fromhex(claimed), claims_all)
    messages = commit_two(lane, extra_args=v2(gas_limit), data=data, tokens=[(lane.token.address, 10**12)])
    lane.execute(lane.report(messages, messages))
    lane.execute(lane.report(messages[:1], messages), sender=GAS_ESTIMATION_SENDER)
    for receiver in (lane.user, lane.link.address, lane.dest_pool.address, lane.dest_token.address):
        sent = lane.ccip_send(receiver=encode_address(receiver), data=data, tokens=[(lane.token.address, 10**12)])
        message = to_any2evm(sent)
        lane.commit([lane.root([lane.leaf(message)], message.header.sequence_number)])
        lane.execute(lane.report([message]), sender=GAS_ESTIMATION_SENDER)
        lane.execute(lane.report([message]))
    lane.states(7)


@pytest.mark.parametrize("mood", range(9))
def test_odd_pools_on_the_way_in(twins, lane, mood):
    messages = commit_two(lane, tokens=[(lane.odd_token.address, 1_000)])
    again = encode_execute_call(EXECUTE_DIGEST, 7, [lane.report(messages[:1], messages)])
    twins.send(lane.odd_pool, "setCall", lane.off_ramp.address, again)
    twins.send(lane.odd_pool, "set", mood, encode_address(lane.odd_token.address), b"odd")
    lane.execute(lane.report(messages, messages))
    lane.states(3)
    twins.send(lane.odd_pool, "set", 0, encode_address(lane.odd_token.address), b"odd")
    lane.execute_by_hand([lane.report(messages, messages)])
    twins.send(lane.dest_registry, "setPool", lane.odd_token.address, ZERO)
    messages = commit_two(lane, tokens=[(lane.odd_token.address, 1_000)])
    lane.execute(lane.report(messages, messages))
    lane.states(5)


def test_off_ramp_settings(twins, lane):
    ramp, stranger = lane.off_ramp, lane.stranger
    on_ramp = encode_address(lane.on_ramp.address)
    update = "applySourceChainConfigUpdates"
    good = (lane.dest_router.address, 9, True, False, on_ramp)
    twins.send(ramp, update, [good], sender=stranger, reverts="OnlyCallableByOwner")
    for bad, reverts in (
        ((good[0], 0, True, False, on_ramp), "ZeroChainSelectorNotAllowed"),
        ((ZERO, 9, True, False, on_ramp), "ZeroAddressNotAllowed"),
        ((ZERO, 0, True, False, b""), ""),
        ((*good[:4], b""), "ZeroAddressNotAllowed"),
        ((*good[:4], bytes(32)), "ZeroAddressNotAllowed"),
        ((*good[:4], bytes(31)), None),
        ((*good[:4], b"\1" * 40), None),
    ):
        twins.send(ramp, update, [bad], reverts=reverts)
    twins.send(ramp, update, [good, (*good[:2], False, True, b"\7")])
    twins.compare_state({"uint64": (9, SOURCE, DEST)})
    commit_two(lane)
    twins.send(ramp, update, [(good[0], SOURCE, True, False, b"\1")], reverts="InvalidOnRampUpdate")
    twins.send(ramp, update, [(stranger, SOURCE, False, True, on_ramp)])
    dynamic = "setDynamicConfig"
    twins.send(ramp, dynamic, (lane.quoter.address, 5, stranger), sender=stranger, reverts="OnlyCallableByOwner")
    twins.send(ramp, dynamic, (ZERO, 5, stranger), reverts="ZeroAddressNotAllowed")
    twins.send(ramp, dynamic, (stranger, 2**32 - 1, stranger))
    twins.send(ramp, "ccipReceive", (bytes(32), 1, b"", b"", []), reverts="")
    twins.compare_state({"uint64": (9, SOURCE, DEST)})
    static = (DEST, 5_000, stranger, stranger, stranger)
    for place in (0, 2, 3, 4):
        bad = (*static[:place], 0 if place == 0 else ZERO, *static[place + 1 :])
        twins.try_create("OffRamp", bad, (stranger, 5, ZERO), [])
    twins.try_create("OffRamp", static, (ZERO, 5, ZERO), [])
    twins.try_create("OffRamp", static, (stranger, 5, ZERO), [(ZERO, 9, True, True, b"")])

    configs, many = "setOCR3Configs", [twins.actor(f"oracle {n}") for n in range(257)]
    digest = b"\7" * 32
    twins.send(ramp, configs, [], sender=stranger, reverts="OnlyCallableByOwner")
    for config in (
        (digest, 0, 0, True, many[:4], many[4:8]),
        (digest, 0, 1, False, many[:4], many[4:8]),
        (digest, 1, 1, True, many[:4], many[4:8]),
        (digest, 0, 1, True, many[:4], []),
        (digest, 0, 1, True, many[:3], many[4:5]),
        (digest, 0, 1, True, many[:4], many[4:9]),
        (digest, 0, 1, True, many[:4], many[3:5]),
        (digest, 0, 1, True, [*many[:3], many[0]], many[4:5]),
        (digest, 0, 1, True, [*many[:3], ZERO], many[4:5]),
        (digest, 0, 1, True, many[:4], [ZERO]),
        (digest, 0, 1, True, many[:4], [many[5], many[5]]),
        (digest, 0, 85, True, many[:256], many[256:]),
        (digest, 0, 85, True, many[:257], many[256:]),
        (digest, 1, 1, False, many[:4], many[:257]),
        (digest, 1, 1, False, many[:4], many[:3]),
        (digest, 1, 255, False, [], many[:1]),
        (digest, 7, 1, False, [], many[:1]),
        (bytes(32), 0, 1, True, many[:4], many[4:8]),
    ):
        twins.send(ramp, configs, [config], reverts="")
        twins.compare_state({"uint8": (0, 1, 2, 7)})


def test_routing_by_hand(twins, lane):
    me, router = twins.actor("off ramp of my own"), lane.dest_router
    message = (b"\1" * 32, 9, b"sender", b"data", [(lane.link.address, 5)])
    route = "routeMessage"
    twins.send(router, route, message, 5_000, 100_000, lane.receiver.address, sender=me, reverts="OnlyOffRamp")
    twins.send(router, "applyRampUpdates", [], [], [(9, me)])
    for mood in (0, 1, 2, 3, 4, 6):
        twins.send(lane.receiver, "set", mood, bytes(4), False)
        outcome = twins.send(
            router, route, message, 5_000, 300_000, lane.receiver.address, sender=me, reverts="", gas_at=slice(64, 96)
        )
        assert outcome.is_success
    twins.send(router, route, message, 5_000, 100_000, me, sender=me, reverts="NoContract")
    twins.send(router, route, message, 5_000, 2**255, lane.receiver.address, sender=me, reverts="NotEnoughGasForCall")
    twins.send(lane.dest_rmn, "curse(bytes16)", GLOBAL_SUBJECT.to_bytes(16))
    twins.send(router, route, message, 5_000, 100_000, lane.receiver.address, sender=me, reverts="BadARMSignal")


def test_an_execution_tells_its_own_gas_and_at_most_15_percent_more_than_upstreams(twins, lane):
    """docs/conformance.md, 1. What a whole call costs is compared in test_gas.py."""
    told = len(twins.told_gas)
    for tokens in ([], [(lane.token.address, 10**12)]):
        messages = commit_two(lane, tokens=tokens, extra_args=v2(300_000, False))
        lane.execute(lane.report(messages[:1], messages))
        lane.execute(lane.report(messages[1:], messages))
    assert len(twins.told_gas) - told == 4
    for theirs, mine in twins.told_gas[told:]:
        assert 0 < mine <= theirs * RATIO_MAX


class RandomTraffic:
    """Messages of all kinds, committed and executed in any order, by anybody, under curses that come and go."""

    def __init__(self, lane, seed):
        self.lane, self.twins, self.dice = lane, lane.twins, random.Random(seed)
        self.open_messages, self.batches, self.curses = [], [], []
        self.committed = 0

    def act(self):
        deeds = (self.send, self.commit, self.execute, self.curse, self.set_mood, self.wait)
        self.dice.choices(deeds, (8, 3, 6, 1, 1, 1))[0]()

    def send(self):
        lane, choose = self.lane, self.dice.choice
        sent = lane.ccip_send(
            receiver=encode_address(choose((lane.receiver.address, lane.user))),
            data=choose((b"", b"x", bytes(self.dice.randrange(2_000)))),
            tokens=[
                (choose((lane.token.address, lane.odd_token.address)), choose((0, 1, 10**12 + 7)))
                for _ in range(choose((0, 0, 0, 1, 2)))
            ],
            fee_token=choose((lane.link.address, ZERO)),
            extra_args=choose((b"", v2(100_000), v2(self.dice.randrange(400_000), False), b"\1")),
            value=choose((0, 0, ETHER)),
            reverts="",
        )
        if sent is not None:
            self.open_messages.append(to_any2evm(sent))

    def commit(self):
        if not self.open_messages:
            return
        batch = self.open_messages[: self.dice.randrange(1, len(self.open_messages) + 1)]
        first = self.dice.choice((*(self.committed + 1,) * 5, 1))
        root = self.lane.root([self.lane.leaf(message) for message in batch], first)
        if self.lane.commit([root], oracles=self.dice.choice(((0, 1), (2, 3), (1, 1)))).is_success:
            self.batches.append(batch)
            self.committed += len(batch)
            del self.open_messages[: len(batch)]

    def execute(self):
        if not self.batches:
            return
        batch = self.dice.choice(self.batches)
        chosen = sorted(self.dice.sample(range(len(batch)), self.dice.randrange(1, len(batch) + 1)))
        report = self.lane.report([batch[place] for place in chosen], batch)
        if self.dice.random() < 0.7:
            self.lane.execute(report)
        else:
            self.lane.execute_by_hand([report])

    def curse(self):
        if self.curses:
            rmn, subject = self.curses.pop()
            self.twins.send(rmn, "uncurse(bytes16)", subject)
        else:
            rmn = self.dice.choice((self.lane.rmn, self.lane.dest_rmn))
            subject = self.dice.choice((SOURCE, DEST, GLOBAL_SUBJECT)).to_bytes(16)
            self.curses.append((rmn, subject))
            self.twins.send(rmn, "curse(bytes16)", subject)

    def set_mood(self):
        mood = self.dice.choice((0, 0, 1, 2, 7))
        self.twins.send(self.lane.receiver, "set", mood, RECEIVER_INTERFACE, False)

    def wait(self):
        self.twins.warp(self.dice.choice((1, THRESHOLD_S + 1)))


@pytest.mark.parametrize("seed", range(3))
def test_random_traffic(lane, seed):
    traffic = RandomTraffic(lane, seed)
    for _ in range(120):
        traffic.act()
    lane.states(40)
    assert traffic.committed
