// SPDX-License-Identifier: MIT
pragma solidity 0.8.26;

import {FeeQuoter} from "../../src/FeeQuoter.sol";
import {IOwnable} from "../../src/interfaces/IOwnable.sol";
import {Client} from "../../src/libraries/Client.sol";
import {CCIPBase} from "../CCIPBase.t.sol";

contract FeeQuoter_applyPremiumMultiplierWeiPerEthUpdates is CCIPBase {
    function premium(uint64 multiplier) internal view returns (FeeQuoter.PremiumMultiplierWeiPerEthArgs[] memory args) {
        args = new FeeQuoter.PremiumMultiplierWeiPerEthArgs[](1);
        args[0] = FeeQuoter.PremiumMultiplierWeiPerEthArgs(address(s_link), multiplier);
    }

    /// @dev Twice the multiplier is twice the premium; what gas costs stays as it is.
    function test_applyPremiumMultiplierWeiPerEthUpdates() external {
        Client.EVM2AnyMessage memory message = messageFrom("");
        message.feeToken = address(s_link);
        s_feeQuoter.applyPremiumMultiplierWeiPerEthUpdates(premium(0));
        uint256 gasAlone = s_feeQuoter.getValidatedFee(REMOTE, message);
        vm.expectEmit(address(s_feeQuoter));
        emit FeeQuoter.PremiumMultiplierWeiPerEthUpdated(address(s_link), 2 ether);
        s_feeQuoter.applyPremiumMultiplierWeiPerEthUpdates(premium(2 ether));

        checkEq(s_feeQuoter.getPremiumMultiplierWeiPerEth(address(s_link)), 2 ether, "multiplier");
        uint256 dearer = s_feeQuoter.getValidatedFee(REMOTE, message) - gasAlone;
        s_feeQuoter.applyPremiumMultiplierWeiPerEthUpdates(premium(1 ether));
        uint256 plain = s_feeQuoter.getValidatedFee(REMOTE, message) - gasAlone;
        check(plain > 0 && dearer >= 2 * plain - 1 && dearer <= 2 * plain + 1, "twice");
    }

    function test_RevertWhen_applyPremiumMultiplierWeiPerEthUpdates_calledByNonOwner() external {
        FeeQuoter.PremiumMultiplierWeiPerEthArgs[] memory args = premium(1);
        vm.expectRevert(abi.encodePacked(IOwnable.OnlyCallableByOwner.selector));
        vm.prank(s_stranger);
        s_feeQuoter.applyPremiumMultiplierWeiPerEthUpdates(args);
    }
}
