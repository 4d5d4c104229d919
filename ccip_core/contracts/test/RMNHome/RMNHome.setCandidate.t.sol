// SPDX-License-Identifier: MIT
pragma solidity 0.8.26;

import {RMNHome} from "../../src/rmn/RMNHome.sol";
import {RMNHomeBase} from "./RMNHomeBase.t.sol";

contract RMNHome_setCandidate is RMNHomeBase {
    function expectError(RMNHome.StaticConfig memory statics, RMNHome.DynamicConfig memory dynamics, bytes4 error_)
        internal
    {
        vm.expectRevert(abi.encodePacked(error_));
        s_home.setCandidate(statics, dynamics, 0);
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

    function test_RevertWhen_setCandidate_calledByNonOwner() external {
        RMNHome.StaticConfig memory statics = staticOf(3);
        RMNHome.DynamicConfig memory dynamics = dynamicOf(1, 7);
        vm.expectRevert(abi.encodeWithSignature("OnlyCallableByOwner()"));
        vm.prank(address(0xBAD));
        s_home.setCandidate(statics, dynamics, 0);
    }

    function test_setCandidate_hasTheDigestOfItsStaticPart() external {
        bytes32 digest = s_home.setCandidate(staticOf(3), dynamicOf(1, 7), 0);

        checkEq(bytes32(bytes2(digest)), bytes32(bytes2(0x000b)), "prefix");
        bytes memory place = abi.encode(bytes32("EVM"), block.chainid, address(s_home), uint32(1));
        bytes32 hash = keccak256(bytes.concat(place, abi.encode(staticOf(3))));
        checkEq(digest << 16, hash << 16, "digest");
        checkEq(s_home.getCandidateDigest(), digest, "candidate");
        checkEq(s_home.getActiveDigest(), 0, "none active");
    }

    /// @dev Two who act at once: the second finds another digest than it knows of.
    function test_RevertWhen_setCandidate_digestIsNotTheLastOne() external {
        bytes32 first = s_home.setCandidate(staticOf(3), dynamicOf(1, 7), 0);

        vm.expectRevert(abi.encodeWithSelector(RMNHome.ConfigDigestMismatch.selector, first, bytes32(0)));
        s_home.setCandidate(staticOf(4), dynamicOf(1, 7), 0);
        s_home.setCandidate(staticOf(4), dynamicOf(1, 7), first);
        check(s_home.getCandidateDigest() != first, "replaced");
    }
}
