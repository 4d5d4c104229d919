// SPDX-License-Identifier: MIT
pragma solidity ^0.8.26;

/// @title Pool
/// @notice What ramps and token pools tell each other.
library Pool {
    /// @notice The ERC-165 id by which a pool says that it speaks V1: bytes4(keccak256("CCIP_POOL_V1")).
    bytes4 internal constant CCIP_POOL_V1 = 0xaff2afbf;

    /// @notice Length of the source pool's data that a fee pays for without an override of its own.
    uint32 internal constant CCIP_LOCK_OR_BURN_V1_RET_BYTES = 32;

    /// @notice Length of a pool's answer to the OffRamp: one number.
    uint16 internal constant CCIP_POOL_V1_RET_BYTES = 32;

    struct LockOrBurnInV1 {
        bytes receiver; // on the destination
        uint64 remoteChainSelector; // the destination
        address originalSender; // who called the Router
        uint256 amount; // the pool holds it already
        address localToken;
    }

    struct LockOrBurnOutV1 {
        bytes destTokenAddress;
        bytes destPoolData; // handed to the destination's pool, e.g. abi.encode(decimals)
    }

    struct ReleaseOrMintInV1 {
        bytes originalSender; // on the source
        uint64 remoteChainSelector; // the source
        address receiver;
        uint256 sourceDenominatedAmount; // in the source's decimals
        address localToken;
        bytes sourcePoolAddress; // UNTRUSTED: the pool compares it with the remote pools that it knows
        bytes sourcePoolData; // as the source's pool returned it
        bytes offchainTokenData; // UNTRUSTED: whoever executes may write here what it likes
    }

    struct ReleaseOrMintOutV1 {
        uint256 destinationAmount; // in this chain's decimals; the OffRamp compares it with the receiver's balance
    }
}
