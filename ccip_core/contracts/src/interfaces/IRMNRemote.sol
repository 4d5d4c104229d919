// SPDX-License-Identifier: MIT
pragma solidity ^0.8.26;

/// @title IRMNRemote
/// @notice The part of CCIP's RMNRemote 1.6.0 that its owner needs.
interface IRMNRemote {
    /// @notice Thrown by `curse` when the subject is cursed already.
    error AlreadyCursed(bytes16 subject);

    /// @notice Thrown by `uncurse` when the subject is not cursed.
    error NotCursed(bytes16 subject);

    /// @notice Curses one subject. Owner only. All or nothing, also in its overload for arrays.
    function curse(bytes16 subject) external;

    /// @notice Lifts the curse of one subject. Owner only.
    function uncurse(bytes16 subject) external;

    /// @notice Completes the two-step transfer of ownership that the present owner proposed.
    function acceptOwnership() external;
}
