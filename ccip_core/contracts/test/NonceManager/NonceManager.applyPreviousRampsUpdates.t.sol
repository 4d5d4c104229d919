// SPDX-License-Identifier: MIT
pragma solidity 0.8.26;

import {IOwnable} from "../../src/interfaces/IOwnable.sol";
import {NonceManager} from "../../src/NonceManager.sol";
import {CCIPBase} from "../CCIPBase.t.sol";

contract NonceManager_applyPreviousRampsUpdates is CCIPBase {
    function update(address onRamp, address offRamp, bool isOverride)
        internal
        pure
        returns (NonceManager.PreviousRampsArgs[] memory args)
    {
        args = new NonceManager.PreviousRampsArgs[](1);
        args[0] = NonceManager.PreviousRampsArgs(REMOTE, isOverride, NonceManager.PreviousRamps(onRamp, offRamp));
    }

    /// @dev Counted on from where the ramp of 1.5 stopped, once.
    function test_applyPreviousRampsUpdates_countsOn() external {
        s_nonceManager.applyPreviousRampsUpdates(update(address(this), address(0), false));
        checkEq(s_nonceManager.getPreviousRamps(REMOTE).prevOnRamp, address(this), "ramp");

        vm.prank(address(s_onRamp));
        checkEq(s_nonceManager.getIncrementedOutboundNonce(REMOTE, s_user), 42, "the next");
        checkEq(s_nonceManager.getOutboundNonce(UNBLESSED, s_user), 0, "no other lane");
    }

    /// @dev What the test says as a ramp of 1.5.
    function getSenderNonce(address) external pure returns (uint64) {
        return 41;
    }

    function test_RevertWhen_applyPreviousRampsUpdates_setAlready() external {
        s_nonceManager.applyPreviousRampsUpdates(update(address(0), s_someone, false));
        NonceManager.PreviousRampsArgs[] memory again = update(s_user, s_user, false);

        vm.expectRevert(abi.encodePacked(NonceManager.PreviousRampAlreadySet.selector));
        s_nonceManager.applyPreviousRampsUpdates(again);
        s_nonceManager.applyPreviousRampsUpdates(update(s_user, s_user, true));
        checkEq(s_nonceManager.getPreviousRamps(REMOTE).prevOffRamp, s_user, "overridden");
    }

    function test_RevertWhen_applyPreviousRampsUpdates_calledByNonOwner() external {
        NonceManager.PreviousRampsArgs[] memory args = update(s_user, s_user, true);
        vm.expectRevert(abi.encodePacked(IOwnable.OnlyCallableByOwner.selector));
        vm.prank(s_stranger);
        s_nonceManager.applyPreviousRampsUpdates(args);
    }
}
