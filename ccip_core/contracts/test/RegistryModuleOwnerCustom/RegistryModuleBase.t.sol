// SPDX-License-Identifier: MIT
pragma solidity 0.8.26;

import {RegistryModuleOwnerCustom} from "../../src/tokenAdminRegistry/RegistryModuleOwnerCustom.sol";
import {CCIPBase} from "../CCIPBase.t.sol";

/// @dev A module of the registry; s_link has no administrator yet.
abstract contract RegistryModuleBase is CCIPBase {
    RegistryModuleOwnerCustom internal s_module;

    function setUp() public override {
        super.setUp();
        s_module = RegistryModuleOwnerCustom(deployed("RegistryModuleOwnerCustom", abi.encode(s_registry)));
        s_registry.addRegistryModule(address(s_module));
    }

    function checkProposed(address token, address administrator) internal view {
        checkEq(s_registry.getTokenConfig(token).pendingAdministrator, administrator, "proposed");
    }
}
