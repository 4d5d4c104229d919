// SPDX-License-Identifier: MIT
pragma solidity ^0.8.26;

import {Client} from "../libraries/Client.sol";

/// @title IRouterClient
/// @notice CCIP's door for those who send.
interface IRouterClient {
    /// @notice Thrown when there is no lane to the chain.
    error UnsupportedDestinationChain(uint64 destChainSelector);

    /// @notice Thrown when the native coin sent along is less than the fee.
    error InsufficientFeeTokenAmount();

    /// @notice Thrown when native coin is sent along with a fee in a token.
    error InvalidMsgValue();

    /// @notice Whether there is a lane to the chain.
    function isChainSupported(uint64 destChainSelector) external view returns (bool supported);

    /// @notice The message's fee now, in smallest units of its fee token.
    function getFee(uint64 destinationChainSelector, Client.EVM2AnyMessage memory message)
        external
        view
        returns (uint256 fee);

    /// @notice Sends a message. Fee and tokens are taken from the caller, who has approved them to the Router.
    /// @dev Native coin beyond the fee is kept and recorded as paid.
    /// @return The messageId.
    function ccipSend(uint64 destinationChainSelector, Client.EVM2AnyMessage calldata message)
        external
        payable
        returns (bytes32);
}
