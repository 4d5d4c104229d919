// SPDX-License-Identifier: MIT
pragma solidity 0.8.26;

import {MerkleMultiProof} from "../../src/libraries/MerkleMultiProof.sol";

/// @dev The library as a contract, so that its tests can be run on a mutant of it.
contract MerkleCaller {
    function rootOf(bytes32[] memory leaves, bytes32[] memory proofs, uint256 flags) external pure returns (bytes32) {
        return MerkleMultiProof._merkleRoot(leaves, proofs, flags);
    }
}
