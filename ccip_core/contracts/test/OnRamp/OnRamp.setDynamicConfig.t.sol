// SPDX-License-Identifier: MIT
pragma solidity 0.8.26;

import {IOwnable} from "../../src/interfaces/IOwnable.sol";
import {OnRamp} from "../../src/onRamp/OnRamp.sol";
import {CCIPBase} from "../CCIPBase.t.sol";

contract OnRamp_setDynamicConfig is CCIPBase {
    function expectInvalid(OnRamp.DynamicConfig memory config) internal {
        vm.expectRevert(abi.encodePacked(OnRamp.InvalidConfig.selector));
        s_onRamp.setDynamicConfig(config);
    }

    function test_setDynamicConfig() external {
        OnRamp.DynamicConfig memory config = s_onRamp.getDynamicConfig();
        config.allowlistAdmin = s_user;

        vm.expectEmit(address(s_onRamp));
        emit OnRamp.ConfigSet(s_onRamp.getStaticConfig(), config);
        s_onRamp.setDynamicConfig(config);

        checkEq(s_onRamp.getDynamicConfig().allowlistAdmin, s_user, "admin");
    }

    /// @dev Conformance 20: the guard would stay set for ever.
    function test_RevertWhen_setDynamicConfig_invalid() external {
        OnRamp.DynamicConfig memory config = s_onRamp.getDynamicConfig();
        config.reentrancyGuardEntered = true;
        expectInvalid(config);
        config = s_onRamp.getDynamicConfig();
        config.feeQuoter = address(0);
        expectInvalid(config);
        config = s_onRamp.getDynamicConfig();
        config.feeAggregator = address(0);
        expectInvalid(config);
    }

    function test_RevertWhen_setDynamicConfig_calledByNonOwner() external {
        OnRamp.DynamicConfig memory config = s_onRamp.getDynamicConfig();
        vm.expectRevert(abi.encodePacked(IOwnable.OnlyCallableByOwner.selector));
        vm.prank(s_stranger);
        s_onRamp.setDynamicConfig(config);
    }
}
