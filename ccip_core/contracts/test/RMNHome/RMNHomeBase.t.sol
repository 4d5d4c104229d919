// SPDX-License-Identifier: MIT
pragma solidity 0.8.26;

import {RMNHome} from "../../src/rmn/RMNHome.sol";
import {Test} from "../Test.sol";

/// @dev An RMNHome of the test, and configs for it.
abstract contract RMNHomeBase is Test {
    RMNHome internal s_home;

    function setUp() external {
        s_home = RMNHome(deployed("RMNHome", ""));
    }

    function staticOf(uint256 nodes) internal pure returns (RMNHome.StaticConfig memory config) {
        config.nodes = new RMNHome.Node[](nodes);
        for (uint256 i = 0; i < nodes; ++i) {
            config.nodes[i] = RMNHome.Node(bytes32(i + 1), bytes32(i + 1000));
        }
    }

    function dynamicOf(uint64 fObserve, uint256 observers) internal pure returns (RMNHome.DynamicConfig memory config) {
        config.sourceChains = new RMNHome.SourceChain[](1);
        config.sourceChains[0] = RMNHome.SourceChain(7, fObserve, observers);
    }
}
