// SPDX-License-Identifier: MIT
pragma solidity ^0.8.26;

import {EnumerableSet} from "../libraries/EnumerableSet.sol";
import {Ownable2StepMsgSender} from "./Ownable2StepMsgSender.sol";

/// @title AuthorizedCallers
/// @notice A list of accounts that may call what is guarded by `_validateCaller`. The owner is not on it by itself.
abstract contract AuthorizedCallers is Ownable2StepMsgSender {
    using EnumerableSet for EnumerableSet.AddressSet;

    struct AuthorizedCallerArgs {
        address[] addedCallers;
        address[] removedCallers;
    }

    error UnauthorizedCaller(address caller);
    error ZeroAddressNotAllowed();

    event AuthorizedCallerAdded(address caller);
    event AuthorizedCallerRemoved(address caller);

    EnumerableSet.AddressSet internal s_authorizedCallers;

    constructor(address[] memory authorizedCallers) {
        _applyAuthorizedCallerUpdates(AuthorizedCallerArgs(authorizedCallers, new address[](0)));
    }

    modifier onlyAuthorizedCallers() {
        _validateCaller();
        _;
    }

    function _validateCaller() internal view {
        if (!s_authorizedCallers.contains(msg.sender)) revert UnauthorizedCaller(msg.sender);
    }

    /// @notice The list.
    function getAllAuthorizedCallers() external view returns (address[] memory) {
        return s_authorizedCallers.values();
    }

    /// @notice Removes callers, then adds callers. Owner only. Removing a stranger does nothing; adding a caller a second
    /// time only repeats the event.
    function applyAuthorizedCallerUpdates(AuthorizedCallerArgs memory authorizedCallerArgs) external onlyOwner {
        _applyAuthorizedCallerUpdates(authorizedCallerArgs);
    }

    function _applyAuthorizedCallerUpdates(AuthorizedCallerArgs memory authorizedCallerArgs) internal {
        address[] memory removed = authorizedCallerArgs.removedCallers;
        for (uint256 i = 0; i < removed.length; ++i) {
            if (s_authorizedCallers.remove(removed[i])) emit AuthorizedCallerRemoved(removed[i]);
        }
        address[] memory added = authorizedCallerArgs.addedCallers;
        for (uint256 i = 0; i < added.length; ++i) {
            if (added[i] == address(0)) revert ZeroAddressNotAllowed();

            s_authorizedCallers.add(added[i]);

            emit AuthorizedCallerAdded(added[i]);
        }
    }
}
