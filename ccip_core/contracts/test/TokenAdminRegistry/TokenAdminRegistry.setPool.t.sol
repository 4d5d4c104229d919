// SPDX-License-Identifier: MIT
pragma solidity 0.8.26;

import {TokenAdminRegistry} from "../../src/tokenAdminRegistry/TokenAdminRegistry.sol";
import {CCIPBase} from "../CCIPBase.t.sol";

contract TokenAdminRegistry_setPool is CCIPBase {
    /// @dev Conformance 95: delisting asks no pool.
    function test_setPool_delists() external {
        s_registry.setPool(address(s_token), address(0));

        checkEq(s_registry.getPool(address(s_token)), address(0), "pool");
    }

    function test_RevertWhen_setPool_poolOfAnotherToken() external {
        s_registry.proposeAdministrator(address(s_link), address(this));
        s_registry.acceptAdminRole(address(s_link));

        vm.expectRevert(abi.encodeWithSelector(TokenAdminRegistry.InvalidTokenPoolToken.selector, address(s_link)));
        s_registry.setPool(address(s_link), s_pool);
    }

    function test_RevertWhen_setPool_calledByAnother() external {
        vm.expectRevert(
            abi.encodeWithSelector(TokenAdminRegistry.OnlyAdministrator.selector, s_stranger, address(s_token))
        );
        vm.prank(s_stranger);
        s_registry.setPool(address(s_token), address(0));
    }
}
