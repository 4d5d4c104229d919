// SPDX-License-Identifier: MIT
pragma solidity 0.8.26;

import {WETH9} from "../../src/tokens/WETH9.sol";
import {Test} from "../Test.sol";

abstract contract WETH9Base is Test {
    address internal s_alice = address(0xA11CE);
    address internal s_bob = address(0xB0B);
    WETH9 internal s_weth;

    function setUp() public virtual {
        s_weth = new WETH9();
    }

    function deposit(address account, uint256 amount) internal {
        vm.deal(account, amount);
        vm.prank(account);
        s_weth.deposit{value: amount}();
    }

    function checkBacked() internal view {
        checkEq(s_weth.balanceOf(s_alice) + s_weth.balanceOf(s_bob), s_weth.totalSupply(), "balances");
        checkEq(address(s_weth).balance, s_weth.totalSupply(), "backing");
    }
}
