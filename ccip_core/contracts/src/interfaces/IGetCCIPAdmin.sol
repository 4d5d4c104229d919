// SPDX-License-Identifier: MIT
pragma solidity ^0.8.26;

/// @title IGetCCIPAdmin
/// @notice A token that names who may administer it in CCIP; interface id 0x8fd6a6ac.
interface IGetCCIPAdmin {
    function getCCIPAdmin() external view returns (address);
}
