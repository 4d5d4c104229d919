// SPDX-License-Identifier: MIT
pragma solidity 0.8.26;

import {AuthorizedCallers} from "../../src/access/AuthorizedCallers.sol";
import {IOwnable} from "../../src/interfaces/IOwnable.sol";
import {CCIPBase} from "../CCIPBase.t.sol";

contract AuthorizedCallers_applyAuthorizedCallerUpdates is CCIPBase {
    function update(address added, address removed) internal {
        address[] memory adds = new address[](1);
        address[] memory removes = new address[](1);
        (adds[0], removes[0]) = (added, removed);
        s_nonceManager.applyAuthorizedCallerUpdates(AuthorizedCallers.AuthorizedCallerArgs(adds, removes));
    }

    /// @dev Whoever is removed and added in one call is a caller afterwards.
    function test_applyAuthorizedCallerUpdates_removesFirst() external {
        uint256 before = s_nonceManager.getAllAuthorizedCallers().length;
        vm.expectEmit(address(s_nonceManager));
        emit AuthorizedCallers.AuthorizedCallerRemoved(address(s_onRamp));
        vm.expectEmit(address(s_nonceManager));
        emit AuthorizedCallers.AuthorizedCallerAdded(address(s_onRamp));
        update(address(s_onRamp), address(s_onRamp));

        checkEq(s_nonceManager.getAllAuthorizedCallers().length, before, "callers");
        vm.prank(address(s_onRamp));
        checkEq(s_nonceManager.getIncrementedOutboundNonce(REMOTE, s_user), 1, "may call");
    }

    function test_applyAuthorizedCallerUpdates_aRemovedCallerMayNot() external {
        update(s_user, address(s_onRamp));

        vm.expectRevert(abi.encodeWithSelector(AuthorizedCallers.UnauthorizedCaller.selector, address(s_onRamp)));
        vm.prank(address(s_onRamp));
        s_nonceManager.getIncrementedOutboundNonce(REMOTE, s_user);
    }

    function test_RevertWhen_applyAuthorizedCallerUpdates_zero() external {
        AuthorizedCallers.AuthorizedCallerArgs memory args;
        args.addedCallers = new address[](1);

        vm.expectRevert(abi.encodePacked(AuthorizedCallers.ZeroAddressNotAllowed.selector));
        s_nonceManager.applyAuthorizedCallerUpdates(args);
    }

    function test_RevertWhen_applyAuthorizedCallerUpdates_calledByNonOwner() external {
        AuthorizedCallers.AuthorizedCallerArgs memory none;

        vm.expectRevert(abi.encodePacked(IOwnable.OnlyCallableByOwner.selector));
        vm.prank(address(s_onRamp));
        s_nonceManager.applyAuthorizedCallerUpdates(none);
    }
}
