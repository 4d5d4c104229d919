// SPDX-License-Identifier: MIT
pragma solidity 0.8.26;

import {Client} from "../../src/libraries/Client.sol";
import {OnRamp} from "../../src/onRamp/OnRamp.sol";
import {CCIPBase} from "../CCIPBase.t.sol";

contract OnRamp_getFee is CCIPBase {
    function test_getFee() external view {
        Client.EVM2AnyMessage memory message = messageFrom("");

        checkEq(s_onRamp.getFee(REMOTE, message), s_feeQuoter.getValidatedFee(REMOTE, message), "the FeeQuoter's");
    }

    /// @dev INV-RAMP-2: nothing is sent to a cursed chain.
    function test_RevertWhen_getFee_destCursed() external {
        Client.EVM2AnyMessage memory message = messageFrom("");
        bytes memory error_ = abi.encodeWithSelector(OnRamp.CursedByRMN.selector, REMOTE);

        s_rmnRemote.curse(subject(REMOTE));
        vm.expectRevert(error_);
        s_onRamp.getFee(REMOTE, message);
        s_rmnRemote.uncurse(subject(REMOTE));
        s_rmnRemote.curse(GLOBAL);
        vm.expectRevert(error_);
        s_onRamp.getFee(REMOTE, message);
    }

    /// @dev Conformance 86: the local chain's own selector stops nothing on its own chain.
    function test_getFee_localSelectorCursed() external {
        s_rmnRemote.curse(subject(LOCAL));

        check(s_onRamp.getFee(REMOTE, messageFrom("")) > 0, "fee");
    }
}
