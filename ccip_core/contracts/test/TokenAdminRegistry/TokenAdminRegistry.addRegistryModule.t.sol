// SPDX-License-Identifier: MIT
pragma solidity 0.8.26;

import {IOwnable} from "../../src/interfaces/IOwnable.sol";
import {TokenAdminRegistry} from "../../src/tokenAdminRegistry/TokenAdminRegistry.sol";
import {CCIPBase} from "../CCIPBase.t.sol";

contract TokenAdminRegistry_addRegistryModule is CCIPBase {
    function test_addRegistryModule_mayPropose() external {
        vm.expectEmit(address(s_registry));
        emit TokenAdminRegistry.RegistryModuleAdded(s_someone);
        s_registry.addRegistryModule(s_someone);
        s_registry.addRegistryModule(s_someone); // passed over

        check(s_registry.isRegistryModule(s_someone), "module");
        vm.prank(s_someone);
        s_registry.proposeAdministrator(address(s_link), s_user);
        checkEq(s_registry.getTokenConfig(address(s_link)).pendingAdministrator, s_user, "proposed");
    }

    function test_RevertWhen_addRegistryModule_calledByNonOwner() external {
        vm.expectRevert(abi.encodePacked(IOwnable.OnlyCallableByOwner.selector));
        vm.prank(s_stranger);
        s_registry.addRegistryModule(s_stranger);
    }
}
