// SPDX-License-Identifier: MIT
pragma solidity 0.8.26;

import {RegistryModuleOwnerCustom} from "../../src/tokenAdminRegistry/RegistryModuleOwnerCustom.sol";
import {RegistryModuleBase} from "./RegistryModuleBase.t.sol";

contract RegistryModuleOwnerCustom_registerAccessControlDefaultAdmin is RegistryModuleBase {
    /// @dev The test is the token here, and s_user its default admin.
    bytes32 public constant DEFAULT_ADMIN_ROLE = "role";

    function hasRole(bytes32 role, address account) external view returns (bool) {
        return role == DEFAULT_ADMIN_ROLE && account == s_user;
    }

    function test_registerAccessControlDefaultAdmin() external {
        vm.prank(s_user);
        s_module.registerAccessControlDefaultAdmin(address(this));

        checkProposed(address(this), s_user);
    }

    function test_RevertWhen_registerAccessControlDefaultAdmin_withoutTheRole() external {
        vm.expectRevert(
            abi.encodeWithSelector(
                RegistryModuleOwnerCustom.RequiredRoleNotFound.selector, s_stranger, DEFAULT_ADMIN_ROLE, address(this)
            )
        );
        vm.prank(s_stranger);
        s_module.registerAccessControlDefaultAdmin(address(this));
    }
}
