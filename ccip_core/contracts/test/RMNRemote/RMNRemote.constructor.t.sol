// SPDX-License-Identifier: MIT
pragma solidity 0.8.26;

import {IRMNRemote} from "../../src/interfaces/IRMNRemote.sol";
import {CCIPBase} from "../CCIPBase.t.sol";

contract RMNRemote_constructor is CCIPBase {
    function test_constructor() external view {
        checkEq(s_rmnRemote.getLocalChainSelector(), LOCAL, "selector");
        checkEq(s_rmnRemote.getReportDigestHeader(), keccak256("RMN_V1_6_ANY2EVM_REPORT"), "header");
        checkEq(s_rmnRemote.owner(), address(this), "owner");
    }

    function test_RevertWhen_constructor_selectorIsZero() external {
        vm.expectRevert(abi.encodePacked(IRMNRemote.ZeroValueNotAllowed.selector));
        deployed("RMNRemote", abi.encode(uint64(0), address(0)));
    }
}
