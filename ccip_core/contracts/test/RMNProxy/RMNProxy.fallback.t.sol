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
}
