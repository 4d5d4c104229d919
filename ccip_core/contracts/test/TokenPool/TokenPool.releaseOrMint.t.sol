// SPDX-License-Identifier: MIT
pragma solidity 0.8.26;

import {Pool} from "../../src/libraries/Pool.sol";
import {RateLimiter} from "../../src/libraries/RateLimiter.sol";
import {LockReleaseTokenPool} from "../../src/pools/LockReleaseTokenPool.sol";
import {TokenPool} from "../../src/pools/TokenPool.sol";
import {TokenPoolBase} from "./TokenPoolBase.t.sol";

contract TokenPool_releaseOrMint is TokenPoolBase {
    /// @dev Conformance 75: rounded down, to nothing if need be.
    function test_releaseOrMint_roundsDown() external {
        checkEq(release(1e6 - 1, abi.encode(24)), 0, "dust");
        checkEq(release(2e6 - 1, abi.encode(24)), 1, "one");
        checkEq(release(3, abi.encode(6)), 3e12, "finer here");
        checkEq(s_token.balanceOf(s_someone), 3e12 + 1, "received");
    }

    /// @dev Conformance 76.
    function test_releaseOrMint_noPoolDataMeansSameDecimals() external {
        checkEq(release(5, ""), 5, "amount");
    }

    /// @dev Conformance 77: an old pool's messages arrive beside a new one's.
    function test_releaseOrMint_severalRemotePools() external {
        bytes memory other = abi.encode(address(0x0B12));
        vm.expectRevert(abi.encodeWithSelector(TokenPool.InvalidSourcePoolAddress.selector, other));
        releaseFrom(other);
        s_tokenPool.addRemotePool(REMOTE, other);
        releaseFrom(other);
        releaseFrom(REMOTE_POOL);
    }

    function releaseFrom(bytes memory remotePool) public {
        Pool.ReleaseOrMintInV1 memory input = releaseInput(5, "");
        input.sourcePoolAddress = remotePool;
        s_tokenPool.releaseOrMint(input);
    }

    /// @dev Conformance 78: the limit counts what arrives, not what left.
    function test_releaseOrMint_limitCountsLocalAmount() external {
        s_tokenPool.setChainRateLimiterConfig(REMOTE, limit(100, 100), limit(100, 100));
        vm.warp(block.timestamp + 1);

        checkEq(release(100e6, abi.encode(24)), 100, "a hundred here, far more there");
        vm.expectRevert(abi.encodeWithSelector(RateLimiter.TokenRateLimitReached.selector, 1, 0, address(s_token)));
        s_tokenPool.releaseOrMint(releaseInput(1e6, abi.encode(24)));
    }

    /// @dev Conformance 79: nothing is counted; what isn't there can't be released.
    function test_RevertWhen_releaseOrMint_nothingLocked() external {
        s_tokenPool = TokenPool(
            deployed(
                "LockReleaseTokenPool", abi.encode(s_token, uint8(18), new address[](0), s_rmnProxy, address(s_router))
            )
        );
        RateLimiter.Config memory off;
        s_tokenPool.applyChainUpdates(new uint64[](0), chain(REMOTE, off));
        vm.expectRevert(abi.encodeWithSignature("Error(string)", "ERC20: transfer amount exceeds balance"));
        s_tokenPool.releaseOrMint(releaseInput(5, ""));
        vm.prank(s_user);
        s_token.transfer(address(s_tokenPool), 5); // whoever locked it
        checkEq(release(5, ""), 5, "released");
        checkEq(LockReleaseTokenPool(address(s_tokenPool)).getRebalancer(), address(0), "nobody keeps it liquid");
    }
}
