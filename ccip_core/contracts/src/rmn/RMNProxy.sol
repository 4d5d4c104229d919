// SPDX-License-Identifier: MIT
pragma solidity 0.8.26;

import {OwnerIsCreator} from "../access/OwnerIsCreator.sol";
import {ITypeAndVersion} from "../interfaces/ITypeAndVersion.sol";

/// @title RMNProxy
/// @notice One address for whatever RMN the chain has: Router, ramps and pools ask here, so a new RMN reaches all of them.
/// @dev Passes everything but its own functions on by a plain call: the RMN sees the proxy as its caller, so whoever owns
/// the RMN has to curse there and not here.
contract RMNProxy is OwnerIsCreator, ITypeAndVersion {
    error ZeroAddressNotAllowed();

    event ARMSet(address arm);

    string public constant override typeAndVersion = "ARMProxy 1.0.0";

    address private s_arm;

    constructor(address arm) {
        _setARM(arm);
    }

    /// @notice The RMN that calls are passed on to.
    function getARM() external view returns (address) {
        return s_arm;
    }

    /// @notice Replaces the RMN. Owner only.
    function setARM(address arm) external onlyOwner {
        _setARM(arm);
    }

    function _setARM(address arm) private {
        if (arm == address(0)) revert ZeroAddressNotAllowed();

        s_arm = arm;

        emit ARMSet(arm);
    }

    /// @dev Nothing else runs after this, so it may use all of memory. An account without code would answer every question
    /// with success and nothing: that reverts.
    fallback() external {
        address arm = s_arm;
        assembly {
            if iszero(extcodesize(arm)) { revert(0, 0) }
            calldatacopy(0, 0, calldatasize())
            let success := call(gas(), arm, 0, 0, calldatasize(), 0, 0)
            returndatacopy(0, 0, returndatasize())
            if success { return(0, returndatasize()) }
            revert(0, returndatasize())
        }
    }
}
