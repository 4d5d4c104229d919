// SPDX-License-Identifier: MIT
pragma solidity ^0.8.26;

/// @title IOwnable
/// @notice Two-step ownership with CCIP's names, so that the tools that watch CCIP's owners also watch ours.
interface IOwnable {
    /// @notice Thrown when the caller must be the owner and is not.
    error OnlyCallableByOwner();

    /// @notice Thrown when the caller accepts an ownership that was not offered to it.
    error MustBeProposedOwner();

    /// @notice Thrown when the owner offers the ownership to itself.
    error CannotTransferToSelf();

    /// @notice Thrown when the first owner is the zero address.
    error OwnerCannotBeZero();

    /// @notice Emitted when the owner offers the ownership; `to` = 0 withdraws the offer.
    event OwnershipTransferRequested(address indexed from, address indexed to);

    /// @notice Emitted when the ownership has changed hands.
    event OwnershipTransferred(address indexed from, address indexed to);

    /// @notice The present owner.
    function owner() external view returns (address);

    /// @notice Offers the ownership. Nothing changes before `to` accepts; a later offer replaces this one.
    function transferOwnership(address to) external;

    /// @notice Takes the ownership that was offered to the caller.
    function acceptOwnership() external;
}
