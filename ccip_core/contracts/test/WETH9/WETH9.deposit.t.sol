// SPDX-License-Identifier: MIT
pragma solidity 0.8.26;

import {WETH9} from "../../src/tokens/WETH9.sol";
import {WETH9Base} from "./WETH9Base.t.sol";

contract WETH9_deposit is WETH9Base {
    function testFuzz_deposit(uint128 amount) external {
        vm.deal(s_alice, amount);
        vm.expectEmit(address(s_weth));
        emit WETH9.Deposit(s_alice, amount);
        vm.prank(s_alice);
        s_weth.deposit{value: amount}();

        checkEq(s_weth.balanceOf(s_alice), amount, "balance");
        checkBacked();
    }

    function test_deposit_byPlainTransfer() external {
        vm.deal(s_alice, 5);
        vm.prank(s_alice);
        (bool success,) = address(s_weth).call{value: 5}("");

        check(success, "accepted");
        checkEq(s_weth.balanceOf(s_alice), 5, "balance");
    }
}
