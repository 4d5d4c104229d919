// SPDX-License-Identifier: MIT
pragma solidity 0.8.26;

import {RateLimiter} from "../../src/libraries/RateLimiter.sol";
import {TokenPool} from "../../src/pools/TokenPool.sol";
import {FactoryBurnMintERC20} from "../../src/tokenAdminRegistry/TokenPoolFactory/FactoryBurnMintERC20.sol";
import {TokenPoolBase} from "../TokenPool/TokenPoolBase.t.sol";

contract BurnMintTokenPool_lockOrBurn is TokenPoolBase {
    function setUp() public override {
        super.setUp();
        bytes memory arguments = abi.encode(s_token, uint8(18), new address[](0), s_rmnProxy, address(s_router));
        s_tokenPool = TokenPool(deployed("BurnMintTokenPool", arguments));
        s_token.grantMintAndBurnRoles(address(s_tokenPool));
        RateLimiter.Config memory off;
        s_tokenPool.applyChainUpdates(new uint64[](0), chain(REMOTE, off));
    }

    /// @dev The pool burns what it holds; and it can do so again and again.
    function test_lockOrBurn_burns() external {
        uint256 supply = s_token.totalSupply();
        lock(7);
        vm.prank(s_user);
        s_token.transfer(address(s_tokenPool), 5);
        vm.expectEmit(address(s_tokenPool));
        emit TokenPool.LockedOrBurned(REMOTE, address(s_token), address(this), 5);
        s_tokenPool.lockOrBurn(lockInput(5));

        checkEq(s_token.totalSupply(), supply - 12, "burnt");
        checkEq(s_token.balanceOf(address(s_tokenPool)), 0, "nothing stays");
    }

    function test_releaseOrMint_mints() external {
        uint256 supply = s_token.totalSupply();
        checkEq(release(5, ""), 5, "amount");

        checkEq(s_token.totalSupply(), supply + 5, "minted");
        checkEq(s_token.balanceOf(s_someone), 5, "arrived");
    }

    function test_RevertWhen_lockOrBurn_mayNotBurn() external {
        s_token.revokeBurnRole(address(s_tokenPool));
        vm.prank(s_user);
        s_token.transfer(address(s_tokenPool), 5);

        vm.expectRevert(abi.encodeWithSelector(FactoryBurnMintERC20.SenderNotBurner.selector, address(s_tokenPool)));
        s_tokenPool.lockOrBurn(lockInput(5));
    }
}
