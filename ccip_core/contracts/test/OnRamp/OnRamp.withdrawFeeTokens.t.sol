// SPDX-License-Identifier: MIT
pragma solidity 0.8.26;

import {OnRamp} from "../../src/onRamp/OnRamp.sol";
import {CCIPBase} from "../CCIPBase.t.sol";

contract OnRamp_withdrawFeeTokens is CCIPBase {
    /// @dev Conformance 24: anyone may, and it goes to the aggregator.
    function test_withdrawFeeTokens() external {
        send(messageFrom(""));
        uint256 fees = s_link.balanceOf(address(s_onRamp));
        check(fees > 0, "fees");
        address[] memory tokens = new address[](2);
        (tokens[0], tokens[1]) = (address(s_link), address(s_weth));

        vm.expectEmit(address(s_onRamp));
        emit OnRamp.FeeTokenWithdrawn(s_feeAggregator, address(s_link), fees);
        vm.prank(s_stranger);
        s_onRamp.withdrawFeeTokens(tokens);

        checkEq(s_link.balanceOf(s_feeAggregator), fees, "all of it");
        checkEq(s_link.balanceOf(address(s_onRamp)), 0, "nothing left");
    }
}
