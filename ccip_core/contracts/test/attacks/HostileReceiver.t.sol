// SPDX-License-Identifier: MIT
pragma solidity 0.8.26;

import {IERC20} from "../../src/interfaces/IERC20.sol";
import {IOffRamp} from "../../src/interfaces/IOffRamp.sol";
import {IRouterClient} from "../../src/interfaces/IRouterClient.sol";
import {Internal} from "../../src/libraries/Internal.sol";
import {CCIPBase} from "../CCIPBase.t.sol";
import {ActingReceiver} from "../props/ActingReceiver.sol";

/// @dev Receivers are strangers' contracts.
contract HostileReceiver is CCIPBase {
    ActingReceiver internal s_receiver;

    function setUp() public override {
        super.setUp();
        s_receiver = new ActingReceiver();
    }

    function committed(uint64 sequenceNumber) internal returns (Internal.Any2EVMRampMessage memory message) {
        message = tokensTo(REMOTE, sequenceNumber, address(s_receiver), 5 ether);
        message.gasLimit = 2_000_000;
        commitMessage(message);
    }

    /// @dev Conformance 59: its own message, from within: passed over.
    function test_executesItsOwnMessageAgain() external {
        Internal.Any2EVMRampMessage memory message = committed(1);
        vm.warp(block.timestamp + MANUAL_EXECUTION_S + 1);
        s_receiver.tell(ActingReceiver.End.RETURN, address(s_offRamp), manualCall(message, 0), "");

        execute(message);

        checkSuccess(message);
        check(s_receiver.callSucceeded(), "the inner call did nothing");
        checkEq(s_receiver.received(), 1, "received");
        checkEq(s_token.balanceOf(address(s_receiver)), 5 ether, "once");
    }

    /// @dev Conformance 59, the other half: another message may be executed from within.
    function test_executesAnotherMessage() external {
        Internal.Any2EVMRampMessage memory outer = committed(1);
        Internal.Any2EVMRampMessage memory inner = tokensTo(REMOTE, 2, s_someone, 7);
        commitMessage(inner);
        vm.warp(block.timestamp + MANUAL_EXECUTION_S + 1);
        s_receiver.tell(ActingReceiver.End.RETURN, address(s_offRamp), manualCall(inner, 0), "");

        execute(outer);

        checkSuccess(outer);
        checkSuccess(inner);
        checkEq(s_token.balanceOf(s_someone), 7, "inner");
    }

    /// @dev It fails its message in the end, and so undoes what it executed from within.
    function test_executesAnotherMessageAndFails() external {
        Internal.Any2EVMRampMessage memory outer = committed(1);
        Internal.Any2EVMRampMessage memory inner = tokensTo(REMOTE, 2, s_someone, 7);
        commitMessage(inner);
        vm.warp(block.timestamp + MANUAL_EXECUTION_S + 1);
        s_receiver.tell(ActingReceiver.End.REVERT, address(s_offRamp), manualCall(inner, 0), "no");

        vm.expectEmit(address(s_token));
        emit IERC20.Transfer(address(0), s_someone, 7); // it did execute, and it is undone
        execute(outer);

        checkFailure(outer);
        checkUntouched(inner);
        executeByHand(inner);
        checkEq(s_token.balanceOf(s_someone), 7, "once");
    }

    /// @dev It sends from within: a message is a message.
    function test_sendsFromWithin() external {
        Internal.Any2EVMRampMessage memory message = committed(1);
        vm.prank(s_user);
        s_link.transfer(address(s_receiver), 100 ether);
        approve(IERC20(address(s_link)), address(s_receiver), type(uint256).max);
        s_receiver.tell(
            ActingReceiver.End.RETURN,
            address(s_router),
            abi.encodeCall(IRouterClient.ccipSend, (REMOTE, messageFrom(""))),
            ""
        );

        execute(message);

        checkSuccess(message);
        check(s_receiver.callSucceeded(), "sent");
        checkEq(s_onRamp.getExpectedNextSequenceNumber(REMOTE), 2, "numbered");
        check(!s_onRamp.getDynamicConfig().reentrancyGuardEntered, "the guard is open again");
    }

    /// @dev A return bomb: what is kept of its revert is 132 bytes.
    function test_throwsABomb() external {
        s_receiver.tell(ActingReceiver.End.REVERT, address(0), "", new bytes(20_000));
        Internal.Any2EVMRampMessage memory message = committed(1);
        vm.recordLogs();

        execute(message);

        checkFailure(message);
        checkEq(recordedReturnData().length, 4 + 32 + 32 + 160, "ReceiverError(132 bytes)");
    }

    /// @dev It burns its gas; what remains is enough for everyone after it.
    function test_burnsItsGas() external {
        s_receiver.tell(ActingReceiver.End.BURN, address(0), "", "");
        Internal.Any2EVMRampMessage memory burning = committed(1);
        Internal.Any2EVMRampMessage memory next = tokensTo(REMOTE, 2, s_someone, 7);
        commitMessage(next);
        Internal.ExecutionReport[] memory reports = new Internal.ExecutionReport[](2);
        (reports[0], reports[1]) = (executionReport(burning), executionReport(next));

        transmit(executeCall(reports));

        checkFailure(burning);
        checkSuccess(next);
    }

    /// @dev Nobody reaches a receiver through the OffRamp itself.
    function test_RevertWhen_theOffRampIsTheReceiver() external {
        Internal.Any2EVMRampMessage memory message = messageTo(REMOTE, 1, address(s_offRamp));
        commitMessage(message);

        execute(message);

        checkSuccess(message); // it says that it receives nothing, so it is not called
        (bool success,) = address(s_offRamp).call(abi.encodeWithSelector(0x85572ffb, new bytes(300)));
        check(!success, "ccipReceive reverts");
    }
}
