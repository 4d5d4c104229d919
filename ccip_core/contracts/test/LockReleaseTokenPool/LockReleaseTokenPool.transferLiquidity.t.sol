// SPDX-License-Identifier: MIT
pragma solidity 0.8.26;

import {IOwnable} from "../../src/interfaces/IOwnable.sol";
import {LockReleaseTokenPool} from "../../src/pools/LockReleaseTokenPool.sol";
import {TokenPool} from "../../src/pools/TokenPool.sol";
import {LockReleaseTokenPoolBase} from "./LockReleaseTokenPoolBase.t.sol";

contract LockReleaseTokenPool_transferLiquidity is LockReleaseTokenPoolBase {
    function test_transferLiquidity_fromTheOldPool() external {
        provide(100);
        LockReleaseTokenPool next = newVault();
        s_vault.setRebalancer(address(next));
        vm.expectEmit(address(next));
        emit LockReleaseTokenPool.LiquidityTransferred(address(s_vault), 30);
        next.transferLiquidity(address(s_vault), 30);
        checkEq(s_token.balanceOf(address(next)), 30, "some");

        next.transferLiquidity(address(s_vault), type(uint256).max);
        checkEq(s_token.balanceOf(address(next)), 100, "all");
    }

    function test_RevertWhen_transferLiquidity_theOldPoolHasAnotherRebalancer() external {
        LockReleaseTokenPool next = newVault();

        vm.expectRevert(abi.encodeWithSelector(TokenPool.Unauthorized.selector, address(next)));
        next.transferLiquidity(address(s_vault), 0);
    }

    function test_RevertWhen_transferLiquidity_calledByNonOwner() external {
        vm.expectRevert(abi.encodePacked(IOwnable.OnlyCallableByOwner.selector));
        vm.prank(s_stranger);
        s_vault.transferLiquidity(address(s_vault), 0);
    }
}
