// SPDX-License-Identifier: MIT
pragma solidity 0.8.26;

import {IOffRamp} from "../../src/interfaces/IOffRamp.sol";
import {Internal} from "../../src/libraries/Internal.sol";
import {MultiOCR3Base} from "../../src/ocr/MultiOCR3Base.sol";
import {CCIPBase} from "../CCIPBase.t.sol";

/// @dev One signature has a twin with the other recovery id and n - s: it must not count as a second oracle.
contract SignatureMalleability is CCIPBase {
    uint256 internal constant N = 0xFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFEBAAEDCE6AF48A03BBFD25E8CD0364141;

    function callWith(bytes memory report, uint256 firstKey, bool isSecondTheTwin)
        internal
        pure
        returns (bytes memory)
    {
        bytes32[2] memory context = [COMMIT_DIGEST, bytes32(uint256(1))];
        bytes32 digest = keccak256(abi.encodePacked(keccak256(report), context[0], context[1]));
        bytes32[] memory rs = new bytes32[](2);
        bytes32[] memory ss = new bytes32[](2);
        bytes memory vs = new bytes(32);
        (uint8 v, bytes32 r, bytes32 s) = vm.sign(firstKey, digest);
        (rs[0], ss[0], vs[0]) = (r, s, bytes1(v - 27));
        if (isSecondTheTwin) {
            (rs[1], ss[1], vs[1]) = (r, bytes32(N - uint256(s)), bytes1(28 - v));
        } else {
            (v, rs[1], ss[1]) = vm.sign(oracleKey(1), digest);
            vs[1] = bytes1(v - 27);
        }
        return abi.encodeCall(IOffRamp.commit, (context, report, rs, ss, bytes32(vs)));
    }

    function test_twinOfASignatureIsNoSecondOracle() external {
        bytes memory report = abi.encode(reportOf(rootOf(UNBLESSED, keccak256("root"), 1, 1)));

        checkReverts(
            s_transmitter,
            callWith(report, oracleKey(0), true),
            abi.encodePacked(MultiOCR3Base.NonUniqueSignatures.selector)
        );
        transmit(callWith(report, oracleKey(0), false));
    }

    function test_transmitterIsNoSigner() external {
        uint256 key = 0x7A7A;
        address[] memory transmitters = new address[](1);
        transmitters[0] = vm.addr(key);
        MultiOCR3Base.OCRConfig memory config = s_offRamp.latestConfigDetails(0);
        MultiOCR3Base.OCRConfigArgs[] memory configs = new MultiOCR3Base.OCRConfigArgs[](1);
        configs[0] = MultiOCR3Base.OCRConfigArgs(COMMIT_DIGEST, 0, F, true, config.signers, transmitters);
        s_offRamp.setOCR3Configs(configs);
        bytes memory report = abi.encode(reportOf(rootOf(UNBLESSED, keccak256("root"), 1, 1)));

        checkReverts(
            transmitters[0], callWith(report, key, false), abi.encodePacked(MultiOCR3Base.UnauthorizedSigner.selector)
        );
    }

    /// @dev A blessed report's RMN signatures and an oracle's are made over different texts: neither serves as the other.
    function test_executionConfigDoesNotCommit() external {
        Internal.MerkleRoot memory root = rootOf(UNBLESSED, keccak256("root"), 1, 1);
        bytes memory report = abi.encode(reportOf(root));
        bytes32[2] memory context = [EXECUTION_DIGEST, bytes32(uint256(1))];

        checkReverts(
            s_transmitter,
            abi.encodeCall(IOffRamp.commit, (context, report, new bytes32[](0), new bytes32[](0), 0)),
            abi.encodeWithSelector(MultiOCR3Base.ConfigDigestMismatch.selector, COMMIT_DIGEST, EXECUTION_DIGEST)
        );
    }
}
