// SPDX-License-Identifier: MIT
pragma solidity 0.8.26;

import {ICurseVoting} from "../../src/interfaces/ICurseVoting.sol";
import {CurseVoting} from "../../src/rmn/CurseVoting.sol";
import {IRealRMNRemote} from "../CurseVoting/CurseVotingBase.t.sol";
import {Test} from "../Test.sol";

/// @dev Everybody who can touch a CurseVoting, doing it in any order, and a plain record of who did what. Each action is
/// one that must succeed, save `trespass`, which must not.
contract CurseVotingHandler is Test {
    uint256 public constant SUBJECTS = 4;
    uint256 public constant PEOPLE = 6; // any of them may be a voter of the present config

    CurseVoting public immutable voting;
    IRealRMNRemote public immutable rmnRemote;
    address public immutable council;
    address public immutable successor = address(0x5CC); // whom RMNRemote is handed to and taken back from

    bool public isOurs = true; // CurseVoting owns RMNRemote
    uint16 public threshold;
    mapping(uint256 person => uint8) public weightOf; // 0: not a voter of the present config
    mapping(uint256 person => mapping(uint256 subject => bool)) public hasVoted; // since config and lift
    mapping(uint256 subject => bool) public wasRefused; // the votes reached the threshold while RMNRemote was not ours
    mapping(uint256 subject => bool) public isJustified; // by the council or by votes; the council lifted it not since

    uint128 private s_curseIds;

    constructor(CurseVoting voting_, address council_) {
        voting = voting_;
        council = council_;
        rmnRemote = IRealRMNRemote(voting_.getRMNRemote());
        (, ICurseVoting.Voter[] memory voters, uint16 threshold_) = voting_.getConfig();
        threshold = threshold_;
        for (uint256 i = 0; i < voters.length; ++i) {
            weightOf[uint160(voters[i].voter) - 0x1000] = voters[i].weight;
        }
    }

    // ---- actions --------------------------------------------------------------------------------------------------

    function vote(uint256 person, uint256 chosen) external {
        person %= PEOPLE;
        if (weightOf[person] == 0) return;
        bytes16[] memory subjects = listOf(chosen = nonEmpty(chosen));

        vm.prank(account(person));
        voting.voteToCurse(bytes16(++s_curseIds), subjects, keccak256("evidence"));

        for (uint256 s = 0; s < SUBJECTS; ++s) {
            if (chosen >> s & 1 == 0) continue;
            hasVoted[person][s] = true;
            if (standingWeight(s) < threshold) continue;
            if (isOurs) {
                (isJustified[s], wasRefused[s]) = (true, false);
            } else {
                wasRefused[s] = true;
            }
        }
    }

    function unvote(uint256 person, uint256 subject) external {
        (person, subject) = (person % PEOPLE, subject % SUBJECTS);
        if (!hasVoted[person][subject] || standingWeight(subject) >= threshold) return;

        vm.prank(account(person));
        voting.unvoteToCurse(listOf(1 << subject));

        hasVoted[person][subject] = false;
    }

    function enact(uint256 subject) external {
        subject %= SUBJECTS;
        if (!isOurs || standingWeight(subject) < threshold) return;

        voting.enact(listOf(1 << subject));

        (isJustified[subject], wasRefused[subject]) = (true, false);
    }

    function councilCurse(uint256 chosen) external {
        if (!isOurs || chosen % 4 != 0) return;
        chosen = nonEmpty(chosen / 4);

        vm.prank(council);
        voting.councilCurse(listOf(chosen), keccak256("evidence"));

        for (uint256 s = 0; s < SUBJECTS; ++s) {
            if (chosen >> s & 1 != 0) isJustified[s] = true;
        }
    }

    function lift(uint256 chosen) external {
        if (!isOurs) return;
        chosen = nonEmpty(chosen);

        vm.prank(council);
        voting.liftCurse(listOf(chosen));

        for (uint256 s = 0; s < SUBJECTS; ++s) {
            if (chosen >> s & 1 == 0) continue;
            (isJustified[s], wasRefused[s]) = (false, false);
            forgetVotes(s);
        }
    }

    function setConfig(uint256 people, uint256 weights, uint256 threshold_) external {
        if (people % 3 != 0) return; // else no votes would ever add up
        ICurseVoting.Voter[] memory voters = new ICurseVoting.Voter[](bound(people / 3, 1, PEOPLE));
        uint256 total = 0;
        for (uint256 p = 0; p < PEOPLE; ++p) {
            weightOf[p] = 0;
        }
        for (uint256 i = 0; i < voters.length; ++i) {
            uint256 person = (people / 64 + i) % PEOPLE;
            weightOf[person] = uint8(bound(weights >> (8 * i), 1, 255));
            voters[i] = ICurseVoting.Voter(account(person), weightOf[person]);
            total += weightOf[person];
        }
        threshold = uint16(bound(threshold_, 1, total));

        vm.prank(council);
        voting.setConfig(voters, threshold);

        for (uint256 s = 0; s < SUBJECTS; ++s) {
            wasRefused[s] = false;
            forgetVotes(s);
        }
    }

    function handRMNRemoteOver(uint256 seed) external {
        if (!isOurs || seed % 4 != 0) return;

        vm.prank(council);
        voting.callRMNRemote(abi.encodeCall(IRealRMNRemote.transferOwnership, (successor)));
        vm.prank(successor);
        rmnRemote.acceptOwnership();

        isOurs = false;
    }

    function takeRMNRemoteBack() external {
        if (isOurs) return;

        vm.prank(successor);
        rmnRemote.transferOwnership(address(voting));
        voting.acceptRMNRemoteOwnership();

        isOurs = true;
    }

    /// @dev What nobody may do: voters lifting or cursing at once, strangers voting, the council passing by the votes.
    function trespass(uint256 person, uint256 chosen, uint256 kind) external {
        bytes16[] memory subjects = listOf(nonEmpty(chosen));
        address caller = account(person % PEOPLE);
        bytes memory data;
        if (kind % 5 == 0) data = abi.encodeCall(ICurseVoting.liftCurse, (subjects));
        if (kind % 5 == 1) data = abi.encodeCall(ICurseVoting.councilCurse, (subjects, bytes32(0)));
        if (kind % 5 == 2) {
            data = abi.encodeCall(ICurseVoting.callRMNRemote, (abi.encodeCall(IRealRMNRemote.uncurse, (subjects))));
        }
        if (kind % 5 == 3) {
            caller = council;
            data = abi.encodeCall(ICurseVoting.callRMNRemote, (abi.encodeCall(IRealRMNRemote.uncurse, (subjects))));
        }
        if (kind % 5 == 4) {
            caller = address(0xBAD);
            data = abi.encodeCall(ICurseVoting.voteToCurse, (bytes16(++s_curseIds), subjects, bytes32(0)));
        }

        vm.prank(caller);
        (bool success,) = address(voting).call(data);

        check(!success, "a trespass succeeded");
    }

    // ---- the record -----------------------------------------------------------------------------------------------

    function standingWeight(uint256 subject) public view returns (uint256 sum) {
        for (uint256 p = 0; p < PEOPLE; ++p) {
            if (hasVoted[p][subject]) sum += weightOf[p];
        }
    }

    function forgetVotes(uint256 subject) internal {
        for (uint256 p = 0; p < PEOPLE; ++p) {
            hasVoted[p][subject] = false;
        }
    }

    function account(uint256 person) public pure returns (address) {
        return address(uint160(0x1000 + person));
    }

    /// @dev Ascending; the last one is the global subject.
    function subjectAt(uint256 index) public pure returns (bytes16) {
        return index == SUBJECTS - 1 ? bytes16(0x01000000000000000000000000000001) : bytes16(uint128(index));
    }

    function nonEmpty(uint256 chosen) internal pure returns (uint256) {
        return bound(chosen, 1, (1 << SUBJECTS) - 1);
    }

    function listOf(uint256 chosen) internal pure returns (bytes16[] memory list) {
        uint256 length = 0;
        list = new bytes16[](SUBJECTS);
        for (uint256 s = 0; s < SUBJECTS; ++s) {
            if (chosen >> s & 1 != 0) list[length++] = subjectAt(s);
        }
        assembly ("memory-safe") {
            mstore(list, length)
        }
    }
}
