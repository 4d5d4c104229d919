// SPDX-License-Identifier: MIT
pragma solidity 0.8.26;

import {WETH9} from "../../src/tokens/WETH9.sol";
import {WETH9Base} from "./WETH9Base.t.sol";

contract WETH9_withdraw is WETH9Base {
    bool internal s_refuses;

    function testFuzz_withdraw(uint128 deposited, uint256 amount) external {
        deposit(s_alice, deposited);
        amount = bound(amount, 0, deposited);

        vm.expectEmit(address(s_weth));
        emit WETH9.Withdrawal(s_alice, amount);
        vm.prank(s_alice);
        s_weth.withdraw(amount);

        checkEq(s_alice.balance, amount, "native");
        checkEq(s_weth.balanceOf(s_alice), deposited - amount, "left");
        checkBacked();
    }

    function test_RevertWhen_withdraw_moreThanBalance() external {
        deposit(s_alice, 5);
        deposit(s_bob, 5);

        vm.expectRevert(abi.encodeWithSelector(WETH9.InsufficientBalance.selector, s_alice, 5, 6));
        vm.prank(s_alice);
        s_weth.withdraw(6);
    }

    function test_RevertWhen_withdraw_accountRefusesNative() external {
        s_refuses = true;
        vm.deal(address(this), 5);
        s_weth.deposit{value: 5}();

        vm.expectRevert(abi.encodeWithSelector(WETH9.NativeTransferFailed.selector, address(this), 5));
        s_weth.withdraw(5);
    }

    /// @dev The second withdrawal comes from within the first: there is nothing left to take.
    function test_RevertWhen_withdraw_reentered() external {
        deposit(s_bob, 5);
        vm.deal(address(this), 5);
        s_weth.deposit{value: 5}();

        vm.expectRevert(abi.encodeWithSelector(WETH9.NativeTransferFailed.selector, address(this), 5));
        s_weth.withdraw(5);
    }

    receive() external payable {
        require(!s_refuses, "refused");
        s_weth.withdraw(5);
    }
}
