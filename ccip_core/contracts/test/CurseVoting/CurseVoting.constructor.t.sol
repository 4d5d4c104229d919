// SPDX-License-Identifier: MIT
pragma solidity 0.8.26;

import {ICurseVoting} from "../../src/interfaces/ICurseVoting.sol";
import {IOwnable} from "../../src/interfaces/IOwnable.sol";
import {CurseVoting} from "../../src/rmn/CurseVoting.sol";
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
        vm.expectRevert(abi.encodePacked(IOwnable.OwnerCannotBeZero.selector));
        new CurseVoting(address(s_rmnRemote), voters(), THRESHOLD, address(0));
    }

    function test_RevertWhen_constructor_rmnRemoteIsZero() external {
        vm.expectRevert(abi.encodePacked(ICurseVoting.RMNRemoteCannotBeZero.selector));
        new CurseVoting(address(0), voters(), THRESHOLD, s_council);
    }

    function test_RevertWhen_constructor_thresholdIsOutOfReach() external {
        vm.expectRevert(abi.encodeWithSelector(ICurseVoting.InvalidWeightThreshold.selector, 11, 10));
        new CurseVoting(address(s_rmnRemote), voters(), 11, s_council);
    }
}
