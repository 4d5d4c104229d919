// SPDX-License-Identifier: MIT
pragma solidity 0.8.26;

import {Client} from "../../src/libraries/Client.sol";
import {Internal} from "../../src/libraries/Internal.sol";
import {OnRamp} from "../../src/onRamp/OnRamp.sol";
import {Vm} from "../Test.sol";
import {CCIPBase} from "../CCIPBase.t.sol";

contract OnRamp_forwardFromRouter is CCIPBase {
    function forward(Client.EVM2AnyMessage memory message) internal returns (bytes32) {
        vm.prank(address(s_router));
        return s_onRamp.forwardFromRouter(REMOTE, message, 1 ether, s_user);
    }

    function withTokens(uint256 amount) internal view returns (Client.EVM2AnyMessage memory message) {
        message = messageFrom("");
        message.tokenAmounts = new Client.EVMTokenAmount[](1);
        message.tokenAmounts[0] = Client.EVMTokenAmount(address(s_token), amount);
    }

    function v2(uint256 gasLimit, bool isOutOfOrder) internal pure returns (bytes memory) {
        return Client._argsToBytes(Client.GenericExtraArgsV2(gasLimit, isOutOfOrder));
    }

    /// @dev Conformance 11, and 15 and 16: the messageId is the hash that the nodes compute.
    function test_forwardFromRouter() external {
        vm.recordLogs();
        bytes32 messageId = forward(messageFrom(v2(77, true)));
        Internal.EVM2AnyRampMessage memory sent = sentMessage();

        checkEq(sent.header.messageId, messageId, "messageId");
        checkEq(sent.header.sourceChainSelector, LOCAL, "source");
        checkEq(sent.header.destChainSelector, REMOTE, "dest");
        checkEq(sent.header.sequenceNumber, 1, "the first");
        checkEq(sent.header.nonce, 0, "unordered");
        checkEq(sent.sender, s_user, "sender");
        checkEq(sent.extraArgs, v2(77, true), "extraArgs");
        checkEq(sent.feeToken, address(s_link), "fee token");
        checkEq(sent.feeTokenAmount, 1 ether, "fee");
        checkEq(sent.feeValueJuels, 1 ether, "juels");
        bytes32 metadata = keccak256(abi.encode(keccak256("EVM2AnyMessageHashV1"), LOCAL, REMOTE, address(s_onRamp)));
        sent.feeValueJuels = 0; // not in the hash
        checkEq(Internal._hash(sent, metadata), messageId, "hash");
        checkEq(s_onRamp.getExpectedNextSequenceNumber(REMOTE), 2, "next");
    }

    /// @dev Conformance 12.
    function test_forwardFromRouter_nonces() external {
        vm.recordLogs();
        forward(messageFrom(""));
        checkEq(sentMessage().header.nonce, 1, "first ordered");
        forward(messageFrom(v2(1, true)));
        checkEq(sentMessage().header.nonce, 0, "unordered");
        forward(messageFrom(""));
        Internal.EVM2AnyRampMessage memory sent = sentMessage();
        checkEq(sent.header.nonce, 2, "second ordered");
        checkEq(sent.header.sequenceNumber, 3, "each has a sequence number");
    }

    /// @dev Conformance 13 and 14: what is emitted is V2, whatever was sent.
    function test_forwardFromRouter_extraArgsAreNormalised() external {
        vm.recordLogs();
        forward(messageFrom(""));
        checkEq(sentMessage().extraArgs, v2(200_000, false), "empty: the default");
        forward(messageFrom(Client._argsToBytes(Client.EVMExtraArgsV1(9))));
        checkEq(sentMessage().extraArgs, v2(9, false), "V1");
        forward(messageFrom(abi.encodeWithSelector(Client.EVM_EXTRA_ARGS_V1_TAG, 9, true)));
        checkEq(sentMessage().extraArgs, v2(9, false), "V1 with the old `strict`");
    }

    /// @dev Conformance 23: pools speak first.
    function test_forwardFromRouter_tokens() external {
        vm.prank(s_user);
        s_token.transfer(s_pool, 5 ether);
        vm.recordLogs();
        forward(withTokens(5 ether));
        Vm.Log[] memory logs = vm.getRecordedLogs();

        checkEq(logs[logs.length - 1].topics[0], OnRamp.CCIPMessageSent.selector, "the last event");
        Internal.EVM2AnyRampMessage memory sent = abi.decode(logs[logs.length - 1].data, (Internal.EVM2AnyRampMessage));
        checkEq(sent.tokenAmounts[0].sourcePoolAddress, s_pool, "pool");
        checkEq(sent.tokenAmounts[0].destTokenAddress, REMOTE_TOKEN, "token there");
        checkEq(sent.tokenAmounts[0].extraData, abi.encode(18), "decimals");
        checkEq(sent.tokenAmounts[0].amount, 5 ether, "amount");
        checkEq(sent.tokenAmounts[0].destExecData, abi.encode(TOKEN_GAS), "gas there");
        checkEq(s_token.balanceOf(s_pool), 0, "burnt");
    }

    /// @dev Conformance 17, this contract's half.
    function test_RevertWhen_forwardFromRouter_noTokens() external {
        Client.EVM2AnyMessage memory message = withTokens(0);
        vm.expectRevert(abi.encodePacked(OnRamp.CannotSendZeroTokens.selector));
        forward(message);
    }

    function test_RevertWhen_forwardFromRouter_tokenWithoutPool() external {
        s_registry.setPool(address(s_token), address(0));
        Client.EVM2AnyMessage memory message = withTokens(1);
        vm.expectRevert(abi.encodeWithSelector(OnRamp.UnsupportedToken.selector, s_token));
        forward(message);
    }

    /// @dev Conformance 18 and 22.
    function test_RevertWhen_forwardFromRouter_allowlistThenRouter() external {
        Client.EVM2AnyMessage memory message = messageFrom("");
        OnRamp.DestChainConfigArgs[] memory dests = new OnRamp.DestChainConfigArgs[](1);
        dests[0] = OnRamp.DestChainConfigArgs(REMOTE, address(0), true);
        s_onRamp.applyDestChainConfigUpdates(dests);

        vm.expectRevert(abi.encodeWithSelector(OnRamp.SenderNotAllowed.selector, s_user));
        forward(message);
        dests[0].allowlistEnabled = false;
        s_onRamp.applyDestChainConfigUpdates(dests);
        vm.expectRevert(abi.encodePacked(OnRamp.MustBeCalledByRouter.selector));
        forward(message);
    }

    function test_RevertWhen_forwardFromRouter_calledByStranger() external {
        Client.EVM2AnyMessage memory message = messageFrom("");
        vm.expectRevert(abi.encodePacked(OnRamp.MustBeCalledByRouter.selector));
        s_onRamp.forwardFromRouter(REMOTE, message, 1 ether, s_user);
    }

    function test_RevertWhen_forwardFromRouter_senderIsZero() external {
        Client.EVM2AnyMessage memory message = messageFrom("");
        vm.expectRevert(abi.encodePacked(OnRamp.RouterMustSetOriginalSender.selector));
        vm.prank(address(s_router));
        s_onRamp.forwardFromRouter(REMOTE, message, 1 ether, address(0));
    }

    /// @dev Conformance 19: the Router has asked for the fee before, and that is where a curse stops it.
    function test_forwardFromRouter_isNotWhereCursesBite() external {
        s_rmnRemote.curse(subject(REMOTE));

        forward(messageFrom(""));

        checkEq(s_onRamp.getExpectedNextSequenceNumber(REMOTE), 2, "sent");
    }
}
