// SPDX-License-Identifier: MIT
pragma solidity 0.8.26;

import {ICurseVoting} from "../../src/interfaces/ICurseVoting.sol";
import {CurseVoting} from "../../src/rmn/CurseVoting.sol";
import {Test} from "../Test.sol";

/// @dev What the tests ask of the real RMNRemote 1.6.0, beyond what CurseVoting needs.
interface IRealRMNRemote {
    error OnlyCallableByOwner();
    error MustBeProposedOwner();
    error ZeroValueNotAllowed();

    event Cursed(bytes16[] subjects);
    event Uncursed(bytes16[] subjects);

    struct Signer {
        address onchainPublicKey;
        uint64 nodeIndex;
    }

    struct Config {
        bytes32 rmnHomeContractConfigDigest;
        Signer[] signers;
        uint64 fSign;
    }

    function acceptOwnership() external;
    function curse(bytes16[] calldata subjects) external;
    function uncurse(bytes16[] calldata subjects) external;
    function getCursedSubjects() external view returns (bytes16[] memory);
    function getVersionedConfig() external view returns (uint32, Config memory);
    function isCursed() external view returns (bool);
    function isCursed(bytes16 subject) external view returns (bool);
    function owner() external view returns (address);
    function setConfig(Config calldata config) external;
    function transferOwnership(address to) external;
}

/// @dev Four voters with weights 1, 2, 3, 4 and a threshold of 5 before the real RMNRemote: there is no double, so the
/// tests can't agree with themselves about a contract that behaves differently.
abstract contract CurseVotingBase is Test {
    uint64 internal constant LOCAL_SELECTOR = 3_379_446_385_462_418_246;
    bytes16 internal constant LANE_A = bytes16(uint128(7_759_470_850_252_068_959));
    bytes16 internal constant LANE_B = bytes16(uint128(9_284_632_837_123_596_123));
    bytes16 internal constant GLOBAL = 0x01000000000000000000000000000001;
    bytes32 internal constant EVIDENCE = keccak256("evidence");

    uint256 internal constant VOTERS = 4;
    uint16 internal constant THRESHOLD = 5;

    address internal s_council = address(0xC0);
    address internal s_stranger = address(0xBAD);
    address internal s_deployer = address(0xDE);

    IRealRMNRemote internal s_rmnRemote;
    CurseVoting internal s_voting;

    uint128 private s_curseIds;

    function setUp() public virtual {
        s_rmnRemote = deployRMNRemote(s_deployer);
        bytes memory arguments = abi.encode(s_rmnRemote, voters(), THRESHOLD, s_council);
        s_voting = CurseVoting(deployed("CurseVoting", arguments));
        offerRMNRemote();
        s_voting.acceptRMNRemoteOwnership();
    }

    function deployRMNRemote(address owner) internal returns (IRealRMNRemote) {
        bytes memory code = vm.envOr("RMN_REMOTE_BYTECODE", bytes(""));
        require(code.length != 0, "RMN_REMOTE_BYTECODE: not set; run these tests by `pytest tests/ccip_core/contracts`");
        bytes memory creation = bytes.concat(code, abi.encode(LOCAL_SELECTOR, address(0)));
        address deployed;
        vm.prank(owner);
        assembly ("memory-safe") {
            deployed := create(0, add(creation, 0x20), mload(creation))
        }
        require(deployed != address(0), "RMN_REMOTE_BYTECODE: could not be deployed");
        return IRealRMNRemote(deployed);
    }

    function offerRMNRemote() internal {
        vm.prank(s_deployer);
        s_rmnRemote.transferOwnership(address(s_voting));
    }

    /// @dev Hands RMNRemote back to the deployer, as a council that replaces CurseVoting would.
    function giveRMNRemoteAway() internal {
        vm.prank(s_council);
        s_voting.callRMNRemote(abi.encodeCall(IRealRMNRemote.transferOwnership, (s_deployer)));
        vm.prank(s_deployer);
        s_rmnRemote.acceptOwnership();
    }

    // ---- actors ---------------------------------------------------------------------------------------------------

    function voter(uint256 index) internal pure returns (address) {
        return address(uint160(0x1000 + index));
    }

    function voters() internal pure returns (ICurseVoting.Voter[] memory list) {
        list = new ICurseVoting.Voter[](VOTERS);
        for (uint256 i = 0; i < VOTERS; ++i) {
            list[i] = ICurseVoting.Voter(voter(i), weightOf(i));
        }
    }

    function weightOf(uint256 index) internal pure returns (uint8) {
        return uint8(index + 1);
    }

    function vote(uint256 index, bytes16 subject) internal {
        vote(index, one(subject));
    }

    function vote(uint256 index, bytes16[] memory subjects) internal {
        bytes16 curseId = nextCurseId();
        vm.prank(voter(index));
        s_voting.voteToCurse(curseId, subjects, EVIDENCE);
    }

    function nextCurseId() internal returns (bytes16) {
        return bytes16(++s_curseIds);
    }

    function lift(bytes16 subject) internal {
        vm.prank(s_council);
        s_voting.liftCurse(one(subject));
    }

    function councilCurse(bytes16 subject) internal {
        vm.prank(s_council);
        s_voting.councilCurse(one(subject), EVIDENCE);
    }

    // ---- questions ------------------------------------------------------------------------------------------------

    /// @dev Whether the subject itself is in RMNRemote's set, also while the global subject is.
    function isReallyCursed(bytes16 subject) internal view returns (bool) {
        bytes16[] memory cursed = s_rmnRemote.getCursedSubjects();
        for (uint256 i = 0; i < cursed.length; ++i) {
            if (cursed[i] == subject) return true;
        }
        return false;
    }

    function checkWeight(bytes16 subject, uint256 expected, string memory what) internal view {
        (uint16 weight, address[] memory standing) = s_voting.getVote(subject);
        checkEq(weight, expected, what);
        uint256 sum = 0;
        for (uint256 i = 0; i < standing.length; ++i) {
            sum += weightOf(uint160(standing[i]) - 0x1000);
        }
        checkEq(sum, expected, string.concat(what, " (by its voters)"));
    }

    // ---- lists of subjects ----------------------------------------------------------------------------------------

    function one(bytes16 a) internal pure returns (bytes16[] memory list) {
        list = new bytes16[](1);
        list[0] = a;
    }

    function two(bytes16 a, bytes16 b) internal pure returns (bytes16[] memory list) {
        list = new bytes16[](2);
        (list[0], list[1]) = (a, b);
    }

    function three(bytes16 a, bytes16 b, bytes16 c) internal pure returns (bytes16[] memory list) {
        list = new bytes16[](3);
        (list[0], list[1], list[2]) = (a, b, c);
    }
}
