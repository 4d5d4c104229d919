"""TokenPoolFactory and the token that it was made for.

Both factories are given the same creation code, so that what they deploy stands at the same address.
"""

import pytest

from ccip_core.localnet.contract_set import chainlink_contracts, own_artifact
from ccip_core.transactions import created_address

ZERO = b"\0" * 20
ETHER = 10**18
OFF, ON = (False, 0, 0), (True, 1_000, 10)
BURN_MINT, LOCK_RELEASE = 0, 1
INTERFACES = ("00000000", "ffffffff", "01ffc9a7", "36372b07", "e6599b4d", "06e27847", "8fd6a6ac", "a219a025")


def word(number):
    return number.to_bytes(32)


class Scene:
    def __init__(self, twins):
        self.user = twins.actor("issuer")
        rmn = twins.create("RMNRemote", 1, ZERO)
        router = twins.create("Router", twins.actor("weth"), rmn.address)
        self.registry = twins.create("TokenAdminRegistry")
        module = twins.create("RegistryModuleOwnerCustom", self.registry.address)
        twins.send(self.registry, "addRegistryModule", module.address)
        self.parts = (self.registry.address, module.address, rmn.address, router.address)
        self.factory = twins.create("TokenPoolFactory", *self.parts)
        self.rmn, self.router = rmn.address, router.address
        upstream = chainlink_contracts()
        self.token_code = upstream.artifact("FactoryBurnMintERC20").creation("T", "T", 6, 0, 5 * ETHER, self.user)
        self.pool_code = {
            BURN_MINT: upstream.artifact("BurnMintTokenPool").bytecode,
            LOCK_RELEASE: upstream.artifact("LockReleaseTokenPool").bytecode,
        }
        twins.probes = {"uint64": (0, 7, 8), "address": (self.user, ZERO), "bytes": (word(1), word(2), b"")}

    def remote(self, selector=7, *, pool=b"", token=b"", kind=BURN_MINT, limit=ON, pool_code=None, token_code=None):
        config = (self.factory.address, self.router, self.rmn, 18)
        pool_code = self.pool_code[kind] if pool_code is None else pool_code
        token_code = self.token_code if token_code is None else token_code
        return (selector, pool, pool_code, config, kind, token, token_code, limit)


@pytest.fixture
def scene(twins):
    return Scene(twins)


def _addresses(outcome):
    return [outcome.data[start + 12 : start + 32] for start in range(0, len(outcome.data), 32)]


def test_a_token_and_its_pool(twins, scene):
    deploy, salt = "deployTokenAndTokenPool", b"\5" * 32
    arguments = (6, scene.token_code, scene.pool_code[BURN_MINT])
    remotes = [
        scene.remote(7),
        scene.remote(8, pool=word(1), kind=LOCK_RELEASE),
        scene.remote(9, token=word(2), limit=OFF),
    ]
    done = twins.send(scene.factory, deploy, remotes, *arguments, salt, sender=scene.user)
    token, pool = _addresses(done)
    twins.adopt("FactoryBurnMintERC20", token)
    twins.adopt("BurnMintTokenPool", pool)
    asked = twins.compare_state(
        {"address": (token, pool, scene.user, scene.factory.address, ZERO), "uint64": (7, 8, 9)}
    )
    assert asked > 60

    twins.send(scene.factory, deploy, remotes, *arguments, salt, sender=scene.user, reverts="FailedDeployment")
    twins.send(scene.factory, deploy, [], *arguments, salt)  # another caller, another place
    twins.send(scene.factory, deploy, [], *arguments, b"\6" * 32, sender=scene.user)
    twins.send(
        scene.factory, deploy, [], 7, *arguments[1:], b"\7" * 32, sender=scene.user, reverts="InvalidDecimalArgs"
    )
    twins.send(scene.factory, deploy, [], 6, b"", arguments[2], b"\7" * 32, reverts="Create2EmptyBytecode")
    twins.send(scene.factory, deploy, [], 6, arguments[1], b"", b"\7" * 32, reverts="")
    twins.send(scene.factory, deploy, [], 6, b"\xfe", arguments[2], b"\7" * 32, reverts="FailedDeployment")
    twins.send(
        scene.factory,
        deploy,
        [scene.remote(limit=(True, 1, 2))],
        *arguments,
        b"\7" * 32,
        reverts="InvalidRateLimitRate",
    )
    twins.send(scene.factory, deploy, [scene.remote()] * 2, *arguments, b"\7" * 32, reverts="ChainAlreadyExists")
    short = scene.remote(token=b"\1" * 20)
    twins.send(scene.factory, deploy, [short], *arguments, b"\7" * 32, reverts="")
    twins.send(scene.factory, deploy, [scene.remote(pool_code=b"", token_code=b"")], *arguments, b"\7" * 32)

    token_contract, pool_contract = twins.adopt("FactoryBurnMintERC20", token), twins.adopt("BurnMintTokenPool", pool)
    twins.send(token_contract, "acceptOwnership", sender=scene.user)
    twins.send(pool_contract, "acceptOwnership", sender=scene.user)
    twins.send(scene.registry, "acceptAdminRole", token, sender=scene.user)
    twins.compare_state({"address": (token, pool, scene.user, scene.factory.address)})


def test_a_pool_for_a_token_that_exists(twins, scene):
    deploy = "deployTokenPoolWithExistingToken"
    token = twins.create("FactoryBurnMintERC20", "T", "T", 18, 0, ETHER, scene.user)
    for kind in (BURN_MINT, LOCK_RELEASE):
        remotes = [scene.remote(7, kind=kind), scene.remote(8, pool=word(1), token=word(2), kind=1 - kind)]
        code = scene.pool_code[kind]
        done = twins.send(
            scene.factory, deploy, token.address, 18, remotes, code, bytes([kind]) * 32, kind, sender=scene.user
        )
        pool = twins.adopt(("BurnMintTokenPool", "LockReleaseTokenPool")[kind], *_addresses(done))
        twins.compare_state()
        twins.send(pool, "acceptOwnership", sender=scene.user)
        twins.send(pool, "setRouter", scene.router, sender=scene.user)
        twins.compare_state()
    twins.send(scene.factory, deploy, ZERO, 18, [], scene.pool_code[0], bytes(32), 0, reverts="ZeroAddressNotAllowed")
    twins.send(
        scene.factory, deploy, token.address, 17, [], scene.pool_code[0], bytes(32), 0, reverts="InvalidDecimalArgs"
    )


def test_the_place_of_a_pool_follows_its_code(twins, scene):
    """docs/conformance.md, 2: the same code stands at the same place on both chains, ours elsewhere than upstream's."""
    token = twins.create("FactoryBurnMintERC20", "T", "T", 18, 0, ETHER, scene.user)
    places = []
    for code in (scene.pool_code[BURN_MINT], own_artifact("BurnMintTokenPool").bytecode):
        arguments = (token.address, 18, [], code, bytes(32), BURN_MINT)
        places += _addresses(
            twins.send(scene.factory, "deployTokenPoolWithExistingToken", *arguments, sender=scene.user)
        )
    assert places[0] != places[1]


def test_a_factory_without_a_part(twins, scene):
    for missing in range(4):
        parts = [ZERO if place == missing else part for place, part in enumerate(scene.parts)]
        _, outcome = twins.try_create("TokenPoolFactory", *parts)
        assert not outcome.is_success


def test_the_token(twins):
    owner, minter, burner, user, spender = map(twins.actor, ("owner", "minter", "burner", "user", "spender"))
    for supply, mint in ((10, 11), (10, 10), (0, 2**256 - 1), (5, 0)):
        twins.try_create("FactoryBurnMintERC20", "N", "S", 0, supply, mint, owner)
    twins.try_create("FactoryBurnMintERC20", "N", "S", 0, 0, 5, ZERO)
    twins.try_create("FactoryBurnMintERC20", "N", "S", 0, 0, 0, ZERO)
    itself = created_address(twins.deployer, twins.nonce(twins.deployer))
    twins.try_create("FactoryBurnMintERC20", "N", "S", 0, 0, 5, itself)
    token = twins.create(
        "FactoryBurnMintERC20", "A token with a long name, longer than 31 bytes", "LNG", 7, 1_000, 400, user
    )
    twins.probes = {
        "address": (owner, minter, burner, user, spender, token.address, twins.deployer, ZERO),
        "bytes4": tuple(bytes.fromhex(interface) for interface in INTERFACES),
    }
    twins.compare_state()

    for function in (
        "grantMintRole",
        "grantBurnRole",
        "grantMintAndBurnRoles",
        "revokeMintRole",
        "revokeBurnRole",
        "setCCIPAdmin",
    ):
        twins.send(token, function, user, sender=user, reverts="OnlyCallableByOwner")
    twins.send(token, "mint", user, 1, sender=minter, reverts="SenderNotMinter")
    twins.send(token, "burn(uint256)", 1, sender=user, reverts="SenderNotBurner")
    twins.send(token, "burn(address,uint256)", user, 1, sender=user, reverts="SenderNotBurner")
    twins.send(token, "burnFrom", user, 1, sender=user, reverts="SenderNotBurner")
    for function in ("grantMintRole", "grantMintRole"):
        twins.send(token, function, minter)
    twins.send(token, "grantBurnRole", burner)
    twins.send(token, "grantBurnRole", burner)
    twins.send(token, "grantMintAndBurnRoles", user)
    twins.send(token, "grantMintAndBurnRoles", minter)
    twins.compare_state()

    twins.send(token, "mint", spender, 600, sender=minter)
    twins.send(token, "mint", spender, 1, sender=minter, reverts="MaxSupplyExceeded")
    twins.send(token, "mint", spender, 2**256 - 1, sender=minter, reverts="")
    twins.send(token, "mint", ZERO, 0, sender=minter, reverts="zero address")
    twins.send(token, "mint", token.address, 0, sender=minter, reverts="")
    twins.send(token, "mint", token.address, 0, sender=owner, reverts="SenderNotMinter")
    twins.send(token, "burn(uint256)", 401, sender=user, reverts="exceeds balance")
    twins.send(token, "burn(uint256)", 100, sender=user)
    twins.send(token, "burn(uint256)", 0, sender=user)
    twins.send(token, "burn(address,uint256)", user, 1, sender=burner, reverts="insufficient allowance")
    twins.send(token, "approve", burner, 50, sender=user)
    twins.send(token, "burn(address,uint256)", user, 20, sender=burner)
    twins.send(token, "burnFrom", user, 30, sender=burner)
    twins.send(token, "burnFrom", user, 1, sender=burner, reverts="insufficient allowance")
    twins.send(token, "burnFrom", ZERO, 0, sender=burner, reverts="")
    twins.compare_state()

    twins.send(token, "transfer", spender, 10, sender=user)
    twins.send(token, "transfer", spender, 10**6, sender=user, reverts="exceeds balance")
    twins.send(token, "transfer", ZERO, 0, sender=user, reverts="zero address")
    twins.send(token, "transfer", token.address, 0, sender=user, reverts="")
    twins.send(token, "transferFrom", user, token.address, 0, sender=spender, reverts="")
    twins.send(token, "transferFrom", user, spender, 1, sender=spender, reverts="insufficient allowance")
    twins.send(token, "transferFrom", user, spender, 0, sender=spender)
    twins.send(token, "approve", spender, 2**256 - 1, sender=user)
    twins.send(token, "transferFrom", user, spender, 7, sender=spender)
    twins.send(token, "increaseAllowance", spender, 1, sender=user, reverts="")
    twins.send(token, "decreaseApproval", spender, 2**256 - 6, sender=user)
    twins.send(token, "decreaseAllowance", spender, 6, sender=user, reverts="below zero")
    twins.send(token, "decreaseAllowance", spender, 1, sender=user)
    twins.send(token, "increaseAllowance", spender, 3, sender=user)
    twins.send(token, "increaseApproval", spender, 4, sender=user)
    twins.send(token, "transferFrom", user, minter, 5, sender=spender)
    twins.send(token, "approve", ZERO, 1, sender=user, reverts="zero address")
    twins.send(token, "approve", token.address, 1, sender=user, reverts="")
    twins.send(token, "increaseApproval", token.address, 1, sender=user, reverts="")
    twins.compare_state()

    twins.send(token, "revokeMintRole", minter)
    twins.send(token, "revokeMintRole", minter)
    twins.send(token, "revokeBurnRole", burner)
    twins.send(token, "revokeBurnRole", spender)
    twins.send(token, "mint", spender, 1, sender=minter, reverts="SenderNotMinter")
    twins.send(token, "setCCIPAdmin", owner)
    twins.send(token, "setCCIPAdmin", ZERO)
    twins.send(token, "transferOwnership", owner)
    twins.send(token, "acceptOwnership", sender=owner)
    twins.send(token, "grantMintRole", owner, reverts="OnlyCallableByOwner")
    twins.compare_state()
    assert twins.steps >= 150
