// SPDX-License-Identifier: MIT
pragma solidity 0.8.26;

import {FeeQuoter} from "../../src/FeeQuoter.sol";
import {IOwnable} from "../../src/interfaces/IOwnable.sol";
import {Client} from "../../src/libraries/Client.sol";
import {CCIPBase} from "../CCIPBase.t.sol";

contract FeeQuoter_applyFeeTokensUpdates is CCIPBase {
    function list(address token) internal pure returns (address[] memory tokens) {
        tokens = new address[](1);
        tokens[0] = token;
    }

    function test_applyFeeTokensUpdates() external {
        vm.expectEmit(address(s_feeQuoter));
        emit FeeQuoter.FeeTokenRemoved(address(s_link));
        vm.expectEmit(address(s_feeQuoter));
        emit FeeQuoter.FeeTokenAdded(address(s_token));
        s_feeQuoter.applyFeeTokensUpdates(list(address(s_link)), list(address(s_token)));

        checkEq(s_feeQuoter.getFeeTokens().length, 2, "two");
        Client.EVM2AnyMessage memory message = messageFrom("");
        message.feeToken = address(s_link);
        vm.expectRevert(abi.encodeWithSelector(FeeQuoter.FeeTokenNotSupported.selector, address(s_link)));
        s_feeQuoter.getValidatedFee(REMOTE, message);
    }

    /// @dev Whoever is removed and added in one call is taken; who is there is passed over.
    function test_applyFeeTokensUpdates_removesFirst() external {
        s_feeQuoter.applyFeeTokensUpdates(list(address(s_link)), list(address(s_link)));
        s_feeQuoter.applyFeeTokensUpdates(list(s_someone), list(address(s_link)));

        checkEq(s_feeQuoter.getFeeTokens().length, 2, "two");
    }

    function test_RevertWhen_applyFeeTokensUpdates_calledByNonOwner() external {
        vm.expectRevert(abi.encodePacked(IOwnable.OnlyCallableByOwner.selector));
        vm.prank(s_stranger);
        s_feeQuoter.applyFeeTokensUpdates(new address[](0), new address[](0));
    }
}
