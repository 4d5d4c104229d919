// SPDX-License-Identifier: MIT
pragma solidity 0.8.26;

import {CurseVotingBase, IRealRMNRemote} from "./CurseVotingBase.t.sol";

contract CurseVoting_acceptRMNRemoteOwnership is CurseVotingBase {
    function test_acceptRMNRemoteOwnership() external {
        giveRMNRemoteAway();
        offerRMNRemote();

        vm.prank(s_stranger);
        s_voting.acceptRMNRemoteOwnership();

        checkEq(s_rmnRemote.owner(), address(s_voting), "anyone may call");
    }

    function test_RevertWhen_acceptRMNRemoteOwnership_notOffered() external {
        giveRMNRemoteAway();

        vm.expectRevert(abi.encodePacked(IRealRMNRemote.MustBeProposedOwner.selector));
        s_voting.acceptRMNRemoteOwnership();
    }
}
