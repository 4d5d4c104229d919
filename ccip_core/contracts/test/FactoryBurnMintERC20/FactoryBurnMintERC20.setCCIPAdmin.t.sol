// SPDX-License-Identifier: MIT
pragma solidity 0.8.26;

import {IOwnable} from "../../src/interfaces/IOwnable.sol";
import {FactoryBurnMintERC20} from "../../src/tokenAdminRegistry/TokenPoolFactory/FactoryBurnMintERC20.sol";
import {FactoryBurnMintERC20Base} from "./FactoryBurnMintERC20Base.t.sol";

contract FactoryBurnMintERC20_setCCIPAdmin is FactoryBurnMintERC20Base {
    function test_setCCIPAdmin() external {
        vm.expectEmit(address(s_token));
        emit FactoryBurnMintERC20.CCIPAdminTransferred(s_holder, s_stranger);
        s_token.setCCIPAdmin(s_stranger);

        checkEq(s_token.getCCIPAdmin(), s_stranger, "admin");
    }

    /// @dev Conformance 97: the CCIP admin is not the owner.
    function test_RevertWhen_setCCIPAdmin_calledByTheAdmin() external {
        vm.expectRevert(abi.encodePacked(IOwnable.OnlyCallableByOwner.selector));
        vm.prank(s_holder);
        s_token.setCCIPAdmin(s_stranger);
    }
}
