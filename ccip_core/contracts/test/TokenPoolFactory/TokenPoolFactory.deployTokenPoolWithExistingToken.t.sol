// SPDX-License-Identifier: MIT
pragma solidity 0.8.26;

import {TokenPool} from "../../src/pools/TokenPool.sol";
import {Router} from "../../src/Router.sol";
import {TokenPoolFactory} from "../../src/tokenAdminRegistry/TokenPoolFactory/TokenPoolFactory.sol";
import {TokenPoolFactoryBase} from "./TokenPoolFactoryBase.t.sol";

contract TokenPoolFactory_deployTokenPoolWithExistingToken is TokenPoolFactoryBase {
    function deploy(TokenPoolFactory.PoolType kind, string memory code, bytes32 salt) internal returns (TokenPool) {
        vm.prank(s_user);
        return TokenPool(
            s_factory.deployTokenPoolWithExistingToken(
                address(s_link), 18, new TokenPoolFactory.RemoteTokenPoolInfo[](0), vm.getCode(code), salt, kind
            )
        );
    }

    /// @dev The pool is offered to the caller; the token, its roles and its place in the registry stay as they are.
    function test_deployTokenPoolWithExistingToken() external {
        TokenPool pool = deploy(TokenPoolFactory.PoolType.BURN_MINT, "BurnMintTokenPool.sol:BurnMintTokenPool", "a");

        checkEq(address(pool.getToken()), address(s_link), "token");
        checkEq(pool.getRmnProxy(), s_rmnProxy, "RMN");
        checkEq(pool.getRouter(), address(s_router), "Router");
        check(!s_link.isMinter(address(pool)), "no role");
        checkEq(s_registry.getPool(address(s_link)), address(0), "not listed");
        checkEq(pool.owner(), address(s_factory), "an offer");
        vm.prank(s_user);
        pool.acceptOwnership();
        checkEq(pool.owner(), s_user, "owner");
    }

    /// @dev The same salt of another caller is another address: nobody can take somebody's place.
    function test_deployTokenPoolWithExistingToken_saltsAreTheCallers() external {
        string memory code = "BurnMintTokenPool.sol:BurnMintTokenPool";
        TokenPool mine = deploy(TokenPoolFactory.PoolType.BURN_MINT, code, "a");
        address theirs = s_factory.deployTokenPoolWithExistingToken(
            address(s_link),
            18,
            new TokenPoolFactory.RemoteTokenPoolInfo[](0),
            vm.getCode(code),
            "a",
            TokenPoolFactory.PoolType.BURN_MINT
        );
        check(address(mine) != theirs, "another place");

        vm.expectRevert(abi.encodeWithSignature("FailedDeployment()"));
        this.deployAgain();
    }

    function deployAgain() external {
        deploy(TokenPoolFactory.PoolType.BURN_MINT, "BurnMintTokenPool.sol:BurnMintTokenPool", "a");
    }
}
