// SPDX-License-Identifier: MIT
pragma solidity 0.8.26;

import {RateLimiter} from "../../src/libraries/RateLimiter.sol";
import {TokenPool} from "../../src/pools/TokenPool.sol";
import {TokenPoolBase} from "./TokenPoolBase.t.sol";

contract TokenPool_setChainRateLimiterConfigs is TokenPoolBase {
    function test_setChainRateLimiterConfigs() external {
        (uint64[] memory remotes, RateLimiter.Config[] memory configs) = two();
        s_tokenPool.setChainRateLimiterConfigs(remotes, configs, configs);

        checkEq(s_tokenPool.getCurrentOutboundRateLimiterState(REMOTE).capacity, 100, "first");
        checkEq(s_tokenPool.getCurrentInboundRateLimiterState(UNBLESSED).capacity, 200, "second");
    }

    /// @dev All or nothing: the second chain is not known.
    function test_RevertWhen_setChainRateLimiterConfigs_unknownChain() external {
        (uint64[] memory remotes, RateLimiter.Config[] memory configs) = two();
        remotes[1] = 7;
        vm.expectRevert(abi.encodeWithSelector(TokenPool.NonExistentChain.selector, uint64(7)));
        s_tokenPool.setChainRateLimiterConfigs(remotes, configs, configs);

        check(!s_tokenPool.getCurrentOutboundRateLimiterState(REMOTE).isEnabled, "nothing");
    }

    function test_RevertWhen_setChainRateLimiterConfigs_listsDiffer() external {
        (uint64[] memory remotes, RateLimiter.Config[] memory configs) = two();
        RateLimiter.Config[] memory one = new RateLimiter.Config[](1);
        bytes memory error_ = abi.encodePacked(TokenPool.MismatchedArrayLengths.selector);
        vm.expectRevert(error_);
        s_tokenPool.setChainRateLimiterConfigs(remotes, one, configs);
        vm.expectRevert(error_);
        s_tokenPool.setChainRateLimiterConfigs(remotes, configs, one);
    }

    function test_RevertWhen_setChainRateLimiterConfigs_calledByAnother() external {
        (uint64[] memory remotes, RateLimiter.Config[] memory configs) = two();
        vm.expectRevert(abi.encodeWithSelector(TokenPool.Unauthorized.selector, s_stranger));
        vm.prank(s_stranger);
        s_tokenPool.setChainRateLimiterConfigs(remotes, configs, configs);
    }

    function two() internal pure returns (uint64[] memory remotes, RateLimiter.Config[] memory configs) {
        (remotes, configs) = (new uint64[](2), new RateLimiter.Config[](2));
        (remotes[0], remotes[1]) = (REMOTE, UNBLESSED);
        (configs[0], configs[1]) = (limit(100, 1), limit(200, 2));
    }
}
