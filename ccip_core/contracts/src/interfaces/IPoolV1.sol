// SPDX-License-Identifier: MIT
pragma solidity ^0.8.26;

import {IERC165} from "./IERC165.sol";
import {Pool} from "../libraries/Pool.sol";

/// @title IPoolV1
/// @notice A token pool; the interface id is 0x87422866, and pools also answer to `Pool.CCIP_POOL_V1`.
interface IPoolV1 is IERC165 {
    /// @notice Locks or burns what the Router has moved here. For the destination's OnRamp only.
    function lockOrBurn(Pool.LockOrBurnInV1 calldata lockOrBurnIn)
        external
        returns (Pool.LockOrBurnOutV1 memory lockOrBurnOut);

    /// @notice Releases or mints to the receiver. For the source's OffRamps only.
    function releaseOrMint(Pool.ReleaseOrMintInV1 calldata releaseOrMintIn)
        external
        returns (Pool.ReleaseOrMintOutV1 memory);

    /// @notice Whether the pool handles the token.
    function isSupportedToken(address token) external view returns (bool);

    /// @notice Whether the pool has a remote pool on the chain.
    function isSupportedChain(uint64 remoteChainSelector) external view returns (bool);
}
