// SPDX-License-Identifier: MIT
pragma solidity 0.8.26;

import {RegistryModuleOwnerCustom} from "../../src/tokenAdminRegistry/RegistryModuleOwnerCustom.sol";
import {RegistryModuleBase} from "./RegistryModuleBase.t.sol";

contract RegistryModuleOwnerCustom_registerAdminViaOwner is RegistryModuleBase {
    function test_registerAdminViaOwner() external {
        vm.expectEmit(address(s_module));
        emit RegistryModuleOwnerCustom.AdministratorRegistered(address(s_link), address(this));
        s_module.registerAdminViaOwner(address(s_link));

        checkProposed(address(s_link), address(this));
    }

    /// @dev Nobody registers another: not even the owner's name may be used.
    function test_RevertWhen_registerAdminViaOwner_calledByAnother() external {
        vm.expectRevert(
            abi.encodeWithSelector(
                RegistryModuleOwnerCustom.CanOnlySelfRegister.selector, address(this), address(s_link)
            )
        );
        vm.prank(s_stranger);
        s_module.registerAdminViaOwner(address(s_link));
    }
}
