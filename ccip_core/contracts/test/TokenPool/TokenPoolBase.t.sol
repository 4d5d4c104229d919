// SPDX-License-Identifier: MIT
pragma solidity 0.8.26;

import {Router} from "../../src/Router.sol";
import {Pool} from "../../src/libraries/Pool.sol";
import {RateLimiter} from "../../src/libraries/RateLimiter.sol";
import {TokenPool} from "../../src/pools/TokenPool.sol";
import {CCIPBase} from "../CCIPBase.t.sol";

/// @dev The base's burn-and-mint pool, whose ramps are the test itself.
abstract contract TokenPoolBase is CCIPBase {
    TokenPool internal s_tokenPool;

    function setUp() public virtual override {
        super.setUp();
        s_tokenPool = TokenPool(s_pool);
        becomeRamps(REMOTE);
    }

    function becomeRamps(uint64 remote) internal {
        Router.OnRamp[] memory onRamps = new Router.OnRamp[](1);
        onRamps[0] = Router.OnRamp(remote, address(this));
        Router.OffRamp[] memory offRamps = new Router.OffRamp[](1);
        offRamps[0] = Router.OffRamp(remote, address(this));
        s_router.applyRampUpdates(onRamps, new Router.OffRamp[](0), offRamps);
    }

    function lockInput(uint256 amount) internal view returns (Pool.LockOrBurnInV1 memory) {
        return Pool.LockOrBurnInV1(abi.encode(s_someone), REMOTE, s_user, amount, address(s_token));
    }

    function releaseInput(uint256 amount, bytes memory sourcePoolData)
        internal
        view
        returns (Pool.ReleaseOrMintInV1 memory)
    {
        return Pool.ReleaseOrMintInV1(
            REMOTE_SENDER, REMOTE, s_someone, amount, address(s_token), REMOTE_POOL, sourcePoolData, ""
        );
    }

    function lock(uint256 amount) internal {
        vm.prank(s_user);
        s_token.transfer(address(s_tokenPool), amount);
        s_tokenPool.lockOrBurn(lockInput(amount));
    }

    function release(uint256 amount, bytes memory sourcePoolData) internal returns (uint256) {
        return s_tokenPool.releaseOrMint(releaseInput(amount, sourcePoolData)).destinationAmount;
    }

    function limit(uint128 capacity, uint128 rate) internal pure returns (RateLimiter.Config memory) {
        return RateLimiter.Config(true, capacity, rate);
    }

    function chain(uint64 remote, RateLimiter.Config memory config)
        internal
        pure
        returns (TokenPool.ChainUpdate[] memory chains)
    {
        chains = new TokenPool.ChainUpdate[](1);
        bytes[] memory remotePools = new bytes[](1);
        remotePools[0] = REMOTE_POOL;
        chains[0] = TokenPool.ChainUpdate(remote, remotePools, REMOTE_TOKEN, config, config);
    }
}
