// SPDX-License-Identifier: MIT
pragma solidity 0.8.26;

import {Prices} from "../../src/feeQuoter/Prices.sol";
import {CCIPBase} from "../CCIPBase.t.sol";

contract FeeQuoter_onReport is CCIPBase {
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

    function report(uint224 price, uint32 timestamp) internal view returns (bytes memory) {
        Prices.ReceivedCCIPFeedReport[] memory feeds = new Prices.ReceivedCCIPFeedReport[](1);
        feeds[0] = Prices.ReceivedCCIPFeedReport(address(s_token), price, timestamp);
        return abi.encode(feeds);
    }

    function enableFeed() internal {
        Prices.TokenPriceFeedUpdate[] memory updates = new Prices.TokenPriceFeedUpdate[](1);
        updates[0] = Prices.TokenPriceFeedUpdate(address(s_token), Prices.TokenPriceFeedConfig(address(0), 6, true));
        s_feeQuoter.updateTokenPriceFeeds(updates);
    }

    /// @dev USD per whole token becomes USD per 1e18 smallest units; an older report changes nothing.
    function test_onReport() external {
        permit(true);
        enableFeed();
        uint32 now_ = uint32(block.timestamp);
        vm.prank(s_user);
        s_feeQuoter.onReport(metadata(), report(3e18, now_));
        checkEq(s_feeQuoter.getTokenPrice(address(s_token)).value, 3e30, "rebased");

        vm.prank(s_user);
        s_feeQuoter.onReport(metadata(), report(9e18, now_ - 1));
        checkEq(s_feeQuoter.getTokenPrice(address(s_token)).value, 3e30, "older");
    }

    function test_RevertWhen_onReport_tokenWithoutFeed() external {
        permit(true);

        vm.expectRevert(abi.encodeWithSelector(Prices.TokenNotSupported.selector, address(s_token)));
        vm.prank(s_user);
        s_feeQuoter.onReport(metadata(), report(3e18, uint32(block.timestamp)));
    }

    /// @dev The permission is for one forwarder: nobody else may use it.
    function test_RevertWhen_onReport_forwarderIsNotAllowed() external {
        permit(true);
        enableFeed();

        vm.expectRevert(
            abi.encodeWithSelector(
                Prices.ReportForwarderUnauthorized.selector, s_stranger, s_workflowOwner, WORKFLOW, REPORT
            )
        );
        vm.prank(s_stranger);
        s_feeQuoter.onReport(metadata(), report(3e18, uint32(block.timestamp)));
    }
}
