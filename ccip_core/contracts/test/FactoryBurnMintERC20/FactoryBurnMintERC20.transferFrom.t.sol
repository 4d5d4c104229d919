// SPDX-License-Identifier: MIT
pragma solidity 0.8.26;

import {FactoryBurnMintERC20Base} from "./FactoryBurnMintERC20Base.t.sol";

contract FactoryBurnMintERC20_transferFrom is FactoryBurnMintERC20Base {
    function testFuzz_transferFrom_spendsTheAllowance(uint256 allowed, uint256 amount) external {
        allowed = bound(allowed, 0, PRE_MINT);
        amount = bound(amount, 0, allowed);
        approve(allowed);
        vm.prank(s_minter);
        check(s_token.transferFrom(s_holder, s_stranger, amount), "true");

        checkEq(s_token.balanceOf(s_stranger), amount, "arrived");
        checkEq(s_token.allowance(s_holder, s_minter), allowed - amount, "allowance");
    }

    /// @dev The whole number stands for all, for good.
    function test_transferFrom_endlessAllowance() external {
        approve(type(uint256).max);
        vm.prank(s_minter);
        s_token.transferFrom(s_holder, s_stranger, 5);

        checkEq(s_token.allowance(s_holder, s_minter), type(uint256).max, "allowance");
    }

    function test_RevertWhen_transferFrom_beyondTheAllowance() external {
        approve(4);
        vm.expectRevert();
        vm.prank(s_minter);
        s_token.transferFrom(s_holder, s_stranger, 5);
    }
}
