// SPDX-License-Identifier: MIT
pragma solidity 0.8.26;

import {FactoryBurnMintERC20Base} from "./FactoryBurnMintERC20Base.t.sol";

contract FactoryBurnMintERC20_transfer is FactoryBurnMintERC20Base {
    function testFuzz_transfer(uint256 amount) external {
        amount = bound(amount, 0, PRE_MINT);
        vm.prank(s_holder);
        check(s_token.transfer(s_stranger, amount), "true");

        checkEq(s_token.balanceOf(s_holder), PRE_MINT - amount, "left");
        checkEq(s_token.balanceOf(s_stranger), amount, "arrived");
    }

    function test_RevertWhen_transfer_moreThanThereIs() external {
        vm.expectRevert();
        vm.prank(s_holder);
        s_token.transfer(s_stranger, PRE_MINT + 1);
    }

    function test_RevertWhen_transfer_toTheTokenItself() external {
        vm.expectRevert("");
        vm.prank(s_holder);
        s_token.transfer(address(s_token), 1);
    }
}
