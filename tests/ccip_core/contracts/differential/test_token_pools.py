"""Token pools and their rate limiter: the ramps are accounts here, so every call can be made as anybody."""

import random

import pytest

from ccip_core.protocol.codec import encode_address

ZERO = b"\0" * 20
ETHER = 10**18
LOCAL, REMOTE, SECOND, UNKNOWN = 77, 101, 102, 999
POOLS = ("BurnMintTokenPool", "BurnFromMintTokenPool", "BurnWithFromMintTokenPool", "LockReleaseTokenPool")
OFF = (False, 0, 0)
INTERFACES = (
    bytes(4),
    b"\xff" * 4,
    bytes.fromhex("01ffc9a7"),  # ERC-165
    bytes.fromhex("aff2afbf"),  # a pool, V1
    bytes.fromhex("87422866"),  # IPoolV1's three functions
    bytes.fromhex("0e64dd29"),  # with isSupportedChain
    bytes.fromhex("e1d40566"),  # provideLiquidity, withdrawLiquidity
    bytes.fromhex("f208a58f"),  # a pool, V2
)


def word(number):
    return number.to_bytes(32)


class Scene:
    def __init__(self, twins, pool_name, *, decimals=18, allowlist=(), token=None):
        self.twins = twins
        self.on_ramp, self.off_ramp, self.stranger, self.admin, self.receiver, self.sender = map(
            twins.actor, ("on ramp", "off ramp", "stranger", "limit admin", "receiver", "sender")
        )
        self.rmn = twins.create("RMNRemote", LOCAL, ZERO)
        self.proxy = twins.create("RMNProxy", self.rmn.address)
        self.router = twins.create("Router", twins.actor("weth"), self.proxy.address)
        self.token = token or twins.create(
            "FactoryBurnMintERC20", "Token", "TKN", decimals, 0, 10**9 * ETHER, twins.deployer
        )
        self.pool = twins.create(
            pool_name, self.token.address, decimals, allowlist, self.proxy.address, self.router.address
        )
        if token is None:
            twins.send(self.token, "grantMintAndBurnRoles", self.pool.address)
        ramps = [(REMOTE, self.on_ramp), (SECOND, self.on_ramp), (UNKNOWN, self.on_ramp)]
        off_ramps = [(selector, self.off_ramp) for selector, _ in ramps]
        twins.send(self.router, "applyRampUpdates", ramps, [], off_ramps)
        self.remote_pool, self.remote_token = word(0xAAAA), word(0xBBBB)
        twins.probes = {
            "uint64": (REMOTE, SECOND, UNKNOWN, 0),
            "bytes": (b"", self.remote_pool, self.remote_token),
            "address": (self.token.address, self.pool.address, self.stranger, ZERO),
            "bytes4": INTERFACES,
        }

    def connect(self, outbound=OFF, inbound=OFF, selector=REMOTE):
        update = (selector, [self.remote_pool], self.remote_token, outbound, inbound)
        self.twins.send(self.pool, "applyChainUpdates", [], [update])

    def lock(self, amount, *, funded=True, reverts=None, sender=None, **changes):
        fields = {
            "receiver": word(5_000),
            "selector": REMOTE,
            "original_sender": self.sender,
            "amount": amount,
            "token": self.token.address,
        } | changes
        if funded:
            self.twins.send(self.token, "transfer", self.pool.address, amount)
        lock = tuple(fields.values())
        return self.twins.send(self.pool, "lockOrBurn", lock, sender=sender or self.on_ramp, reverts=reverts)

    def release(self, amount, *, reverts=None, sender=None, **changes):
        fields = {
            "original_sender": encode_address(self.sender),
            "selector": REMOTE,
            "receiver": self.receiver,
            "amount": amount,
            "token": self.token.address,
            "source_pool": self.remote_pool,
            "source_pool_data": word(18),
            "offchain": b"",
        } | changes
        release = tuple(fields.values())
        return self.twins.send(self.pool, "releaseOrMint", release, sender=sender or self.off_ramp, reverts=reverts)

    def curse(self, selector):
        self.twins.send(self.rmn, "curse(bytes16)", selector.to_bytes(16))

    def uncurse(self, selector):
        self.twins.send(self.rmn, "uncurse(bytes16)", selector.to_bytes(16))


@pytest.mark.parametrize("name", POOLS)
def test_lock_or_burn_and_release_or_mint(twins, name):
    scene = Scene(twins, name)
    scene.lock(5, reverts="ChainNotAllowed")
    scene.release(5, reverts="ChainNotAllowed")
    scene.connect()
    twins.compare_state()

    scene.lock(5 * ETHER)
    scene.lock(0)
    scene.lock(2**255, funded=False, reverts="" if name == "LockReleaseTokenPool" else "burn amount exceeds balance")
    scene.lock(5, sender=scene.stranger, reverts="CallerIsNotARampOnRouter")
    scene.lock(5, sender=scene.off_ramp, reverts="CallerIsNotARampOnRouter")
    scene.lock(5, selector=SECOND, reverts="ChainNotAllowed")
    scene.lock(5, selector=SECOND, token=ZERO, sender=scene.stranger, reverts="InvalidToken")
    scene.lock(5, token=scene.stranger, reverts="InvalidToken")
    scene.lock(5, receiver=b"", original_sender=ZERO)
    twins.compare_state()

    twins.send(scene.token, "transfer", scene.pool.address, 10**6 * ETHER)
    scene.release(3 * ETHER)
    scene.release(0)
    scene.release(5, source_pool_data=b"")
    scene.release(5, sender=scene.stranger, reverts="CallerIsNotARampOnRouter")
    scene.release(5, sender=scene.on_ramp, reverts="CallerIsNotARampOnRouter")
    scene.release(5, token=scene.stranger, reverts="InvalidToken")
    scene.release(5, selector=SECOND, reverts="ChainNotAllowed")
    for source_pool in (b"", scene.remote_token, scene.remote_pool[12:], scene.remote_pool + b"\0"):
        scene.release(5, source_pool=source_pool, reverts="InvalidSourcePoolAddress")
    for data in (b"\1", word(18)[1:], word(18) + b"\0", word(256), word(2**256 - 1), bytes(64)):
        scene.release(5, source_pool_data=data, reverts="InvalidRemoteChainDecimals")
        scene.release(5, source_pool_data=data, token=ZERO, reverts="InvalidRemoteChainDecimals")
    scene.release(5, receiver=ZERO, reverts="")
    scene.release(5, receiver=scene.token.address, reverts="")
    scene.release(5, receiver=scene.pool.address, reverts="")
    scene.release(10**15 * ETHER, reverts="")
    scene.release(2**256 - 1, reverts="")

    scene.curse(REMOTE)
    scene.lock(5, reverts="CursedByRMN")
    scene.lock(5, token=ZERO, reverts="InvalidToken")
    scene.lock(5, sender=scene.stranger, reverts="CursedByRMN")
    scene.release(5, reverts="CursedByRMN")
    scene.release(5, source_pool_data=b"\1", reverts="InvalidRemoteChainDecimals")
    scene.release(5, source_pool=b"", reverts="CursedByRMN")
    scene.uncurse(REMOTE)
    scene.curse(1 << 120 | 1)  # the global subject
    scene.lock(5, reverts="CursedByRMN")
    scene.release(5, reverts="CursedByRMN")
    scene.uncurse(1 << 120 | 1)
    scene.curse(LOCAL)  # inert
    scene.lock(5)
    twins.compare_state()
    assert twins.steps >= 120


@pytest.mark.parametrize("local", [0, 6, 18, 77, 78, 255])
def test_decimals(twins, local):
    scene = Scene(twins, "BurnMintTokenPool", decimals=local)
    scene.connect()
    for remote in (0, 1, 5, 6, 7, 17, 18, 19, 76, 77, 78, 95, 96, 155, 254, 255):
        for amount in (0, 1, 999_999, 10**12 + 1, 10**59, 2**200, 2**256 - 1):
            scene.release(amount, source_pool_data=word(remote), reverts="")
    twins.compare_state()


def test_allowlist(twins):
    sender, other = twins.actor("sender"), twins.actor("other")
    scene = Scene(twins, "BurnMintTokenPool", allowlist=(sender, other, ZERO, sender))
    scene.connect()
    scene.lock(5)
    scene.lock(5, original_sender=scene.stranger, reverts="SenderNotAllowed")
    scene.lock(5, original_sender=scene.stranger, selector=SECOND, reverts="SenderNotAllowed")
    scene.lock(5, original_sender=scene.stranger, sender=scene.stranger, reverts="SenderNotAllowed")
    twins.compare_state()
    update = "applyAllowListUpdates"
    twins.send(scene.pool, update, [], [], sender=scene.stranger, reverts="OnlyCallableByOwner")
    twins.send(scene.pool, update, [sender, sender, scene.stranger], [ZERO, scene.stranger, scene.stranger])
    twins.compare_state()
    scene.lock(5, reverts="SenderNotAllowed")
    scene.lock(5, original_sender=scene.stranger)
    twins.send(scene.pool, update, [scene.stranger, other], [])
    twins.send(scene.pool, update, [sender], [sender])
    scene.lock(5)
    twins.compare_state()

    open_pool = Scene(twins, "LockReleaseTokenPool")
    twins.send(open_pool.pool, update, [], [], reverts="AllowListNotEnabled")
    twins.send(open_pool.pool, update, [], [], sender=scene.stranger, reverts="OnlyCallableByOwner")


def test_remote_chains_and_pools(twins):
    scene = Scene(twins, "BurnMintTokenPool")
    pool, on, bad, bad_off = scene.pool, (True, 10, 5), (True, 5, 10), (False, 1, 0)
    update, owner_only = "applyChainUpdates", "OnlyCallableByOwner"

    two_pools, remote_token = (word(1), word(2)), word(3)

    def chain(selector=REMOTE, pools=two_pools, token=remote_token, outbound=on, inbound=on):
        return selector, pools, token, outbound, inbound

    twins.send(pool, update, [], [], sender=scene.stranger, reverts=owner_only)
    twins.send(pool, update, [REMOTE], [], reverts="NonExistentChain")
    twins.send(pool, update, [], [chain(outbound=bad)], reverts="InvalidRateLimitRate")
    twins.send(pool, update, [], [chain(outbound=bad, inbound=bad_off)], reverts="InvalidRateLimitRate")
    twins.send(pool, update, [], [chain(inbound=bad_off)], reverts="DisabledNonZeroRateLimit")
    twins.send(pool, update, [], [chain(outbound=bad_off, inbound=bad, token=b"")], reverts="DisabledNonZeroRateLimit")
    twins.send(pool, update, [], [chain(inbound=bad, token=b"")], reverts="InvalidRateLimitRate")
    twins.send(pool, update, [], [chain(token=b"")], reverts="ZeroAddressNotAllowed")
    twins.send(pool, update, [], [chain(pools=(word(1), b""))], reverts="ZeroAddressNotAllowed")
    twins.send(pool, update, [], [chain(pools=(word(1), word(1)))], reverts="PoolAlreadyAdded")
    twins.send(pool, update, [], [chain(), chain()], reverts="ChainAlreadyExists")
    twins.send(pool, update, [], [chain(), chain(token=b"")], reverts="ZeroAddressNotAllowed")
    twins.send(pool, update, [], [chain(outbound=(True, 0, 0), inbound=(True, 7, 7))])
    twins.send(pool, update, [], [chain()], reverts="ChainAlreadyExists")
    twins.send(pool, update, [], [chain(SECOND, pools=(), token=b"\1"), chain(0), chain(2**64 - 1)])
    twins.compare_state()

    add, remove = "addRemotePool", "removeRemotePool"
    twins.send(pool, add, REMOTE, word(9), sender=scene.stranger, reverts=owner_only)
    twins.send(pool, remove, REMOTE, word(1), sender=scene.stranger, reverts=owner_only)
    twins.send(pool, add, UNKNOWN, word(9), reverts="NonExistentChain")
    twins.send(pool, remove, UNKNOWN, word(9), reverts="NonExistentChain")
    twins.send(pool, add, REMOTE, b"", reverts="ZeroAddressNotAllowed")
    twins.send(pool, add, REMOTE, word(1), reverts="PoolAlreadyAdded")
    twins.send(pool, remove, REMOTE, word(9), reverts="InvalidRemotePoolForChain")
    twins.send(pool, add, REMOTE, word(9))
    twins.send(pool, add, REMOTE, b"\7")
    twins.compare_state({"bytes": (word(1), word(2), word(9), b"\7")})
    twins.send(pool, remove, REMOTE, word(1))
    twins.send(pool, remove, REMOTE, word(1), reverts="InvalidRemotePoolForChain")
    twins.send(pool, add, REMOTE, word(1))
    twins.compare_state({"bytes": (word(1), word(2), word(9), b"\7")})

    twins.send(pool, update, [REMOTE, REMOTE], [], reverts="NonExistentChain")
    twins.send(pool, update, [REMOTE], [chain(outbound=(True, 100, 1))])  # comes back full
    twins.send(pool, update, [SECOND, REMOTE], [])
    twins.compare_state({"bytes": (word(1), word(2), word(9), b"\7")})


def test_settings_and_owners(twins):
    scene = Scene(twins, "LockReleaseTokenPool")
    pool, stranger = scene.pool, scene.stranger
    for function, value in (("setRouter", stranger), ("setRateLimitAdmin", stranger), ("setRebalancer", stranger)):
        twins.send(pool, function, value, sender=stranger, reverts="OnlyCallableByOwner")
        twins.send(pool, function, value)
        twins.send(pool, function, value)
    twins.send(pool, "setRouter", ZERO, reverts="ZeroAddressNotAllowed")
    twins.send(pool, "setRateLimitAdmin", ZERO)
    twins.send(pool, "transferOwnership", stranger)
    twins.send(pool, "acceptOwnership", sender=stranger)
    twins.send(pool, "setRouter", scene.router.address, reverts="OnlyCallableByOwner")
    twins.compare_state()
    for token, decimals, proxy, router in (
        (ZERO, 18, stranger, stranger),
        (scene.token.address, 18, ZERO, stranger),
        (scene.token.address, 18, stranger, ZERO),
        (scene.token.address, 17, stranger, stranger),
        (scene.token.address, 17, ZERO, stranger),
        (stranger, 18, stranger, stranger),  # no contract at all
        (scene.router.address, 18, stranger, stranger),  # a contract without decimals
    ):
        for name in POOLS:
            twins.try_create(name, token, decimals, (), proxy, router)


def test_liquidity(twins):
    scene = Scene(twins, "LockReleaseTokenPool")
    pool, keeper, token = scene.pool, twins.actor("rebalancer"), scene.token
    twins.send(token, "transfer", keeper, 1_000)
    twins.send(pool, "provideLiquidity", 5, sender=keeper, reverts="Unauthorized")
    twins.send(pool, "withdrawLiquidity", 5, sender=keeper, reverts="Unauthorized")
    twins.send(pool, "setRebalancer", keeper)
    twins.send(pool, "provideLiquidity", 5, reverts="Unauthorized")
    twins.send(pool, "provideLiquidity", 5, sender=keeper, reverts="insufficient allowance")
    twins.send(token, "approve", pool.address, 5_000, sender=keeper)
    twins.send(pool, "provideLiquidity", 600, sender=keeper)
    twins.send(pool, "provideLiquidity", 0, sender=keeper)
    twins.send(pool, "provideLiquidity", 401, sender=keeper, reverts="exceeds balance")
    twins.send(pool, "withdrawLiquidity", 601, sender=keeper, reverts="InsufficientLiquidity")
    twins.send(pool, "withdrawLiquidity", 100, sender=keeper)
    twins.compare_state({"address": (keeper, pool.address)})

    newer = twins.create("LockReleaseTokenPool", token.address, 18, (), scene.proxy.address, scene.router.address)
    transfer = "transferLiquidity"
    twins.send(newer, transfer, pool.address, 100, sender=scene.stranger, reverts="OnlyCallableByOwner")
    twins.send(newer, transfer, pool.address, 100, reverts="Unauthorized")
    twins.send(pool, "setRebalancer", newer.address)
    twins.send(newer, transfer, pool.address, 501, reverts="InsufficientLiquidity")
    twins.send(newer, transfer, pool.address, 100)
    twins.send(newer, transfer, pool.address, 0)
    twins.send(newer, transfer, pool.address, 2**256 - 1, reverts="")
    twins.send(newer, transfer, scene.stranger, 1, reverts="")
    twins.compare_state({"address": (keeper, pool.address, newer.address)})


LIMITS = ((False, 0, 0), (True, 0, 0), (True, 1, 1), (True, 2, 1), (True, 100, 0), (True, 100, 7), (True, 10**6, 10**6))


@pytest.mark.parametrize("limit", LIMITS)
def test_rate_limits(twins, limit):
    scene = Scene(twins, "BurnMintTokenPool")
    scene.connect(limit, limit)
    for amount in (0, 1, 2, 50, 49, 100, 101, 5, 10**6, 1, 2**128):
        scene.lock(amount, funded=amount < ETHER, reverts="")
        scene.release(amount, reverts="")
        twins.warp(amount % 9)
        twins.compare_state()


def test_setting_limits(twins):
    """Lockdown [true, 0, 0] and [true, 1, 1] included (research/peers.md 4.4); enabled later, a bucket starts empty."""
    scene = Scene(twins, "BurnMintTokenPool")
    pool, one, many = scene.pool, "setChainRateLimiterConfig", "setChainRateLimiterConfigs"
    on = (True, 100, 10)
    twins.send(pool, one, REMOTE, on, on, sender=scene.stranger, reverts="Unauthorized")
    twins.send(pool, many, [], [], [], sender=scene.stranger, reverts="Unauthorized")
    twins.send(pool, one, REMOTE, on, on, reverts="NonExistentChain")
    scene.connect()
    twins.send(pool, "setRateLimitAdmin", scene.admin)
    twins.send(pool, one, REMOTE, on, on, sender=scene.admin)
    scene.lock(11, reverts="TokenRateLimitReached")
    twins.compare_state()
    twins.warp(3)
    scene.lock(11)
    for limit in (
        (True, 0, 0),
        (True, 1, 1),
        (True, 2, 1),
        (True, 1, 2),
        (False, 0, 1),
        (False, 1, 0),
        (False, 0, 0),
        on,
    ):
        twins.send(pool, one, REMOTE, limit, on, reverts="")
        twins.send(pool, one, REMOTE, on, limit, reverts="")
        twins.send(pool, one, REMOTE, limit, limit, sender=scene.admin, reverts="")
        scene.lock(1, reverts="")
        scene.release(1, reverts="")
        twins.compare_state()
    twins.send(pool, many, [REMOTE], [on], [], reverts="MismatchedArrayLengths")
    twins.send(pool, many, [REMOTE], [], [on], reverts="MismatchedArrayLengths")
    twins.send(pool, many, [], [on], [on], reverts="MismatchedArrayLengths")
    twins.send(pool, many, [UNKNOWN], [], [], sender=scene.stranger, reverts="Unauthorized")
    twins.send(pool, many, [REMOTE, UNKNOWN], [on, on], [on, on], reverts="NonExistentChain")
    twins.send(pool, many, [REMOTE, REMOTE], [on, (True, 7, 7)], [on, (True, 9, 9)])
    twins.send(pool, many, [], [], [])
    twins.compare_state()


@pytest.mark.parametrize("seed", range(3))
def test_random_life_of_buckets(twins, seed):
    dice = random.Random(seed)
    scene = Scene(twins, "LockReleaseTokenPool")
    twins.send(scene.token, "transfer", scene.pool.address, 10**8)

    def limit():
        capacity = dice.choice((0, 1, 100, 10**6, 2**128 - 1))
        return dice.choice(((True, capacity, dice.randrange(capacity + 2) & (2**128 - 1)), OFF, (False, 0, 1)))

    scene.connect((True, 10**6, 1_000), (True, 10**5, 1))
    for _ in range(60):
        deed = dice.random()
        amount = dice.choice((0, 1, dice.randrange(200), dice.randrange(10**6), dice.randrange(2**130)))
        if deed < 0.4:
            scene.lock(amount, funded=False, reverts="")
        elif deed < 0.8:
            scene.release(amount, source_pool_data=word(dice.choice((18, 18, 17, 19, 24))), reverts="")
        elif deed < 0.9:
            twins.send(scene.pool, "setChainRateLimiterConfig", REMOTE, limit(), limit(), reverts="")
        else:
            twins.warp(dice.choice((1, 7, 1_000, 10**6)))
        twins.compare_state({"bytes4": (), "address": ()})


@pytest.mark.parametrize("name", POOLS)
@pytest.mark.parametrize("vice", range(7))
def test_odd_tokens(twins, props, name, vice):
    """Fee on transfer, no answer, false, junk, silent and eloquent reverts; no decimals()."""
    token = twins.create_same(props("OddToken"))
    scene = Scene(twins, name, token=token)
    scene.connect()
    twins.send(token, "mint", twins.deployer, 10**9)
    twins.send(token, "mint", scene.pool.address, 10**6)
    twins.send(token, "setVice", vice)
    scene.lock(1_000, funded=False, reverts="")
    scene.release(1_000, reverts="")
    twins.try_create(name, token.address, 5, (), scene.proxy.address, scene.router.address)
    if name == "LockReleaseTokenPool":
        twins.send(scene.pool, "setRebalancer", twins.deployer)
        twins.send_raw(token.address, bytes.fromhex("095ea7b3") + encode_address(scene.pool.address) + word(10**6))
        twins.send(scene.pool, "provideLiquidity", 1_000, reverts="")
        twins.send(scene.pool, "withdrawLiquidity", 1_000, reverts="")
    twins.compare_state({"address": (scene.pool.address, scene.receiver)})
