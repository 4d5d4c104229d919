// SPDX-License-Identifier: MIT
pragma solidity ^0.8.26;

/// @title IEVM2AnyOnRamp
/// @notice The part of an OnRamp 1.5 from which a NonceManager takes over.
interface IEVM2AnyOnRamp {
    /// @notice The sender's last outbound nonce.
    function getSenderNonce(address sender) external view returns (uint64);
}
