// SPDX-License-Identifier: MIT
pragma solidity ^0.8.26;

/// @title IAny2EVMOffRamp
/// @notice The part of an OffRamp 1.5 from which a NonceManager takes over.
interface IAny2EVMOffRamp {
    /// @notice The sender's last inbound nonce.
    function getSenderNonce(address sender) external view returns (uint64);
}
