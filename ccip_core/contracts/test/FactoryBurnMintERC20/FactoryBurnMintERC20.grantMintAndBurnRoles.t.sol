// SPDX-License-Identifier: MIT
pragma solidity 0.8.26;

import {IOwnable} from "../../src/interfaces/IOwnable.sol";
import {FactoryBurnMintERC20Base} from "./FactoryBurnMintERC20Base.t.sol";

contract FactoryBurnMintERC20_grantMintAndBurnRoles is FactoryBurnMintERC20Base {
    function test_grantMintAndBurnRoles() external {
        s_token.grantMintAndBurnRoles(s_stranger);

        check(s_token.isMinter(s_stranger) && s_token.isBurner(s_stranger), "both");
    }

    function test_RevertWhen_grantMintAndBurnRoles_calledByNonOwner() external {
        vm.expectRevert(abi.encodePacked(IOwnable.OnlyCallableByOwner.selector));
        vm.prank(s_stranger);
        s_token.grantMintAndBurnRoles(s_stranger);
    }
}
