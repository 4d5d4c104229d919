// SPDX-License-Identifier: MIT
pragma solidity 0.8.26;

import {OnRamp} from "../../src/onRamp/OnRamp.sol";
import {CCIPBase} from "../CCIPBase.t.sol";

contract OnRamp_applyAllowlistUpdates is CCIPBase {
    function update(bool isEnabled, address added, address removed) internal {
        OnRamp.AllowlistConfigArgs[] memory list = new OnRamp.AllowlistConfigArgs[](1);
        list[0] = OnRamp.AllowlistConfigArgs(REMOTE, isEnabled, listOf(added), listOf(removed));
        s_onRamp.applyAllowlistUpdates(list);
    }

    /// @dev address(1) stands for nobody.
    function listOf(address account) internal pure returns (address[] memory list) {
        if (account == address(1)) return list;
        list = new address[](1);
        list[0] = account;
    }

    function test_applyAllowlistUpdates() external {
        vm.expectEmit(address(s_onRamp));
        emit OnRamp.AllowListSendersAdded(REMOTE, listOf(s_user));
        update(true, s_user, address(1));
        (bool isEnabled, address[] memory senders) = s_onRamp.getAllowedSendersList(REMOTE);
        check(isEnabled && senders.length == 1 && senders[0] == s_user, "on the list");
        send(messageFrom(""));

        vm.expectEmit(address(s_onRamp));
        emit OnRamp.AllowListSendersRemoved(REMOTE, listOf(s_user));
        update(true, address(1), s_user);
        vm.expectRevert(abi.encodeWithSelector(OnRamp.SenderNotAllowed.selector, s_user));
        this.sendAsUser();
    }

    function sendAsUser() external {
        send(messageFrom(""));
    }

    function test_applyAllowlistUpdates_byItsAdmin() external {
        OnRamp.DynamicConfig memory config = s_onRamp.getDynamicConfig();
        config.allowlistAdmin = s_stranger;
        s_onRamp.setDynamicConfig(config);
        OnRamp.AllowlistConfigArgs[] memory list = new OnRamp.AllowlistConfigArgs[](1);
        list[0] = OnRamp.AllowlistConfigArgs(REMOTE, true, listOf(s_user), listOf(address(1)));

        vm.prank(s_stranger);
        s_onRamp.applyAllowlistUpdates(list);
    }

    /// @dev Conformance 21.
    function test_RevertWhen_applyAllowlistUpdates_addsToADisabledList() external {
        update(false, address(1), s_user); // removing is fine

        vm.expectRevert(abi.encodeWithSelector(OnRamp.InvalidAllowListRequest.selector, REMOTE));
        this.updateExternally(false, s_user);
        vm.expectRevert(abi.encodeWithSelector(OnRamp.InvalidAllowListRequest.selector, REMOTE));
        this.updateExternally(true, address(0));
    }

    function updateExternally(bool isEnabled, address added) external {
        update(isEnabled, added, address(1));
    }

    function test_RevertWhen_applyAllowlistUpdates_calledByStranger() external {
        OnRamp.AllowlistConfigArgs[] memory none = new OnRamp.AllowlistConfigArgs[](0);
        vm.expectRevert(abi.encodePacked(OnRamp.OnlyCallableByOwnerOrAllowlistAdmin.selector));
        vm.prank(s_stranger);
        s_onRamp.applyAllowlistUpdates(none);
    }
}
