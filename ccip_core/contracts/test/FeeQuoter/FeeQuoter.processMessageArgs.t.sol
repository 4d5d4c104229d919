// SPDX-License-Identifier: MIT
pragma solidity 0.8.26;

import {DestinationRules} from "../../src/feeQuoter/DestinationRules.sol";
import {Client} from "../../src/libraries/Client.sol";
import {CCIPBase} from "../CCIPBase.t.sol";

contract FeeQuoter_processMessageArgs is CCIPBase {
    uint256 internal constant DEFAULT_GAS = 200_000;

    function converted(bytes memory extraArgs) internal view returns (bytes memory args, bool isOutOfOrder) {
        (, isOutOfOrder, args,) = s_feeQuoter.processMessageArgs(REMOTE, address(s_link), 1, extraArgs, "");
    }

    function check(bytes memory extraArgs, uint256 gasLimit, bool expected) internal view {
        (bytes memory args, bool isOutOfOrder) = converted(extraArgs);
        checkEq(args, Client._argsToBytes(Client.GenericExtraArgsV2(gasLimit, expected)), "V2");
        check(isOutOfOrder == expected, "order");
    }

    /// @dev What the field's tutorials still send: V1 in one word and in two (gasLimit, strict), or nothing at all.
    function test_processMessageArgs_everythingBecomesV2() external view {
        check("", DEFAULT_GAS, false);
        check(abi.encodeWithSelector(Client.EVM_EXTRA_ARGS_V1_TAG, 5), 5, false);
        check(abi.encodeWithSelector(Client.EVM_EXTRA_ARGS_V1_TAG, 400_000, true), 400_000, false);
        check(abi.encodeWithSelector(Client.EVM_EXTRA_ARGS_V1_TAG, 400_000, false), 400_000, false);
        check(abi.encodeWithSelector(Client.GENERIC_EXTRA_ARGS_V2_TAG, 7, true), 7, true);
        check(abi.encodeWithSelector(Client.GENERIC_EXTRA_ARGS_V2_TAG, 7, false), 7, false);
    }

    function test_RevertWhen_processMessageArgs_tagIsUnknown() external {
        bytes memory extraArgs = abi.encodeWithSelector(0x01020304, 5, true);

        vm.expectRevert(abi.encodePacked(DestinationRules.InvalidExtraArgsTag.selector));
        s_feeQuoter.processMessageArgs(REMOTE, address(s_link), 1, extraArgs, "");
    }
}
