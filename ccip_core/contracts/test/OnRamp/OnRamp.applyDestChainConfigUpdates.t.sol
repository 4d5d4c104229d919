// SPDX-License-Identifier: MIT
pragma solidity 0.8.26;

import {IOwnable} from "../../src/interfaces/IOwnable.sol";
import {OnRamp} from "../../src/onRamp/OnRamp.sol";
import {Router} from "../../src/Router.sol";
import {CCIPBase} from "../CCIPBase.t.sol";

contract OnRamp_applyDestChainConfigUpdates is CCIPBase {
    function update(uint64 dest, address router, bool isListed)
        internal
        pure
        returns (OnRamp.DestChainConfigArgs[] memory args)
    {
        args = new OnRamp.DestChainConfigArgs[](1);
        args[0] = OnRamp.DestChainConfigArgs(dest, router, isListed);
    }

    /// @dev Conformance 22: without a Router the lane rests; its numbers go on where they stopped.
    function test_applyDestChainConfigUpdates_keepsTheSequenceNumber() external {
        send(messageFrom(""));
        vm.expectEmit(address(s_onRamp));
        emit OnRamp.DestChainConfigSet(REMOTE, 1, address(0), true);
        s_onRamp.applyDestChainConfigUpdates(update(REMOTE, address(0), true));
        (uint64 number, bool isListed, address router) = s_onRamp.getDestChainConfig(REMOTE);
        check(number == 1 && isListed && router == address(0), "rests");

        s_onRamp.applyDestChainConfigUpdates(update(REMOTE, address(s_router), false));
        send(messageFrom(""));
        checkEq(s_onRamp.getExpectedNextSequenceNumber(REMOTE), 3, "goes on");
    }

    function test_RevertWhen_applyDestChainConfigUpdates_noSelector() external {
        OnRamp.DestChainConfigArgs[] memory args = update(0, address(s_router), false);

        vm.expectRevert(abi.encodeWithSelector(OnRamp.InvalidDestChainConfig.selector, uint64(0)));
        s_onRamp.applyDestChainConfigUpdates(args);
    }

    function test_RevertWhen_applyDestChainConfigUpdates_calledByNonOwner() external {
        OnRamp.DestChainConfigArgs[] memory args = update(REMOTE, s_stranger, false);
        vm.expectRevert(abi.encodePacked(IOwnable.OnlyCallableByOwner.selector));
        vm.prank(s_stranger);
        s_onRamp.applyDestChainConfigUpdates(args);
    }
}
