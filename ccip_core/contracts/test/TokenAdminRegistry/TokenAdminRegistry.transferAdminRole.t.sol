// SPDX-License-Identifier: MIT
pragma solidity 0.8.26;

import {TokenAdminRegistry} from "../../src/tokenAdminRegistry/TokenAdminRegistry.sol";
import {CCIPBase} from "../CCIPBase.t.sol";

contract TokenAdminRegistry_transferAdminRole is CCIPBase {
    function test_transferAdminRole_isAnOffer() external {
        vm.expectEmit(address(s_registry));
        emit TokenAdminRegistry.AdministratorTransferRequested(address(s_token), address(this), s_user);
        s_registry.transferAdminRole(address(s_token), s_user);
        check(s_registry.isAdministrator(address(s_token), address(this)), "still");

        vm.prank(s_user);
        s_registry.acceptAdminRole(address(s_token));
        check(s_registry.isAdministrator(address(s_token), s_user), "accepted");
        vm.expectRevert(
            abi.encodeWithSelector(TokenAdminRegistry.OnlyAdministrator.selector, address(this), address(s_token))
        );
        s_registry.setPool(address(s_token), address(0));
    }

    /// @dev To zero: the offer is taken back.
    function test_transferAdminRole_takenBack() external {
        s_registry.transferAdminRole(address(s_token), s_user);
        s_registry.transferAdminRole(address(s_token), address(0));

        vm.expectRevert(
            abi.encodeWithSelector(TokenAdminRegistry.OnlyPendingAdministrator.selector, s_user, address(s_token))
        );
        vm.prank(s_user);
        s_registry.acceptAdminRole(address(s_token));
    }

    function test_RevertWhen_transferAdminRole_calledByAnother() external {
        vm.expectRevert(
            abi.encodeWithSelector(TokenAdminRegistry.OnlyAdministrator.selector, s_stranger, address(s_token))
        );
        vm.prank(s_stranger);
        s_registry.transferAdminRole(address(s_token), s_stranger);
    }
}
