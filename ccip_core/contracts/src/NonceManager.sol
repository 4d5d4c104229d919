// SPDX-License-Identifier: MIT
pragma solidity 0.8.26;

import {AuthorizedCallers} from "./access/AuthorizedCallers.sol";
import {IAny2EVMOffRamp} from "./interfaces/IAny2EVMOffRamp.sol";
import {IEVM2AnyOnRamp} from "./interfaces/IEVM2AnyOnRamp.sol";
import {INonceManager} from "./interfaces/INonceManager.sol";
import {ITypeAndVersion} from "./interfaces/ITypeAndVersion.sol";

/// @title NonceManager
/// @notice See INonceManager. It outlives ramps, and takes over from those of 1.5: while a sender has no nonce here, the
/// one that the old ramp knows counts.
contract NonceManager is INonceManager, AuthorizedCallers, ITypeAndVersion {
    struct PreviousRamps {
        address prevOnRamp;
        address prevOffRamp;
    }

    struct PreviousRampsArgs {
        uint64 remoteChainSelector;
        bool overrideExistingRamps; // false: reverts if there are some already
        PreviousRamps prevRamps;
    }

    error PreviousRampAlreadySet();

    event PreviousRampsUpdated(uint64 indexed remoteChainSelector, PreviousRamps prevRamp);
    event SkippedIncorrectNonce(uint64 sourceChainSelector, uint64 nonce, bytes sender);

    string public constant override typeAndVersion = "NonceManager 1.6.0";

    mapping(uint64 remoteChainSelector => PreviousRamps) private s_previousRamps;
    mapping(uint64 destChainSelector => mapping(address sender => uint64)) private s_outboundNonces;
    mapping(uint64 sourceChainSelector => mapping(bytes sender => uint64)) private s_inboundNonces;

    constructor(address[] memory authorizedCallers) AuthorizedCallers(authorizedCallers) {}

    /// @inheritdoc INonceManager
    function getIncrementedOutboundNonce(uint64 destChainSelector, address sender)
        external
        override
        onlyAuthorizedCallers
        returns (uint64)
    {
        uint64 nonce = getOutboundNonce(destChainSelector, sender) + 1;
        s_outboundNonces[destChainSelector][sender] = nonce;

        return nonce;
    }

    /// @inheritdoc INonceManager
    function incrementInboundNonce(uint64 sourceChainSelector, uint64 expectedNonce, bytes calldata sender)
        external
        override
        onlyAuthorizedCallers
        returns (bool)
    {
        uint64 nonce = getInboundNonce(sourceChainSelector, sender) + 1;
        if (nonce != expectedNonce) {
            emit SkippedIncorrectNonce(sourceChainSelector, expectedNonce, sender);
            return false;
        }
        s_inboundNonces[sourceChainSelector][sender] = nonce;

        return true;
    }

    /// @notice The sender's last nonce to a chain; 0: it has none.
    function getOutboundNonce(uint64 destChainSelector, address sender) public view returns (uint64) {
        uint64 nonce = s_outboundNonces[destChainSelector][sender];
        if (nonce != 0) return nonce;

        address prevOnRamp = s_previousRamps[destChainSelector].prevOnRamp;
        return prevOnRamp == address(0) ? 0 : IEVM2AnyOnRamp(prevOnRamp).getSenderNonce(sender);
    }

    /// @notice The sender's last nonce from a chain; 0: it has none.
    /// @param sender As the source encodes it.
    function getInboundNonce(uint64 sourceChainSelector, bytes calldata sender) public view returns (uint64) {
        uint64 nonce = s_inboundNonces[sourceChainSelector][sender];
        if (nonce != 0) return nonce;

        // Ramps of 1.5 know EVM chains only, so the sender is an address.
        address prevOffRamp = s_previousRamps[sourceChainSelector].prevOffRamp;
        if (prevOffRamp == address(0)) return 0;
        return IAny2EVMOffRamp(prevOffRamp).getSenderNonce(abi.decode(sender, (address)));
    }

    /// @notice Sets the ramps of 1.5 that nonces are taken over from. Owner only.
    function applyPreviousRampsUpdates(PreviousRampsArgs[] calldata previousRampsArgs) external onlyOwner {
        for (uint256 i = 0; i < previousRampsArgs.length; ++i) {
            PreviousRampsArgs calldata args = previousRampsArgs[i];
            PreviousRamps storage ramps = s_previousRamps[args.remoteChainSelector];
            bool isSet = ramps.prevOnRamp != address(0) || ramps.prevOffRamp != address(0);
            if (isSet && !args.overrideExistingRamps) revert PreviousRampAlreadySet();

            (ramps.prevOnRamp, ramps.prevOffRamp) = (args.prevRamps.prevOnRamp, args.prevRamps.prevOffRamp);

            emit PreviousRampsUpdated(args.remoteChainSelector, args.prevRamps);
        }
    }

    /// @notice The ramps of 1.5 that nonces to and from a chain are taken over from.
    function getPreviousRamps(uint64 chainSelector) external view returns (PreviousRamps memory) {
        return s_previousRamps[chainSelector];
    }
}
