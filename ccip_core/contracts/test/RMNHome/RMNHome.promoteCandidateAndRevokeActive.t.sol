// SPDX-License-Identifier: MIT
pragma solidity 0.8.26;

import {RMNHome} from "../../src/rmn/RMNHome.sol";
import {RMNHomeBase} from "./RMNHomeBase.t.sol";

contract RMNHome_promoteCandidateAndRevokeActive is RMNHomeBase {
    /// @dev The whole life: candidate, active, and the next one.
    function test_promoteCandidateAndRevokeActive() external {
        bytes32 first = s_home.setCandidate(staticOf(3), dynamicOf(1, 7), 0);
        s_home.promoteCandidateAndRevokeActive(first, 0);
        checkEq(s_home.getActiveDigest(), first, "active");
        checkEq(s_home.getCandidateDigest(), 0, "no candidate");

        bytes32 second = s_home.setCandidate(staticOf(4), dynamicOf(0, 8), 0);
        check(first != second, "another digest");
        s_home.promoteCandidateAndRevokeActive(second, first);
        (RMNHome.VersionedConfig memory config, bool ok) = s_home.getConfig(second);
        check(ok && config.version == 2 && config.staticConfig.nodes.length == 4, "second");
        (, ok) = s_home.getConfig(first);
        check(!ok, "the first is gone");
        (, ok) = s_home.getConfig(0);
        check(!ok, "zero is no digest");
    }

    function test_RevertWhen_promoteCandidateAndRevokeActive_otherDigests() external {
        bytes32 first = s_home.setCandidate(staticOf(3), dynamicOf(1, 7), 0);
        vm.expectRevert(abi.encodeWithSelector(RMNHome.ConfigDigestMismatch.selector, first, bytes32(uint256(1))));
        s_home.promoteCandidateAndRevokeActive(bytes32(uint256(1)), 0);
        vm.expectRevert(abi.encodeWithSelector(RMNHome.ConfigDigestMismatch.selector, bytes32(0), first));
        s_home.promoteCandidateAndRevokeActive(first, first);
        vm.expectRevert(abi.encodePacked(RMNHome.NoOpStateTransitionNotAllowed.selector));
        s_home.promoteCandidateAndRevokeActive(0, 0);
    }

    function test_RevertWhen_promoteCandidateAndRevokeActive_calledByNonOwner() external {
        bytes32 first = s_home.setCandidate(staticOf(3), dynamicOf(1, 7), 0);
        vm.expectRevert(abi.encodeWithSignature("OnlyCallableByOwner()"));
        vm.prank(address(0xBAD));
        s_home.promoteCandidateAndRevokeActive(first, 0);
    }
}
