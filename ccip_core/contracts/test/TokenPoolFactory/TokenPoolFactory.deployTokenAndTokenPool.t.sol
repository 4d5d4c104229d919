// SPDX-License-Identifier: MIT
pragma solidity 0.8.26;

import {TokenPool} from "../../src/pools/TokenPool.sol";
import {FactoryBurnMintERC20} from "../../src/tokenAdminRegistry/TokenPoolFactory/FactoryBurnMintERC20.sol";
import {TokenPoolFactory} from "../../src/tokenAdminRegistry/TokenPoolFactory/TokenPoolFactory.sol";
import {TokenPoolFactoryBase} from "./TokenPoolFactoryBase.t.sol";

contract TokenPoolFactory_deployTokenAndTokenPool is TokenPoolFactoryBase {
    function deploy() internal returns (FactoryBurnMintERC20 token, TokenPool pool) {
        bytes memory tokenCode = bytes.concat(
            vm.getCode("FactoryBurnMintERC20.sol:FactoryBurnMintERC20"),
            abi.encode("T", "T", uint8(18), uint256(0), uint256(5 ether), s_user)
        );
        vm.prank(s_user);
        (address tokenAt, address poolAt) = s_factory.deployTokenAndTokenPool(
            new TokenPoolFactory.RemoteTokenPoolInfo[](0),
            18,
            tokenCode,
            vm.getCode("BurnMintTokenPool.sol:BurnMintTokenPool"),
            bytes32("salt")
        );
        return (FactoryBurnMintERC20(tokenAt), TokenPool(poolAt));
    }

    /// @dev Conformance 96: three offers, and nothing is the caller's before it has accepted them.
    function test_deployTokenAndTokenPool_leavesThreeOffers() external {
        (FactoryBurnMintERC20 token, TokenPool pool) = deploy();
        checkEq(token.owner(), address(s_factory), "token");
        checkEq(pool.owner(), address(s_factory), "pool");
        check(s_registry.isAdministrator(address(token), address(s_factory)), "registry");
        checkEq(s_registry.getPool(address(token)), address(pool), "listed");
        check(token.isMinter(address(pool)) && token.isBurner(address(pool)), "roles");

        vm.prank(s_user);
        token.acceptOwnership();
        vm.prank(s_user);
        pool.acceptOwnership();
        vm.prank(s_user);
        s_registry.acceptAdminRole(address(token));
        checkEq(token.owner(), s_user, "token");
        checkEq(pool.owner(), s_user, "pool");
        check(s_registry.isAdministrator(address(token), s_user), "registry");
    }

    /// @dev Conformance 97: whom the token is made for holds what was minted and is its CCIP admin, but not its owner.
    function test_deployTokenAndTokenPool_newOwnerIsNotTheOwner() external {
        (FactoryBurnMintERC20 token,) = deploy();

        checkEq(token.balanceOf(s_user), 5 ether, "minted");
        checkEq(token.getCCIPAdmin(), s_user, "CCIP admin");
        checkEq(token.owner(), address(s_factory), "owner");
    }
}
