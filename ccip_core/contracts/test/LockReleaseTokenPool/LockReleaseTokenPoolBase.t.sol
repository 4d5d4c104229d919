// SPDX-License-Identifier: MIT
pragma solidity 0.8.26;

import {RateLimiter} from "../../src/libraries/RateLimiter.sol";
import {LockReleaseTokenPool} from "../../src/pools/LockReleaseTokenPool.sol";
import {TokenPoolBase} from "../TokenPool/TokenPoolBase.t.sol";

/// @dev A pool that locks, and a rebalancer with tokens to keep it liquid.
abstract contract LockReleaseTokenPoolBase is TokenPoolBase {
    address internal s_rebalancer = address(0x4EBA);
    LockReleaseTokenPool internal s_vault;

    function setUp() public override {
        super.setUp();
        s_vault = newVault();
        s_vault.setRebalancer(s_rebalancer);
        s_tokenPool = s_vault;
        RateLimiter.Config memory off;
        s_vault.applyChainUpdates(new uint64[](0), chain(REMOTE, off));
        vm.prank(s_user);
        s_token.transfer(s_rebalancer, 100);
    }

    function newVault() internal returns (LockReleaseTokenPool) {
        bytes memory arguments = abi.encode(s_token, uint8(18), new address[](0), s_rmnProxy, address(s_router));
        return LockReleaseTokenPool(deployed("LockReleaseTokenPool", arguments));
    }

    function provide(uint256 amount) internal {
        vm.prank(s_rebalancer);
        s_token.approve(address(s_vault), amount);
        vm.prank(s_rebalancer);
        s_vault.provideLiquidity(amount);
    }
}
