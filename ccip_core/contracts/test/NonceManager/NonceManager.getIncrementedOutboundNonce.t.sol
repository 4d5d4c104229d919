// SPDX-License-Identifier: MIT
pragma solidity 0.8.26;

import {AuthorizedCallers} from "../../src/access/AuthorizedCallers.sol";
import {CCIPBase} from "../CCIPBase.t.sol";

contract NonceManager_getIncrementedOutboundNonce is CCIPBase {
    function next(uint64 dest, address sender) internal returns (uint64) {
        vm.prank(address(s_onRamp));
        return s_nonceManager.getIncrementedOutboundNonce(dest, sender);
    }

    /// @dev Each sender counts for each destination, from one on.
    function test_getIncrementedOutboundNonce() external {
        checkEq(next(REMOTE, s_user), 1, "first");
        checkEq(next(REMOTE, s_user), 2, "second");
        checkEq(next(REMOTE, s_stranger), 1, "another sender");
        checkEq(next(UNBLESSED, s_user), 1, "another destination");

        checkEq(s_nonceManager.getOutboundNonce(REMOTE, s_user), 2, "told");
    }

    function test_RevertWhen_getIncrementedOutboundNonce_calledByAnother() external {
        vm.expectRevert(abi.encodeWithSelector(AuthorizedCallers.UnauthorizedCaller.selector, address(this)));
        s_nonceManager.getIncrementedOutboundNonce(REMOTE, s_user);
    }
}
