// SPDX-License-Identifier: MIT
pragma solidity 0.8.26;

import {IOwnable} from "../../src/interfaces/IOwnable.sol";
import {LockReleaseTokenPool} from "../../src/pools/LockReleaseTokenPool.sol";
import {TokenPool} from "../../src/pools/TokenPool.sol";
import {LockReleaseTokenPoolBase} from "./LockReleaseTokenPoolBase.t.sol";

contract LockReleaseTokenPool_setRebalancer is LockReleaseTokenPoolBase {
    function test_setRebalancer() external {
        provide(100);
        vm.expectEmit(address(s_vault));
        emit LockReleaseTokenPool.RebalancerSet(s_rebalancer, s_user);
        s_vault.setRebalancer(s_user);

        checkEq(s_vault.getRebalancer(), s_user, "rebalancer");
        vm.expectRevert(abi.encodeWithSelector(TokenPool.Unauthorized.selector, s_rebalancer));
        vm.prank(s_rebalancer);
        s_vault.withdrawLiquidity(1);
    }

    function test_RevertWhen_setRebalancer_calledByNonOwner() external {
        vm.expectRevert(abi.encodePacked(IOwnable.OnlyCallableByOwner.selector));
        vm.prank(s_stranger);
        s_vault.setRebalancer(s_stranger);
    }
}
