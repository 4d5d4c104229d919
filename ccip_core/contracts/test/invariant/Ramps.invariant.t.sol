// SPDX-License-Identifier: MIT
pragma solidity 0.8.26;

import {Test} from "../Test.sol";
import {RampsHandler} from "./RampsHandler.sol";

/// @dev What holds between any two transactions at a chain's ramps, whoever sent them.
contract Ramps_invariant is Test {
    RampsHandler internal s_handler;

    function setUp() public {
        s_handler = new RampsHandler();
    }

    function targetContracts() external view returns (address[] memory targets) {
        targets = new address[](1);
        targets[0] = address(s_handler);
    }

    struct FuzzSelector {
        address addr;
        bytes4[] selectors;
    }

    /// @dev The actions alone: the handler inherits more that is public.
    function targetSelectors() external view returns (FuzzSelector[] memory targets) {
        bytes4[] memory selectors = new bytes4[](7);
        selectors[0] = RampsHandler.commitSome.selector;
        selectors[1] = RampsHandler.executeOne.selector;
        selectors[2] = RampsHandler.executeOneByHand.selector;
        selectors[3] = RampsHandler.curse.selector;
        selectors[4] = RampsHandler.uncurse.selector;
        selectors[5] = RampsHandler.trespass.selector;
        selectors[6] = RampsHandler.sendOne.selector;
        targets = new FuzzSelector[](1);
        targets[0] = FuzzSelector(address(s_handler), selectors);
    }

    /// @dev INV-RAMP-1
    function invariant_noMessageIsExecutedTwice() external view {
        s_handler.checkEachMessage(0);
        s_handler.checkEachMessage(1);
    }

    /// @dev INV-RAMP-3. That a cursed lane is silent (INV-RAMP-2) is checked by the handler, where it acts.
    function invariant_sequenceNumbersAreDense() external view {
        s_handler.checkNumbers(0);
        s_handler.checkNumbers(1);
    }
}
