// SPDX-License-Identifier: MIT
pragma solidity ^0.8.26;

import {Client} from "../libraries/Client.sol";

/// @title IRouter
/// @notice What ramps and pools ask the Router.
interface IRouter {
    /// @notice Thrown when the caller is no OffRamp of the message's source.
    error OnlyOffRamp();

    /// @notice Calls a message's receiver. For the source's OffRamps only.
    /// @param gasForCallExactCheck Gas kept back to check that the receiver gets all of `gasLimit`.
    /// @return success Whether the receiver took the message.
    /// @return retBytes What it returned or reverted with, the first 132 bytes at most.
    /// @return gasUsed What the call took.
    function routeMessage(
        Client.Any2EVMMessage calldata message,
        uint16 gasForCallExactCheck,
        uint256 gasLimit,
        address receiver
    ) external returns (bool success, bytes memory retBytes, uint256 gasUsed);

    /// @notice The OnRamp to a chain; zero: there is none.
    function getOnRamp(uint64 destChainSelector) external view returns (address onRampAddress);

    /// @notice Whether this is an OffRamp of messages from that chain.
    function isOffRamp(uint64 sourceChainSelector, address offRamp) external view returns (bool isOffRamp);
}
