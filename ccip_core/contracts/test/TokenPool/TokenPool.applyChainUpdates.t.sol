// SPDX-License-Identifier: MIT
pragma solidity 0.8.26;

import {TokenPoolBase} from "./TokenPoolBase.t.sol";

contract TokenPool_applyChainUpdates is TokenPoolBase {
    /// @dev Conformance 71: taken off and put back, a chain's bucket is full again.
    function test_applyChainUpdates_resetsTheBucket() external {
        uint64[] memory remotes = new uint64[](1);
        remotes[0] = REMOTE;
        s_tokenPool.applyChainUpdates(remotes, chain(REMOTE, limit(100, 1)));
        lock(100);
        checkEq(s_tokenPool.getCurrentOutboundRateLimiterState(REMOTE).tokens, 0, "empty");

        s_tokenPool.applyChainUpdates(remotes, chain(REMOTE, limit(100, 1)));
        checkEq(s_tokenPool.getCurrentOutboundRateLimiterState(REMOTE).tokens, 100, "full");
    }
}
