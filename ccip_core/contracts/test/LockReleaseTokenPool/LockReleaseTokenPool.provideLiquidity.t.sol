// SPDX-License-Identifier: MIT
pragma solidity 0.8.26;

import {ILiquidityContainer} from "../../src/interfaces/ILiquidityContainer.sol";
import {TokenPool} from "../../src/pools/TokenPool.sol";
import {LockReleaseTokenPoolBase} from "./LockReleaseTokenPoolBase.t.sol";

contract LockReleaseTokenPool_provideLiquidity is LockReleaseTokenPoolBase {
    function test_provideLiquidity() external {
        vm.prank(s_rebalancer);
        s_token.approve(address(s_vault), 40);
        vm.expectEmit(address(s_vault));
        emit ILiquidityContainer.LiquidityAdded(s_rebalancer, 40);
        vm.prank(s_rebalancer);
        s_vault.provideLiquidity(40);

        checkEq(s_token.balanceOf(address(s_vault)), 40, "liquidity");
    }

    function test_RevertWhen_provideLiquidity_withoutAllowance() external {
        vm.expectRevert();
        vm.prank(s_rebalancer);
        s_vault.provideLiquidity(1);
    }

    /// @dev Not even the owner, who may name whom he likes.
    function test_RevertWhen_provideLiquidity_calledByAnother() external {
        vm.expectRevert(abi.encodeWithSelector(TokenPool.Unauthorized.selector, address(this)));
        s_vault.provideLiquidity(1);
    }
}
