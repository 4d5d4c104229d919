// SPDX-License-Identifier: MIT
pragma solidity 0.8.26;

import {FeeQuoter} from "../../src/FeeQuoter.sol";
import {Client} from "../../src/libraries/Client.sol";
import {WETH9} from "../../src/tokens/WETH9.sol";
import {CCIPBase} from "../CCIPBase.t.sol";

contract Router_setWrappedNative is CCIPBase {
    /// @dev What native fees are wrapped into from then on.
    function test_setWrappedNative() external {
        WETH9 next = WETH9(payable(deployed("WETH9", "")));
        s_router.setWrappedNative(address(next));
        checkEq(s_router.getWrappedNative(), address(next), "told");

        Client.EVM2AnyMessage memory message = messageFrom("");
        message.feeToken = address(0);
        vm.expectRevert(abi.encodeWithSelector(FeeQuoter.FeeTokenNotSupported.selector, address(next)));
        s_router.getFee(REMOTE, message);
    }

    function test_RevertWhen_setWrappedNative_calledByNonOwner() external {
        vm.expectRevert(abi.encodeWithSignature("Error(string)", "Only callable by owner"));
        vm.prank(s_stranger);
        s_router.setWrappedNative(s_stranger);
    }
}
