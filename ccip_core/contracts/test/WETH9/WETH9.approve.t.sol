// SPDX-License-Identifier: MIT
pragma solidity 0.8.26;

import {WETH9Base} from "./WETH9Base.t.sol";

contract WETH9_approve is WETH9Base {
    function test_approve_replaces() external {
        vm.prank(s_alice);
        check(s_weth.approve(s_bob, 5), "true");
        vm.prank(s_alice);
        s_weth.approve(s_bob, 3);

        checkEq(s_weth.allowance(s_alice, s_bob), 3, "allowance");
        checkEq(s_weth.allowance(s_bob, s_alice), 0, "one way");
    }
}
