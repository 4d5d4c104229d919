// SPDX-License-Identifier: MIT
pragma solidity 0.8.26;

import {IOffRamp} from "../../src/interfaces/IOffRamp.sol";
import {IOwnable} from "../../src/interfaces/IOwnable.sol";
import {CCIPBase} from "../CCIPBase.t.sol";

contract OffRamp_setDynamicConfig is CCIPBase {
    function test_setDynamicConfig() external {
        IOffRamp.DynamicConfig memory config = IOffRamp.DynamicConfig(address(0x0FEE), 7, address(0x147));
        vm.expectEmit(address(s_offRamp));
        emit IOffRamp.DynamicConfigSet(config);
        s_offRamp.setDynamicConfig(config);

        checkEq(abi.encode(s_offRamp.getDynamicConfig()), abi.encode(config), "config");
    }

    function test_RevertWhen_setDynamicConfig_withoutFeeQuoter() external {
        vm.expectRevert(abi.encodePacked(IOffRamp.ZeroAddressNotAllowed.selector));
        s_offRamp.setDynamicConfig(IOffRamp.DynamicConfig(address(0), 7, address(0)));
    }

    function test_RevertWhen_setDynamicConfig_calledByNonOwner() external {
        vm.expectRevert(abi.encodePacked(IOwnable.OnlyCallableByOwner.selector));
        vm.prank(s_stranger);
        s_offRamp.setDynamicConfig(IOffRamp.DynamicConfig(address(0x0FEE), 7, address(0)));
    }
}
