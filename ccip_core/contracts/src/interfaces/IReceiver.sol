// SPDX-License-Identifier: MIT
pragma solidity ^0.8.26;

import {IERC165} from "./IERC165.sol";

/// @title IReceiver
/// @notice Who receives Keystone's reports; interface id 0x805f2132.
interface IReceiver is IERC165 {
    /// @notice Takes a report. For the forwarders that were permitted.
    /// @param metadata Which workflow of whom made the report.
    /// @param report What it says.
    function onReport(bytes calldata metadata, bytes calldata report) external;
}
