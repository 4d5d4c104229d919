// SPDX-License-Identifier: MIT
pragma solidity 0.8.26;

import {WETH9} from "../../src/tokens/WETH9.sol";
import {WETH9Base} from "./WETH9Base.t.sol";

contract WETH9_transfer is WETH9Base {
    function testFuzz_transfer(uint128 deposited, uint256 amount) external {
        deposit(s_alice, deposited);
        amount = bound(amount, 0, deposited);
        vm.prank(s_alice);
        check(s_weth.transfer(s_bob, amount), "true");

        checkEq(s_weth.balanceOf(s_bob), amount, "arrived");
        checkBacked();
    }

    function test_RevertWhen_transfer_moreThanBalance() external {
        deposit(s_alice, 5);

        vm.expectRevert(abi.encodeWithSelector(WETH9.InsufficientBalance.selector, s_alice, 5, 6));
        vm.prank(s_alice);
        s_weth.transfer(s_bob, 6);
    }
}
