// SPDX-License-Identifier: MIT
pragma solidity ^0.8.26;

/// @title OwnerIsCreator
/// @notice `Ownable2StepMsgSender` as the oldest contracts of CCIP have it, Router and RMNProxy: it reverts with words.
abstract contract OwnerIsCreator {
    event OwnershipTransferRequested(address indexed from, address indexed to);
    event OwnershipTransferred(address indexed from, address indexed to);

    /// @notice The present owner.
    address public owner = msg.sender;

    address internal s_proposedOwner;

    modifier onlyOwner() {
        require(msg.sender == owner, "Only callable by owner");
        _;
    }

    /// @notice Offers the ownership. Nothing changes before `to` accepts; a later offer replaces this one.
    function transferOwnership(address to) external onlyOwner {
        require(to != msg.sender, "Cannot transfer to self");

        s_proposedOwner = to;

        emit OwnershipTransferRequested(msg.sender, to);
    }

    /// @notice Takes the ownership that was offered to the caller.
    function acceptOwnership() external {
        require(msg.sender == s_proposedOwner, "Must be proposed owner");

        address from = owner;
        owner = msg.sender;
        s_proposedOwner = address(0);

        emit OwnershipTransferred(from, msg.sender);
    }
}
