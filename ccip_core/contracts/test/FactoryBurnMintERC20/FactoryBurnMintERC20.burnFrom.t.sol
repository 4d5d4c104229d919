// SPDX-License-Identifier: MIT
pragma solidity 0.8.26;

import {FactoryBurnMintERC20} from "../../src/tokenAdminRegistry/TokenPoolFactory/FactoryBurnMintERC20.sol";
import {FactoryBurnMintERC20Base} from "./FactoryBurnMintERC20Base.t.sol";

contract FactoryBurnMintERC20_burnFrom is FactoryBurnMintERC20Base {
    function testFuzz_burnFrom_spendsTheAllowance(uint256 allowed, uint256 amount) external {
        allowed = bound(allowed, 0, PRE_MINT);
        amount = bound(amount, 0, allowed);
        approve(allowed);
        vm.prank(s_minter);
        s_token.burnFrom(s_holder, amount);

        checkEq(s_token.totalSupply(), PRE_MINT - amount, "supply");
        checkEq(s_token.allowance(s_holder, s_minter), allowed - amount, "allowance");
    }

    function test_RevertWhen_burnFrom_withoutAllowance() external {
        vm.expectRevert();
        vm.prank(s_minter);
        s_token.burnFrom(s_holder, 1);
    }

    function test_RevertWhen_burnFrom_calledByNoBurner() external {
        vm.prank(s_holder);
        s_token.approve(s_stranger, 1);

        vm.expectRevert(abi.encodeWithSelector(FactoryBurnMintERC20.SenderNotBurner.selector, s_stranger));
        vm.prank(s_stranger);
        s_token.burnFrom(s_holder, 1);
    }
}
