// SPDX-License-Identifier: MIT
pragma solidity 0.8.26;

import {ICurseVoting} from "../../src/interfaces/ICurseVoting.sol";
import {IOwnable} from "../../src/interfaces/IOwnable.sol";
import {CurseVotingBase, IRealRMNRemote} from "./CurseVotingBase.t.sol";

contract CurseVoting_callRMNRemote is CurseVotingBase {
    function test_callRMNRemote_setConfig() external {
        bytes memory data = abi.encodeCall(IRealRMNRemote.setConfig, (rmnConfig(keccak256("digest"))));

        vm.expectEmit(address(s_voting));
        emit ICurseVoting.RMNRemoteCalled(data);
        vm.prank(s_council);
        s_voting.callRMNRemote(data);

        (uint32 version, IRealRMNRemote.Config memory config) = s_rmnRemote.getVersionedConfig();
        checkEq(version, 1, "version");
        check(config.rmnHomeContractConfigDigest == keccak256("digest"), "digest");
        checkEq(config.signers.length, 3, "signers");
    }

    function test_callRMNRemote_transferOwnership() external {
        giveRMNRemoteAway();

        checkEq(s_rmnRemote.owner(), s_deployer, "owner");
    }

    function test_RevertWhen_callRMNRemote_refused() external {
        bytes memory data = abi.encodeCall(IRealRMNRemote.setConfig, (rmnConfig(bytes32(0))));

        bytes memory reason = abi.encodePacked(IRealRMNRemote.ZeroValueNotAllowed.selector);
        vm.expectRevert(abi.encodeWithSelector(ICurseVoting.RMNRemoteFailed.selector, reason));
        vm.prank(s_council);
        s_voting.callRMNRemote(data);
    }

    /// @dev The selectors are those of RMNRemote 1.6.0's ABI: a lift by this door would leave the votes standing.
    function test_RevertWhen_callRMNRemote_cursesOrLifts() external {
        bytes4[4] memory selectors = [bytes4(0x62eed415), 0xf8bb876e, 0x6d2d3993, 0x9a19b329];
        for (uint256 i = 0; i < selectors.length; ++i) {
            vm.expectRevert(abi.encodeWithSelector(ICurseVoting.ForbiddenSelector.selector, selectors[i]));
            vm.prank(s_council);
            s_voting.callRMNRemote(abi.encodeWithSelector(selectors[i], LANE_A));
        }
    }

    function test_RevertWhen_callRMNRemote_calledByVoter() external {
        vm.expectRevert(abi.encodePacked(IOwnable.OnlyCallableByOwner.selector));
        vm.prank(voter(3));
        s_voting.callRMNRemote(abi.encodeCall(IRealRMNRemote.transferOwnership, (voter(3))));
    }

    function rmnConfig(bytes32 digest) internal pure returns (IRealRMNRemote.Config memory) {
        IRealRMNRemote.Signer[] memory signers = new IRealRMNRemote.Signer[](3);
        for (uint64 i = 0; i < 3; ++i) {
            signers[i] = IRealRMNRemote.Signer(voter(i), i);
        }
        return IRealRMNRemote.Config(digest, signers, 1);
    }
}
