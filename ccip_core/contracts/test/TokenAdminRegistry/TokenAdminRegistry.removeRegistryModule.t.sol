// SPDX-License-Identifier: MIT
pragma solidity 0.8.26;

import {IOwnable} from "../../src/interfaces/IOwnable.sol";
import {TokenAdminRegistry} from "../../src/tokenAdminRegistry/TokenAdminRegistry.sol";
import {CCIPBase} from "../CCIPBase.t.sol";

contract TokenAdminRegistry_removeRegistryModule is CCIPBase {
    function test_removeRegistryModule_mayNotPropose() external {
        s_registry.addRegistryModule(s_someone);
        vm.expectEmit(address(s_registry));
        emit TokenAdminRegistry.RegistryModuleRemoved(s_someone);
        s_registry.removeRegistryModule(s_someone);

        vm.expectRevert(abi.encodeWithSelector(TokenAdminRegistry.OnlyRegistryModuleOrOwner.selector, s_someone));
        vm.prank(s_someone);
        s_registry.proposeAdministrator(address(s_link), s_user);
    }

    function test_RevertWhen_removeRegistryModule_calledByNonOwner() external {
        vm.expectRevert(abi.encodePacked(IOwnable.OnlyCallableByOwner.selector));
        vm.prank(s_stranger);
        s_registry.removeRegistryModule(s_someone);
    }
}
