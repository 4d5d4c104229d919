// SPDX-License-Identifier: MIT
pragma solidity 0.8.26;

import {ILiquidityContainer} from "../../src/interfaces/ILiquidityContainer.sol";
import {LockReleaseTokenPool} from "../../src/pools/LockReleaseTokenPool.sol";
import {TokenPool} from "../../src/pools/TokenPool.sol";
import {LockReleaseTokenPoolBase} from "./LockReleaseTokenPoolBase.t.sol";

contract LockReleaseTokenPool_withdrawLiquidity is LockReleaseTokenPoolBase {
    function testFuzz_withdrawLiquidity(uint256 amount) external {
        amount = bound(amount, 0, 100);
        provide(100);
        vm.expectEmit(address(s_vault));
        emit ILiquidityContainer.LiquidityRemoved(s_rebalancer, amount);
        vm.prank(s_rebalancer);
        s_vault.withdrawLiquidity(amount);

        checkEq(s_token.balanceOf(address(s_vault)), 100 - amount, "left");
        checkEq(s_token.balanceOf(s_rebalancer), amount, "back");
    }

    function test_RevertWhen_withdrawLiquidity_moreThanThereIs() external {
        provide(100);

        vm.expectRevert(abi.encodePacked(LockReleaseTokenPool.InsufficientLiquidity.selector));
        vm.prank(s_rebalancer);
        s_vault.withdrawLiquidity(101);
    }

    function test_RevertWhen_withdrawLiquidity_calledByAnother() external {
        provide(100);

        vm.expectRevert(abi.encodeWithSelector(TokenPool.Unauthorized.selector, address(this)));
        s_vault.withdrawLiquidity(1);
    }
}
