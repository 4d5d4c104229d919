// SPDX-License-Identifier: MIT
pragma solidity 0.8.26;

import {AuthorizedCallers} from "../../src/access/AuthorizedCallers.sol";
import {Internal} from "../../src/libraries/Internal.sol";
import {CCIPBase} from "../CCIPBase.t.sol";

contract FeeQuoter_updatePrices is CCIPBase {
    /// @dev Conformance 32: the owner is no price updater by being the owner.
    function test_RevertWhen_updatePrices_calledByOwner() external {
        address[] memory me = new address[](1);
        me[0] = address(this);
        s_feeQuoter.applyAuthorizedCallerUpdates(AuthorizedCallers.AuthorizedCallerArgs(new address[](0), me));
        checkEq(s_feeQuoter.owner(), address(this), "owner");

        Internal.PriceUpdates memory none;
        vm.expectRevert(abi.encodeWithSelector(AuthorizedCallers.UnauthorizedCaller.selector, address(this)));
        s_feeQuoter.updatePrices(none);
    }
}
