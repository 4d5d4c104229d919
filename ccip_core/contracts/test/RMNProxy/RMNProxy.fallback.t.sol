// SPDX-License-Identifier: MIT
pragma solidity 0.8.26;

import {IOwnable} from "../../src/interfaces/IOwnable.sol";
import {IRMN} from "../../src/interfaces/IRMN.sol";
import {RMNProxy} from "../../src/rmn/RMNProxy.sol";
import {CCIPBase} from "../CCIPBase.t.sol";

contract RMNProxy_fallback is CCIPBase {
    /// @dev Conformance 89: an account without code would answer anything with yes.
    function test_RevertWhen_fallback_noCode() external {
        RMNProxy(s_rmnProxy).setARM(s_someone);

        vm.expectRevert("");
        IRMN(s_rmnProxy).isCursed();
    }

    function test_fallback_passesRevertsOn() external {
        (bool success, bytes memory answer) = s_rmnProxy.call(abi.encodeWithSignature("uncurse(bytes16)", GLOBAL));

        check(!success, "reverted");
        checkEq(answer, abi.encodePacked(IOwnable.OnlyCallableByOwner.selector), "its words");
    }

    function test_fallback_ownFunctionsAreItsOwn() external view {
        checkEq(RMNProxy(s_rmnProxy).owner(), address(this), "owner");
        checkEq(bytes(RMNProxy(s_rmnProxy).typeAndVersion()), "ARMProxy 1.0.0", "typeAndVersion");
        checkEq(RMNProxy(s_rmnProxy).getARM(), address(s_rmnRemote), "RMN");
    }

    function test_setARM() external {
        address next = deployed("RMNRemote", abi.encode(LOCAL, address(0)));
        s_rmnRemote.curse(GLOBAL);
        check(IRMN(s_rmnProxy).isCursed(), "by the old one");

        vm.expectEmit(s_rmnProxy);
        emit RMNProxy.ARMSet(next);
        RMNProxy(s_rmnProxy).setARM(next);

        check(!IRMN(s_rmnProxy).isCursed(), "the new one is asked");
        vm.expectRevert(abi.encodePacked(RMNProxy.ZeroAddressNotAllowed.selector));
        RMNProxy(s_rmnProxy).setARM(address(0));
        vm.expectRevert(abi.encodeWithSignature("Error(string)", "Only callable by owner"));
        vm.prank(s_stranger);
        RMNProxy(s_rmnProxy).setARM(next);
    }
}
