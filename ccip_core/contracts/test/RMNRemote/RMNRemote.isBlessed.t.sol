// SPDX-License-Identifier: MIT
pragma solidity 0.8.26;

import {IRMN} from "../../src/interfaces/IRMN.sol";
import {IRMNRemote} from "../../src/interfaces/IRMNRemote.sol";
import {RMNRemote} from "../../src/rmn/RMNRemote.sol";
import {CCIPBase} from "../CCIPBase.t.sol";

/// @dev The test is the chain's RMN 1.5.
contract RMNRemote_isBlessed is CCIPBase {
    bytes32 internal constant ROOT = keccak256("root");

    function isBlessed(IRMN.TaggedRoot calldata taggedRoot) external pure returns (bool) {
        return taggedRoot.root == ROOT;
    }

    function test_isBlessed_askedOfTheLegacyRMN() external {
        RMNRemote remote = RMNRemote(deployed("RMNRemote", abi.encode(LOCAL, address(this))));

        check(remote.isBlessed(IRMN.TaggedRoot(address(1), ROOT)), "blessed");
        check(!remote.isBlessed(IRMN.TaggedRoot(address(1), 0)), "not blessed");
    }

    function test_RevertWhen_isBlessed_noLegacyRMN() external {
        vm.expectRevert(abi.encodePacked(IRMNRemote.IsBlessedNotAvailable.selector));
        s_rmnRemote.isBlessed(IRMN.TaggedRoot(address(1), ROOT));
    }
}
