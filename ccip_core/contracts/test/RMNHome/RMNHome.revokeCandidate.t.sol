// SPDX-License-Identifier: MIT
pragma solidity 0.8.26;

import {RMNHome} from "../../src/rmn/RMNHome.sol";
import {RMNHomeBase} from "./RMNHomeBase.t.sol";

contract RMNHome_revokeCandidate is RMNHomeBase {
    function test_revokeCandidate_theActiveOneStays() external {
        bytes32 first = s_home.setCandidate(staticOf(3), dynamicOf(1, 7), 0);
        s_home.promoteCandidateAndRevokeActive(first, 0);
        bytes32 second = s_home.setCandidate(staticOf(4), dynamicOf(1, 7), 0);
        s_home.revokeCandidate(second);

        checkEq(s_home.getCandidateDigest(), 0, "revoked");
        checkEq(s_home.getActiveDigest(), first, "stays");
    }

    function test_RevertWhen_revokeCandidate_otherDigest() external {
        bytes32 first = s_home.setCandidate(staticOf(3), dynamicOf(1, 7), 0);
        vm.expectRevert(abi.encodePacked(RMNHome.RevokingZeroDigestNotAllowed.selector));
        s_home.revokeCandidate(0);
        vm.expectRevert(abi.encodeWithSelector(RMNHome.ConfigDigestMismatch.selector, first, bytes32(uint256(1))));
        s_home.revokeCandidate(bytes32(uint256(1)));
    }

    function test_RevertWhen_revokeCandidate_calledByNonOwner() external {
        bytes32 first = s_home.setCandidate(staticOf(3), dynamicOf(1, 7), 0);
        vm.expectRevert(abi.encodeWithSignature("OnlyCallableByOwner()"));
        vm.prank(address(0xBAD));
        s_home.revokeCandidate(first);
    }
}
