// SPDX-License-Identifier: MIT
pragma solidity ^0.8.26;

/// @title Create2
/// @notice Contracts whose address follows from their creator, code and salt.
library Create2 {
    /// @notice Thrown when there is no code to deploy.
    error Create2EmptyBytecode();

    /// @notice Thrown when the constructor reverts without a word, or a contract stands there already.
    error FailedDeployment();

    /// @notice Deploys a contract from this one. What its constructor reverts with is passed on.
    function deploy(bytes32 salt, bytes memory code) internal returns (address deployed) {
        if (code.length == 0) revert Create2EmptyBytecode();

        assembly ("memory-safe") {
            deployed := create2(0, add(code, 0x20), mload(code), salt)
            if and(iszero(deployed), iszero(iszero(returndatasize()))) {
                let words := mload(0x40)
                returndatacopy(words, 0, returndatasize())
                revert(words, returndatasize())
            }
        }
        if (deployed == address(0)) revert FailedDeployment();
    }

    /// @notice Where `deploy` by `deployer` puts it.
    function addressOf(bytes32 salt, bytes32 codeHash, address deployer) internal pure returns (address) {
        return address(uint160(uint256(keccak256(abi.encodePacked(bytes1(0xff), deployer, salt, codeHash)))));
    }
}
