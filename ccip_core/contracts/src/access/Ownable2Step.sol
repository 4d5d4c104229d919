// SPDX-License-Identifier: MIT
pragma solidity ^0.8.26;

import {IOwnable} from "../interfaces/IOwnable.sol";

/// @title Ownable2Step
/// @notice An owner that can't be lost to a mistyped address: the new one has to accept.
abstract contract Ownable2Step is IOwnable {
    /// @inheritdoc IOwnable
    address public override owner;

    address internal s_proposedOwner;

    constructor(address firstOwner) {
        if (firstOwner == address(0)) revert OwnerCannotBeZero();

        owner = firstOwner;
    }

    modifier onlyOwner() {
        _checkOwner();
        _;
    }

    function _checkOwner() internal view {
        if (msg.sender != owner) revert OnlyCallableByOwner();
    }

    /// @inheritdoc IOwnable
    function transferOwnership(address to) external override onlyOwner {
        if (to == msg.sender) revert CannotTransferToSelf();

        s_proposedOwner = to;

        emit OwnershipTransferRequested(msg.sender, to);
    }

    /// @inheritdoc IOwnable
    function acceptOwnership() external override {
        if (msg.sender != s_proposedOwner) revert MustBeProposedOwner();

        address from = owner;
        owner = msg.sender;
        s_proposedOwner = address(0);

        emit OwnershipTransferred(from, msg.sender);
    }
}
