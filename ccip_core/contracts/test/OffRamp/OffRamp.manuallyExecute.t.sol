// SPDX-License-Identifier: MIT
pragma solidity 0.8.26;

import {IOffRamp} from "../../src/interfaces/IOffRamp.sol";
import {Internal} from "../../src/libraries/Internal.sol";
import {MultiOCR3Base} from "../../src/ocr/MultiOCR3Base.sol";
import {CCIPBase} from "../CCIPBase.t.sol";
import {ActingReceiver} from "../props/ActingReceiver.sol";

contract OffRamp_manuallyExecute is CCIPBase {
    ActingReceiver internal s_receiver;

    function setUp() public override {
        super.setUp();
        s_receiver = new ActingReceiver();
        s_receiver.tell(ActingReceiver.End.REVERT, address(0), "", "no");
    }

    function mend() internal {
        s_receiver.tell(ActingReceiver.End.RETURN, address(0), "", "");
    }

    function failed() internal returns (Internal.Any2EVMRampMessage memory message) {
        message = tokensTo(REMOTE, 1, address(s_receiver), 5 ether);
        commitMessage(message);
        execute(message);
        checkFailure(message);
    }

    function overrides(Internal.Any2EVMRampMessage memory message, uint256 gasLimit, uint32[] memory tokenGas)
        internal
        pure
        returns (bytes memory)
    {
        Internal.ExecutionReport[] memory reports = new Internal.ExecutionReport[](1);
        reports[0] = executionReport(message);
        IOffRamp.GasLimitOverride[][] memory list = new IOffRamp.GasLimitOverride[][](1);
        list[0] = new IOffRamp.GasLimitOverride[](1);
        list[0][0] = IOffRamp.GasLimitOverride(gasLimit, tokenGas);
        return abi.encodeCall(IOffRamp.manuallyExecute, (reports, list));
    }

    function tokenGasOf(uint32 gas) internal pure returns (uint32[] memory list) {
        list = new uint32[](1);
        list[0] = gas;
    }

    function test_manuallyExecute_afterFailure() external {
        Internal.Any2EVMRampMessage memory message = failed();
        mend();

        executeByHand(message);

        checkSuccess(message);
        checkEq(s_token.balanceOf(address(s_receiver)), 5 ether, "minted");
    }

    /// @dev Conformance 58, by hand.
    function test_manuallyExecute_afterSuccess() external {
        Internal.Any2EVMRampMessage memory message = failed();
        mend();
        executeByHand(message);

        vm.expectEmit(address(s_offRamp));
        emit IOffRamp.SkippedAlreadyExecutedMessage(REMOTE, 1);
        executeByHand(message);

        checkEq(s_token.balanceOf(address(s_receiver)), 5 ether, "once");
    }

    /// @dev Conformance 56: later than the threshold, not at it.
    function test_manuallyExecute_afterTheThreshold() external {
        Internal.Any2EVMRampMessage memory message = tokensTo(REMOTE, 1, s_someone, 5 ether);
        commitMessage(message);
        vm.warp(block.timestamp + MANUAL_EXECUTION_S);
        checkReverts(
            s_stranger,
            manualCall(message, 0),
            abi.encodeWithSelector(IOffRamp.ManualExecutionNotYetEnabled.selector, REMOTE)
        );

        vm.warp(block.timestamp + 1);
        executeByHand(message);

        checkSuccess(message);
    }

    /// @dev Conformance 57.
    function test_RevertWhen_manuallyExecute_failsAgain() external {
        Internal.Any2EVMRampMessage memory message = failed();
        bytes memory reason = abi.encodeWithSelector(
            IOffRamp.ReceiverError.selector, abi.encodeWithSelector(ActingReceiver.Told.selector, bytes("no"))
        );

        checkReverts(
            s_stranger,
            manualCall(message, 0),
            abi.encodeWithSelector(IOffRamp.ExecutionError.selector, message.header.messageId, reason)
        );
    }

    /// @dev Conformance 57, the other half.
    function test_manuallyExecute_firstFailureIsRecorded() external {
        Internal.Any2EVMRampMessage memory message = messageTo(REMOTE, 1, address(s_receiver));
        message.header.nonce = 1;
        commitMessage(message);
        vm.warp(block.timestamp + MANUAL_EXECUTION_S + 1);

        executeByHand(message);

        checkFailure(message);
        checkEq(s_nonceManager.getInboundNonce(REMOTE, REMOTE_SENDER), 1, "takes its nonce");
    }

    function test_manuallyExecute_nonceIsNotTheNext() external {
        Internal.Any2EVMRampMessage memory message = messageTo(REMOTE, 1, s_someone);
        message.header.nonce = 2;
        commitMessage(message);
        vm.warp(block.timestamp + MANUAL_EXECUTION_S + 1);

        executeByHand(message);

        checkUntouched(message);
    }

    // ---- overrides ------------------------------------------------------------------------------------------------

    function test_manuallyExecute_moreGas() external {
        Internal.Any2EVMRampMessage memory message = failed();
        mend();

        callAs(s_stranger, overrides(message, 1_000_000, tokenGasOf(500_000)));

        checkSuccess(message);
        check(s_receiver.gasSeen() > 900_000, "the new limit");
    }

    /// @dev Conformance 56: zero keeps the message's own limit.
    function test_manuallyExecute_zeroKeepsTheLimit() external {
        Internal.Any2EVMRampMessage memory message = failed();
        mend();

        executeByHand(message);

        check(s_receiver.gasSeen() < message.gasLimit && s_receiver.gasSeen() > 190_000, "the message's limit");
    }

    /// @dev What the message gives its token was too little; what it gives its receiver may be said again.
    function test_manuallyExecute_moreGasForItsToken() external {
        Internal.Any2EVMRampMessage memory message = tokensTo(REMOTE, 1, s_someone, 5 ether);
        message.tokenAmounts[0].destGasAmount = 1000;
        commitMessage(message);
        execute(message);
        checkFailure(message);

        callAs(s_stranger, overrides(message, message.gasLimit, tokenGasOf(TOKEN_GAS)));

        checkSuccess(message);
    }

    function test_manuallyExecute_sameGasIsEnough() external {
        Internal.Any2EVMRampMessage memory message = failed();
        mend();

        callAs(s_stranger, overrides(message, message.gasLimit, tokenGasOf(TOKEN_GAS)));

        checkSuccess(message);
    }

    function test_RevertWhen_manuallyExecute_lessGas() external {
        Internal.Any2EVMRampMessage memory message = failed();
        bytes32 id = message.header.messageId;

        checkReverts(
            s_stranger,
            overrides(message, message.gasLimit - 1, tokenGasOf(0)),
            abi.encodeWithSelector(IOffRamp.InvalidManualExecutionGasLimit.selector, REMOTE, id, message.gasLimit - 1)
        );
        checkReverts(
            s_stranger,
            overrides(message, 0, tokenGasOf(TOKEN_GAS - 1)),
            abi.encodeWithSelector(
                IOffRamp.InvalidManualExecutionTokenGasOverride.selector, id, 0, TOKEN_GAS, TOKEN_GAS - 1
            )
        );
    }

    function test_RevertWhen_manuallyExecute_overridesDoNotFit() external {
        Internal.Any2EVMRampMessage memory message = failed();
        Internal.ExecutionReport[] memory reports = new Internal.ExecutionReport[](1);
        reports[0] = executionReport(message);
        bytes memory error_ = abi.encodePacked(IOffRamp.ManualExecutionGasLimitMismatch.selector);
        IOffRamp.GasLimitOverride[][] memory none = new IOffRamp.GasLimitOverride[][](0);
        checkReverts(s_stranger, abi.encodeCall(IOffRamp.manuallyExecute, (reports, none)), error_);
        none = new IOffRamp.GasLimitOverride[][](1);
        checkReverts(s_stranger, abi.encodeCall(IOffRamp.manuallyExecute, (reports, none)), error_);
        checkReverts(
            s_stranger,
            overrides(message, 0, new uint32[](0)),
            abi.encodeWithSelector(IOffRamp.ManualExecutionGasAmountCountMismatch.selector, message.header.messageId, 1)
        );
    }

    // ---- curses and forks -----------------------------------------------------------------------------------------

    /// @dev Conformance 47, by hand. INV-RAMP-2
    function test_RevertWhen_manuallyExecute_sourceCursed() external {
        Internal.Any2EVMRampMessage memory message = failed();
        mend();
        bytes memory error_ = abi.encodeWithSelector(IOffRamp.CursedByRMN.selector, REMOTE);

        s_rmnRemote.curse(subject(REMOTE));
        checkReverts(s_stranger, manualCall(message, 0), error_);
        s_rmnRemote.uncurse(subject(REMOTE));
        s_rmnRemote.curse(GLOBAL);
        checkReverts(s_stranger, manualCall(message, 0), error_);
    }

    function test_RevertWhen_manuallyExecute_chainForked() external {
        Internal.Any2EVMRampMessage memory message = failed();
        uint256 before = block.chainid;
        vm.chainId(before + 1);

        checkReverts(
            s_stranger,
            manualCall(message, 0),
            abi.encodeWithSelector(MultiOCR3Base.ForkedChain.selector, before, before + 1)
        );
    }
}
