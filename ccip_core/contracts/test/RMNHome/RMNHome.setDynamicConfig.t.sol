// SPDX-License-Identifier: MIT
pragma solidity 0.8.26;

import {RMNHome} from "../../src/rmn/RMNHome.sol";
import {RMNHomeBase} from "./RMNHomeBase.t.sol";

contract RMNHome_setDynamicConfig is RMNHomeBase {
    function test_setDynamicConfig_keepsTheDigest() external {
        bytes32 digest = s_home.setCandidate(staticOf(3), dynamicOf(1, 7), 0);

        s_home.setDynamicConfig(dynamicOf(0, 1), digest);

        (RMNHome.VersionedConfig memory config, bool ok) = s_home.getConfig(digest);
        check(ok && config.dynamicConfig.sourceChains[0].fObserve == 0, "changed");
        vm.expectRevert(abi.encodeWithSelector(RMNHome.DigestNotFound.selector, bytes32(uint256(1))));
        s_home.setDynamicConfig(dynamicOf(0, 1), bytes32(uint256(1)));
    }

    function test_RevertWhen_setDynamicConfig_notEnoughObservers() external {
        bytes32 digest = s_home.setCandidate(staticOf(3), dynamicOf(1, 7), 0);
        RMNHome.DynamicConfig memory config = dynamicOf(1, 3);

        vm.expectRevert(abi.encodePacked(RMNHome.NotEnoughObservers.selector));
        s_home.setDynamicConfig(config, digest);
    }

    function test_RevertWhen_setDynamicConfig_calledByNonOwner() external {
        bytes32 digest = s_home.setCandidate(staticOf(3), dynamicOf(1, 7), 0);
        RMNHome.DynamicConfig memory config = dynamicOf(0, 1);
        vm.expectRevert(abi.encodeWithSignature("OnlyCallableByOwner()"));
        vm.prank(address(0xBAD));
        s_home.setDynamicConfig(config, digest);
    }
}
