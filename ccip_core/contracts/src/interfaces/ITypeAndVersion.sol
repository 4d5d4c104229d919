// SPDX-License-Identifier: MIT
pragma solidity ^0.8.26;

/// @title ITypeAndVersion
/// @notice How tools tell contracts apart.
interface ITypeAndVersion {
    /// @notice For instance "OnRamp 1.6.0".
    function typeAndVersion() external view returns (string memory);
}
