// SPDX-License-Identifier: MIT
pragma solidity 0.8.26;

import {Prices} from "../../src/feeQuoter/Prices.sol";
import {IOwnable} from "../../src/interfaces/IOwnable.sol";
import {CCIPBase} from "../CCIPBase.t.sol";

contract FeeQuoter_setReportPermissions is CCIPBase {
    bytes10 internal constant WORKFLOW = "workflow";
    bytes2 internal constant REPORT = 0x0102;
    address internal s_workflowOwner = address(0x0F10);

    function permit(bool isAllowed) internal {
        Prices.Permission[] memory permissions = new Prices.Permission[](1);
        permissions[0] = Prices.Permission(s_user, WORKFLOW, REPORT, s_workflowOwner, isAllowed);
        s_feeQuoter.setReportPermissions(permissions);
    }

    function metadata() internal view returns (bytes memory) {
        return abi.encodePacked(bytes32("id"), WORKFLOW, s_workflowOwner, REPORT);
    }

    /// @dev Allowed, and not any more; an empty report is enough to see.
    function test_setReportPermissions() external {
        bytes memory nothing = abi.encode(new Prices.ReceivedCCIPFeedReport[](0));
        permit(true);
        vm.prank(s_user);
        s_feeQuoter.onReport(metadata(), nothing);
        permit(false);

        vm.expectRevert(
            abi.encodeWithSelector(
                Prices.ReportForwarderUnauthorized.selector, s_user, s_workflowOwner, WORKFLOW, REPORT
            )
        );
        vm.prank(s_user);
        s_feeQuoter.onReport(metadata(), nothing);
    }

    function test_RevertWhen_setReportPermissions_calledByNonOwner() external {
        Prices.Permission[] memory none;
        vm.expectRevert(abi.encodePacked(IOwnable.OnlyCallableByOwner.selector));
        vm.prank(s_stranger);
        s_feeQuoter.setReportPermissions(none);
    }
}
