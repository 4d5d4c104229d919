// SPDX-License-Identifier: MIT
pragma solidity 0.8.26;

import {TokenAdminRegistry} from "../../src/tokenAdminRegistry/TokenAdminRegistry.sol";
import {CCIPBase} from "../CCIPBase.t.sol";

contract TokenAdminRegistry_acceptAdminRole is CCIPBase {
    function test_acceptAdminRole() external {
        s_registry.proposeAdministrator(address(s_link), s_user);
        check(!s_registry.isAdministrator(address(s_link), s_user), "not yet");
        vm.expectEmit(address(s_registry));
        emit TokenAdminRegistry.AdministratorTransferred(address(s_link), s_user);
        vm.prank(s_user);
        s_registry.acceptAdminRole(address(s_link));

        TokenAdminRegistry.TokenConfig memory config = s_registry.getTokenConfig(address(s_link));
        check(config.administrator == s_user && config.pendingAdministrator == address(0), "accepted");
        bytes memory error_ =
            abi.encodeWithSelector(TokenAdminRegistry.OnlyPendingAdministrator.selector, s_user, address(s_link));
        vm.expectRevert(error_);
        vm.prank(s_user);
        s_registry.acceptAdminRole(address(s_link));
    }

    function test_RevertWhen_acceptAdminRole_calledByAnother() external {
        s_registry.proposeAdministrator(address(s_link), s_user);

        vm.expectRevert(
            abi.encodeWithSelector(TokenAdminRegistry.OnlyPendingAdministrator.selector, s_stranger, address(s_link))
        );
        vm.prank(s_stranger);
        s_registry.acceptAdminRole(address(s_link));
    }
}
