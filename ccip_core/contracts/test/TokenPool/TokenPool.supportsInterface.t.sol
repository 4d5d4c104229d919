// SPDX-License-Identifier: MIT
pragma solidity 0.8.26;

import {Pool} from "../../src/libraries/Pool.sol";
import {TokenPoolBase} from "./TokenPoolBase.t.sol";

contract TokenPool_supportsInterface is TokenPoolBase {
    /// @dev Conformance 98.
    function test_supportsInterface() external view {
        check(s_tokenPool.supportsInterface(Pool.CCIP_POOL_V1), "a pool");
        check(s_tokenPool.supportsInterface(0x01ffc9a7), "ERC-165");
        check(!s_tokenPool.supportsInterface(0xffffffff), "never");
    }
}
