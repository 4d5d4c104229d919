// SPDX-License-Identifier: MIT
pragma solidity 0.8.26;

import {Prices} from "../../src/feeQuoter/Prices.sol";
import {IOwnable} from "../../src/interfaces/IOwnable.sol";
import {CCIPBase} from "../CCIPBase.t.sol";
import {DataFeed} from "../props/DataFeed.sol";

contract FeeQuoter_updateTokenPriceFeeds is CCIPBase {
    function feedOf(address feed, bool isEnabled) internal view returns (Prices.TokenPriceFeedUpdate[] memory updates) {
        updates = new Prices.TokenPriceFeedUpdate[](1);
        updates[0] = Prices.TokenPriceFeedUpdate(address(s_link), Prices.TokenPriceFeedConfig(feed, 18, isEnabled));
    }

    /// @dev A stored price that is stale gives way to the feed's, rebased to 18 decimals.
    function test_updateTokenPriceFeeds() external {
        DataFeed feed = new DataFeed();
        s_feeQuoter.updateTokenPriceFeeds(feedOf(address(feed), true));
        checkEq(s_feeQuoter.getTokenPriceFeedConfig(address(s_link)).dataFeedAddress, address(feed), "feed");
        uint224 stored = s_feeQuoter.getTokenPrice(address(s_link)).value;
        vm.warp(block.timestamp + 90_001);
        feed.set(8, 33e8, block.timestamp);

        checkEq(s_feeQuoter.getTokenPrice(address(s_link)).value, 33e18, "the feed's");
        s_feeQuoter.updateTokenPriceFeeds(feedOf(address(feed), false));
        checkEq(s_feeQuoter.getTokenPrice(address(s_link)).value, stored, "the old one again");
    }

    function test_RevertWhen_updateTokenPriceFeeds_calledByNonOwner() external {
        Prices.TokenPriceFeedUpdate[] memory updates = feedOf(s_someone, true);
        vm.expectRevert(abi.encodePacked(IOwnable.OnlyCallableByOwner.selector));
        vm.prank(s_stranger);
        s_feeQuoter.updateTokenPriceFeeds(updates);
    }
}
