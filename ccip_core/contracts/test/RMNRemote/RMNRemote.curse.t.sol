// SPDX-License-Identifier: MIT
pragma solidity 0.8.26;

import {IOwnable} from "../../src/interfaces/IOwnable.sol";
import {IRMN} from "../../src/interfaces/IRMN.sol";
import {IRMNRemote} from "../../src/interfaces/IRMNRemote.sol";
import {CCIPBase} from "../CCIPBase.t.sol";

contract RMNRemote_curse is CCIPBase {
    bytes16 internal constant LEGACY = 0x01000000000000000000000000000000;

    function two(bytes16 a, bytes16 b) internal pure returns (bytes16[] memory list) {
        list = new bytes16[](2);
        (list[0], list[1]) = (a, b);
    }

    /// @dev Conformance 87.
    function test_curse() external {
        bytes16[] memory list = new bytes16[](1);
        list[0] = subject(REMOTE);
        vm.expectEmit(address(s_rmnRemote));
        emit IRMNRemote.Cursed(list);
        s_rmnRemote.curse(subject(REMOTE));

        check(s_rmnRemote.isCursed(subject(REMOTE)), "the subject");
        check(!s_rmnRemote.isCursed(subject(UNBLESSED)), "no other");
        check(!s_rmnRemote.isCursed(), "not the chain");

        s_rmnRemote.curse(GLOBAL);
        check(s_rmnRemote.isCursed() && s_rmnRemote.isCursed(subject(UNBLESSED)), "everything");
        check(IRMN(s_rmnProxy).isCursed() && IRMN(s_rmnProxy).isCursed(subject(7)), "by the proxy too");

        vm.expectEmit(address(s_rmnRemote));
        emit IRMNRemote.Uncursed(list);
        s_rmnRemote.uncurse(subject(REMOTE));
        s_rmnRemote.uncurse(GLOBAL);
        check(!s_rmnRemote.isCursed(subject(REMOTE)) && !s_rmnRemote.isCursed(), "free");
        checkEq(s_rmnRemote.getCursedSubjects().length, 0, "none");
    }

    function test_curse_legacySubjectMeansNothing() external {
        s_rmnRemote.curse(LEGACY);

        check(!s_rmnRemote.isCursed() && !s_rmnRemote.isCursed(subject(REMOTE)), "not 1.5");
    }

    /// @dev Conformance 84: all or nothing.
    function test_RevertWhen_curse_oneIsCursedAlready() external {
        s_rmnRemote.curse(subject(2));

        vm.expectRevert(abi.encodeWithSelector(IRMNRemote.AlreadyCursed.selector, subject(2)));
        s_rmnRemote.curse(two(subject(1), subject(2)));
        vm.expectRevert(abi.encodeWithSelector(IRMNRemote.AlreadyCursed.selector, subject(1)));
        s_rmnRemote.curse(two(subject(1), subject(1)));
        check(!s_rmnRemote.isCursed(subject(1)), "nothing");
        vm.expectRevert(abi.encodeWithSelector(IRMNRemote.NotCursed.selector, subject(1)));
        s_rmnRemote.uncurse(two(subject(2), subject(1)));
        check(s_rmnRemote.isCursed(subject(2)), "stays");
    }

    /// @dev Conformance 85: the RMN sees the proxy as its caller, which owns nothing.
    function test_RevertWhen_curse_throughTheProxy() external {
        vm.expectRevert(abi.encodePacked(IOwnable.OnlyCallableByOwner.selector));
        IRMNRemote(s_rmnProxy).curse(subject(1));
    }

    function test_RevertWhen_curse_calledByNonOwner() external {
        bytes memory error_ = abi.encodePacked(IOwnable.OnlyCallableByOwner.selector);
        bytes16[] memory list = two(subject(1), subject(2));
        vm.expectRevert(error_);
        vm.prank(s_stranger);
        s_rmnRemote.curse(subject(1));
        vm.expectRevert(error_);
        vm.prank(s_stranger);
        s_rmnRemote.curse(list);
        s_rmnRemote.curse(list);
        vm.expectRevert(error_);
        vm.prank(s_stranger);
        s_rmnRemote.uncurse(subject(1));
        vm.expectRevert(error_);
        vm.prank(s_stranger);
        s_rmnRemote.uncurse(list);
    }

    /// @dev Whatever is cursed and lifted, in whatever order: the list and the answers agree.
    function testFuzz_curse(uint256 seed) external {
        bool[8] memory isCursed;
        uint256 count;
        for (uint256 i = 0; i < 40; ++i) {
            uint256 s = uint256(keccak256(abi.encode(seed, i))) % 8;
            if (isCursed[s]) s_rmnRemote.uncurse(subject(uint64(s)));
            else s_rmnRemote.curse(subject(uint64(s)));
            isCursed[s] = !isCursed[s];
            count = isCursed[s] ? count + 1 : count - 1;
        }
        checkEq(s_rmnRemote.getCursedSubjects().length, count, "list");
        for (uint64 s = 0; s < 8; ++s) {
            check(s_rmnRemote.isCursed(subject(s)) == isCursed[s], "answer");
        }
    }
}
