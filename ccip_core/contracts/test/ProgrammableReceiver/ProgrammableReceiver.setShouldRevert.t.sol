// SPDX-License-Identifier: MIT
pragma solidity 0.8.26;

import {ProgrammableReceiver} from "../../src/applications/ProgrammableReceiver.sol";
import {IOwnable} from "../../src/interfaces/IOwnable.sol";
import {Test} from "../Test.sol";

contract ProgrammableReceiver_setShouldRevert is Test {
    address internal s_router = address(0x2007);
    ProgrammableReceiver internal s_receiver;

    function setUp() public {
        s_receiver = new ProgrammableReceiver(s_router);
    }

    function test_setShouldRevert_onAndOff() external {
        check(!s_receiver.shouldRevert(), "off at first");
        s_receiver.setShouldRevert(true);
        check(s_receiver.shouldRevert(), "on");
        s_receiver.setShouldRevert(false);
        check(!s_receiver.shouldRevert(), "off");
    }

    function test_RevertWhen_setShouldRevert_calledByStranger() external {
        vm.expectRevert(abi.encodePacked(IOwnable.OnlyCallableByOwner.selector));
        vm.prank(s_router);
        s_receiver.setShouldRevert(true);
    }
}
