// SPDX-License-Identifier: MIT
pragma solidity 0.8.26;

import {FactoryBurnMintERC20Base} from "./FactoryBurnMintERC20Base.t.sol";

contract FactoryBurnMintERC20_increaseAllowance is FactoryBurnMintERC20Base {
    function test_increaseAllowance() external {
        approve(5);
        vm.prank(s_holder);
        s_token.increaseAllowance(s_minter, 2);

        checkEq(s_token.allowance(s_holder, s_minter), 7, "allowance");
    }

    function test_RevertWhen_increaseAllowance_beyondAnyNumber() external {
        approve(1);
        vm.expectRevert();
        vm.prank(s_holder);
        s_token.increaseAllowance(s_minter, type(uint256).max);
    }
}
