// SPDX-License-Identifier: MIT
pragma solidity ^0.8.26;

import {Client} from "../libraries/Client.sol";

/// @title IMessageInterceptor
/// @notice A second opinion on each message, e.g. a limit over all tokens of a lane. It objects by reverting.
interface IMessageInterceptor {
    /// @notice Wraps what an interceptor reverted with.
    error MessageValidationError(bytes errorReason);

    /// @notice Asked after the tokens of a message were released and before its receiver is called.
    function onInboundMessage(Client.Any2EVMMessage memory message) external;

    /// @notice Asked before a message is sent.
    function onOutboundMessage(uint64 destChainSelector, Client.EVM2AnyMessage calldata message) external;
}
