// SPDX-License-Identifier: MIT
pragma solidity 0.8.26;

import {FactoryBurnMintERC20} from "../../src/tokenAdminRegistry/TokenPoolFactory/FactoryBurnMintERC20.sol";
import {Test} from "../Test.sol";

/// @dev A token of the test, of which s_holder has some and s_minter may make and burn more.
abstract contract FactoryBurnMintERC20Base is Test {
    uint256 internal constant MAX_SUPPLY = 1000;
    uint256 internal constant PRE_MINT = 100;

    address internal s_holder = address(0xA11CE);
    address internal s_minter = address(0x3117);
    address internal s_stranger = address(0xBAD);
    FactoryBurnMintERC20 internal s_token;

    function setUp() external {
        bytes memory arguments = abi.encode("Gold", "GOLD", uint8(6), MAX_SUPPLY, PRE_MINT, s_holder);
        s_token = FactoryBurnMintERC20(deployed("FactoryBurnMintERC20", arguments));
        s_token.grantMintAndBurnRoles(s_minter);
    }

    function approve(uint256 amount) internal {
        vm.prank(s_holder);
        s_token.approve(s_minter, amount);
    }
}
