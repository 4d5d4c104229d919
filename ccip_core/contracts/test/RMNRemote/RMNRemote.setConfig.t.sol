// SPDX-License-Identifier: MIT
pragma solidity 0.8.26;

import {IOwnable} from "../../src/interfaces/IOwnable.sol";
import {IRMNRemote} from "../../src/interfaces/IRMNRemote.sol";
import {CCIPBase} from "../CCIPBase.t.sol";

contract RMNRemote_setConfig is CCIPBase {
    function config(uint256 count, uint64 fSign) internal pure returns (IRMNRemote.Config memory made) {
        made.rmnHomeContractConfigDigest = HOME_DIGEST;
        made.fSign = fSign;
        made.signers = new IRMNRemote.Signer[](count);
        for (uint256 i = 0; i < count; ++i) {
            made.signers[i] = IRMNRemote.Signer(address(uint160(0x100 + i)), uint64(i));
        }
    }

    function expectError(IRMNRemote.Config memory made, bytes4 error_) internal {
        vm.expectRevert(abi.encodePacked(error_));
        s_rmnRemote.setConfig(made);
    }

    function test_setConfig() external {
        vm.expectEmit(address(s_rmnRemote));
        emit IRMNRemote.ConfigSet(2, config(5, 2));
        s_rmnRemote.setConfig(config(5, 2));

        (uint32 version, IRMNRemote.Config memory stored) = s_rmnRemote.getVersionedConfig();
        checkEq(version, 2, "version");
        checkEq(abi.encode(stored), abi.encode(config(5, 2)), "config");
    }

    function test_RevertWhen_setConfig_invalid() external {
        expectError(config(4, 2), IRMNRemote.NotEnoughSigners.selector);

        IRMNRemote.Config memory made = config(5, 2);
        made.rmnHomeContractConfigDigest = 0;
        expectError(made, IRMNRemote.ZeroValueNotAllowed.selector);

        made = config(5, 2);
        made.signers[3].nodeIndex = 2;
        expectError(made, IRMNRemote.InvalidSignerOrder.selector);

        made = config(5, 2);
        made.signers[4].onchainPublicKey = made.signers[0].onchainPublicKey;
        expectError(made, IRMNRemote.DuplicateOnchainPublicKey.selector);
    }

    function test_RevertWhen_setConfig_calledByNonOwner() external {
        IRMNRemote.Config memory made = config(1, 0);
        vm.expectRevert(abi.encodePacked(IOwnable.OnlyCallableByOwner.selector));
        vm.prank(s_stranger);
        s_rmnRemote.setConfig(made);
    }
}
