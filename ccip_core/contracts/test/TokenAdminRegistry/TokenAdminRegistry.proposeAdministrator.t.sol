// SPDX-License-Identifier: MIT
pragma solidity 0.8.26;

import {TokenAdminRegistry} from "../../src/tokenAdminRegistry/TokenAdminRegistry.sol";
import {CCIPBase} from "../CCIPBase.t.sol";

contract TokenAdminRegistry_proposeAdministrator is CCIPBase {
    /// @dev Conformance 94: the last proposal counts, until one was accepted.
    function test_proposeAdministrator_again() external {
        address token = address(s_link);
        s_registry.proposeAdministrator(token, s_stranger);
        s_registry.proposeAdministrator(token, s_user);
        vm.expectRevert(abi.encodeWithSelector(TokenAdminRegistry.OnlyPendingAdministrator.selector, s_stranger, token));
        vm.prank(s_stranger);
        s_registry.acceptAdminRole(token);
        vm.prank(s_user);
        s_registry.acceptAdminRole(token);

        vm.expectRevert(abi.encodeWithSelector(TokenAdminRegistry.AlreadyRegistered.selector, token));
        s_registry.proposeAdministrator(token, s_stranger);
    }
}
