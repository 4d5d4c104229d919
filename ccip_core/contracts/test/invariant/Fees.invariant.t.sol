// SPDX-License-Identifier: MIT
pragma solidity 0.8.26;

import {Test} from "../Test.sol";
import {FeesHandler} from "./FeesHandler.sol";

/// @dev What holds of fees between any two transactions.
contract Fees_invariant is Test {
    FeesHandler internal s_handler;

    function setUp() public {
        s_handler = new FeesHandler();
    }

    struct FuzzSelector {
        address addr;
        bytes4[] selectors;
    }

    function targetSelectors() external view returns (FuzzSelector[] memory targets) {
        bytes4[] memory selectors = new bytes4[](4);
        selectors[0] = FeesHandler.sendForLink.selector;
        selectors[1] = FeesHandler.sendForNative.selector;
        selectors[2] = FeesHandler.withdraw.selector;
        selectors[3] = FeesHandler.changePrice.selector;
        targets = new FuzzSelector[](1);
        targets[0] = FuzzSelector(address(s_handler), selectors);
    }

    function targetContracts() external view returns (address[] memory targets) {
        targets = new address[](1);
        targets[0] = address(s_handler);
    }

    /// @dev All that was paid, too much included, is at the OnRamp or with the fee aggregator.
    function invariant_noFeeIsLost() external view {
        checkEq(s_handler.held(true), s_handler.paidLink(), "LINK");
        checkEq(s_handler.held(false), s_handler.paidNative(), "native");
    }

    /// @dev Nothing is left on the way.
    function invariant_routerKeepsNothing() external view {
        checkEq(s_handler.leftInRouter(), 0, "router");
    }
}
