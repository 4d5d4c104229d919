// SPDX-License-Identifier: MIT
pragma solidity 0.8.26;

import {NonceManager} from "../../src/NonceManager.sol";
import {AuthorizedCallers} from "../../src/access/AuthorizedCallers.sol";
import {CCIPBase} from "../CCIPBase.t.sol";

/// @dev A ramp of 1.5, as far as a NonceManager asks it.
contract OldRamp {
    function getSenderNonce(address sender) external pure returns (uint64) {
        return sender == address(0x0A14) ? 41 : 0;
    }
}

contract NonceManager_incrementInboundNonce is CCIPBase {
    function setUp() public override {
        super.setUp();
        address[] memory callers = new address[](1);
        callers[0] = address(this);
        s_nonceManager.applyAuthorizedCallerUpdates(AuthorizedCallers.AuthorizedCallerArgs(callers, new address[](0)));
    }

    function setPrevious(address onRamp, address offRamp, bool isOverride) internal {
        NonceManager.PreviousRampsArgs[] memory args = new NonceManager.PreviousRampsArgs[](1);
        args[0] = NonceManager.PreviousRampsArgs(REMOTE, isOverride, NonceManager.PreviousRamps(onRamp, offRamp));
        s_nonceManager.applyPreviousRampsUpdates(args);
    }

    /// @dev Conformance 66: the raw bytes are the key, so 20 and 32 bytes of one address are two senders.
    function test_incrementInboundNonce() external {
        check(s_nonceManager.incrementInboundNonce(REMOTE, 1, REMOTE_SENDER), "first");
        check(!s_nonceManager.incrementInboundNonce(REMOTE, 1, REMOTE_SENDER), "once");
        check(!s_nonceManager.incrementInboundNonce(REMOTE, 3, REMOTE_SENDER), "no gap");
        check(s_nonceManager.incrementInboundNonce(REMOTE, 2, REMOTE_SENDER), "second");
        check(s_nonceManager.incrementInboundNonce(UNBLESSED, 1, REMOTE_SENDER), "per lane");
        bytes memory short = abi.encodePacked(address(0x0A14));
        check(s_nonceManager.incrementInboundNonce(REMOTE, 1, short), "another key");
        checkEq(s_nonceManager.getInboundNonce(REMOTE, REMOTE_SENDER), 2, "last");
    }

    /// @dev Conformance 67: while there is none of our own, the old ramp's counts.
    function test_incrementInboundNonce_afterARampOf15() external {
        address old = address(new OldRamp());
        setPrevious(old, old, false);

        checkEq(s_nonceManager.getInboundNonce(REMOTE, REMOTE_SENDER), 41, "the old one");
        check(s_nonceManager.incrementInboundNonce(REMOTE, 42, REMOTE_SENDER), "goes on");
        checkEq(s_nonceManager.getIncrementedOutboundNonce(REMOTE, address(0x0A14)), 42, "outbound too");
        setPrevious(address(0), address(0), true);
        checkEq(s_nonceManager.getInboundNonce(REMOTE, REMOTE_SENDER), 42, "our own now");
        setPrevious(old, old, false);
        vm.expectRevert(abi.encodePacked(NonceManager.PreviousRampAlreadySet.selector));
        this.setPreviousExternally();
    }

    function setPreviousExternally() external {
        setPrevious(address(0), address(0), false);
    }

    function test_RevertWhen_incrementInboundNonce_calledByStranger() external {
        bytes memory error_ = abi.encodeWithSelector(AuthorizedCallers.UnauthorizedCaller.selector, s_stranger);
        vm.expectRevert(error_);
        vm.prank(s_stranger);
        s_nonceManager.incrementInboundNonce(REMOTE, 1, REMOTE_SENDER);
        vm.expectRevert(error_);
        vm.prank(s_stranger);
        s_nonceManager.getIncrementedOutboundNonce(REMOTE, s_stranger);
    }
}
