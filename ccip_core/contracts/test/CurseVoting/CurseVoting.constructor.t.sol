// SPDX-License-Identifier: MIT
pragma solidity 0.8.26;

import {ICurseVoting} from "../../src/interfaces/ICurseVoting.sol";
import {IOwnable} from "../../src/interfaces/IOwnable.sol";
import {CurseVotingBase} from "./CurseVotingBase.t.sol";

contract CurseVoting_constructor is CurseVotingBase {
    function test_constructor() external view {
        (uint32 version, ICurseVoting.Voter[] memory list, uint16 threshold) = s_voting.getConfig();

        checkEq(version, 1, "first version");
        checkEq(list.length, VOTERS, "voters");
        for (uint256 i = 0; i < VOTERS; ++i) {
            checkEq(list[i].voter, voter(i), "voter");
            checkEq(list[i].weight, weightOf(i), "weight");
        }
        checkEq(threshold, THRESHOLD, "threshold");
        checkEq(s_voting.owner(), s_council, "council");
        checkEq(s_voting.getRMNRemote(), address(s_rmnRemote), "RMNRemote");
        checkEq(s_rmnRemote.owner(), address(s_voting), "owner of RMNRemote");
        check(keccak256(bytes(s_voting.typeAndVersion())) == keccak256("CurseVoting 1.0.0"), "typeAndVersion");
    }

    function test_RevertWhen_constructor_councilIsZero() external {
        ICurseVoting.Voter[] memory list = voters();
        vm.expectRevert(abi.encodePacked(IOwnable.OwnerCannotBeZero.selector));
        deployed("CurseVoting", abi.encode(s_rmnRemote, list, THRESHOLD, address(0)));
    }

    function test_RevertWhen_constructor_rmnRemoteIsZero() external {
        ICurseVoting.Voter[] memory list = voters();
        vm.expectRevert(abi.encodePacked(ICurseVoting.RMNRemoteCannotBeZero.selector));
        deployed("CurseVoting", abi.encode(address(0), list, THRESHOLD, s_council));
    }

    function test_RevertWhen_constructor_thresholdIsOutOfReach() external {
        ICurseVoting.Voter[] memory list = voters();
        vm.expectRevert(abi.encodeWithSelector(ICurseVoting.InvalidWeightThreshold.selector, 11, 10));
        deployed("CurseVoting", abi.encode(s_rmnRemote, list, uint16(11), s_council));
    }
}
