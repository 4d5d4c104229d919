// SPDX-License-Identifier: MIT
pragma solidity 0.8.26;

import {IRMN} from "../../src/interfaces/IRMN.sol";
import {RMNProxy} from "../../src/rmn/RMNProxy.sol";
import {RMNRemote} from "../../src/rmn/RMNRemote.sol";
import {CCIPBase} from "../CCIPBase.t.sol";

contract RMNProxy_setARM is CCIPBase {
    function test_setARM() external {
        address next = deployed("RMNRemote", abi.encode(LOCAL, address(0)));
        s_rmnRemote.curse(GLOBAL);
        check(IRMN(s_rmnProxy).isCursed(), "by the old one");

        vm.expectEmit(s_rmnProxy);
        emit RMNProxy.ARMSet(next);
        RMNProxy(s_rmnProxy).setARM(next);

        check(!IRMN(s_rmnProxy).isCursed(), "the new one is asked");
    }

    function test_RevertWhen_setARM_zero() external {
        vm.expectRevert(abi.encodePacked(RMNProxy.ZeroAddressNotAllowed.selector));
        RMNProxy(s_rmnProxy).setARM(address(0));
    }

    function test_RevertWhen_setARM_calledByNonOwner() external {
        vm.expectRevert(abi.encodeWithSignature("Error(string)", "Only callable by owner"));
        vm.prank(s_stranger);
        RMNProxy(s_rmnProxy).setARM(s_stranger);
    }
}
