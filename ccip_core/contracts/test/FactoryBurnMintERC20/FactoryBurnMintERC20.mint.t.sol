// SPDX-License-Identifier: MIT
pragma solidity 0.8.26;

import {FactoryBurnMintERC20} from "../../src/tokenAdminRegistry/TokenPoolFactory/FactoryBurnMintERC20.sol";
import {FactoryBurnMintERC20Base} from "./FactoryBurnMintERC20Base.t.sol";

contract FactoryBurnMintERC20_mint is FactoryBurnMintERC20Base {
    function testFuzz_mint_upToTheMaximum(uint256 amount) external {
        amount = bound(amount, 0, MAX_SUPPLY - PRE_MINT);
        vm.prank(s_minter);
        s_token.mint(s_stranger, amount);

        checkEq(s_token.balanceOf(s_stranger), amount, "minted");
        checkEq(s_token.totalSupply(), PRE_MINT + amount, "supply");
    }

    function test_RevertWhen_mint_beyondTheMaximum() external {
        vm.expectRevert(abi.encodeWithSelector(FactoryBurnMintERC20.MaxSupplyExceeded.selector, MAX_SUPPLY + 1));
        vm.prank(s_minter);
        s_token.mint(s_stranger, MAX_SUPPLY - PRE_MINT + 1);
    }

    function test_RevertWhen_mint_toTheTokenItself() external {
        vm.expectRevert("");
        vm.prank(s_minter);
        s_token.mint(address(s_token), 1);
    }

    function test_RevertWhen_mint_calledByNoMinter() external {
        vm.expectRevert(abi.encodeWithSelector(FactoryBurnMintERC20.SenderNotMinter.selector, address(this)));
        s_token.mint(s_holder, 1);
    }
}
