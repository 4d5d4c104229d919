// SPDX-License-Identifier: MIT
pragma solidity 0.8.26;

/// @dev forge's cheat codes, those that we use.
interface Vm {
    function assume(bool condition) external pure;
    function deal(address account, uint256 balance) external;
    function envOr(string calldata name, bytes calldata otherwise) external view returns (bytes memory);
    function expectEmit(address emitter) external;
    function expectRevert(bytes calldata revertData) external;
    function prank(address sender) external;
}

abstract contract Test {
    Vm internal constant vm = Vm(address(uint160(uint256(keccak256("hevm cheat code")))));

    function check(bool condition, string memory what) internal pure {
        require(condition, what);
    }

    function checkEq(uint256 actual, uint256 expected, string memory what) internal pure {
        require(actual == expected, string.concat(what, ": ", _decimal(actual), " != ", _decimal(expected)));
    }

    function checkEq(address actual, address expected, string memory what) internal pure {
        require(actual == expected, what);
    }

    /// @dev Folds a fuzzed number into [min, max].
    function bound(uint256 x, uint256 min, uint256 max) internal pure returns (uint256) {
        return min + x % (max - min + 1);
    }

    function _decimal(uint256 x) internal pure returns (string memory text) {
        do {
            text = string.concat(string(abi.encodePacked(bytes1(uint8(48 + x % 10)))), text);
            x /= 10;
        } while (x != 0);
    }
}
