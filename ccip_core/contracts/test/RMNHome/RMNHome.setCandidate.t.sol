// SPDX-License-Identifier: MIT
pragma solidity 0.8.26;

import {RMNHome} from "../../src/rmn/RMNHome.sol";
import {Test} from "../Test.sol";

contract RMNHome_setCandidate is Test {
    RMNHome internal s_home;

    function setUp() external {
        s_home = RMNHome(deployed("RMNHome", ""));
    }

    function staticOf(uint256 nodes) internal pure returns (RMNHome.StaticConfig memory config) {
        config.nodes = new RMNHome.Node[](nodes);
        for (uint256 i = 0; i < nodes; ++i) {
            config.nodes[i] = RMNHome.Node(bytes32(i + 1), bytes32(i + 1000));
        }
    }

    function dynamicOf(uint64 fObserve, uint256 observers) internal pure returns (RMNHome.DynamicConfig memory config) {
        config.sourceChains = new RMNHome.SourceChain[](1);
        config.sourceChains[0] = RMNHome.SourceChain(7, fObserve, observers);
    }

    function expectError(RMNHome.StaticConfig memory statics, RMNHome.DynamicConfig memory dynamics, bytes4 error_)
        internal
    {
        vm.expectRevert(abi.encodePacked(error_));
        s_home.setCandidate(statics, dynamics, 0);
    }

    /// @dev The whole life: candidate, active, and the next one.
    function test_setCandidate_thenPromote() external {
        bytes32 first = s_home.setCandidate(staticOf(3), dynamicOf(1, 7), 0);
        checkEq(bytes32(bytes2(first)), bytes32(bytes2(0x000b)), "prefix");
        bytes memory place = abi.encode(bytes32("EVM"), block.chainid, address(s_home), uint32(1));
        bytes32 hash = keccak256(bytes.concat(place, abi.encode(staticOf(3))));
        checkEq(first << 16, hash << 16, "digest");
        checkEq(s_home.getCandidateDigest(), first, "candidate");
        checkEq(s_home.getActiveDigest(), 0, "none active");

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

    function test_setDynamicConfig_keepsTheDigest() external {
        bytes32 digest = s_home.setCandidate(staticOf(3), dynamicOf(1, 7), 0);

        s_home.setDynamicConfig(dynamicOf(0, 1), digest);

        (RMNHome.VersionedConfig memory config, bool ok) = s_home.getConfig(digest);
        check(ok && config.dynamicConfig.sourceChains[0].fObserve == 0, "changed");
        vm.expectRevert(abi.encodeWithSelector(RMNHome.DigestNotFound.selector, bytes32(uint256(1))));
        s_home.setDynamicConfig(dynamicOf(0, 1), bytes32(uint256(1)));
    }

    function test_RevertWhen_setCandidate_invalid() external {
        expectError(staticOf(257), dynamicOf(0, 1), RMNHome.OutOfBoundsNodesLength.selector);
        expectError(staticOf(3), dynamicOf(1, 3), RMNHome.NotEnoughObservers.selector);
        expectError(staticOf(3), dynamicOf(1, 8 + 7), RMNHome.OutOfBoundsObserverNodeIndex.selector);

        RMNHome.StaticConfig memory statics = staticOf(3);
        statics.nodes[2].peerId = statics.nodes[0].peerId;
        expectError(statics, dynamicOf(1, 7), RMNHome.DuplicatePeerId.selector);
        statics = staticOf(3);
        statics.nodes[2].offchainPublicKey = statics.nodes[0].offchainPublicKey;
        expectError(statics, dynamicOf(1, 7), RMNHome.DuplicateOffchainPublicKey.selector);

        RMNHome.DynamicConfig memory dynamics;
        dynamics.sourceChains = new RMNHome.SourceChain[](2);
        (dynamics.sourceChains[0], dynamics.sourceChains[1]) =
        (RMNHome.SourceChain(7, 1, 7), RMNHome.SourceChain(7, 1, 7));
        expectError(staticOf(3), dynamics, RMNHome.DuplicateSourceChain.selector);
    }

    /// @dev Two who act at once: the second finds another digest than it knows of.
    function test_RevertWhen_setCandidate_digestIsNotTheLastOne() external {
        bytes32 first = s_home.setCandidate(staticOf(3), dynamicOf(1, 7), 0);

        vm.expectRevert(abi.encodeWithSelector(RMNHome.ConfigDigestMismatch.selector, first, bytes32(0)));
        s_home.setCandidate(staticOf(4), dynamicOf(1, 7), 0);
        vm.expectRevert(abi.encodeWithSelector(RMNHome.ConfigDigestMismatch.selector, first, bytes32(uint256(1))));
        s_home.promoteCandidateAndRevokeActive(bytes32(uint256(1)), 0);
        vm.expectRevert(abi.encodePacked(RMNHome.NoOpStateTransitionNotAllowed.selector));
        s_home.promoteCandidateAndRevokeActive(0, 0);
        vm.expectRevert(abi.encodePacked(RMNHome.RevokingZeroDigestNotAllowed.selector));
        s_home.revokeCandidate(0);
        s_home.revokeCandidate(first);
        checkEq(s_home.getCandidateDigest(), 0, "revoked");
    }

    function test_RevertWhen_setCandidate_calledByNonOwner() external {
        RMNHome.StaticConfig memory statics = staticOf(3);
        RMNHome.DynamicConfig memory dynamics = dynamicOf(1, 7);
        vm.expectRevert(abi.encodeWithSignature("OnlyCallableByOwner()"));
        vm.prank(address(0xBAD));
        s_home.setCandidate(statics, dynamics, 0);
    }
}
