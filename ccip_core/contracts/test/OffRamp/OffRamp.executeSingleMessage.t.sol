// SPDX-License-Identifier: MIT
pragma solidity 0.8.26;

import {IOffRamp} from "../../src/interfaces/IOffRamp.sol";
import {Internal} from "../../src/libraries/Internal.sol";
import {CCIPBase} from "../CCIPBase.t.sol";

contract OffRamp_executeSingleMessage is CCIPBase {
    /// @dev Else anybody could have tokens released for a message that nobody committed.
    function test_RevertWhen_executeSingleMessage_calledFromOutside() external {
        Internal.Any2EVMRampMessage memory message = tokensTo(REMOTE, 1, s_someone, 5);
        address[3] memory callers = [address(this), s_transmitter, address(s_router)];
        for (uint256 i = 0; i < callers.length; ++i) {
            vm.expectRevert(abi.encodePacked(IOffRamp.CanOnlySelfCall.selector));
            vm.prank(callers[i]);
            s_offRamp.executeSingleMessage(message, new bytes[](1), new uint32[](0));
        }
        checkEq(s_token.balanceOf(s_someone), 0, "nothing");
    }
}
