// SPDX-License-Identifier: MIT
pragma solidity 0.8.26;

import {IOffRamp} from "../../src/interfaces/IOffRamp.sol";
import {IRMN} from "../../src/interfaces/IRMN.sol";
import {IRouter} from "../../src/interfaces/IRouter.sol";
import {Internal} from "../../src/libraries/Internal.sol";
import {MultiOCR3Base} from "../../src/ocr/MultiOCR3Base.sol";
import {OffRamp} from "../../src/offRamp/OffRamp.sol";
import {GLOBAL_CURSE_SUBJECT, RMNRemote} from "../../src/rmn/RMNRemote.sol";
import {Svm, Symbolic} from "./Symbolic.sol";

/// @dev A NonceManager that gives any answer.
contract AnyNonceManager {
    Svm private constant svm = Svm(address(uint160(uint256(keccak256("svm cheat code")))));

    function incrementInboundNonce(uint64, uint64, bytes calldata) external returns (bool) {
        return svm.createBool("takesNonce");
    }
}

/// @dev What the oracles or anyone else hand in executes a message only if its leaf leads to a committed root, and nothing
/// of a cursed source. A report has one message with 32 bytes of sender and data, no tokens, any other fields, and no
/// proof or one; its receiver is an account without code, which has no say in whether it is executed.
contract OffRampSymbolic is Symbolic {
    uint64 internal constant LOCAL = 1;
    bytes32 internal constant DIGEST = "digest";

    /// @dev Where OffRamp has `s_roots`: `stored` shows whether it still does.
    uint256 internal constant ROOTS_SLOT = 11;

    RMNRemote internal s_rmnRemote;
    OffRamp internal s_offRamp;
    uint64 internal s_source;
    bytes32 internal s_onRamp;

    function setUp() external {
        vm.warp(1_760_000_000); // halmos starts at 1, before which nothing can have been committed
        s_source = uint64(svm.createUint256("source"));
        vm.assume(s_source != 0);
        s_onRamp = svm.createBytes32("onRamp");
        vm.assume(s_onRamp != 0);
        s_rmnRemote = new RMNRemote(LOCAL, IRMN(address(0)));
        IOffRamp.SourceChainConfigArgs[] memory sources = new IOffRamp.SourceChainConfigArgs[](1);
        sources[0] =
            IOffRamp.SourceChainConfigArgs(IRouter(address(0x0707)), s_source, true, true, abi.encode(s_onRamp));
        s_offRamp = new OffRamp(
            IOffRamp.StaticConfig(LOCAL, 5000, s_rmnRemote, address(0x7A4), address(new AnyNonceManager())),
            IOffRamp.DynamicConfig(address(0xFEE), 0, address(0)),
            sources
        );
        MultiOCR3Base.OCRConfigArgs[] memory oracles = new MultiOCR3Base.OCRConfigArgs[](1);
        address[] memory transmitters = new address[](1);
        transmitters[0] = address(this);
        oracles[0] = MultiOCR3Base.OCRConfigArgs(
            DIGEST, uint8(Internal.OCRPluginType.Execution), 1, false, new address[](0), transmitters
        );
        s_offRamp.setOCR3Configs(oracles);
    }

    // ---- a report ---------------------------------------------------------------------------------------------------

    function anyReport(uint256 proofs) private returns (Internal.ExecutionReport[] memory reports) {
        reports = new Internal.ExecutionReport[](1);
        Internal.ExecutionReport memory report = reports[0];
        report.sourceChainSelector = s_source;
        report.messages = new Internal.Any2EVMRampMessage[](1);
        report.offchainTokenData = new bytes[][](1);
        report.proofs = new bytes32[](proofs);
        if (proofs != 0) report.proofs[0] = svm.createBytes32("proof");
        report.proofFlagBits = svm.createUint256("proofFlagBits");
        Internal.Any2EVMRampMessage memory message = report.messages[0];
        message.header = Internal.RampMessageHeader({
            messageId: svm.createBytes32("messageId"),
            sourceChainSelector: uint64(svm.createUint256("messageSource")),
            destChainSelector: uint64(svm.createUint256("messageDest")),
            sequenceNumber: uint64(svm.createUint256("sequenceNumber")),
            nonce: uint64(svm.createUint256("nonce"))
        });
        message.sender = abi.encode(svm.createBytes32("sender"));
        message.data = abi.encode(svm.createBytes32("data"));
        message.receiver = address(0x4ECE);
        message.gasLimit = svm.createUint256("gasLimit");
    }

    function rootOf(Internal.ExecutionReport memory report) private view returns (bytes32) {
        bytes32 metadataHash =
            keccak256(abi.encode(Internal.ANY_2_EVM_MESSAGE_HASH, s_source, LOCAL, keccak256(abi.encode(s_onRamp))));
        bytes32 leaf = Internal._hash(report.messages[0], metadataHash);
        if (report.proofs.length == 0) return leaf;
        bytes32 proof = report.proofs[0];
        return leaf < proof ? keccak256(abi.encode(1, leaf, proof)) : keccak256(abi.encode(1, proof, leaf));
    }

    /// @dev One root is committed, at any time so far.
    function committed(bytes32 root) private {
        uint256 timestamp = svm.createUint256("committedAt");
        vm.assume(timestamp != 0 && timestamp <= block.timestamp);
        bytes32 slot = keccak256(abi.encode(root, keccak256(abi.encode(s_source, ROOTS_SLOT))));
        vm.store(address(s_offRamp), slot, bytes32(timestamp));
        assert(s_offRamp.getMerkleRoot(s_source, root) == timestamp);
    }

    /// @dev Whether it was executed, well or not, by the oracles or by hand.
    function executes(Internal.ExecutionReport[] memory reports, bool isManual) private returns (bool) {
        bytes memory call;
        if (isManual) {
            IOffRamp.GasLimitOverride[][] memory overrides = new IOffRamp.GasLimitOverride[][](1);
            overrides[0] = new IOffRamp.GasLimitOverride[](1);
            overrides[0][0].receiverExecutionGasLimit = svm.createUint256("gasLimitOverride");
            call = abi.encodeCall(IOffRamp.manuallyExecute, (reports, overrides));
        } else {
            call = abi.encodeCall(IOffRamp.execute, ([DIGEST, bytes32(0)], abi.encode(reports)));
        }
        (bool success,) = address(s_offRamp).call(call);
        Internal.RampMessageHeader memory header = reports[0].messages[0].header;
        bool isTouched = s_offRamp.getExecutionState(header.sourceChainSelector, header.sequenceNumber)
            != Internal.MessageExecutionState.UNTOUCHED;
        assert(success || !isTouched);
        return isTouched;
    }

    // ---- no execution without a committed leaf ----------------------------------------------------------------------

    function check_execute_needsACommittedLeaf(bytes32 root) external {
        onlyIfCommitted(root, 0, false);
    }

    function check_execute_needsACommittedLeaf_withAProof(bytes32 root) external {
        onlyIfCommitted(root, 1, false);
    }

    function check_manuallyExecute_needsACommittedLeaf(bytes32 root) external {
        onlyIfCommitted(root, 0, true);
    }

    function check_manuallyExecute_needsACommittedLeaf_withAProof(bytes32 root) external {
        onlyIfCommitted(root, 1, true);
    }

    function onlyIfCommitted(bytes32 root, uint256 proofs, bool isManual) private {
        committed(root);
        Internal.ExecutionReport[] memory reports = anyReport(proofs);

        if (!executes(reports, isManual)) return;

        assert(rootOf(reports[0]) == root);
        assert(reports[0].messages[0].header.sourceChainSelector == s_source);
        assert(reports[0].messages[0].header.destChainSelector == LOCAL);
    }

    // ---- a cursed source never executes -----------------------------------------------------------------------------

    function check_execute_nothingOfACursedSource(bool isGlobal) external {
        nothingIfCursed(isGlobal, false);
    }

    function check_manuallyExecute_nothingOfACursedSource(bool isGlobal) external {
        nothingIfCursed(isGlobal, true);
    }

    function nothingIfCursed(bool isGlobal, bool isManual) private {
        Internal.ExecutionReport[] memory reports = anyReport(0);
        committed(rootOf(reports[0]));
        s_rmnRemote.curse(isGlobal ? GLOBAL_CURSE_SUBJECT : bytes16(uint128(s_source)));

        assert(!executes(reports, isManual));
    }
}
