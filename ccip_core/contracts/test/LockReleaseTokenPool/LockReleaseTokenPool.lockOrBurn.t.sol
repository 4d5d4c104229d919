// SPDX-License-Identifier: MIT
pragma solidity 0.8.26;

import {LockReleaseTokenPoolBase} from "./LockReleaseTokenPoolBase.t.sol";

contract LockReleaseTokenPool_lockOrBurn is LockReleaseTokenPoolBase {
    /// @dev What leaves stays here, and is what can be released.
    function test_lockOrBurn_locks() external {
        uint256 supply = s_token.totalSupply();
        lock(5);
        checkEq(s_token.totalSupply(), supply, "supply");
        checkEq(s_token.balanceOf(address(s_vault)), 5, "locked");

        checkEq(release(5, ""), 5, "released");
        checkEq(s_token.balanceOf(s_someone), 5, "arrived");
    }

    /// @dev Conformance 79: what the pool does not hold can't be released.
    function test_RevertWhen_releaseOrMint_unbacked() external {
        lock(5);

        vm.expectRevert();
        s_vault.releaseOrMint(releaseInput(6, ""));
    }
}
