// SPDX-License-Identifier: MIT
pragma solidity 0.8.26;

import {IOwnable} from "../../src/interfaces/IOwnable.sol";
import {FactoryBurnMintERC20} from "../../src/tokenAdminRegistry/TokenPoolFactory/FactoryBurnMintERC20.sol";
import {FactoryBurnMintERC20Base} from "./FactoryBurnMintERC20Base.t.sol";

contract FactoryBurnMintERC20_grantBurnRole is FactoryBurnMintERC20Base {
    function test_grantBurnRole() external {
        vm.expectEmit(address(s_token));
        emit FactoryBurnMintERC20.BurnAccessGranted(s_stranger);
        s_token.grantBurnRole(s_stranger);

        check(s_token.isBurner(s_stranger), "granted");
        checkEq(s_token.getBurners().length, 2, "both");
    }

    /// @dev Granted twice it is one role, and one revocation takes it.
    function test_grantBurnRole_twice() external {
        s_token.grantBurnRole(s_minter);

        checkEq(s_token.getBurners().length, 1, "one");
        s_token.revokeBurnRole(s_minter);
        check(!s_token.isBurner(s_minter), "gone");
    }

    function test_RevertWhen_grantBurnRole_calledByNonOwner() external {
        vm.expectRevert(abi.encodePacked(IOwnable.OnlyCallableByOwner.selector));
        vm.prank(s_minter);
        s_token.grantBurnRole(s_minter);
    }
}
