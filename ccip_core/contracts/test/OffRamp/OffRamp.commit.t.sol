// SPDX-License-Identifier: MIT
pragma solidity 0.8.26;

import {IOffRamp} from "../../src/interfaces/IOffRamp.sol";
import {IRMNRemote} from "../../src/interfaces/IRMNRemote.sol";
import {Internal} from "../../src/libraries/Internal.sol";
import {MultiOCR3Base} from "../../src/ocr/MultiOCR3Base.sol";
import {Vm} from "../Test.sol";
import {CCIPBase} from "../CCIPBase.t.sol";

contract OffRamp_commit is CCIPBase {
    bytes32 internal constant ROOT = keccak256("root");
    bytes32 internal constant NEXT = keccak256("next");

    function pricesOnly() internal view returns (IOffRamp.CommitReport memory report) {
        report.priceUpdates = prices(20 ether);
    }

    function expectError(IOffRamp.CommitReport memory report, bytes memory error_) internal {
        checkReverts(s_transmitter, commitCall(report), error_);
    }

    function expectError(Internal.MerkleRoot memory root, bytes memory error_) internal {
        expectError(reportOf(root), error_);
    }

    function minSeqNr(uint64 source) internal view returns (uint64) {
        return s_offRamp.getSourceChainConfig(source).minSeqNr;
    }

    function linkPrice() internal view returns (uint224) {
        return s_feeQuoter.getTokenPrice(address(s_link)).value;
    }

    // ---- roots ----------------------------------------------------------------------------------------------------

    function test_commit_blessed() external {
        IOffRamp.CommitReport memory report = reportOf(rootOf(REMOTE, ROOT, 1, 7));
        bytes memory call = commitCall(report);

        vm.expectEmit(address(s_offRamp));
        emit IOffRamp.CommitReportAccepted(report.blessedMerkleRoots, report.unblessedMerkleRoots, report.priceUpdates);
        vm.expectEmit(address(s_offRamp));
        emit MultiOCR3Base.Transmitted(0, COMMIT_DIGEST, s_ocrSequence);
        transmit(call);

        checkEq(s_offRamp.getMerkleRoot(REMOTE, ROOT), block.timestamp, "time of the commit");
        checkEq(minSeqNr(REMOTE), 8, "next");
    }

    /// @dev Conformance 45: RMN is not asked about a report without blessed roots, even before its first config.
    function test_commit_unblessed() external {
        IOffRamp.CommitReport memory report = reportOf(rootOf(UNBLESSED, ROOT, 1, 1));
        report.rmnSignatures = new IRMNRemote.Signature[](1); // nonsense that nobody looks at

        commit(report);

        checkEq(minSeqNr(UNBLESSED), 2, "next");
    }

    /// @dev Conformance 40.
    function test_RevertWhen_commit_blessingMismatch() external {
        IOffRamp.CommitReport memory report;
        report.unblessedMerkleRoots = new Internal.MerkleRoot[](1);
        report.unblessedMerkleRoots[0] = rootOf(REMOTE, ROOT, 1, 1);
        expectError(report, abi.encodeWithSelector(IOffRamp.RootBlessingMismatch.selector, REMOTE, ROOT, false));

        delete report.unblessedMerkleRoots;
        report.blessedMerkleRoots = new Internal.MerkleRoot[](1);
        report.blessedMerkleRoots[0] = rootOf(UNBLESSED, ROOT, 1, 1);
        report.rmnSignatures = rmnSignatures(report.blessedMerkleRoots, F_SIGN + 1);
        expectError(report, abi.encodeWithSelector(IOffRamp.RootBlessingMismatch.selector, UNBLESSED, ROOT, true));
    }

    function test_RevertWhen_commit_tooFewBlessings() external {
        IOffRamp.CommitReport memory report = reportOf(rootOf(REMOTE, ROOT, 1, 1));
        report.rmnSignatures = rmnSignatures(report.blessedMerkleRoots, F_SIGN);

        expectError(report, abi.encodePacked(IRMNRemote.ThresholdNotMet.selector));
    }

    /// @dev One signature covers all blessed roots: what was signed together can't be committed apart.
    function test_RevertWhen_commit_blessingOfMoreRoots() external {
        IOffRamp.CommitReport memory report;
        Internal.MerkleRoot[] memory two = new Internal.MerkleRoot[](2);
        (two[0], two[1]) = (rootOf(REMOTE, ROOT, 1, 1), rootOf(REMOTE, NEXT, 2, 2));
        report.rmnSignatures = rmnSignatures(two, F_SIGN + 1);
        report.blessedMerkleRoots = new Internal.MerkleRoot[](1);
        report.blessedMerkleRoots[0] = two[0];

        bytes memory call = commitCall(report);
        vm.prank(s_transmitter);
        (bool success,) = address(s_offRamp).call(call);
        check(!success, "signed for two, committed one");
    }

    /// @dev Conformance 41.
    function test_RevertWhen_commit_interval() external {
        expectError(rootOf(REMOTE, ROOT, 2, 3), abi.encodeWithSelector(IOffRamp.InvalidInterval.selector, REMOTE, 2, 3));
        expectError(rootOf(REMOTE, ROOT, 0, 3), abi.encodeWithSelector(IOffRamp.InvalidInterval.selector, REMOTE, 0, 3));
        expectError(rootOf(REMOTE, ROOT, 1, 0), abi.encodeWithSelector(IOffRamp.InvalidInterval.selector, REMOTE, 1, 0));
        commit(rootOf(REMOTE, ROOT, 1, 3));
        expectError(rootOf(REMOTE, NEXT, 3, 5), abi.encodeWithSelector(IOffRamp.InvalidInterval.selector, REMOTE, 3, 5));
        expectError(rootOf(REMOTE, NEXT, 5, 5), abi.encodeWithSelector(IOffRamp.InvalidInterval.selector, REMOTE, 5, 5));
    }

    /// @dev Conformance 43.
    function test_commit_twoRootsOfOneLane() external {
        IOffRamp.CommitReport memory report;
        report.unblessedMerkleRoots = new Internal.MerkleRoot[](2);
        report.unblessedMerkleRoots[0] = rootOf(UNBLESSED, ROOT, 1, 2);
        report.unblessedMerkleRoots[1] = rootOf(UNBLESSED, NEXT, 2, 3);
        expectError(report, abi.encodeWithSelector(IOffRamp.InvalidInterval.selector, UNBLESSED, 2, 3));

        report.unblessedMerkleRoots[1].minSeqNr = 3;
        commit(report);

        checkEq(minSeqNr(UNBLESSED), 4, "next");
    }

    /// @dev Conformance 44.
    function test_commit_sameRootOnTwoLanes() external {
        commit(rootOf(REMOTE, ROOT, 1, 1));
        commit(rootOf(UNBLESSED, ROOT, 1, 1));

        check(s_offRamp.getMerkleRoot(UNBLESSED, ROOT) != 0, "both");
    }

    function test_RevertWhen_commit_sameRootTwice() external {
        commit(rootOf(UNBLESSED, ROOT, 1, 1));

        expectError(
            rootOf(UNBLESSED, ROOT, 2, 2),
            abi.encodeWithSelector(IOffRamp.RootAlreadyCommitted.selector, UNBLESSED, ROOT)
        );
    }

    function test_RevertWhen_commit_rootIsZero() external {
        expectError(rootOf(UNBLESSED, 0, 1, 1), abi.encodePacked(IOffRamp.InvalidRoot.selector));
    }

    /// @dev Conformance 46.
    function test_RevertWhen_commit_onRampInTwentyBytes() external {
        Internal.MerkleRoot memory root = rootOf(UNBLESSED, ROOT, 1, 1);
        root.onRampAddress = abi.encodePacked(address(0x0A11));

        expectError(
            root, abi.encodeWithSelector(IOffRamp.CommitOnRampMismatch.selector, root.onRampAddress, REMOTE_ON_RAMP)
        );
    }

    function test_RevertWhen_commit_sourceNotEnabled() external {
        IOffRamp.SourceChainConfigArgs memory config = sourceConfig(UNBLESSED, true);
        config.isEnabled = false;
        setSource(config);

        expectError(
            rootOf(UNBLESSED, ROOT, 1, 1), abi.encodeWithSelector(IOffRamp.SourceChainNotEnabled.selector, UNBLESSED)
        );
    }

    // ---- curses ---------------------------------------------------------------------------------------------------

    /// @dev One cursed lane holds up the report. INV-RAMP-2
    function test_RevertWhen_commit_sourceCursed() external {
        s_rmnRemote.curse(subject(REMOTE));
        IOffRamp.CommitReport memory report = reportOf(rootOf(REMOTE, ROOT, 1, 1));
        report.unblessedMerkleRoots = new Internal.MerkleRoot[](1);
        report.unblessedMerkleRoots[0] = rootOf(UNBLESSED, ROOT, 1, 1);

        expectError(report, abi.encodeWithSelector(IOffRamp.CursedByRMN.selector, REMOTE));
        commit(rootOf(UNBLESSED, ROOT, 1, 1));
    }

    function test_RevertWhen_commit_globallyCursed() external {
        s_rmnRemote.curse(GLOBAL);

        expectError(rootOf(UNBLESSED, ROOT, 1, 1), abi.encodeWithSelector(IOffRamp.CursedByRMN.selector, UNBLESSED));
    }

    /// @dev Conformance 42.
    function test_commit_pricesAndNothingPassCurses() external {
        s_rmnRemote.curse(GLOBAL);
        IOffRamp.CommitReport memory empty;

        commit(pricesOnly());
        commit(empty);

        checkEq(linkPrice(), 20 ether, "price");
    }

    // ---- prices ---------------------------------------------------------------------------------------------------

    /// @dev Conformance 38.
    function test_commit_olderPricesAreDroppedBesideRoots() external {
        commit(pricesOnly());
        IOffRamp.CommitReport memory report = reportOf(rootOf(UNBLESSED, ROOT, 1, 1));
        report.priceUpdates = prices(30 ether);

        transmit(commitCall(abi.encode(report), s_ocrSequence, F + 1));

        checkEq(linkPrice(), 20 ether, "the newer price stays");
        check(s_offRamp.getMerkleRoot(UNBLESSED, ROOT) != 0, "the root counts");
        checkEq(s_offRamp.getLatestPriceSequenceNumber(), s_ocrSequence, "sequence");
    }

    /// @dev A report without prices is none of theirs: it doesn't make older prices stale.
    function test_commit_rootsLeaveThePricesSequence() external {
        commit(rootOf(UNBLESSED, ROOT, 1, 1));

        checkEq(s_offRamp.getLatestPriceSequenceNumber(), 0, "no prices yet");
    }

    function test_commit_pricesOfOneKind() external {
        IOffRamp.CommitReport memory report = pricesOnly();
        delete report.priceUpdates.gasPriceUpdates;
        commit(report);
        checkEq(linkPrice(), 20 ether, "tokens alone");
        checkEq(s_offRamp.getLatestPriceSequenceNumber(), s_ocrSequence, "sequence");

        report = pricesOnly();
        delete report.priceUpdates.tokenPriceUpdates;
        commit(report);
        checkEq(s_offRamp.getLatestPriceSequenceNumber(), s_ocrSequence, "gas alone");
    }

    function test_RevertWhen_commit_olderPricesAlone() external {
        commit(pricesOnly());
        bytes memory error_ = abi.encodePacked(IOffRamp.StaleCommitReport.selector);

        checkReverts(s_transmitter, commitCall(abi.encode(pricesOnly()), s_ocrSequence, F + 1), error_);
        checkReverts(s_transmitter, commitCall(abi.encode(pricesOnly()), 0, F + 1), error_);
    }

    /// @dev Conformance 39.
    function test_commit_newOraclesStartPricesAnew() external {
        commit(pricesOnly());
        s_offRamp.setOCR3Configs(commitOracles());

        checkEq(s_offRamp.getLatestPriceSequenceNumber(), 0, "reset");
        transmit(commitCall(abi.encode(pricesOnly()), 1, F + 1));
    }

    function commitOracles() internal view returns (MultiOCR3Base.OCRConfigArgs[] memory configs) {
        MultiOCR3Base.OCRConfig memory config = s_offRamp.latestConfigDetails(0);
        configs = new MultiOCR3Base.OCRConfigArgs[](1);
        configs[0] = MultiOCR3Base.OCRConfigArgs(COMMIT_DIGEST, 0, F, true, config.signers, config.transmitters);
    }

    // ---- oracles --------------------------------------------------------------------------------------------------

    /// @dev Conformance 35.
    function test_RevertWhen_commit_notExactlyFPlusOneSignatures() external {
        bytes memory report = abi.encode(reportOf(rootOf(UNBLESSED, ROOT, 1, 1)));
        for (uint256 signatures = 0; signatures <= ORACLES; ++signatures) {
            if (signatures == F + 1) continue;
            checkReverts(
                s_transmitter,
                commitCall(report, 1, signatures),
                abi.encodePacked(MultiOCR3Base.WrongNumberOfSignatures.selector)
            );
        }
    }

    /// @dev Conformance 36.
    function test_RevertWhen_commit_calldataIsLonger() external {
        bytes memory call = commitCall(reportOf(rootOf(UNBLESSED, ROOT, 1, 1)));

        checkReverts(
            s_transmitter,
            bytes.concat(call, hex"00"),
            abi.encodeWithSelector(MultiOCR3Base.WrongMessageLength.selector, call.length, call.length + 1)
        );
    }

    /// @dev Conformance 37.
    function test_RevertWhen_commit_errorsOfTheReportComeFirst() external {
        bytes memory report = abi.encode(reportOf(rootOf(UNBLESSED, ROOT, 9, 9)));

        checkReverts(
            s_stranger,
            commitCall(report, 1, 0),
            abi.encodeWithSelector(IOffRamp.InvalidInterval.selector, UNBLESSED, 9, 9)
        );
    }

    function test_commit_transmitted() external {
        bytes memory call = commitCall(reportOf(rootOf(UNBLESSED, ROOT, 1, 1)));
        vm.expectEmit(address(s_offRamp));
        emit MultiOCR3Base.Transmitted(0, COMMIT_DIGEST, s_ocrSequence);
        transmit(call);
    }

    /// @dev As many halves of signatures as others, and of signers as F + 1: each once.
    function test_RevertWhen_commit_signaturesDoNotFit() external {
        bytes memory report = abi.encode(reportOf(rootOf(UNBLESSED, ROOT, 1, 1)));
        bytes32[2] memory context = [COMMIT_DIGEST, bytes32(uint256(1))];
        bytes32 digest = keccak256(abi.encodePacked(keccak256(report), context[0], context[1]));
        (uint8 v, bytes32 r, bytes32 s) = vm.sign(oracleKey(0), digest);
        bytes32[] memory rs = new bytes32[](F + 1);
        bytes32[] memory ss = new bytes32[](F + 1);
        (rs[0], rs[1], ss[0], ss[1]) = (r, r, s, s);
        bytes32 vs = bytes32(bytes2(uint16(v - 27) * 0x0101));
        checkReverts(
            s_transmitter,
            abi.encodeCall(IOffRamp.commit, (context, report, rs, ss, vs)),
            abi.encodePacked(MultiOCR3Base.NonUniqueSignatures.selector)
        );

        checkReverts(
            s_transmitter,
            abi.encodeCall(IOffRamp.commit, (context, report, rs, new bytes32[](F + 2), vs)),
            abi.encodePacked(MultiOCR3Base.SignaturesOutOfRegistration.selector)
        );
    }

    function test_RevertWhen_commit_calledByStranger() external {
        checkReverts(
            s_stranger,
            commitCall(reportOf(rootOf(UNBLESSED, ROOT, 1, 1))),
            abi.encodePacked(MultiOCR3Base.UnauthorizedTransmitter.selector)
        );
    }

    function test_RevertWhen_commit_anotherConfigDigest() external {
        MultiOCR3Base.OCRConfigArgs[] memory configs = commitOracles();
        configs[0].configDigest = keccak256("newer");
        s_offRamp.setOCR3Configs(configs);

        checkReverts(
            s_transmitter,
            commitCall(reportOf(rootOf(UNBLESSED, ROOT, 1, 1))),
            abi.encodeWithSelector(MultiOCR3Base.ConfigDigestMismatch.selector, configs[0].configDigest, COMMIT_DIGEST)
        );
    }

    function test_RevertWhen_commit_chainForked() external {
        bytes memory call = commitCall(reportOf(rootOf(UNBLESSED, ROOT, 1, 1)));
        uint256 before = block.chainid;
        vm.chainId(before + 1);

        checkReverts(
            s_transmitter, call, abi.encodeWithSelector(MultiOCR3Base.ForkedChain.selector, before, before + 1)
        );
    }

    function test_RevertWhen_commit_reportChangedAfterSigning() external {
        bytes memory call = commitCall(reportOf(rootOf(UNBLESSED, ROOT, 1, 1)));
        // The report's last word is empty rmnSignatures' length; its merkle root stands 32 bytes before it.
        bytes memory signed = abi.encode(reportOf(rootOf(UNBLESSED, ROOT, 1, 1)));
        bytes memory changed = abi.encode(reportOf(rootOf(UNBLESSED, NEXT, 1, 1)));
        for (uint256 i = 0; i < signed.length; ++i) {
            if (signed[i] != changed[i]) call[4 + 64 + 32 * 4 + 32 + i] = changed[i];
        }

        checkReverts(s_transmitter, call, abi.encodePacked(MultiOCR3Base.UnauthorizedSigner.selector));
    }
}
