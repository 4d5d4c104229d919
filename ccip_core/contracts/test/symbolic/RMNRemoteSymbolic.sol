// SPDX-License-Identifier: MIT
pragma solidity 0.8.26;

import {IRMN} from "../../src/interfaces/IRMN.sol";
import {IRMNRemote} from "../../src/interfaces/IRMNRemote.sol";
import {Internal} from "../../src/libraries/Internal.sol";
import {RMNRemote} from "../../src/rmn/RMNRemote.sol";
import {Symbolic} from "./Symbolic.sol";

/// @dev RMNRemote, and a look inside.
contract OpenRMNRemote is RMNRemote {
    constructor() RMNRemote(1, IRMN(address(0))) {}

    function signersOf(
        address offRamp,
        Internal.MerkleRoot[] calldata roots,
        IRMNRemote.Signature[] calldata signatures
    ) external view returns (address[] memory signers) {
        bytes32 digest = _digest(offRamp, roots);
        signers = new address[](signatures.length);
        for (uint256 i = 0; i < signers.length; ++i) {
            signers[i] = ecrecover(digest, ECDSA_RECOVERY_V, signatures[i].r, signatures[i].s);
        }
    }

    function isSigner(address account) external view returns (bool) {
        return s_isSigner[account];
    }

    function threshold() external view returns (uint256) {
        return uint256(s_config.fSign) + 1;
    }

    function isConfigured() external view returns (bool) {
        return s_configVersion != 0;
    }
}

/// @dev A report that `verify` lets pass has fSign + 1 signatures of distinct signers of the config, whatever the config
/// is. ecrecover may answer anything here.
contract RMNRemoteSymbolic is Symbolic {
    OpenRMNRemote internal s_rmnRemote;

    function setUp() external {
        s_rmnRemote = new OpenRMNRemote();
        svm.enableSymbolicStorage(address(s_rmnRemote));
    }

    function check_verify_needsASignature() external {
        try s_rmnRemote.verify(address(0x0FF), new Internal.MerkleRoot[](1), new IRMNRemote.Signature[](0)) {
            assert(false);
        } catch {}
    }

    function check_verify_needsDistinctSigners_1() external {
        verified(1);
    }

    function check_verify_needsDistinctSigners_2() external {
        verified(2);
    }

    function check_verify_needsDistinctSigners_3() external {
        verified(3);
    }

    function check_verify_needsDistinctSigners_4() external {
        verified(4);
    }

    function verified(uint256 count) private {
        address offRamp = address(0x0FF);
        Internal.MerkleRoot[] memory roots = new Internal.MerkleRoot[](1);
        roots[0].merkleRoot = svm.createBytes32("root");
        IRMNRemote.Signature[] memory signatures = new IRMNRemote.Signature[](count);
        for (uint256 i = 0; i < count; ++i) {
            signatures[i] = IRMNRemote.Signature(svm.createBytes32("r"), svm.createBytes32("s"));
        }

        s_rmnRemote.verify(offRamp, roots, signatures);

        assert(s_rmnRemote.isConfigured());
        assert(count >= s_rmnRemote.threshold());
        address[] memory signers = s_rmnRemote.signersOf(offRamp, roots, signatures);
        for (uint256 i = 0; i < count; ++i) {
            assert(signers[i] != address(0));
            assert(s_rmnRemote.isSigner(signers[i]));
            for (uint256 j = 0; j < i; ++j) {
                assert(signers[i] != signers[j]);
            }
        }
    }
}
