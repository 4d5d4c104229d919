// SPDX-License-Identifier: MIT
pragma solidity 0.8.26;

import {IERC20} from "../../src/interfaces/IERC20.sol";
import {Client} from "../../src/libraries/Client.sol";
import {CCIPBase} from "../CCIPBase.t.sol";

/// @dev People who pay for messages in LINK, in wrapped and in native coins, some of them too much; and passers-by who have
/// the fees paid out.
contract FeesHandler is CCIPBase {
    uint256 public paidLink;
    uint256 public paidNative;

    constructor() {
        setUp();
        approve(IERC20(address(s_link)), s_user, type(uint256).max);
        approve(IERC20(address(s_token)), s_user, type(uint256).max);
    }

    function sendForLink(uint256 dataLength, bool withToken) external {
        Client.EVM2AnyMessage memory message = _message(dataLength, withToken);
        message.feeToken = address(s_link);
        uint256 before = s_link.balanceOf(s_user);
        vm.prank(s_user);
        s_router.ccipSend(REMOTE, message);
        paidLink += before - s_link.balanceOf(s_user);
    }

    function sendForNative(uint256 dataLength, bool withToken, uint256 tooMuch) external {
        Client.EVM2AnyMessage memory message = _message(dataLength, withToken);
        message.feeToken = address(0);
        uint256 value = s_router.getFee(REMOTE, message) + bound(tooMuch, 0, 1e15);
        vm.deal(s_user, value);
        vm.prank(s_user);
        s_router.ccipSend{value: value}(REMOTE, message);
        paidNative += value;
    }

    function withdraw(bool link, bool native) external {
        address[] memory tokens = new address[](2);
        tokens[0] = link ? address(s_link) : address(s_token);
        tokens[1] = native ? address(s_weth) : address(s_token);
        vm.prank(s_stranger);
        s_onRamp.withdrawFeeTokens(tokens);
    }

    function changePrice(uint256 price) external {
        s_feeQuoter.updatePrices(prices(uint224(bound(price, 1 ether, 100 ether))));
    }

    function _message(uint256 dataLength, bool withToken) private view returns (Client.EVM2AnyMessage memory message) {
        message = messageFrom("");
        message.data = new bytes(bound(dataLength, 0, 2000));
        if (!withToken) return message;
        message.tokenAmounts = new Client.EVMTokenAmount[](1);
        message.tokenAmounts[0] = Client.EVMTokenAmount(address(s_token), 1);
    }

    function held(bool link) external view returns (uint256) {
        IERC20 token = IERC20(link ? address(s_link) : address(s_weth));
        return token.balanceOf(address(s_onRamp)) + token.balanceOf(s_feeAggregator);
    }

    function leftInRouter() external view returns (uint256) {
        return address(s_router).balance + s_link.balanceOf(address(s_router)) + s_weth.balanceOf(address(s_router));
    }
}
