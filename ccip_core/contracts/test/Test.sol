// SPDX-License-Identifier: MIT
pragma solidity 0.8.26;

/// @dev forge's cheat codes, those that we use.
interface Vm {
    struct Log {
        bytes32[] topics;
        bytes data;
        address emitter;
    }

    function addr(uint256 privateKey) external pure returns (address);
    function assume(bool condition) external pure;
    function chainId(uint256 newChainId) external;
    function deal(address account, uint256 balance) external;
    function envOr(string calldata name, bytes calldata otherwise) external view returns (bytes memory);
    function envOr(string calldata name, string calldata otherwise) external view returns (string memory);
    function etch(address account, bytes calldata code) external;
    function expectEmit(address emitter) external;
    function expectRevert() external;
    function expectRevert(bytes calldata revertData) external;
    function getCode(string calldata artifact) external view returns (bytes memory);
    function isFile(string calldata path) external view returns (bool);
    function getRecordedLogs() external returns (Log[] memory);
    function prank(address sender) external;
    function recordLogs() external;
    function sign(uint256 privateKey, bytes32 digest) external pure returns (uint8 v, bytes32 r, bytes32 s);
    function store(address account, bytes32 slot, bytes32 value) external;
    function warp(uint256 timestamp) external;
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

    /// @dev Deploys a contract of `src` by name. Tests don't say `new`, which would compile each contract into each test;
    /// and with CCIP_CODE=../artifacts it is the committed artifact that is tested; a mutant stands in a folder of its own.
    function deployed(string memory name, bytes memory arguments) internal returns (address account) {
        string memory folder = vm.envOr("CCIP_CODE", string(""));
        string memory file = string.concat(folder, "/", name, ".json");
        bool isThere = bytes(folder).length != 0 && vm.isFile(file);
        string memory place = isThere ? file : string.concat(name, ".sol:", name);
        bytes memory creation = bytes.concat(vm.getCode(place), arguments);
        assembly ("memory-safe") {
            account := create(0, add(creation, 0x20), mload(creation))
        }
        require(account != address(0), string.concat(name, ": could not be deployed"));
    }

    function checkEq(bytes32 actual, bytes32 expected, string memory what) internal pure {
        require(actual == expected, what);
    }

    function checkEq(bytes memory actual, bytes memory expected, string memory what) internal pure {
        require(keccak256(actual) == keccak256(expected), what);
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
