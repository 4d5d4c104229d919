// SPDX-License-Identifier: MIT
pragma solidity 0.8.26;

import {FeeQuoter} from "../../src/FeeQuoter.sol";
import {Client} from "../../src/libraries/Client.sol";
import {Internal} from "../../src/libraries/Internal.sol";
import {CCIPBase} from "../CCIPBase.t.sol";

contract FeeQuoter_applyTokenTransferFeeConfigUpdates is CCIPBase {
    function update(uint32 min, uint32 max) internal {
        FeeQuoter.TokenTransferFeeConfigArgs[] memory chains = new FeeQuoter.TokenTransferFeeConfigArgs[](1);
        chains[0].destChainSelector = REMOTE;
        chains[0].tokenTransferFeeConfigs = new FeeQuoter.TokenTransferFeeConfigSingleTokenArgs[](1);
        chains[0].tokenTransferFeeConfigs[0] = FeeQuoter.TokenTransferFeeConfigSingleTokenArgs(
            address(s_token), FeeQuoter.TokenTransferFeeConfig(min, max, 0, 1, 64, true)
        );
        s_feeQuoter.applyTokenTransferFeeConfigUpdates(chains, new FeeQuoter.TokenTransferFeeConfigRemoveArgs[](0));
    }

    /// @dev Conformance 29.
    function test_RevertWhen_applyTokenTransferFeeConfigUpdates_minIsNotBelowMax() external {
        vm.expectRevert(abi.encodeWithSelector(FeeQuoter.InvalidFeeRange.selector, 5, 5));
        this.tryUpdate(5, 5);
        update(5, 6);
    }

    function tryUpdate(uint32 min, uint32 max) external {
        update(min, max);
    }

    /// @dev Conformance 33.
    function test_RevertWhen_processPoolReturnData_tooLarge() external {
        update(5, 6);
        Internal.EVM2AnyTokenTransfer[] memory transfers = new Internal.EVM2AnyTokenTransfer[](1);
        transfers[0].destTokenAddress = REMOTE_TOKEN;
        transfers[0].extraData = new bytes(65);
        Client.EVMTokenAmount[] memory amounts = new Client.EVMTokenAmount[](1);
        amounts[0].token = address(s_token);

        vm.expectRevert(abi.encodeWithSelector(FeeQuoter.SourceTokenDataTooLarge.selector, address(s_token)));
        s_feeQuoter.processPoolReturnData(REMOTE, transfers, amounts);
    }
}
