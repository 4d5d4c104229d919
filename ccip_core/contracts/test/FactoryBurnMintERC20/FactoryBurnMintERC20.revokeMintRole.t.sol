// SPDX-License-Identifier: MIT
pragma solidity 0.8.26;

import {IOwnable} from "../../src/interfaces/IOwnable.sol";
import {FactoryBurnMintERC20} from "../../src/tokenAdminRegistry/TokenPoolFactory/FactoryBurnMintERC20.sol";
import {FactoryBurnMintERC20Base} from "./FactoryBurnMintERC20Base.t.sol";

contract FactoryBurnMintERC20_revokeMintRole is FactoryBurnMintERC20Base {
    function test_revokeMintRole() external {
        vm.expectEmit(address(s_token));
        emit FactoryBurnMintERC20.MintAccessRevoked(s_minter);
        s_token.revokeMintRole(s_minter);

        vm.expectRevert(abi.encodeWithSelector(FactoryBurnMintERC20.SenderNotMinter.selector, s_minter));
        vm.prank(s_minter);
        s_token.mint(s_minter, 1);
    }

    function test_RevertWhen_revokeMintRole_calledByNonOwner() external {
        vm.expectRevert(abi.encodePacked(IOwnable.OnlyCallableByOwner.selector));
        vm.prank(s_holder);
        s_token.revokeMintRole(s_minter);
    }
}
