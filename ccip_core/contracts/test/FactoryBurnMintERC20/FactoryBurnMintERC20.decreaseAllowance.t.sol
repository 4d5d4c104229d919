// SPDX-License-Identifier: MIT
pragma solidity 0.8.26;

import {FactoryBurnMintERC20Base} from "./FactoryBurnMintERC20Base.t.sol";

contract FactoryBurnMintERC20_decreaseAllowance is FactoryBurnMintERC20Base {
    function test_decreaseAllowance() external {
        approve(5);
        vm.prank(s_holder);
        check(s_token.decreaseAllowance(s_minter, 2), "true");

        checkEq(s_token.allowance(s_holder, s_minter), 3, "allowance");
    }

    function test_RevertWhen_decreaseAllowance_belowZero() external {
        approve(1);
        vm.expectRevert();
        vm.prank(s_holder);
        s_token.decreaseAllowance(s_minter, 2);
    }
}
