// SPDX-License-Identifier: MIT
pragma solidity 0.8.26;

import {WETH9} from "../../src/tokens/WETH9.sol";
import {WETH9Base} from "./WETH9Base.t.sol";

contract WETH9_transferFrom is WETH9Base {
    address internal s_spender = address(0x5E);

    function testFuzz_transfer(uint128 deposited, uint256 amount) external {
        deposit(s_alice, deposited);
        amount = bound(amount, 0, deposited);

        vm.expectEmit(address(s_weth));
        emit WETH9.Transfer(s_alice, s_bob, amount);
        vm.prank(s_alice);
        check(s_weth.transfer(s_bob, amount), "true");

        checkEq(s_weth.balanceOf(s_bob), amount, "received");
        checkBacked();
    }

    function test_transfer_toSelf() external {
        deposit(s_alice, 5);

        vm.prank(s_alice);
        s_weth.transfer(s_alice, 5);

        checkEq(s_weth.balanceOf(s_alice), 5, "nothing made, nothing lost");
    }

    function test_transferFrom() external {
        deposit(s_alice, 5);
        approve(4);

        vm.prank(s_spender);
        check(s_weth.transferFrom(s_alice, s_bob, 3), "true");

        checkEq(s_weth.balanceOf(s_bob), 3, "received");
        checkEq(s_weth.allowance(s_alice, s_spender), 1, "allowance left");
    }

    function test_transferFrom_unlimited() external {
        deposit(s_alice, 5);
        approve(type(uint256).max);

        vm.prank(s_spender);
        s_weth.transferFrom(s_alice, s_bob, 3);

        checkEq(s_weth.allowance(s_alice, s_spender), type(uint256).max, "not used up");
    }

    function test_RevertWhen_transferFrom_moreThanAllowance() external {
        deposit(s_alice, 5);
        approve(2);

        vm.expectRevert(abi.encodeWithSelector(WETH9.InsufficientAllowance.selector, s_spender, 2, 3));
        vm.prank(s_spender);
        s_weth.transferFrom(s_alice, s_bob, 3);
    }

    function test_RevertWhen_transfer_moreThanBalance() external {
        deposit(s_alice, 5);

        vm.expectRevert(abi.encodeWithSelector(WETH9.InsufficientBalance.selector, s_alice, 5, 6));
        vm.prank(s_alice);
        s_weth.transfer(s_bob, 6);
    }

    function approve(uint256 amount) internal {
        vm.expectEmit(address(s_weth));
        emit WETH9.Approval(s_alice, s_spender, amount);
        vm.prank(s_alice);
        s_weth.approve(s_spender, amount);
    }
}
