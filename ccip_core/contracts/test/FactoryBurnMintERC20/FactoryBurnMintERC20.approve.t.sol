// SPDX-License-Identifier: MIT
pragma solidity 0.8.26;

import {FactoryBurnMintERC20Base} from "./FactoryBurnMintERC20Base.t.sol";

contract FactoryBurnMintERC20_approve is FactoryBurnMintERC20Base {
    function test_approve_replaces() external {
        approve(5);
        approve(3);

        checkEq(s_token.allowance(s_holder, s_minter), 3, "allowance");
    }

    function test_RevertWhen_approve_theTokenItself() external {
        vm.expectRevert("");
        vm.prank(s_holder);
        s_token.approve(address(s_token), 1);
    }
}
