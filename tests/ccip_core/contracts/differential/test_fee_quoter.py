"""FeeQuoter: prices, fees, what a destination takes; fixed cases first, then thousands of random messages."""

import random

import pytest

from ccip_core.protocol.codec import encode_args
from ccip_core.protocol.configs import DestChainConfig, TokenTransferFeeConfig

ZERO = b"\0" * 20
ETHER = 10**18
EVM, ODD, APTOS, SVM, SUI, TVM, UNSET = 11, 12, 13, 14, 15, 16, 17
V1, V2 = bytes.fromhex("97a657c9"), bytes.fromhex("181dcf10")
SVM_TAG, SUI_TAG = bytes.fromhex("1f3b3aba"), bytes.fromhex("21ea4ca9")
FAMILIES = {EVM: "2812d52c", ODD: "2812d52c", APTOS: "ac77ffec", SVM: "1e10bdc4", SUI: "c4e05953", TVM: "647e2ba9"}
PLAIN = DestChainConfig(
    is_enabled=True,
    max_number_of_tokens_per_msg=5,
    max_data_bytes=30_000,
    max_per_msg_gas_limit=3_000_000,
    dest_gas_overhead=300_000,
    dest_gas_per_payload_byte_base=16,
    dest_gas_per_payload_byte_high=40,
    dest_gas_per_payload_byte_threshold=3_000,
    dest_data_availability_overhead_gas=0,
    dest_gas_per_data_availability_byte=0,
    dest_data_availability_multiplier_bps=0,
    chain_family_selector=bytes.fromhex("2812d52c"),
    enforce_out_of_order=False,
    default_token_fee_usd_cents=25,
    default_token_dest_gas_overhead=125_000,
    default_tx_gas_limit=200_000,
    gas_multiplier_wei_per_eth=11 * 10**17,
    gas_price_staleness_threshold=90_000,
    network_fee_usd_cents=10,
)
ROLLUP = PLAIN._replace(
    dest_data_availability_overhead_gas=33_596,
    dest_gas_per_data_availability_byte=16,
    dest_data_availability_multiplier_bps=6_840,
    enforce_out_of_order=True,
    gas_price_staleness_threshold=0,
    gas_multiplier_wei_per_eth=5 * 10**17,
)


def word(number):
    return number.to_bytes(32)


def v2(gas_limit, out_of_order=False):
    return V2 + encode_args(("uint256", "bool"), (gas_limit, out_of_order))


def svm(units=100_000, bitmap=0, out_of_order=True, receiver=b"\7" * 32, accounts=()):
    types = "(uint32,uint64,bool,bytes32,bytes32[])"
    return SVM_TAG + encode_args((types,), ((units, bitmap, out_of_order, receiver, accounts),))


def sui(gas_limit=100_000, out_of_order=True, receiver=b"\7" * 32, objects=()):
    types = "(uint256,bool,bytes32,bytes32[])"
    return SUI_TAG + encode_args((types,), ((gas_limit, out_of_order, receiver, objects),))


class Scene:
    def __init__(self, twins):
        self.link, self.weth, self.usdc, self.other, self.unpriced = map(
            twins.actor, ("link", "weth", "usdc", "other", "unpriced")
        )
        self.updater, self.stranger = twins.actor("updater"), twins.actor("stranger")
        configs = [
            (selector, PLAIN._replace(chain_family_selector=bytes.fromhex(f))) for selector, f in FAMILIES.items()
        ]
        configs[1] = (ODD, ROLLUP)
        override = TokenTransferFeeConfig(50, 500, 10, 90_000, 640, True)
        self.quoter = twins.create(
            "FeeQuoter",
            (1_000 * ETHER, self.link, 86_400),
            [self.updater, twins.deployer],
            [self.link, self.weth, self.unpriced],
            [],
            [(EVM, [(self.usdc, override), (self.unpriced, override._replace(is_enabled=False))])],
            [(self.link, 9 * 10**17), (self.weth, 10**18)],
            configs,
        )
        twins.probes = {
            "address": (self.link, self.weth, self.usdc, self.other, self.unpriced, ZERO),
            "address[]": ((), (self.link, self.usdc, self.unpriced)),
            "uint64": (0, EVM, ODD, APTOS, SVM, SUI, TVM, UNSET),
            "uint256": (0, 1, 10**18 + 7),
            "bytes4": tuple(
                map(bytes.fromhex, ("00000000", "ffffffff", "01ffc9a7", "805f2132", "181f5a77", "3937306f"))
            ),
        }

    def price(self, twins):
        prices = [(self.link, 15 * ETHER), (self.weth, 3_000 * ETHER), (self.usdc, 10**30), (self.other, 7)]
        gas = [(selector, (10**12 << 112) + 3 * 10**12) for selector in FAMILIES]
        twins.send(self.quoter, "updatePrices", (prices, gas), sender=self.updater)


@pytest.fixture
def scene(twins):
    return Scene(twins)


def test_prices(twins, scene):
    quoter = scene.quoter
    twins.compare_state()
    update = ([(scene.link, 5)], [(EVM, 6)])
    twins.send(quoter, "updatePrices", update, sender=scene.stranger, reverts="UnauthorizedCaller")
    twins.send(quoter, "updatePrices", ([], []), sender=scene.updater)
    twins.send(quoter, "updatePrices", ([(scene.link, 2**224 - 1), (ZERO, 0)], [(EVM, 0), (UNSET, 2**224 - 1)]))
    twins.compare_state()
    scene.price(twins)
    twins.compare_state()
    twins.warp(86_390)
    for _ in range(15):
        twins.warp(1)
        twins.call(quoter, "getTokenPrice", scene.link)
        twins.call(quoter, "getTokenAndGasPrices", scene.link, EVM)
    twins.warp(3_590)
    for _ in range(15):
        twins.warp(1)
        twins.call(quoter, "getTokenAndGasPrices", scene.link, EVM)
        twins.call(quoter, "getTokenAndGasPrices", scene.unpriced, EVM)
        twins.call(quoter, "getTokenAndGasPrices", scene.link, ODD)
    twins.compare_state()


def test_price_feeds(twins, scene, props):
    quoter = scene.quoter
    feed = twins.create_same(props("DataFeed"))
    twins.send(quoter, "updateTokenPriceFeeds", [], sender=scene.stranger, reverts="OnlyCallableByOwner")
    for enabled, decimals in ((True, 18), (False, 18), (True, 6), (True, 0), (True, 30), (True, 60)):
        twins.send(
            quoter,
            "updateTokenPriceFeeds",
            [(scene.link, (feed.address, decimals, enabled)), (scene.usdc, (ZERO, decimals, enabled))],
        )
        for feed_decimals, answer in (
            (8, 15 * 10**8),
            (18, 1),
            (0, 3),
            (36, 10**40),
            (8, 0),
            (8, 2**256 - 1),
            (8, 2**255 - 1),
        ):
            for updated_at in (0, 1_900_000_000, 1_900_000_500, 2**32 + 5):
                twins.send(feed, "set", feed_decimals, answer, updated_at)
                twins.call(quoter, "getTokenPrice", scene.link)
                twins.call(quoter, "getValidatedTokenPrice", scene.link)
    scene.price(twins)
    twins.send(feed, "set", 8, 16 * 10**8, 1_900_000_500)
    twins.send(quoter, "updateTokenPriceFeeds", [(scene.link, (feed.address, 18, True))])
    twins.call(quoter, "getTokenPrice", scene.link)
    twins.warp(86_398)
    for age in range(5):
        twins.warp(1)
        twins.call(quoter, "getTokenPrice", scene.link)
        twins.send(feed, "set", 8, 17 * 10**8, 1_900_080_000 + age)
        twins.call(quoter, "getTokenPrice", scene.link)
    twins.send(quoter, "updateTokenPriceFeeds", [(scene.link, (scene.stranger, 18, True))])
    twins.call(quoter, "getTokenPrice", scene.link)
    twins.call(quoter, "getTokenPrice", scene.usdc)
    twins.compare_state()


def test_keystone_reports(twins, scene):
    quoter, forwarder, owner = scene.quoter, twins.actor("forwarder"), twins.actor("workflow owner")
    name, report_name = b"tenletters", b"rp"
    metadata = bytes(range(32)) + name + owner + report_name
    kind = "(address,uint224,uint32)[]"

    def report(*feeds):
        return encode_args((kind,), (feeds,))

    permission = (forwarder, name, report_name, owner, True)
    twins.send(quoter, "setReportPermissions", [permission], sender=scene.stranger, reverts="OnlyCallableByOwner")
    twins.send(quoter, "onReport", metadata, report(), sender=forwarder, reverts="ReportForwarderUnauthorized")
    twins.send(quoter, "setReportPermissions", [permission])
    twins.send(quoter, "onReport", metadata, report(), sender=forwarder)
    twins.send(quoter, "onReport", metadata + b"tail", report(), sender=forwarder)
    twins.send(quoter, "onReport", metadata[:40], report(), sender=forwarder, reverts="")
    twins.send(quoter, "onReport", metadata, report(), sender=scene.stranger, reverts="ReportForwarderUnauthorized")
    twins.send(quoter, "onReport", metadata[::-1], report(), sender=forwarder, reverts="ReportForwarderUnauthorized")
    price = (scene.link, 15 * ETHER, 1_900_000_000)
    twins.send(quoter, "onReport", metadata, report(price), sender=forwarder, reverts="TokenNotSupported")
    feeds = [(scene.link, (ZERO, 18, True)), (scene.usdc, (ZERO, 6, False)), (scene.weth, (scene.link, 0, True))]
    twins.send(quoter, "updateTokenPriceFeeds", feeds)
    twins.send(quoter, "onReport", metadata, report(price), sender=forwarder, reverts="")
    twins.send(quoter, "onReport", metadata, report((scene.usdc, ETHER, 5)), sender=forwarder, reverts="")
    twins.send(quoter, "onReport", metadata, report((scene.weth, ETHER, 5)), sender=forwarder, reverts="")
    feeds = [(scene.link, (scene.link, 18, True)), (scene.usdc, (scene.link, 6, False))]
    twins.send(quoter, "updateTokenPriceFeeds", feeds)
    twins.send(quoter, "onReport", metadata, report(price), sender=forwarder, reverts="")
    twins.send(quoter, "onReport", metadata, report((scene.usdc, ETHER, 5)), sender=forwarder, reverts="")
    twins.compare_state()
    stale = (scene.link, 14 * ETHER, 1_899_999_999)
    twins.send(quoter, "onReport", metadata, report(stale), sender=forwarder, reverts="")
    twins.send(quoter, "onReport", metadata, report(stale, price, price), sender=forwarder, reverts="")
    twins.send(quoter, "onReport", metadata, report((scene.link, 2**224 - 1, 2**32 - 1)), sender=forwarder, reverts="")
    twins.send(quoter, "onReport", metadata, report((scene.link, 0, 2**32 - 1)), sender=forwarder, reverts="")
    twins.send(quoter, "setReportPermissions", [(forwarder, name, report_name, owner, False)])
    twins.send(quoter, "onReport", metadata, report(), sender=forwarder, reverts="ReportForwarderUnauthorized")
    twins.compare_state()


EXTRA_ARGS = (
    b"",
    b"\x97",
    b"\x97\xa6\x57",
    V1,
    V2,
    V1 + bytes(31),
    V1 + word(5),
    V1 + word(3_000_000),
    V1 + word(3_000_001),
    V1 + word(2**256 - 1),
    V1 + word(400_000) + word(1),  # the two words of the field's oldest tutorials: gasLimit, strict
    V1 + word(400_000) + word(0),
    V1 + word(400_000) + word(7) + b"tail",
    V2 + word(5),
    V2 + word(5) + word(0),
    V2 + word(5) + word(1),
    V2 + word(5) + word(2),
    V2 + word(5) + word(1) + b"tail",
    V2 + word(3_000_001) + word(0),
    b"\xff\xff\xff\xff" + word(5) + word(1),
    svm(),
    sui(),
)
RECEIVERS = (
    b"",
    b"\1" * 20,
    word(0),
    word(1),
    word(10),
    word(11),
    word(1023),
    word(1024),
    word(2**160 - 1),
    word(2**160),
    word(2**256 - 1),
    word(5_000) + b"\0",
    bytes(36),
    bytes(4) + word(5_000),
    word(5_000) + bytes(4),
    b"\xff" * 36,
    word(0xDEE8),
    word(0xDEE9),
    b"\xff\xff" + bytes(32) + b"\xff\xff",
    bytes(2) + word(1) + bytes(2),
    bytes(2) + b"\1" + bytes(33),
    bytes(64),
)


@pytest.mark.parametrize("selector", [EVM, ODD, APTOS, SVM, SUI, TVM, UNSET, 0])
def test_extra_args_and_receivers(twins, scene, selector):
    """Issue 5, 2(e): V1 in one and two words, nothing at all, unknown tags; for every family."""
    scene.price(twins)
    good = {APTOS: word(99), SVM: word(99), SUI: word(99_999), TVM: bytes(2) + word(99) + bytes(2)}.get(
        selector, word(5_000)
    )
    best = {SVM: svm(), SUI: sui()}.get(selector, v2(9, True))
    for extra_args in EXTRA_ARGS:
        twins.call(scene.quoter, "getValidatedFee", selector, (good, b"x", [], scene.link, extra_args))
        twins.call(scene.quoter, "processMessageArgs", selector, scene.link, 5, extra_args, good)
        twins.call(scene.quoter, "processMessageArgs", selector, scene.weth, 5, extra_args, b"any")
    for receiver in RECEIVERS:
        for args in (best, {SVM: svm(units=0), SUI: sui(gas_limit=0)}.get(selector, v2(0, True))):
            twins.call(scene.quoter, "getValidatedFee", selector, (receiver, b"x", [], scene.link, args))
        transfer = (scene.other, receiver, b"", 5, b"")
        twins.call(scene.quoter, "processPoolReturnData", selector, [transfer], [(scene.usdc, 5)])


@pytest.mark.parametrize("selector", [SVM, SUI])
def test_accounts_and_objects(twins, scene, selector):
    scene.price(twins)
    make = {
        SVM: lambda n, **more: svm(accounts=[b"\3" * 32] * n, **more),
        SUI: lambda n, **more: sui(objects=[b"\3" * 32] * n, **more),
    }[selector]
    one = [(scene.usdc, 5)]
    cases = [(n, tokens, size) for n in (0, 1, 63, 64, 65) for tokens in ([], one, one * 5) for size in (0, 29_999)]
    for receiver in (word(0), word(99_999)):
        for n, tokens, size in cases:
            message = (receiver, bytes(size), tokens, scene.link, make(n))
            twins.call(scene.quoter, "getValidatedFee", selector, message)
        for more in ({"receiver": bytes(32)}, {"out_of_order": False}):
            for tokens in ([], one):
                message = (receiver, b"", tokens, scene.link, make(2, **more))
                twins.call(scene.quoter, "getValidatedFee", selector, message)
                twins.call(scene.quoter, "processMessageArgs", selector, scene.link, 5, message[-1], receiver)
        for n, bitmap in ((0, 1), (1, 1), (1, 2), (3, 7), (3, 8), (64, 2**64 - 1)):
            args = svm(bitmap=bitmap, accounts=[b"\3" * 32] * n)
            twins.call(scene.quoter, "getValidatedFee", selector, (receiver, b"", [], scene.link, args))
        for gas_limit in (0, 1, 3_000_000, 3_000_001):
            args = {SVM: svm(units=gas_limit), SUI: sui(gas_limit=gas_limit)}[selector]
            twins.call(scene.quoter, "getValidatedFee", selector, (receiver, b"", one, scene.link, args))
    strict = PLAIN._replace(chain_family_selector=bytes.fromhex(FAMILIES[selector]), enforce_out_of_order=True)
    twins.send(scene.quoter, "applyDestChainConfigUpdates", [(selector, strict)])
    for args in (make(2), make(2, out_of_order=False), make(65, out_of_order=False), b"", b"\1\2"):
        twins.call(scene.quoter, "getValidatedFee", selector, (word(99_999), b"", [], scene.link, args))
        twins.call(scene.quoter, "processMessageArgs", selector, scene.link, 5, args, word(99_999))
    unpriced = (word(99_999), b"", [(scene.unpriced, 1), (scene.other, 1)], scene.link, make(2))
    twins.call(scene.quoter, "getValidatedFee", selector, unpriced)


def test_order_of_errors(twins, scene):
    """What is wrong first is said first."""
    quoter = scene.quoter
    bad = (b"", bytes(30_001), [(scene.link, 1)] * 6, scene.stranger, b"\1\1\1\1" + word(5))
    stages = [
        (UNSET, bad),
        (EVM, bad),
        (EVM, (*bad[:3], scene.unpriced, bad[4])),
        (EVM, (b"", b"", bad[2], scene.unpriced, bad[4])),
        (EVM, (b"", b"", [], scene.unpriced, bad[4])),
        (EVM, (b"", b"", [], scene.unpriced, v2(3_000_001))),
        (ODD, (b"", b"", [], scene.unpriced, v2(3_000_001))),
        (ODD, (b"", b"", [], scene.unpriced, v2(5))),
        (ODD, (b"", b"", [], scene.unpriced, v2(5, True))),
        (ODD, (word(5_000), b"", [], scene.unpriced, v2(5, True))),
        (EVM, (word(5_000), b"", [], scene.unpriced, v2(5, True))),
    ]
    for selector, message in stages:
        twins.call(quoter, "getValidatedFee", selector, message)
    scene.price(twins)
    twins.warp(90_010)
    for selector, message in stages:
        twins.call(quoter, "getValidatedFee", selector, message)
    twins.call(quoter, "processMessageArgs", UNSET, scene.unpriced, 5, b"", b"")
    twins.call(quoter, "processMessageArgs", EVM, scene.link, 1_000 * ETHER, b"\1", b"")
    twins.call(quoter, "processMessageArgs", EVM, scene.link, 1_000 * ETHER + 1, b"\1", b"")
    twins.call(quoter, "processMessageArgs", UNSET, scene.link, 1_000 * ETHER + 1, b"", b"")
    twins.call(quoter, "processMessageArgs", EVM, scene.weth, 5 * ETHER, b"", b"")
    twins.call(quoter, "processMessageArgs", EVM, scene.weth, 5 * ETHER + 1, b"", b"")
    twins.call(quoter, "processMessageArgs", EVM, scene.weth, 2**256 - 1, b"", b"")
    twins.call(quoter, "convertTokenAmount", scene.link, 2**255, scene.weth)


def test_pool_return_data(twins, scene):
    scene.price(twins)
    for selector in (EVM, SVM, UNSET):
        for token in (scene.usdc, scene.unpriced, scene.other):
            for size in (0, 32, 33, 640, 641):
                transfer = (scene.other, word(5_000), bytes(size), 5, b"")
                twins.call(scene.quoter, "processPoolReturnData", selector, [transfer], [(token, 5)])
    transfer = (scene.other, word(5_000), b"", 5, b"")
    twins.call(scene.quoter, "processPoolReturnData", EVM, [], [])
    twins.call(scene.quoter, "processPoolReturnData", EVM, [], [(scene.usdc, 5)])
    twins.call(scene.quoter, "processPoolReturnData", EVM, [transfer], [])
    twins.call(scene.quoter, "processPoolReturnData", EVM, [transfer] * 3, [(scene.usdc, 5), (scene.other, 7)] * 2)


def test_configuration(twins, scene):
    quoter, owner_only = scene.quoter, "OnlyCallableByOwner"
    stranger = scene.stranger
    twins.send(quoter, "applyFeeTokensUpdates", [], [], sender=stranger, reverts=owner_only)
    twins.send(quoter, "applyFeeTokensUpdates", [scene.link, scene.other], [scene.usdc, scene.usdc, ZERO])
    twins.send(quoter, "applyFeeTokensUpdates", [scene.usdc], [scene.usdc, scene.link])
    twins.send(quoter, "applyPremiumMultiplierWeiPerEthUpdates", [], sender=stranger, reverts=owner_only)
    twins.send(quoter, "applyPremiumMultiplierWeiPerEthUpdates", [(scene.link, 0), (ZERO, 2**64 - 1)])
    twins.send(
        quoter, "applyAuthorizedCallerUpdates", ([stranger], [scene.updater]), sender=stranger, reverts=owner_only
    )
    twins.send(quoter, "applyAuthorizedCallerUpdates", ([stranger, stranger], [scene.updater, scene.updater, ZERO]))
    twins.send(quoter, "applyAuthorizedCallerUpdates", ([ZERO], []), reverts="ZeroAddressNotAllowed")

    update = "applyTokenTransferFeeConfigUpdates"
    good = TokenTransferFeeConfig(1, 2, 3, 4, 32, True)
    twins.send(quoter, update, [], [], sender=stranger, reverts=owner_only)
    twins.send(
        quoter, update, [(EVM, [(scene.link, good._replace(min_fee_usd_cents=2))])], [], reverts="InvalidFeeRange"
    )
    twins.send(
        quoter,
        update,
        [(EVM, [(scene.link, good._replace(dest_bytes_overhead=31))])],
        [],
        reverts="InvalidDestBytesOverhead",
    )
    both = good._replace(min_fee_usd_cents=9, dest_bytes_overhead=0)
    twins.send(quoter, update, [(EVM, [(scene.link, both)])], [], reverts="")
    twins.send(quoter, update, [(EVM, [(scene.link, both._replace(is_enabled=False))])], [], reverts="")
    twins.send(
        quoter, update, [(EVM, [(scene.link, good), (scene.weth, good)]), (0, [])], [(EVM, scene.link), (9, ZERO)]
    )
    twins.compare_state()

    update = "applyDestChainConfigUpdates"
    twins.send(quoter, update, [], sender=stranger, reverts=owner_only)
    for selector, change in (
        (0, {}),
        (EVM, {"default_tx_gas_limit": 0}),
        (EVM, {"default_tx_gas_limit": 3_000_001}),
        (EVM, {"chain_family_selector": bytes(4)}),
        (EVM, {"chain_family_selector": b"\xff" * 4}),
    ):
        twins.send(quoter, update, [(selector, PLAIN._replace(**change))], reverts="InvalidDestChainConfig")
    twins.send(quoter, update, [(UNSET, PLAIN._replace(is_enabled=False, default_tx_gas_limit=3_000_000))])
    twins.send(quoter, update, [(UNSET, PLAIN), (UNSET, ROLLUP)])
    for family in ("2812d52c", "1e10bdc4", "ac77ffec", "c4e05953", "647e2ba9"):
        twins.send(quoter, update, [(99, PLAIN._replace(chain_family_selector=bytes.fromhex(family)))])
    twins.compare_state({"uint64": (99, UNSET, EVM)})

    for static in ((0, scene.link, 1), (1, ZERO, 1), (1, scene.link, 0)):
        _, outcome = twins.try_create("FeeQuoter", static, [], [], [], [], [], [])
        assert not outcome.is_success
    twins.try_create("FeeQuoter", (1, ZERO, 1), [ZERO], [], [], [], [], [])
    wrong = [(0, PLAIN)]
    twins.try_create("FeeQuoter", (1, scene.link, 1), [], [], [], [(EVM, [(ZERO, both)])], [], wrong)


@pytest.mark.parametrize("seed", range(3))
def test_random_fees(twins, scene, seed):
    """The formula, over configurations and messages that nobody thought of."""
    dice = random.Random(seed)

    def up_to(bits):
        return dice.getrandbits(dice.randrange(1, bits + 1))

    tokens = [scene.link, scene.weth, scene.usdc, scene.other, scene.unpriced]
    for _ in range(8):
        config = PLAIN._replace(
            max_data_bytes=dice.choice((100, 5_000, 30_000)),
            max_per_msg_gas_limit=max(1, up_to(32)),
            dest_gas_overhead=up_to(32),
            dest_gas_per_payload_byte_base=up_to(8),
            dest_gas_per_payload_byte_high=up_to(8),
            dest_gas_per_payload_byte_threshold=up_to(12),
            dest_data_availability_overhead_gas=up_to(32),
            dest_gas_per_data_availability_byte=up_to(16),
            dest_data_availability_multiplier_bps=dice.choice((0, up_to(16))),
            enforce_out_of_order=dice.random() < 0.2,
            default_token_fee_usd_cents=up_to(16),
            default_token_dest_gas_overhead=up_to(32),
            default_tx_gas_limit=1,
            gas_multiplier_wei_per_eth=up_to(64),
            gas_price_staleness_threshold=dice.choice((0, 50, 10_000)),
            network_fee_usd_cents=up_to(32),
        )
        twins.send(scene.quoter, "applyDestChainConfigUpdates", [(EVM, config)])
        fees = [
            (
                token,
                TokenTransferFeeConfig(
                    up_to(31), 2**31 + up_to(31), up_to(16), up_to(32), 32 + up_to(20), dice.random() < 0.7
                ),
            )
            for token in dice.sample(tokens, 3)
        ]
        twins.send(scene.quoter, "applyTokenTransferFeeConfigUpdates", [(EVM, fees)], [(EVM, dice.choice(tokens))])
        multipliers = [(token, up_to(64)) for token in dice.sample(tokens, 2)]
        twins.send(scene.quoter, "applyPremiumMultiplierWeiPerEthUpdates", multipliers)
        prices = [(token, up_to(dice.choice((70, 224)))) for token in dice.sample(tokens, 4)]
        twins.send(scene.quoter, "updatePrices", (prices, [(EVM, up_to(dice.choice((112, 224))))]))
        twins.warp(dice.randrange(100))
        for _ in range(25):
            message = (
                word(dice.choice((1_024, 2**160 - 1, up_to(160)))),
                bytes(dice.choice((0, 1, up_to(13)))),
                [(dice.choice(tokens), up_to(dice.choice((64, 256)))) for _ in range(dice.choice((0, 0, 1, 2, 5, 6)))],
                dice.choice(tokens[:2]),
                dice.choice((b"", v2(up_to(32), dice.random() < 0.8), V1 + word(up_to(32)))),
            )
            twins.call(scene.quoter, "getValidatedFee", EVM, message)
            twins.call(scene.quoter, "processMessageArgs", EVM, message[3], up_to(128), message[4], message[0])
    twins.compare_state()
    assert twins.steps >= 400
