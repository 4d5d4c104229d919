// SPDX-License-Identifier: MIT
pragma solidity 0.8.26;

import {IOwnable} from "../../src/interfaces/IOwnable.sol";
import {IOffRamp} from "../../src/interfaces/IOffRamp.sol";
import {IRouter} from "../../src/interfaces/IRouter.sol";
import {CCIPBase} from "../CCIPBase.t.sol";

contract OffRamp_applySourceChainConfigUpdates is CCIPBase {
    uint64 internal constant NEW = 77;

    function test_applySourceChainConfigUpdates_new() external {
        vm.expectEmit(address(s_offRamp));
        emit IOffRamp.SourceChainSelectorAdded(NEW);
        vm.expectEmit(address(s_offRamp));
        emit IOffRamp.SourceChainConfigSet(
            NEW, IOffRamp.SourceChainConfig(IRouter(address(s_router)), true, 1, true, REMOTE_ON_RAMP)
        );
        setSource(sourceConfig(NEW, true));

        (uint64[] memory selectors, IOffRamp.SourceChainConfig[] memory configs) = s_offRamp.getAllSourceChainConfigs();
        checkEq(selectors.length, 3, "sources");
        checkEq(selectors[2], NEW, "selector");
        checkEq(configs[2].minSeqNr, 1, "first");
    }

    /// @dev Conformance 64.
    function test_RevertWhen_applySourceChainConfigUpdates_onRampAfterTheFirstCommit() external {
        IOffRamp.SourceChainConfigArgs memory config = sourceConfig(UNBLESSED, true);
        config.onRamp = abi.encode(address(0x0AFF));
        setSource(config); // nothing was committed yet
        config.onRamp = REMOTE_ON_RAMP;
        setSource(config);
        commit(rootOf(UNBLESSED, keccak256("root"), 1, 1));

        config.isRMNVerificationDisabled = false;
        setSource(config); // anything else may change
        config.onRamp = abi.encode(address(0x0AFF));
        vm.expectRevert(abi.encodeWithSelector(IOffRamp.InvalidOnRampUpdate.selector, UNBLESSED));
        setSource(config);
    }

    function test_RevertWhen_applySourceChainConfigUpdates_zero() external {
        IOffRamp.SourceChainConfigArgs memory config = sourceConfig(0, true);
        vm.expectRevert(abi.encodePacked(IOffRamp.ZeroChainSelectorNotAllowed.selector));
        setSource(config);

        config = sourceConfig(NEW, true);
        config.router = IRouter(address(0));
        vm.expectRevert(abi.encodePacked(IOffRamp.ZeroAddressNotAllowed.selector));
        setSource(config);

        config = sourceConfig(NEW, true);
        config.onRamp = "";
        vm.expectRevert(abi.encodePacked(IOffRamp.ZeroAddressNotAllowed.selector));
        setSource(config);
        config.onRamp = abi.encode(address(0));
        vm.expectRevert(abi.encodePacked(IOffRamp.ZeroAddressNotAllowed.selector));
        setSource(config);
    }

    function test_RevertWhen_applySourceChainConfigUpdates_calledByNonOwner() external {
        IOffRamp.SourceChainConfigArgs[] memory none = new IOffRamp.SourceChainConfigArgs[](0);
        vm.expectRevert(abi.encodePacked(IOwnable.OnlyCallableByOwner.selector));
        vm.prank(s_stranger);
        s_offRamp.applySourceChainConfigUpdates(none);
    }
}
