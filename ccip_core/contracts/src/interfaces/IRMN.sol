// SPDX-License-Identifier: MIT
pragma solidity ^0.8.26;

/// @title IRMN
/// @notice What the contracts of CCIP ask the Risk Management Network, usually through the RMNProxy.
interface IRMN {
    /// @notice A Merkle root and the contract that would take it, as RMN 1.5 blessed them.
    struct TaggedRoot {
        address commitStore;
        bytes32 root;
    }

    /// @notice Whether a root was blessed by RMN 1.5.
    function isBlessed(TaggedRoot calldata taggedRoot) external view returns (bool);

    /// @notice Whether the whole chain is cursed, by the global subject.
    function isCursed() external view returns (bool);

    /// @notice Whether the subject or the global subject is cursed.
    /// @param subject For a chain: bytes16(uint128(chain selector)).
    function isCursed(bytes16 subject) external view returns (bool);
}
