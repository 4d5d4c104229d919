// SPDX-License-Identifier: MIT
pragma solidity 0.8.26;

import {IOffRamp} from "../../src/interfaces/IOffRamp.sol";
import {IRMNRemote} from "../../src/interfaces/IRMNRemote.sol";
import {OffRamp} from "../../src/offRamp/OffRamp.sol";
import {CCIPBase} from "../CCIPBase.t.sol";
import {Vm} from "../Test.sol";

contract OffRamp_constructor is CCIPBase {
    function config() internal view returns (IOffRamp.StaticConfig memory) {
        return IOffRamp.StaticConfig(LOCAL, 5000, IRMNRemote(s_rmnProxy), address(s_registry), address(s_nonceManager));
    }

    function arguments(IOffRamp.StaticConfig memory staticConfig) internal view returns (bytes memory) {
        return abi.encode(staticConfig, s_offRamp.getDynamicConfig(), new IOffRamp.SourceChainConfigArgs[](0));
    }

    function test_constructor() external {
        vm.recordLogs();
        OffRamp offRamp = OffRamp(deployed("OffRamp", arguments(config())));

        Vm.Log[] memory logs = vm.getRecordedLogs();
        checkEq(abi.encode(offRamp.getStaticConfig()), abi.encode(config()), "static config");
        checkEq(abi.encode(offRamp.getDynamicConfig()), abi.encode(s_offRamp.getDynamicConfig()), "dynamic config");
        checkEq(logs[0].topics[0], IOffRamp.StaticConfigSet.selector, "static config's event");
        checkEq(logs[0].data, abi.encode(config()), "static config in the event");
        checkEq(logs[1].topics[0], IOffRamp.DynamicConfigSet.selector, "dynamic config's event");
    }

    function test_RevertWhen_constructor_zero() external {
        IOffRamp.StaticConfig memory made = config();
        made.chainSelector = 0;
        expectError(made, IOffRamp.ZeroChainSelectorNotAllowed.selector);
        made = config();
        made.rmnRemote = IRMNRemote(address(0));
        expectError(made, IOffRamp.ZeroAddressNotAllowed.selector);
        made = config();
        made.tokenAdminRegistry = address(0);
        expectError(made, IOffRamp.ZeroAddressNotAllowed.selector);
        made = config();
        made.nonceManager = address(0);
        expectError(made, IOffRamp.ZeroAddressNotAllowed.selector);
    }

    function expectError(IOffRamp.StaticConfig memory made, bytes4 error_) internal {
        bytes memory encoded = arguments(made);
        vm.expectRevert(abi.encodePacked(error_));
        deployed("OffRamp", encoded);
    }
}
