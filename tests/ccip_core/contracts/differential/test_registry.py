"""TokenAdminRegistry and RegistryModuleOwnerCustom, as anybody may use or abuse them."""

import pytest

ZERO = b"\0" * 20


@pytest.fixture
def scene(twins):
    registry = twins.create("TokenAdminRegistry")
    module = twins.create("RegistryModuleOwnerCustom", registry.address)
    rmn = twins.create("RMNRemote", 1, ZERO)
    router = twins.create("Router", twins.actor("weth"), rmn.address)
    admin = twins.actor("admin")
    tokens = [twins.create("FactoryBurnMintERC20", "T", "T", 18, 0, 10**18, admin) for _ in range(3)]
    pools = [twins.create("BurnMintTokenPool", t.address, 18, (), rmn.address, router.address) for t in tokens]
    twins.probes = {
        "address": (*(t.address for t in tokens), module.address, registry.address, admin, twins.deployer, ZERO),
        "address[]": ((), tuple(t.address for t in tokens), (ZERO, admin)),
        "uint64": (0, 1, 2, 3, 2**64 - 1),
        "bytes4": (bytes(4), b"\xff" * 4, bytes.fromhex("01ffc9a7")),
    }
    return registry, module, tokens, pools


def test_life_of_a_token(twins, scene):
    registry, module, tokens, pools = scene
    admin, other, stranger = map(twins.actor, ("admin", "other", "stranger"))
    first, second, third = (token.address for token in tokens)

    twins.send(module, "registerAdminViaGetCCIPAdmin", first, sender=admin, reverts="OnlyRegistryModuleOrOwner")
    twins.send(registry, "addRegistryModule", module.address, sender=stranger, reverts="OnlyCallableByOwner")
    twins.send(registry, "addRegistryModule", module.address)
    twins.send(registry, "addRegistryModule", module.address)
    twins.send(registry, "addRegistryModule", stranger)
    twins.send(registry, "removeRegistryModule", stranger)
    twins.send(registry, "removeRegistryModule", stranger)
    twins.send(registry, "removeRegistryModule", module.address, sender=stranger, reverts="OnlyCallableByOwner")
    twins.compare_state()

    twins.send(module, "registerAdminViaGetCCIPAdmin", first, sender=stranger, reverts="CanOnlySelfRegister")
    twins.send(module, "registerAdminViaOwner", first, sender=admin, reverts="CanOnlySelfRegister")
    twins.send(module, "registerAccessControlDefaultAdmin", first, sender=admin, reverts="")
    twins.send(module, "registerAdminViaOwner", stranger, sender=admin, reverts="")
    twins.send(registry, "acceptAdminRole", first, sender=admin, reverts="OnlyPendingAdministrator")
    twins.send(module, "registerAdminViaGetCCIPAdmin", first, sender=admin)
    twins.send(module, "registerAdminViaGetCCIPAdmin", first, sender=admin)
    twins.send(module, "registerAdminViaOwner", first)  # the deployer owns it: proposed anew before acceptance
    twins.send(registry, "acceptAdminRole", first, sender=admin, reverts="OnlyPendingAdministrator")
    twins.send(module, "registerAdminViaGetCCIPAdmin", first, sender=admin)
    twins.compare_state()
    twins.send(registry, "setPool", first, pools[0].address, sender=admin, reverts="OnlyAdministrator")
    twins.send(registry, "acceptAdminRole", first, sender=admin)
    twins.send(module, "registerAdminViaOwner", first, reverts="AlreadyRegistered")
    twins.send(registry, "acceptAdminRole", first, sender=admin, reverts="OnlyPendingAdministrator")
    twins.compare_state()

    twins.send(registry, "setPool", first, pools[1].address, sender=admin, reverts="InvalidTokenPoolToken")
    twins.send(registry, "setPool", first, stranger, sender=admin, reverts="")
    twins.send(registry, "setPool", first, registry.address, sender=admin, reverts="")
    twins.send(registry, "setPool", first, pools[0].address, sender=stranger, reverts="OnlyAdministrator")
    twins.send(registry, "setPool", first, pools[0].address, reverts="OnlyAdministrator")
    twins.send(registry, "setPool", first, pools[0].address, sender=admin)
    twins.send(registry, "setPool", first, pools[0].address, sender=admin)
    twins.compare_state()
    twins.send(registry, "setPool", first, ZERO, sender=admin)
    twins.send(registry, "setPool", first, ZERO, sender=admin)
    twins.send(registry, "setPool", first, pools[0].address, sender=admin)

    twins.send(registry, "transferAdminRole", first, other, sender=stranger, reverts="OnlyAdministrator")
    twins.send(registry, "transferAdminRole", first, other, sender=admin)
    twins.send(registry, "transferAdminRole", first, ZERO, sender=admin)
    twins.send(registry, "acceptAdminRole", first, sender=other, reverts="OnlyPendingAdministrator")
    twins.send(registry, "transferAdminRole", first, other, sender=admin)
    twins.compare_state()
    twins.send(registry, "acceptAdminRole", first, sender=other)
    twins.send(registry, "setPool", first, ZERO, sender=admin, reverts="OnlyAdministrator")
    twins.send(registry, "setPool", first, ZERO, sender=other)

    twins.send(registry, "proposeAdministrator", second, admin, sender=stranger, reverts="OnlyRegistryModuleOrOwner")
    twins.send(registry, "proposeAdministrator", second, ZERO, reverts="ZeroAddress")
    twins.send(registry, "proposeAdministrator", first, ZERO, reverts="ZeroAddress")
    twins.send(registry, "proposeAdministrator", first, admin, reverts="AlreadyRegistered")
    twins.send(registry, "proposeAdministrator", second, admin)
    twins.send(registry, "proposeAdministrator", third, admin)
    twins.send(registry, "proposeAdministrator", ZERO, admin)
    twins.send(registry, "acceptAdminRole", third, sender=admin)
    twins.send(registry, "acceptAdminRole", ZERO, sender=admin)
    twins.send(registry, "setPool", third, pools[2].address, sender=admin)
    asked = twins.compare_state()

    assert twins.steps >= 60
    assert asked >= 30


def test_ownership_changes_hands_in_two_steps(twins, scene):
    registry, *_ = scene
    other = twins.actor("other")

    twins.send(registry, "transferOwnership", other, sender=other, reverts="OnlyCallableByOwner")
    twins.send(registry, "transferOwnership", twins.deployer, reverts="CannotTransferToSelf")
    twins.send(registry, "acceptOwnership", sender=other, reverts="MustBeProposedOwner")
    twins.send(registry, "transferOwnership", other)
    twins.send(registry, "transferOwnership", ZERO)
    twins.send(registry, "acceptOwnership", sender=other, reverts="MustBeProposedOwner")
    twins.send(registry, "transferOwnership", other)
    twins.send(registry, "acceptOwnership", sender=other)
    twins.send(registry, "acceptOwnership", sender=other, reverts="MustBeProposedOwner")
    twins.send(registry, "addRegistryModule", other, reverts="OnlyCallableByOwner")
    twins.send(registry, "addRegistryModule", other, sender=other)
    twins.compare_state()


def test_a_module_without_a_registry(twins):
    _, outcome = twins.try_create("RegistryModuleOwnerCustom", ZERO)
    assert not outcome.is_success
    module = twins.create("RegistryModuleOwnerCustom", twins.actor("nobody"))
    token = twins.create("FactoryBurnMintERC20", "T", "T", 18, 0, 0, twins.deployer)
    twins.send(module, "registerAdminViaOwner", token.address, reverts="")


def test_calldata_that_no_compiler_makes(twins, scene):
    registry, module, tokens, _ = scene
    for contract in (registry, module, tokens[0]):
        twins.send_raw(contract.address, b"")
        twins.send_raw(contract.address, b"\1\2\3")
        twins.send_raw(contract.address, b"\xde\xad\xbe\xef" + bytes(64))
        twins.send_raw(contract.address, b"", value=1)
        twins.send_raw(contract.address, bytes.fromhex("8da5cb5b"), value=1)
    twins.send_raw(registry.address, bytes.fromhex("bbe4f6db") + b"\xff" * 32)
    twins.send_raw(registry.address, bytes.fromhex("bbe4f6db") + bytes(31))
    twins.send_raw(registry.address, bytes.fromhex("5e63547a") + b"\xff" * 32)
