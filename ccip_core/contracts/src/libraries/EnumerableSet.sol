// SPDX-License-Identifier: MIT
pragma solidity ^0.8.26;

/// @title EnumerableSet
/// @notice A set that can be listed. Adding, removing and asking cost the same whatever its size; a removal moves the
/// last value into the gap, so the order is the order of adding only until the first removal.
library EnumerableSet {
    struct Bytes32Set {
        bytes32[] items;
        mapping(bytes32 value => uint256) positions; // from 1; 0: not in the set
    }

    struct AddressSet {
        Bytes32Set inner;
    }

    struct UintSet {
        Bytes32Set inner;
    }

    struct Bytes16Set {
        Bytes32Set inner;
    }

    /// @return True if it was not there.
    function add(Bytes32Set storage set, bytes32 value) internal returns (bool) {
        if (set.positions[value] != 0) return false;
        set.items.push(value);
        set.positions[value] = set.items.length;
        return true;
    }

    /// @return True if it was there.
    function remove(Bytes32Set storage set, bytes32 value) internal returns (bool) {
        uint256 position = set.positions[value];
        if (position == 0) return false;

        uint256 last = set.items.length;
        if (position != last) {
            bytes32 moved = set.items[last - 1];
            set.items[position - 1] = moved;
            set.positions[moved] = position;
        }
        set.items.pop();
        delete set.positions[value];
        return true;
    }

    function contains(Bytes32Set storage set, bytes32 value) internal view returns (bool) {
        return set.positions[value] != 0;
    }

    function length(Bytes32Set storage set) internal view returns (uint256) {
        return set.items.length;
    }

    /// @dev Panics when there are not so many.
    function at(Bytes32Set storage set, uint256 index) internal view returns (bytes32) {
        return set.items[index];
    }

    function values(Bytes32Set storage set) internal view returns (bytes32[] memory) {
        return set.items;
    }

    // ---- addresses --------------------------------------------------------------------------------------------------

    function add(AddressSet storage set, address value) internal returns (bool) {
        return add(set.inner, bytes32(uint256(uint160(value))));
    }

    function remove(AddressSet storage set, address value) internal returns (bool) {
        return remove(set.inner, bytes32(uint256(uint160(value))));
    }

    function contains(AddressSet storage set, address value) internal view returns (bool) {
        return contains(set.inner, bytes32(uint256(uint160(value))));
    }

    function length(AddressSet storage set) internal view returns (uint256) {
        return length(set.inner);
    }

    function at(AddressSet storage set, uint256 index) internal view returns (address) {
        return address(uint160(uint256(at(set.inner, index))));
    }

    function values(AddressSet storage set) internal view returns (address[] memory list) {
        bytes32[] memory words = values(set.inner);
        assembly ("memory-safe") {
            list := words // the words are addresses, by `add`
        }
    }

    // ---- numbers ----------------------------------------------------------------------------------------------------

    function add(UintSet storage set, uint256 value) internal returns (bool) {
        return add(set.inner, bytes32(value));
    }

    function remove(UintSet storage set, uint256 value) internal returns (bool) {
        return remove(set.inner, bytes32(value));
    }

    function contains(UintSet storage set, uint256 value) internal view returns (bool) {
        return contains(set.inner, bytes32(value));
    }

    function length(UintSet storage set) internal view returns (uint256) {
        return length(set.inner);
    }

    function at(UintSet storage set, uint256 index) internal view returns (uint256) {
        return uint256(at(set.inner, index));
    }

    function values(UintSet storage set) internal view returns (uint256[] memory list) {
        bytes32[] memory words = values(set.inner);
        assembly ("memory-safe") {
            list := words
        }
    }

    // ---- curse subjects ---------------------------------------------------------------------------------------------

    function add(Bytes16Set storage set, bytes16 value) internal returns (bool) {
        return add(set.inner, bytes32(value));
    }

    function remove(Bytes16Set storage set, bytes16 value) internal returns (bool) {
        return remove(set.inner, bytes32(value));
    }

    function contains(Bytes16Set storage set, bytes16 value) internal view returns (bool) {
        return contains(set.inner, bytes32(value));
    }

    function length(Bytes16Set storage set) internal view returns (uint256) {
        return length(set.inner);
    }

    function values(Bytes16Set storage set) internal view returns (bytes16[] memory list) {
        bytes32[] memory words = values(set.inner);
        assembly ("memory-safe") {
            list := words // left-aligned, by `add`
        }
    }
}
