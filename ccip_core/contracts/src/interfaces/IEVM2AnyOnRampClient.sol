// SPDX-License-Identifier: MIT
pragma solidity ^0.8.26;

import {Client} from "../libraries/Client.sol";
import {IERC20} from "./IERC20.sol";

/// @title IEVM2AnyOnRampClient
/// @notice What the Router asks an OnRamp.
interface IEVM2AnyOnRampClient {
    /// @notice The message's fee; reverts if the destination would not take it or is cursed.
    function getFee(uint64 destChainSelector, Client.EVM2AnyMessage calldata message)
        external
        view
        returns (uint256 fee);

    /// @notice The pool that the token is moved to.
    function getPoolBySourceToken(uint64 destChainSelector, IERC20 sourceToken) external view returns (address);

    /// @notice Always reverts: the list stands in the TokenAdminRegistry.
    function getSupportedTokens(uint64 destChainSelector) external view returns (address[] memory);

    /// @notice Sends a message whose fee and tokens the Router has moved already.
    function forwardFromRouter(
        uint64 destChainSelector,
        Client.EVM2AnyMessage memory message,
        uint256 feeTokenAmount,
        address originalSender
    ) external returns (bytes32);
}
