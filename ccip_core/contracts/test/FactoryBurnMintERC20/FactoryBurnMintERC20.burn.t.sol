// SPDX-License-Identifier: MIT
pragma solidity 0.8.26;

import {FactoryBurnMintERC20} from "../../src/tokenAdminRegistry/TokenPoolFactory/FactoryBurnMintERC20.sol";
import {FactoryBurnMintERC20Base} from "./FactoryBurnMintERC20Base.t.sol";

contract FactoryBurnMintERC20_burn is FactoryBurnMintERC20Base {
    function test_burn_ofOnesOwn() external {
        vm.prank(s_minter);
        s_token.mint(s_minter, 5);
        vm.prank(s_minter);
        s_token.burn(3);

        checkEq(s_token.balanceOf(s_minter), 2, "left");
        checkEq(s_token.totalSupply(), PRE_MINT + 2, "supply");
    }

    /// @dev With an account it is burnFrom by another name.
    function test_burn_ofAnothersByAllowance() external {
        approve(3);
        vm.prank(s_minter);
        s_token.burn(s_holder, 3);

        checkEq(s_token.balanceOf(s_holder), PRE_MINT - 3, "left");
        vm.expectRevert();
        vm.prank(s_minter);
        s_token.burn(s_holder, 1);
    }

    function test_RevertWhen_burn_calledByNoBurner() external {
        vm.expectRevert(abi.encodeWithSelector(FactoryBurnMintERC20.SenderNotBurner.selector, s_holder));
        vm.prank(s_holder);
        s_token.burn(1);
    }
}
