// SPDX-License-Identifier: MIT
pragma solidity 0.8.26;

import {Test} from "../Test.sol";

/// @dev halmos's cheat codes, those that we use: each makes a value that may be any.
interface Svm {
    function createBool(string memory name) external returns (bool);
    function createBytes32(string memory name) external returns (bytes32);
    function createUint256(string memory name) external returns (uint256);
    function enableSymbolicStorage(address account) external;
}

/// @dev What halmos proves: a function `check_…` holds for all arguments if no assert in it can fail. `make symbolic` runs
/// them; docs/contracts.md says within which bounds. Paths that revert prove nothing and are passed over: where a revert
/// would hide something, there is an assert after a call that must succeed.
abstract contract Symbolic is Test {
    Svm internal constant svm = Svm(address(uint160(uint256(keccak256("svm cheat code")))));
}
