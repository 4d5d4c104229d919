// SPDX-License-Identifier: MIT
pragma solidity 0.8.26;

import {IRMNRemote} from "../../src/interfaces/IRMNRemote.sol";
import {Internal} from "../../src/libraries/Internal.sol";
import {RMNRemote} from "../../src/rmn/RMNRemote.sol";
import {CCIPBase} from "../CCIPBase.t.sol";

contract RMNRemote_verify is CCIPBase {
    uint256 internal constant N = 0xFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFEBAAEDCE6AF48A03BBFD25E8CD0364141;

    Internal.MerkleRoot[] internal s_roots;

    function setUp() public override {
        super.setUp();
        s_roots.push(rootOf(REMOTE, keccak256("a"), 1, 3));
        s_roots.push(rootOf(UNBLESSED, keccak256("b"), 4, 4));
    }

    function signed(uint256 a, uint256 b) internal view returns (IRMNRemote.Signature[] memory signatures) {
        bytes32 digest = rmnDigest(s_roots);
        signatures = new IRMNRemote.Signature[](2);
        (signatures[0], signatures[1]) = (rmnSignature(rmnKey(a), digest), rmnSignature(rmnKey(b), digest));
    }

    function verify(IRMNRemote.Signature[] memory signatures) internal view {
        s_rmnRemote.verify(address(s_offRamp), s_roots, signatures);
    }

    function expectError(IRMNRemote.Signature[] memory signatures, bytes4 error_) internal {
        Internal.MerkleRoot[] memory roots = s_roots;
        vm.expectRevert(abi.encodePacked(error_));
        s_rmnRemote.verify(address(s_offRamp), roots, signatures);
    }

    /// @dev Conformance 83: fSign + 1 are enough, whoever they are; more must be right too.
    function test_verify() external view {
        for (uint256 a = 0; a < RMN_SIGNERS; ++a) {
            for (uint256 b = a + 1; b < RMN_SIGNERS; ++b) {
                verify(signed(a, b));
            }
        }
        verify(rmnSignatures(s_roots, RMN_SIGNERS));
    }

    /// @dev Conformance 80: about half of all valid signatures have a high s.
    function test_verify_highS() external {
        bool isHigh;
        for (uint256 i = 0; i < 16; ++i) {
            s_roots[0].merkleRoot = keccak256(abi.encode(i));
            IRMNRemote.Signature[] memory signatures = signed(0, 1);
            if (uint256(signatures[0].s) > N / 2 || uint256(signatures[1].s) > N / 2) isHigh = true;
            verify(signatures);
        }
        check(isHigh, "no high s among 32");
    }

    /// @dev The twin of a signature (n - s) belongs to the other recovery id, which is not asked.
    function test_RevertWhen_verify_malleated() external {
        IRMNRemote.Signature[] memory signatures = signed(0, 1);
        signatures[1].s = bytes32(N - uint256(signatures[1].s));
        Internal.MerkleRoot[] memory roots = s_roots;

        vm.expectRevert();
        s_rmnRemote.verify(address(s_offRamp), roots, signatures);
    }

    /// @dev Conformance 81.
    function test_RevertWhen_verify_outOfOrder() external {
        expectError(signed(1, 0), IRMNRemote.OutOfOrderSignatures.selector);
        expectError(signed(0, 0), IRMNRemote.OutOfOrderSignatures.selector);
    }

    function test_RevertWhen_verify_threshold() external {
        expectError(rmnSignatures(s_roots, F_SIGN), IRMNRemote.ThresholdNotMet.selector);
        expectError(new IRMNRemote.Signature[](0), IRMNRemote.ThresholdNotMet.selector);
    }

    function test_RevertWhen_verify_strangersSignature() external {
        IRMNRemote.Signature[] memory signatures = signed(0, 1);
        uint256 key = 0xBAD;
        while (vm.addr(key) <= vm.addr(rmnKey(0))) {
            ++key;
        }
        signatures[1] = rmnSignature(key, rmnDigest(s_roots));

        expectError(signatures, IRMNRemote.UnexpectedSigner.selector);
    }

    function test_RevertWhen_verify_noSignatureAtAll() external {
        IRMNRemote.Signature[] memory signatures = signed(0, 1);
        signatures[0] = IRMNRemote.Signature(0, 0);

        expectError(signatures, IRMNRemote.InvalidSignature.selector);
    }

    /// @dev Conformance 82: chain, contract, OffRamp and each root in its place are signed.
    function test_RevertWhen_verify_somethingElseWasSigned() external {
        IRMNRemote.Signature[] memory signatures = signed(0, 1);
        Internal.MerkleRoot[] memory roots = s_roots;

        vm.expectRevert();
        s_rmnRemote.verify(s_stranger, roots, signatures);
        (roots[0], roots[1]) = (roots[1], roots[0]);
        vm.expectRevert();
        s_rmnRemote.verify(address(s_offRamp), roots, signatures);
        roots = s_roots;
        roots[1].maxSeqNr = 5;
        vm.expectRevert();
        s_rmnRemote.verify(address(s_offRamp), roots, signatures);
        roots = s_roots;
        RMNRemote twin = RMNRemote(deployed("RMNRemote", abi.encode(LOCAL, address(0))));
        (, IRMNRemote.Config memory config) = s_rmnRemote.getVersionedConfig();
        twin.setConfig(config);
        vm.expectRevert();
        twin.verify(address(s_offRamp), roots, signatures);
        vm.chainId(block.chainid + 1);
        vm.expectRevert();
        s_rmnRemote.verify(address(s_offRamp), roots, signatures);
    }

    /// @dev Conformance 88: signatures live as long as the digest of the config does.
    function test_verify_afterANewConfig() external {
        IRMNRemote.Signature[] memory signatures = signed(0, 1);
        setRMNConfig(HOME_DIGEST);
        verify(signatures);

        setRMNConfig(keccak256("new"));
        Internal.MerkleRoot[] memory roots = s_roots;
        vm.expectRevert();
        s_rmnRemote.verify(address(s_offRamp), roots, signatures);
    }

    /// @dev Conformance 90.
    function test_RevertWhen_verify_beforeTheFirstConfig() external {
        RMNRemote fresh = RMNRemote(deployed("RMNRemote", abi.encode(LOCAL, address(0))));

        vm.expectRevert(abi.encodePacked(IRMNRemote.ConfigNotSet.selector));
        fresh.verify(address(s_offRamp), new Internal.MerkleRoot[](0), new IRMNRemote.Signature[](0));
    }

    /// @dev Who was replaced signs no more.
    function test_RevertWhen_verify_replacedSigner() external {
        IRMNRemote.Signature[] memory signatures = signed(0, 3);
        IRMNRemote.Signer[] memory signers = new IRMNRemote.Signer[](3);
        for (uint256 i = 0; i < 3; ++i) {
            signers[i] = IRMNRemote.Signer(vm.addr(rmnKey(i)), uint64(i));
        }
        s_rmnRemote.setConfig(IRMNRemote.Config(HOME_DIGEST, signers, F_SIGN));

        expectError(signatures, IRMNRemote.UnexpectedSigner.selector);
    }
}
