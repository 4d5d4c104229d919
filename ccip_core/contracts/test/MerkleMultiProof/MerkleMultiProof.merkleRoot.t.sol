// SPDX-License-Identifier: MIT
pragma solidity 0.8.26;

import {MerkleMultiProof} from "../../src/libraries/MerkleMultiProof.sol";
import {Test} from "../Test.sol";
import {MerkleCaller} from "../props/MerkleCaller.sol";

contract MerkleMultiProof_merkleRoot is Test {
    bytes32 internal constant PADDING = bytes32(type(uint256).max);

    MerkleCaller internal s_caller;

    function setUp() external {
        s_caller = MerkleCaller(deployed("MerkleCaller", ""));
    }

    function pair(bytes32 a, bytes32 b) internal pure returns (bytes32) {
        return a < b ? keccak256(abi.encode(1, a, b)) : keccak256(abi.encode(1, b, a));
    }

    function leaf(uint256 index) internal pure returns (bytes32) {
        return keccak256(abi.encode("leaf", index));
    }

    /// @dev As the nodes build it: an odd layer is padded.
    function treeRoot(bytes32[] memory layer) internal pure returns (bytes32) {
        while (layer.length > 1) {
            bytes32[] memory next = new bytes32[]((layer.length + 1) / 2);
            for (uint256 i = 0; i < next.length; ++i) {
                next[i] = pair(layer[2 * i], 2 * i + 1 < layer.length ? layer[2 * i + 1] : PADDING);
            }
            layer = next;
        }
        return layer[0];
    }

    function leavesOf(uint256 count) internal pure returns (bytes32[] memory leaves) {
        leaves = new bytes32[](count);
        for (uint256 i = 0; i < count; ++i) {
            leaves[i] = leaf(i);
        }
    }

    function list(bytes32 a, bytes32 b) internal pure returns (bytes32[] memory made) {
        made = new bytes32[](2);
        (made[0], made[1]) = (a, b);
    }

    function one(bytes32 a) internal pure returns (bytes32[] memory made) {
        made = new bytes32[](1);
        made[0] = a;
    }

    function expectInvalid(bytes32[] memory leaves, bytes32[] memory proofs, uint256 flags) internal {
        vm.expectRevert(abi.encodePacked(MerkleMultiProof.InvalidProof.selector));
        s_caller.rootOf(leaves, proofs, flags);
    }

    function test_merkleRoot_oneLeaf() external view {
        checkEq(s_caller.rootOf(one(leaf(0)), new bytes32[](0), type(uint256).max), leaf(0), "the root itself");
    }

    /// @dev Conformance 91: 3 leaves, of which 0 and 2 are proved with a padding word; flags 0b100.
    function test_merkleRoot_someLeaves() external view {
        bytes32 root = treeRoot(leavesOf(3));

        checkEq(s_caller.rootOf(list(leaf(0), leaf(2)), list(leaf(1), PADDING), 4), root, "root");
    }

    /// @dev All leaves of a full tree need no proofs; flags beyond the last hash don't matter.
    function testFuzz_merkleRoot_allLeaves(uint256 depth, uint256 high) external view {
        uint256 count = 1 << bound(depth, 0, 7);
        uint256 flags = type(uint256).max >> (256 - (count - 1)) | (high << (count - 1));
        if (count == 1) flags = high;

        checkEq(s_caller.rootOf(leavesOf(count), new bytes32[](0), flags), treeRoot(leavesOf(count)), "root");
    }

    /// @dev One leaf of any tree, by the plain way up.
    function testFuzz_merkleRoot_oneOfMany(uint256 count, uint256 index) external view {
        count = bound(count, 2, 256);
        index = bound(index, 0, count - 1);
        bytes32[] memory layer = leavesOf(count);
        bytes32 root = treeRoot(layer);
        bytes32[] memory proofs = new bytes32[](8);
        uint256 used;
        uint256 at = index;
        while (layer.length > 1) {
            uint256 sibling = at ^ 1;
            proofs[used++] = sibling < layer.length ? layer[sibling] : PADDING;
            bytes32[] memory next = new bytes32[]((layer.length + 1) / 2);
            for (uint256 i = 0; i < next.length; ++i) {
                next[i] = pair(layer[2 * i], 2 * i + 1 < layer.length ? layer[2 * i + 1] : PADDING);
            }
            (layer, at) = (next, at / 2);
        }
        assembly ("memory-safe") {
            mstore(proofs, used)
        }

        checkEq(s_caller.rootOf(one(leaf(index)), proofs, 0), root, "root");
    }

    /// @dev Conformance 92: the two of a pair may change places.
    function test_merkleRoot_pairsAreSorted() external view {
        bytes32 root = s_caller.rootOf(list(leaf(0), leaf(1)), new bytes32[](0), 1);

        checkEq(s_caller.rootOf(list(leaf(1), leaf(0)), new bytes32[](0), 1), root, "same root");
    }

    function test_RevertWhen_merkleRoot_noLeaves() external {
        vm.expectRevert(abi.encodePacked(MerkleMultiProof.LeavesCannotBeEmpty.selector));
        s_caller.rootOf(new bytes32[](0), new bytes32[](1), 0);
    }

    /// @dev Conformance 93: the limits.
    function test_merkleRoot_limits() external {
        s_caller.rootOf(leavesOf(257), new bytes32[](0), type(uint256).max); // 256 hashes
        s_caller.rootOf(one(leaf(0)), new bytes32[](256), 0);
        expectInvalid(leavesOf(258), new bytes32[](0), type(uint256).max);
        expectInvalid(one(leaf(0)), new bytes32[](257), 0);
        expectInvalid(one(leaf(0)), new bytes32[](258), 0);
        expectInvalid(leavesOf(200), new bytes32[](58), 0);
    }

    /// @dev CVE-2023-34459: a hash that isn't computed yet would read as zero, so a forger could bring a leaf of its own
    /// that is never hashed into the root. Here: all but one leaf ignored, the root given as a proof.
    function test_RevertWhen_merkleRoot_hashIsTakenBeforeItIsComputed() external {
        bytes32 root = treeRoot(leavesOf(4));
        bytes32[] memory leaves = one(keccak256("forged"));

        // Two hashes of one leaf and two proofs; the flags ask for hashes that aren't there yet.
        expectInvalid(leaves, list(root, root), 3);
        expectInvalid(leaves, list(root, root), 2);
        expectInvalid(leaves, list(root, root), 1);
        expectInvalid(list(keccak256("forged"), root), one(root), 7);
    }

    /// @dev What is left over is as bad: each leaf and each proof must have gone into the root.
    function test_RevertWhen_merkleRoot_somethingIsLeftOver() external {
        expectInvalid(leavesOf(4), one(leaf(9)), type(uint256).max); // the proof is never asked for
        expectInvalid(one(leaf(0)), one(leaf(1)), 1); // no second input for the first hash
    }

    /// @dev Whatever a forger writes, a leaf of its own never leads to the root.
    function testFuzz_merkleRoot_forged(uint256 seed, uint256 flags) external view {
        bytes32 root = treeRoot(leavesOf(8));
        uint256 count = seed % 4 + 1;
        bytes32[] memory leaves = leavesOf(count);
        leaves[(seed >> 8) % count] = keccak256(abi.encode("forged", seed));
        bytes32[] memory proofs = new bytes32[]((seed >> 16) % 5);
        for (uint256 i = 0; i < proofs.length; ++i) {
            uint256 dice = uint256(keccak256(abi.encode(seed, i))) % 10;
            proofs[i] = dice < 8 ? leaf(dice) : dice == 8 ? root : pair(leaf(0), leaf(1));
        }
        (bool success, bytes memory answer) =
            address(s_caller).staticcall(abi.encodeCall(s_caller.rootOf, (leaves, proofs, flags)));

        if (success) check(abi.decode(answer, (bytes32)) != root, "forged");
    }
}
