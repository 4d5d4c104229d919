// SPDX-License-Identifier: MIT
pragma solidity 0.8.26;

import {IOffRamp} from "../../src/interfaces/IOffRamp.sol";
import {Internal} from "../../src/libraries/Internal.sol";
import {MerkleMultiProof} from "../../src/libraries/MerkleMultiProof.sol";
import {CCIPBase} from "../CCIPBase.t.sol";

/// @dev A message that was never committed, carried in by a clever proof.
contract ProofForgery is CCIPBase {
    bytes32 internal s_root;
    bytes32 internal s_leaf;

    function setUp() public override {
        super.setUp();
        Internal.Any2EVMRampMessage memory a = tokensTo(UNBLESSED, 1, s_someone, 1);
        Internal.Any2EVMRampMessage memory b = tokensTo(UNBLESSED, 2, s_someone, 2);
        (bytes32 low, bytes32 high) = (leafOf(a), leafOf(b));
        s_leaf = low;
        if (low > high) (low, high) = (high, low);
        s_root = keccak256(abi.encode(1, low, high));
        commit(rootOf(UNBLESSED, s_root, 1, 2));
    }

    function forged() internal returns (Internal.Any2EVMRampMessage memory) {
        return tokensTo(UNBLESSED, 1, s_stranger, 1_000_000 ether);
    }

    function attempt(bytes32[] memory proofs, uint256 flags, bytes4 error_) internal {
        Internal.ExecutionReport memory report = executionReport(forged());
        (report.proofs, report.proofFlagBits) = (proofs, flags);
        bytes memory expected = error_ == IOffRamp.RootNotCommitted.selector
            ? abi.encodeWithSelector(error_, UNBLESSED)
            : abi.encodePacked(error_);
        checkReverts(s_transmitter, executeCall(report), expected);
        checkEq(s_token.balanceOf(s_stranger), 0, "nothing");
    }

    /// @dev The shape of CVE-2023-34459: the root itself as a proof, and flags that ask for hashes not yet computed, so
    /// that the forged leaf would be left out of the last hash.
    function test_rootAsAProof() external {
        bytes32[] memory proofs = new bytes32[](1);
        proofs[0] = s_root;
        attempt(proofs, 0, IOffRamp.RootNotCommitted.selector);
        attempt(proofs, 1, MerkleMultiProof.InvalidProof.selector);
        proofs = new bytes32[](2);
        (proofs[0], proofs[1]) = (s_root, s_root);
        attempt(proofs, 0, IOffRamp.RootNotCommitted.selector);
        attempt(proofs, 1, MerkleMultiProof.InvalidProof.selector);
        attempt(proofs, 2, MerkleMultiProof.InvalidProof.selector);
        attempt(proofs, 3, MerkleMultiProof.InvalidProof.selector);
    }

    /// @dev No proof at all: then the leaf must be the root.
    function test_noProof() external {
        attempt(new bytes32[](0), 0, IOffRamp.RootNotCommitted.selector);
    }

    /// @dev A committed sibling vouches for nobody.
    function test_siblingAsAProof() external {
        bytes32[] memory proofs = new bytes32[](1);
        proofs[0] = s_leaf;
        attempt(proofs, 0, IOffRamp.RootNotCommitted.selector);
    }

    /// @dev A root counts on its own lane: the same message can't come in by another.
    function test_rootOfAnotherLane() external {
        Internal.Any2EVMRampMessage memory message = tokensTo(REMOTE, 1, s_stranger, 1_000_000 ether);
        commit(rootOf(UNBLESSED, leafOf(message), 3, 3));

        checkReverts(
            s_transmitter,
            executeCall(executionReport(message)),
            abi.encodeWithSelector(IOffRamp.RootNotCommitted.selector, REMOTE)
        );
    }
}
