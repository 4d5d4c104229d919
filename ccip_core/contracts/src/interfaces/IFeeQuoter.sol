// SPDX-License-Identifier: MIT
pragma solidity ^0.8.26;

import {Client} from "../libraries/Client.sol";
import {Internal} from "../libraries/Internal.sol";

/// @title IFeeQuoter
/// @notice Prices, fees, and what a destination accepts.
interface IFeeQuoter {
    /// @notice Stores prices, stamped with the block's time. For authorised callers.
    function updatePrices(Internal.PriceUpdates memory priceUpdates) external;

    /// @notice Checks a message against the destination's limits and answers with its fee, in the fee token's smallest
    /// units.
    function getValidatedFee(uint64 destChainSelector, Client.EVM2AnyMessage calldata message)
        external
        view
        returns (uint256 feeTokenAmount);

    /// @notice What the OnRamp needs to know about a message whose fee is paid.
    /// @return msgFeeJuels The fee in LINK's smallest units.
    /// @return isOutOfOrderExecution Whether the message goes without a nonce.
    /// @return convertedExtraArgs The extra arguments in their newest form.
    /// @return tokenReceiver Who receives the tokens, encoded as the destination does.
    function processMessageArgs(
        uint64 destChainSelector,
        address feeToken,
        uint256 feeTokenAmount,
        bytes calldata extraArgs,
        bytes calldata messageReceiver
    )
        external
        view
        returns (
            uint256 msgFeeJuels,
            bool isOutOfOrderExecution,
            bytes memory convertedExtraArgs,
            bytes memory tokenReceiver
        );

    /// @notice Checks what pools returned and answers with each token's destExecData.
    function processPoolReturnData(
        uint64 destChainSelector,
        Internal.EVM2AnyTokenTransfer[] calldata onRampTokenTransfers,
        Client.EVMTokenAmount[] calldata sourceTokenAmounts
    ) external view returns (bytes[] memory destExecDataPerToken);
}
