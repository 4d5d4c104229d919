// SPDX-License-Identifier: MIT
pragma solidity ^0.8.26;

/// @title INonceManager
/// @notice Nonces of ordered messages, by lane and sender. Both functions are for the ramps.
interface INonceManager {
    /// @notice The next outbound nonce, from 1.
    function getIncrementedOutboundNonce(uint64 destChainSelector, address sender) external returns (uint64);

    /// @notice Moves the inbound nonce on if `expectedNonce` is the next one.
    /// @param sender As the source encodes it.
    /// @return wasIncremented False if it is not the next one; nothing has changed then but an event.
    function incrementInboundNonce(uint64 sourceChainSelector, uint64 expectedNonce, bytes calldata sender)
        external
        returns (bool wasIncremented);
}
