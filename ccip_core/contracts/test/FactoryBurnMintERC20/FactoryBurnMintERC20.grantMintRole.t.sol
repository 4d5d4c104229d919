// SPDX-License-Identifier: MIT
pragma solidity 0.8.26;

import {IOwnable} from "../../src/interfaces/IOwnable.sol";
import {FactoryBurnMintERC20} from "../../src/tokenAdminRegistry/TokenPoolFactory/FactoryBurnMintERC20.sol";
import {FactoryBurnMintERC20Base} from "./FactoryBurnMintERC20Base.t.sol";

contract FactoryBurnMintERC20_grantMintRole is FactoryBurnMintERC20Base {
    function test_grantMintRole() external {
        vm.expectEmit(address(s_token));
        emit FactoryBurnMintERC20.MintAccessGranted(s_stranger);
        s_token.grantMintRole(s_stranger);

        check(s_token.isMinter(s_stranger), "granted");
        checkEq(s_token.getMinters().length, 2, "both");
    }

    /// @dev Granted twice it is one role, and one revocation takes it.
    function test_grantMintRole_twice() external {
        s_token.grantMintRole(s_minter);

        checkEq(s_token.getMinters().length, 1, "one");
        s_token.revokeMintRole(s_minter);
        check(!s_token.isMinter(s_minter), "gone");
    }

    function test_RevertWhen_grantMintRole_calledByNonOwner() external {
        vm.expectRevert(abi.encodePacked(IOwnable.OnlyCallableByOwner.selector));
        vm.prank(s_minter);
        s_token.grantMintRole(s_minter);
    }
}
