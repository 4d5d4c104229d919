// SPDX-License-Identifier: MIT
pragma solidity ^0.8.26;

/// @title MerkleMultiProof
/// @notice The root that some leaves of a Merkle tree and a proof lead to.
/// @dev A node is the hash of its two children in ascending order, so a proof needs no left and right. Leaves and nodes
/// are hashed in domains of their own: no node passes for a leaf.
library MerkleMultiProof {
    error InvalidProof();
    error LeavesCannotBeEmpty();

    /// @notice Opens a leaf's preimage.
    bytes32 internal constant LEAF_DOMAIN_SEPARATOR =
        0x0000000000000000000000000000000000000000000000000000000000000000;

    /// @notice Opens an inner node's preimage.
    bytes32 internal constant INTERNAL_DOMAIN_SEPARATOR =
        0x0000000000000000000000000000000000000000000000000000000000000001;

    /// @notice One bit of `proofFlagBits` a hash.
    uint256 internal constant MAX_NUM_HASHES = 256;

    /// @notice The root of the tree in which the leaves stand. That it is the right one is for the caller to check.
    /// @param leaves In the order in which they stand in the tree.
    /// @param proofs The siblings that neither are leaves nor follow from them, in the order in which they are needed.
    /// @param proofFlagBits Bit i: the first input of hash i is a leaf or an earlier hash; else it is the next proof. The
    /// second input is always a leaf or an earlier hash. Bits beyond the last hash are ignored.
    function _merkleRoot(bytes32[] memory leaves, bytes32[] memory proofs, uint256 proofFlagBits)
        internal
        pure
        returns (bytes32)
    {
        uint256 leavesLength = leaves.length;
        uint256 proofsLength = proofs.length;
        if (leavesLength == 0) revert LeavesCannotBeEmpty();
        if (leavesLength > MAX_NUM_HASHES + 1 || proofsLength > MAX_NUM_HASHES + 1) revert InvalidProof();
        uint256 totalHashes = leavesLength + proofsLength - 1;
        if (totalHashes > MAX_NUM_HASHES) revert InvalidProof();
        if (totalHashes == 0) return leaves[0];

        bytes32[] memory hashes = new bytes32[](totalHashes);
        uint256 leafPos = 0;
        uint256 hashPos = 0;
        uint256 proofPos = 0;
        for (uint256 i = 0; i < totalHashes; ++i) {
            bytes32 a;
            if (proofFlagBits >> i & 1 == 0) a = proofs[proofPos++];
            else if (leafPos < leavesLength) a = leaves[leafPos++];
            else a = hashes[hashPos++];
            bytes32 b = leafPos < leavesLength ? leaves[leafPos++] : hashes[hashPos++];

            // A hash that is not computed yet reads as zero: with it, a forger could leave leaves out (CVE-2023-34459).
            if (hashPos > i) revert InvalidProof();

            hashes[i] = _hashPair(a, b);
        }
        if (leafPos != leavesLength || proofPos != proofsLength || hashPos != totalHashes - 1) revert InvalidProof();

        return hashes[totalHashes - 1];
    }

    function _hashPair(bytes32 a, bytes32 b) private pure returns (bytes32) {
        return a < b
            ? keccak256(abi.encode(INTERNAL_DOMAIN_SEPARATOR, a, b))
            : keccak256(abi.encode(INTERNAL_DOMAIN_SEPARATOR, b, a));
    }
}
