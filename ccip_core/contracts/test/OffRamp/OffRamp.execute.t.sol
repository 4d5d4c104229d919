// SPDX-License-Identifier: MIT
pragma solidity 0.8.26;

import {IMessageInterceptor} from "../../src/interfaces/IMessageInterceptor.sol";
import {IOffRamp} from "../../src/interfaces/IOffRamp.sol";
import {IRouter} from "../../src/interfaces/IRouter.sol";
import {NonceManager} from "../../src/NonceManager.sol";
import {Internal} from "../../src/libraries/Internal.sol";
import {MerkleMultiProof} from "../../src/libraries/MerkleMultiProof.sol";
import {MultiOCR3Base} from "../../src/ocr/MultiOCR3Base.sol";
import {CCIPBase} from "../CCIPBase.t.sol";
import {Vm} from "../Test.sol";
import {ActingReceiver} from "../props/ActingReceiver.sol";

contract OffRamp_execute is CCIPBase {
    ActingReceiver internal s_receiver;

    function setUp() public override {
        super.setUp();
        s_receiver = new ActingReceiver();
    }

    function tellToRevert() internal {
        s_receiver.tell(ActingReceiver.End.REVERT, address(0), "", "no");
    }

    function told() internal pure returns (bytes memory) {
        return abi.encodeWithSelector(ActingReceiver.Told.selector, bytes("no"));
    }

    // ---- what a message does --------------------------------------------------------------------------------------

    /// @dev Conformance 55: the event tells the leaf.
    function test_execute_data() external {
        Internal.Any2EVMRampMessage memory message = messageTo(REMOTE, 1, address(s_receiver));
        commitMessage(message);
        vm.recordLogs();

        execute(message);

        checkSuccess(message);
        checkEq(s_receiver.lastMessageId(), message.header.messageId, "received");
        bool isFound;
        Vm.Log[] memory logs = vm.getRecordedLogs();
        for (uint256 i = 0; i < logs.length; ++i) {
            if (logs[i].topics[0] != IOffRamp.ExecutionStateChanged.selector) continue;
            isFound = true;
            checkEq(uint256(logs[i].topics[1]), REMOTE, "source");
            checkEq(uint256(logs[i].topics[2]), 1, "sequence number");
            checkEq(logs[i].topics[3], message.header.messageId, "messageId");
            (bytes32 leaf, uint8 state, bytes memory returnData,) =
                abi.decode(logs[i].data, (bytes32, uint8, bytes, uint256));
            checkEq(leaf, leafOf(message), "leaf");
            checkEq(state, 2, "state");
            checkEq(returnData.length, 0, "nothing to tell");
        }
        check(isFound, "event");
    }

    function test_execute_tokensAndData() external {
        Internal.Any2EVMRampMessage memory message = tokensTo(REMOTE, 1, address(s_receiver), 5 ether);
        commitMessage(message);

        execute(message);

        checkSuccess(message);
        checkEq(s_token.balanceOf(address(s_receiver)), 5 ether, "minted");
        checkEq(s_receiver.tokensSeen(), 1, "told");
    }

    /// @dev Conformance 51: neither an account without code nor one that doesn't receive messages is called.
    function test_execute_receiverIsNotCalled() external {
        Internal.Any2EVMRampMessage memory message = messageTo(REMOTE, 1, s_someone);
        commitMessage(message);
        execute(message);
        checkSuccess(message);

        message = messageTo(REMOTE, 2, address(s_weth)); // a contract without ERC-165
        commitMessage(message);
        execute(message);
        checkSuccess(message);

        tellToRevert();
        message = messageTo(REMOTE, 3, address(s_receiver));
        (message.data, message.gasLimit) = ("", 0);
        commitMessage(message);
        execute(message);
        checkSuccess(message);
    }

    /// @dev Conformance 51, the other half.
    function test_execute_dataAndNoGasFails() external {
        Internal.Any2EVMRampMessage memory message = messageTo(REMOTE, 1, address(s_receiver));
        message.gasLimit = 0;
        commitMessage(message);

        execute(message);

        checkFailure(message);
    }

    /// @dev Conformance 52 and 53.
    function test_execute_receiverReverts() external {
        tellToRevert();
        Internal.Any2EVMRampMessage memory message = tokensTo(REMOTE, 1, address(s_receiver), 5 ether);
        commitMessage(message);
        vm.recordLogs();

        execute(message);

        checkFailure(message);
        checkEq(s_token.balanceOf(address(s_receiver)), 0, "its tokens are not there");
        checkEq(recordedReturnData(), abi.encodeWithSelector(IOffRamp.ReceiverError.selector, told()), "wrapped reason");
    }

    function test_execute_gasLimitIsExact() external {
        Internal.Any2EVMRampMessage memory message = messageTo(REMOTE, 1, address(s_receiver));
        message.gasLimit = 150_000;
        commitMessage(message);

        execute(message);

        check(s_receiver.gasSeen() < 150_000 && s_receiver.gasSeen() > 145_000, "all of it, and no more");
    }

    function test_execute_noTokens() external {
        Internal.Any2EVMRampMessage memory message = tokensTo(REMOTE, 1, s_someone, 0);
        commitMessage(message);

        execute(message);

        checkSuccess(message);
    }

    function test_execute_tokenWithoutPool() external {
        Internal.Any2EVMRampMessage memory message = tokensTo(REMOTE, 1, s_someone, 1);
        message.tokenAmounts[0].destTokenAddress = address(s_weth);
        commitMessage(message);
        vm.recordLogs();

        execute(message);

        checkFailure(message);
        checkEq(
            recordedReturnData(), abi.encodeWithSelector(IOffRamp.NotACompatiblePool.selector, address(0)), "reason"
        );
    }

    // ---- once -----------------------------------------------------------------------------------------------------

    /// @dev Conformance 58. INV-RAMP-1
    function test_execute_twice() external {
        Internal.Any2EVMRampMessage memory message = tokensTo(REMOTE, 1, s_someone, 5 ether);
        commitMessage(message);
        execute(message);

        vm.expectEmit(address(s_offRamp));
        emit IOffRamp.SkippedAlreadyExecutedMessage(REMOTE, 1);
        execute(message);

        checkEq(s_token.balanceOf(s_someone), 5 ether, "once");
    }

    function test_execute_twiceInOneBatch() external {
        Internal.Any2EVMRampMessage memory message = tokensTo(REMOTE, 1, s_someone, 5 ether);
        commitMessage(message);
        Internal.ExecutionReport[] memory reports = new Internal.ExecutionReport[](2);
        (reports[0], reports[1]) = (executionReport(message), executionReport(message));

        transmit(executeCall(reports));

        checkEq(s_token.balanceOf(s_someone), 5 ether, "once");
    }

    /// @dev Conformance 48.
    function test_execute_failureIsNotRetried() external {
        tellToRevert();
        Internal.Any2EVMRampMessage memory message = messageTo(REMOTE, 1, address(s_receiver));
        commitMessage(message);
        execute(message);
        s_receiver.tell(ActingReceiver.End.RETURN, address(0), "", "");

        vm.expectEmit(address(s_offRamp));
        emit IOffRamp.AlreadyAttempted(REMOTE, 1);
        execute(message);

        checkFailure(message);
    }

    /// @dev Conformance 62: neighbours in one word, and the first of the next.
    function test_execute_statesArePacked() external {
        Internal.Any2EVMRampMessage memory message = messageTo(UNBLESSED, 127, s_someone);
        commit(rootOf(UNBLESSED, leafOf(message), 1, 128));
        execute(message);

        checkSuccess(message);
        for (uint64 sequenceNumber = 126; sequenceNumber <= 128; sequenceNumber += 2) {
            message.header.sequenceNumber = sequenceNumber;
            checkUntouched(message);
        }
        checkEq(uint256(s_offRamp.getExecutionState(REMOTE, 127)), 0, "another lane's");
    }

    // ---- nonces ---------------------------------------------------------------------------------------------------

    /// @dev Conformance 49: skipped without an event here; the NonceManager tells.
    function test_execute_nonceIsNotTheNext() external {
        Internal.Any2EVMRampMessage memory message = messageTo(REMOTE, 1, s_someone);
        message.header.nonce = 2;
        commitMessage(message);

        vm.expectEmit(address(s_nonceManager));
        emit NonceManager.SkippedIncorrectNonce(REMOTE, 2, REMOTE_SENDER);
        execute(message);

        checkUntouched(message);
        checkEq(s_nonceManager.getInboundNonce(REMOTE, REMOTE_SENDER), 0, "nonce");
    }

    /// @dev Conformance 50, and 68: an unordered message between two ordered ones.
    function test_execute_failureTakesItsNonce() external {
        tellToRevert();
        Internal.Any2EVMRampMessage memory first = messageTo(REMOTE, 1, address(s_receiver));
        first.header.nonce = 1;
        Internal.Any2EVMRampMessage memory unordered = messageTo(REMOTE, 2, s_someone);
        Internal.Any2EVMRampMessage memory second = messageTo(REMOTE, 3, s_someone);
        second.header.nonce = 2;
        commitMessage(first);
        commitMessage(unordered);
        commitMessage(second);

        execute(first);
        execute(unordered);
        execute(second);

        checkFailure(first);
        checkSuccess(unordered);
        checkSuccess(second);
        s_receiver.tell(ActingReceiver.End.RETURN, address(0), "", "");
        executeByHand(first);
        checkEq(s_nonceManager.getInboundNonce(REMOTE, REMOTE_SENDER), 2, "a retry takes none");
    }

    // ---- reports that revert --------------------------------------------------------------------------------------

    function expectError(Internal.ExecutionReport memory report, bytes memory error_) internal {
        checkReverts(s_transmitter, executeCall(report), error_);
    }

    function test_RevertWhen_execute_emptyBatch() external {
        checkReverts(
            s_transmitter,
            executeCall(new Internal.ExecutionReport[](0)),
            abi.encodePacked(IOffRamp.EmptyBatch.selector)
        );
    }

    function test_RevertWhen_execute_reportIsMalformed() external {
        Internal.ExecutionReport memory report;
        report.sourceChainSelector = REMOTE;
        expectError(report, abi.encodeWithSelector(IOffRamp.EmptyReport.selector, REMOTE));

        Internal.Any2EVMRampMessage memory message = tokensTo(REMOTE, 1, s_someone, 1);
        commitMessage(message);
        report = executionReport(message);
        report.offchainTokenData = new bytes[][](0);
        expectError(report, abi.encodePacked(IOffRamp.UnexpectedTokenData.selector));
        report.offchainTokenData = new bytes[][](1);
        report.offchainTokenData[0] = new bytes[](2);
        expectError(report, abi.encodeWithSelector(IOffRamp.TokenDataMismatch.selector, REMOTE, 1));
    }

    /// @dev Conformance 54.
    function test_RevertWhen_execute_oneOfTheBatchIsWrong() external {
        Internal.Any2EVMRampMessage memory good = messageTo(REMOTE, 1, s_someone);
        commitMessage(good);
        Internal.ExecutionReport[] memory reports = new Internal.ExecutionReport[](2);
        reports[0] = executionReport(good);

        Internal.Any2EVMRampMessage memory bad = messageTo(REMOTE, 2, s_someone);
        reports[1] = executionReport(bad);
        bytes memory error_ = abi.encodeWithSelector(IOffRamp.RootNotCommitted.selector, REMOTE);
        checkReverts(s_transmitter, executeCall(reports), error_);

        bad.header.destChainSelector = REMOTE;
        error_ = abi.encodeWithSelector(IOffRamp.InvalidMessageDestChainSelector.selector, REMOTE);
        checkReverts(s_transmitter, executeCall(reports), error_);

        bad.header.destChainSelector = LOCAL;
        bad.header.sourceChainSelector = UNBLESSED;
        error_ = abi.encodeWithSelector(IOffRamp.SourceChainSelectorMismatch.selector, REMOTE, UNBLESSED);
        checkReverts(s_transmitter, executeCall(reports), error_);

        reports[1].sourceChainSelector = 5;
        error_ = abi.encodeWithSelector(IOffRamp.SourceChainNotEnabled.selector, 5);
        checkReverts(s_transmitter, executeCall(reports), error_);
        checkUntouched(good);
    }

    /// @dev Each field is under the root: whatever is changed, it isn't committed any more.
    function testFuzz_RevertWhen_execute_messageIsNotTheCommittedOne(uint256 field, bytes32 value) external {
        Internal.Any2EVMRampMessage memory message = tokensTo(REMOTE, 1, s_someone, 1);
        commitMessage(message);
        bytes32 leaf = leafOf(message);
        field = bound(field, 0, 9);
        if (field == 0) message.header.messageId = value;
        if (field == 1) message.header.sequenceNumber = uint64(uint256(value));
        if (field == 2) message.header.nonce = uint64(uint256(value));
        if (field == 3) message.sender = abi.encode(value);
        if (field == 4) message.data = abi.encode(value);
        if (field == 5) message.receiver = address(uint160(uint256(value)));
        if (field == 6) message.gasLimit = uint256(value);
        if (field == 7) message.tokenAmounts[0].amount = uint256(value);
        if (field == 8) message.tokenAmounts[0].destTokenAddress = address(uint160(uint256(value)));
        if (field == 9) message.tokenAmounts[0].extraData = abi.encode(value);
        vm.assume(leafOf(message) != leaf);

        expectError(executionReport(message), abi.encodeWithSelector(IOffRamp.RootNotCommitted.selector, REMOTE));
    }

    function test_RevertWhen_execute_calledByStranger() external {
        Internal.Any2EVMRampMessage memory message = messageTo(REMOTE, 1, s_someone);
        commitMessage(message);

        checkReverts(
            s_stranger,
            executeCall(executionReport(message)),
            abi.encodePacked(MultiOCR3Base.UnauthorizedTransmitter.selector)
        );
    }

    function test_RevertWhen_execute_singleMessageByStranger() external {
        Internal.Any2EVMRampMessage memory message = tokensTo(REMOTE, 1, s_someone, 5 ether);

        checkReverts(
            s_stranger,
            abi.encodeCall(IOffRamp.executeSingleMessage, (message, new bytes[](1), new uint32[](0))),
            abi.encodePacked(IOffRamp.CanOnlySelfCall.selector)
        );
    }

    // ---- curses ---------------------------------------------------------------------------------------------------

    /// @dev Conformance 47: the cursed lane is passed over, the others go on. INV-RAMP-2
    function test_execute_cursedSourceIsSkipped() external {
        Internal.Any2EVMRampMessage memory cursed = tokensTo(REMOTE, 1, s_someone, 1);
        Internal.Any2EVMRampMessage memory free = tokensTo(UNBLESSED, 1, s_someone, 2);
        commitMessage(cursed);
        commitMessage(free);
        s_rmnRemote.curse(subject(REMOTE));
        Internal.ExecutionReport[] memory reports = new Internal.ExecutionReport[](2);
        (reports[0], reports[1]) = (executionReport(cursed), executionReport(free));

        vm.expectEmit(address(s_offRamp));
        emit IOffRamp.SkippedReportExecution(REMOTE);
        transmit(executeCall(reports));

        checkUntouched(cursed);
        checkSuccess(free);
        s_rmnRemote.uncurse(subject(REMOTE));
        execute(cursed);
        checkSuccess(cursed);
    }

    // ---- gas estimation -------------------------------------------------------------------------------------------

    /// @dev Conformance 63: an estimate must not settle for so little gas that the message fails.
    function test_RevertWhen_execute_estimatedWithTooLittleGas() external {
        Internal.Any2EVMRampMessage memory message = messageTo(REMOTE, 1, address(s_receiver));
        message.gasLimit = 10 ** 12;
        commitMessage(message);
        address estimator = 0x00c11c11c11C11c11C11c11c11C11C11c11C11c1;

        checkReverts(
            estimator,
            executeCall(executionReport(message)),
            abi.encodeWithSelector(IOffRamp.InsufficientGasToCompleteTx.selector, bytes4(0x37c3be29))
        );
        execute(message);
        checkFailure(message);
    }

    /// @dev A failure that more gas would not mend is estimated as it is.
    function test_execute_estimatorSeesOtherFailures() external {
        tellToRevert();
        Internal.Any2EVMRampMessage memory message = messageTo(REMOTE, 1, address(s_receiver));
        commitMessage(message);

        callAs(0x00c11c11c11C11c11C11c11c11C11C11c11C11c1, executeCall(executionReport(message)));

        checkFailure(message);
    }

    function test_execute_estimatorNeedsNoRole() external {
        Internal.Any2EVMRampMessage memory message = messageTo(REMOTE, 1, address(s_receiver));
        commitMessage(message);

        callAs(0x00c11c11c11C11c11C11c11c11C11C11c11C11c1, executeCall(executionReport(message)));

        checkSuccess(message);
    }
}
