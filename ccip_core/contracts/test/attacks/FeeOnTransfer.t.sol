// SPDX-License-Identifier: MIT
pragma solidity 0.8.26;

import {IOffRamp} from "../../src/interfaces/IOffRamp.sol";
import {Internal} from "../../src/libraries/Internal.sol";
import {RateLimiter} from "../../src/libraries/RateLimiter.sol";
import {TokenPool} from "../../src/pools/TokenPool.sol";
import {CCIPBase} from "../CCIPBase.t.sol";
import {OddToken} from "../props/OddToken.sol";

/// @dev A token that keeps a hundredth of each transfer, locked in an honest pool: nobody gets less than he was told.
contract FeeOnTransfer is CCIPBase {
    OddToken internal s_taxed;
    address internal s_vault;

    function setUp() public override {
        super.setUp();
        s_taxed = new OddToken();
        bytes memory arguments = abi.encode(s_taxed, uint8(18), new address[](0), s_rmnProxy, address(s_router));
        s_vault = deployed("LockReleaseTokenPool", arguments);
        s_registry.proposeAdministrator(address(s_taxed), address(this));
        s_registry.acceptAdminRole(address(s_taxed));
        s_registry.setPool(address(s_taxed), s_vault);
        TokenPool.ChainUpdate[] memory chains = new TokenPool.ChainUpdate[](1);
        bytes[] memory remotePools = new bytes[](1);
        remotePools[0] = REMOTE_POOL;
        RateLimiter.Config memory off;
        chains[0] = TokenPool.ChainUpdate(REMOTE, remotePools, REMOTE_TOKEN, off, off);
        TokenPool(s_vault).applyChainUpdates(new uint64[](0), chains);
        s_taxed.mint(s_vault, 1000);
    }

    /// @dev The release is undone whole, and succeeds by hand once the token takes nothing.
    function test_releaseFailsUntilTheTokenTakesNoFee() external {
        s_taxed.setVice(OddToken.Vice.FEE);
        Internal.Any2EVMRampMessage memory message = tokensTo(REMOTE, 1, s_someone, 100);
        message.tokenAmounts[0].destTokenAddress = address(s_taxed);
        commitMessage(message);
        vm.recordLogs();
        execute(message);

        checkEq(
            recordedReturnData(),
            abi.encodeWithSelector(IOffRamp.ReleaseOrMintBalanceMismatch.selector, 100, 0, 99),
            "why"
        );
        checkFailure(message);
        checkEq(s_taxed.balanceOf(s_vault), 1000, "stays locked");
        checkEq(s_taxed.totalSupply(), 1000, "no fee was taken");

        s_taxed.setVice(OddToken.Vice.NONE);
        executeByHand(message);
        checkSuccess(message);
        checkEq(s_taxed.balanceOf(s_someone), 100, "arrived");
    }

    /// @dev A message with such a token and an honest one: neither arrives without the other.
    function test_theHonestTokenBesideItIsUndoneToo() external {
        s_taxed.setVice(OddToken.Vice.FEE);
        Internal.Any2EVMRampMessage memory message = tokensTo(REMOTE, 1, s_someone, 100);
        Internal.Any2EVMTokenTransfer[] memory both = new Internal.Any2EVMTokenTransfer[](2);
        (both[0], both[1]) = (message.tokenAmounts[0], tokensTo(REMOTE, 1, s_someone, 100).tokenAmounts[0]);
        both[1].destTokenAddress = address(s_taxed);
        message.tokenAmounts = both;
        commitMessage(message);
        execute(message);

        checkFailure(message);
        checkEq(s_token.balanceOf(s_someone), 0, "nothing");
    }
}
