// SPDX-License-Identifier: MIT
pragma solidity 0.8.26;

import {RegistryModuleOwnerCustom} from "../../src/tokenAdminRegistry/RegistryModuleOwnerCustom.sol";
import {RegistryModuleBase} from "./RegistryModuleBase.t.sol";

contract RegistryModuleOwnerCustom_registerAdminViaGetCCIPAdmin is RegistryModuleBase {
    function test_registerAdminViaGetCCIPAdmin() external {
        checkEq(s_link.getCCIPAdmin(), s_user, "another than the owner");
        vm.prank(s_user);
        s_module.registerAdminViaGetCCIPAdmin(address(s_link));

        checkProposed(address(s_link), s_user);
    }

    function test_RevertWhen_registerAdminViaGetCCIPAdmin_calledByTheOwner() external {
        vm.expectRevert(
            abi.encodeWithSelector(RegistryModuleOwnerCustom.CanOnlySelfRegister.selector, s_user, address(s_link))
        );
        s_module.registerAdminViaGetCCIPAdmin(address(s_link));
    }
}
