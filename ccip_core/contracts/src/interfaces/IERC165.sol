// SPDX-License-Identifier: MIT
pragma solidity ^0.8.26;

/// @title IERC165
/// @notice Which interfaces a contract has.
interface IERC165 {
    /// @notice Whether the contract has the interface. False for 0xffffffff; takes less than 30,000 gas.
    function supportsInterface(bytes4 interfaceId) external view returns (bool);
}
