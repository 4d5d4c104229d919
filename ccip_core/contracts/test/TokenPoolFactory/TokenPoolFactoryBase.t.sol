// SPDX-License-Identifier: MIT
pragma solidity 0.8.26;

import {RegistryModuleOwnerCustom} from "../../src/tokenAdminRegistry/RegistryModuleOwnerCustom.sol";
import {TokenPoolFactory} from "../../src/tokenAdminRegistry/TokenPoolFactory/TokenPoolFactory.sol";
import {CCIPBase} from "../CCIPBase.t.sol";

/// @dev A factory whose module the registry knows.
abstract contract TokenPoolFactoryBase is CCIPBase {
    TokenPoolFactory internal s_factory;

    function setUp() public override {
        super.setUp();
        address module = deployed("RegistryModuleOwnerCustom", abi.encode(s_registry));
        s_registry.addRegistryModule(module);
        s_factory = TokenPoolFactory(
            deployed("TokenPoolFactory", abi.encode(s_registry, module, s_rmnProxy, address(s_router)))
        );
    }
}
