// SPDX-License-Identifier: MIT
pragma solidity 0.8.26;

import {IERC20} from "../../src/interfaces/IERC20.sol";
import {IRouterClient} from "../../src/interfaces/IRouterClient.sol";
import {Client} from "../../src/libraries/Client.sol";
import {Internal} from "../../src/libraries/Internal.sol";
import {OnRamp} from "../../src/onRamp/OnRamp.sol";
import {Router} from "../../src/Router.sol";
import {CCIPBase} from "../CCIPBase.t.sol";

contract Router_ccipSend is CCIPBase {
    function native() internal view returns (Client.EVM2AnyMessage memory message) {
        message = messageFrom("");
        message.feeToken = address(0);
    }

    function withTokens(address token, uint256 amount) internal view returns (Client.EVM2AnyMessage memory message) {
        message = messageFrom("");
        message.tokenAmounts = new Client.EVMTokenAmount[](1);
        message.tokenAmounts[0] = Client.EVMTokenAmount(token, amount);
    }

    /// @dev Another contract to call from, so that `vm.expectRevert` sees the call of `ccipSend` alone.
    function sendWith(Client.EVM2AnyMessage memory message, uint256 value) internal returns (bytes32) {
        vm.deal(s_user, value);
        vm.prank(s_user);
        return s_router.ccipSend{value: value}(REMOTE, message);
    }

    function test_ccipSend_feeInToken() external {
        Client.EVM2AnyMessage memory message = messageFrom("");
        uint256 fee = s_router.getFee(REMOTE, message);
        uint256 before = s_link.balanceOf(s_user);

        send(message);

        checkEq(s_link.balanceOf(address(s_onRamp)), fee, "at the OnRamp");
        checkEq(s_link.balanceOf(s_user), before - fee, "exactly the fee");
    }

    /// @dev Conformance 1 and 3: all that came along is the fee, in wrapped native.
    function test_ccipSend_nativeFeeIsNotGivenBack() external {
        uint256 fee = s_router.getFee(REMOTE, native());
        vm.recordLogs();

        sendWith(native(), fee + 7);

        Internal.EVM2AnyRampMessage memory sent = sentMessage();
        checkEq(sent.feeToken, address(s_weth), "wrapped");
        checkEq(sent.feeTokenAmount, fee + 7, "all of it");
        checkEq(s_weth.balanceOf(address(s_onRamp)), fee + 7, "at the OnRamp");
        checkEq(s_user.balance + address(s_router).balance, 0, "nothing elsewhere");
    }

    function test_ccipSend_tokens() external {
        approve(IERC20(address(s_token)), s_user, 5 ether);
        uint256 supply = s_token.totalSupply();

        send(withTokens(address(s_token), 5 ether));

        checkEq(s_token.totalSupply(), supply - 5 ether, "burnt");
    }

    function test_RevertWhen_ccipSend_nativeFeeTooLow() external {
        Client.EVM2AnyMessage memory message = native();
        uint256 fee = s_router.getFee(REMOTE, message);
        vm.expectRevert(abi.encodePacked(IRouterClient.InsufficientFeeTokenAmount.selector));
        sendWith(message, fee - 1);
    }

    /// @dev Conformance 2.
    function test_RevertWhen_ccipSend_nativeBesideTokenFee() external {
        Client.EVM2AnyMessage memory message = messageFrom("");
        vm.expectRevert(abi.encodePacked(IRouterClient.InvalidMsgValue.selector));
        sendWith(message, 1);
    }

    /// @dev Conformance 4: the curse, then the destination, then the fee.
    function test_RevertWhen_ccipSend_inThisOrder() external {
        Client.EVM2AnyMessage memory message = native();
        vm.expectRevert(abi.encodeWithSelector(IRouterClient.UnsupportedDestinationChain.selector, 5));
        s_router.ccipSend(5, message);
        s_rmnRemote.curse(GLOBAL);
        vm.expectRevert(abi.encodePacked(Router.BadARMSignal.selector));
        s_router.ccipSend(5, message);
    }

    function test_RevertWhen_ccipSend_destCursed() external {
        s_rmnRemote.curse(subject(REMOTE));
        Client.EVM2AnyMessage memory message = messageFrom("");
        vm.expectRevert(abi.encodeWithSelector(OnRamp.CursedByRMN.selector, REMOTE));
        s_router.ccipSend(REMOTE, message);
    }

    /// @dev Conformance 8.
    function test_RevertWhen_getFee_globallyCursed() external {
        s_rmnRemote.curse(GLOBAL);
        Client.EVM2AnyMessage memory message = messageFrom("");
        vm.expectRevert(abi.encodeWithSelector(OnRamp.CursedByRMN.selector, REMOTE));
        s_router.getFee(REMOTE, message);
    }

    /// @dev Conformance 7: the token can't be moved to nowhere, which shows before the OnRamp is asked.
    function test_RevertWhen_ccipSend_tokenWithoutPool() external {
        s_registry.setPool(address(s_token), address(0));
        approve(IERC20(address(s_link)), s_user, type(uint256).max);
        approve(IERC20(address(s_token)), s_user, 1);
        Client.EVM2AnyMessage memory message = withTokens(address(s_token), 1);
        vm.expectRevert(abi.encodeWithSignature("Error(string)", "ERC20: transfer to the zero address"));
        sendWith(message, 0);
    }

    /// @dev Conformance 17: only after fee and transfers.
    function test_RevertWhen_ccipSend_amountZeroAfterTheFee() external {
        Client.EVM2AnyMessage memory message = withTokens(address(s_token), 0);
        vm.expectRevert(abi.encodeWithSignature("Error(string)", "ERC20: insufficient allowance"));
        sendWith(message, 0);
        approve(IERC20(address(s_link)), s_user, type(uint256).max);
        vm.expectRevert(abi.encodePacked(OnRamp.CannotSendZeroTokens.selector));
        sendWith(message, 0);
    }
}
