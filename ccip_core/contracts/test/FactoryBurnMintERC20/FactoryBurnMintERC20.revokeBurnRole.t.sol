// SPDX-License-Identifier: MIT
pragma solidity 0.8.26;

import {IOwnable} from "../../src/interfaces/IOwnable.sol";
import {FactoryBurnMintERC20} from "../../src/tokenAdminRegistry/TokenPoolFactory/FactoryBurnMintERC20.sol";
import {FactoryBurnMintERC20Base} from "./FactoryBurnMintERC20Base.t.sol";

contract FactoryBurnMintERC20_revokeBurnRole is FactoryBurnMintERC20Base {
    function test_revokeBurnRole() external {
        vm.expectEmit(address(s_token));
        emit FactoryBurnMintERC20.BurnAccessRevoked(s_minter);
        s_token.revokeBurnRole(s_minter);

        vm.expectRevert(abi.encodeWithSelector(FactoryBurnMintERC20.SenderNotBurner.selector, s_minter));
        vm.prank(s_minter);
        s_token.burn(0);
    }

    function test_RevertWhen_revokeBurnRole_calledByNonOwner() external {
        vm.expectRevert(abi.encodePacked(IOwnable.OnlyCallableByOwner.selector));
        vm.prank(s_holder);
        s_token.revokeBurnRole(s_minter);
    }
}
