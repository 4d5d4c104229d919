// SPDX-License-Identifier: MIT
pragma solidity 0.8.26;

import {FeeQuoter} from "../../src/FeeQuoter.sol";
import {IOwnable} from "../../src/interfaces/IOwnable.sol";
import {CCIPBase} from "../CCIPBase.t.sol";

contract FeeQuoter_applyDestChainConfigUpdates is CCIPBase {
    function update(uint64 dest, FeeQuoter.DestChainConfig memory config)
        internal
        pure
        returns (FeeQuoter.DestChainConfigArgs[] memory updates)
    {
        updates = new FeeQuoter.DestChainConfigArgs[](1);
        updates[0] = FeeQuoter.DestChainConfigArgs(dest, config);
    }

    function expectInvalid(uint64 dest, FeeQuoter.DestChainConfig memory config) internal {
        FeeQuoter.DestChainConfigArgs[] memory updates = update(dest, config);
        vm.expectRevert(abi.encodeWithSelector(FeeQuoter.InvalidDestChainConfig.selector, dest));
        s_feeQuoter.applyDestChainConfigUpdates(updates);
    }

    function test_applyDestChainConfigUpdates_addsThenChanges() external {
        FeeQuoter.DestChainConfig memory config = s_feeQuoter.getDestChainConfig(REMOTE);
        config.maxDataBytes = 7;
        vm.expectEmit(address(s_feeQuoter));
        emit FeeQuoter.DestChainAdded(UNBLESSED, config);
        s_feeQuoter.applyDestChainConfigUpdates(update(UNBLESSED, config));
        vm.expectEmit(address(s_feeQuoter));
        emit FeeQuoter.DestChainConfigUpdated(REMOTE, config);
        s_feeQuoter.applyDestChainConfigUpdates(update(REMOTE, config));

        checkEq(s_feeQuoter.getDestChainConfig(REMOTE).maxDataBytes, 7, "changed");
        checkEq(s_feeQuoter.getDestChainConfig(UNBLESSED).maxDataBytes, 7, "added");
    }

    function test_RevertWhen_applyDestChainConfigUpdates_invalid() external {
        FeeQuoter.DestChainConfig memory config = s_feeQuoter.getDestChainConfig(REMOTE);
        expectInvalid(0, config);
        config.defaultTxGasLimit = config.maxPerMsgGasLimit + 1;
        expectInvalid(REMOTE, config);
        config.defaultTxGasLimit = 0;
        expectInvalid(REMOTE, config);
        config.defaultTxGasLimit = 1;
        config.chainFamilySelector = 0x01020304;
        expectInvalid(REMOTE, config);
    }

    function test_RevertWhen_applyDestChainConfigUpdates_calledByNonOwner() external {
        FeeQuoter.DestChainConfigArgs[] memory none;
        vm.expectRevert(abi.encodePacked(IOwnable.OnlyCallableByOwner.selector));
        vm.prank(s_stranger);
        s_feeQuoter.applyDestChainConfigUpdates(none);
    }
}
