// SPDX-License-Identifier: MIT
pragma solidity 0.8.26;

import {IOwnable} from "../../src/interfaces/IOwnable.sol";
import {IRMNRemote} from "../../src/interfaces/IRMNRemote.sol";
import {CCIPBase} from "../CCIPBase.t.sol";

contract RMNRemote_uncurse is CCIPBase {
    function two(bytes16 a, bytes16 b) internal pure returns (bytes16[] memory list) {
        list = new bytes16[](2);
        (list[0], list[1]) = (a, b);
    }

    function test_uncurse_oneOfThem() external {
        s_rmnRemote.curse(two(subject(REMOTE), subject(UNBLESSED)));
        bytes16[] memory one = new bytes16[](1);
        one[0] = subject(REMOTE);
        vm.expectEmit(address(s_rmnRemote));
        emit IRMNRemote.Uncursed(one);
        s_rmnRemote.uncurse(subject(REMOTE));

        check(!s_rmnRemote.isCursed(subject(REMOTE)), "lifted");
        check(s_rmnRemote.isCursed(subject(UNBLESSED)), "the other stays");
    }

    /// @dev Conformance 84, 87: all or nothing; and the whole chain's curse stands for every subject until it is lifted.
    function test_uncurse_doesNotLiftTheWholeChains() external {
        s_rmnRemote.curse(two(subject(REMOTE), GLOBAL));
        s_rmnRemote.uncurse(subject(REMOTE));
        check(s_rmnRemote.isCursed(subject(REMOTE)), "by the global one");

        vm.expectRevert(abi.encodeWithSelector(IRMNRemote.NotCursed.selector, subject(REMOTE)));
        s_rmnRemote.uncurse(two(GLOBAL, subject(REMOTE)));
        check(s_rmnRemote.isCursed(), "nothing was lifted");
    }

    function test_RevertWhen_uncurse_calledByNonOwner() external {
        s_rmnRemote.curse(GLOBAL);

        vm.expectRevert(abi.encodePacked(IOwnable.OnlyCallableByOwner.selector));
        vm.prank(s_stranger);
        s_rmnRemote.uncurse(GLOBAL);
    }
}
