// SPDX-License-Identifier: MIT
pragma solidity 0.8.26;

import {IOwnable} from "../../src/interfaces/IOwnable.sol";
import {TokenPool} from "../../src/pools/TokenPool.sol";
import {TokenPoolBase} from "./TokenPoolBase.t.sol";

contract TokenPool_applyAllowListUpdates is TokenPoolBase {
    address[] internal s_none;
    address[] internal s_some;

    function setUp() public override {
        super.setUp();
        s_some.push(s_someone);
    }

    function listed() internal returns (TokenPool pool) {
        bytes memory arguments = abi.encode(s_token, uint8(18), s_some, s_rmnProxy, address(s_router));
        return TokenPool(deployed("BurnMintTokenPool", arguments));
    }

    /// @dev Zero and whoever is listed already are passed over; the list stays on even when it is empty.
    function test_applyAllowListUpdates() external {
        TokenPool pool = listed();
        address[] memory added = new address[](3);
        (added[1], added[2]) = (s_someone, s_user);
        vm.expectEmit(address(pool));
        emit TokenPool.AllowListAdd(s_user);
        pool.applyAllowListUpdates(s_none, added);
        checkEq(pool.getAllowList().length, 2, "two");

        added[0] = s_stranger;
        vm.expectEmit(address(pool));
        emit TokenPool.AllowListRemove(s_someone);
        pool.applyAllowListUpdates(added, s_none);
        check(pool.getAllowListEnabled() && pool.getAllowList().length == 0, "on, and empty");
    }

    /// @dev Whoever is removed and added in one call is on the list.
    function test_applyAllowListUpdates_removesFirst() external {
        TokenPool pool = listed();
        pool.applyAllowListUpdates(s_some, s_some);

        checkEq(pool.getAllowList()[0], s_someone, "listed");
    }

    /// @dev A pool that was made without a list never has one.
    function test_RevertWhen_applyAllowListUpdates_withoutList() external {
        check(!s_tokenPool.getAllowListEnabled(), "off");

        vm.expectRevert(abi.encodePacked(TokenPool.AllowListNotEnabled.selector));
        s_tokenPool.applyAllowListUpdates(s_none, s_some);
    }

    function test_RevertWhen_applyAllowListUpdates_calledByNonOwner() external {
        vm.expectRevert(abi.encodePacked(IOwnable.OnlyCallableByOwner.selector));
        vm.prank(s_stranger);
        s_tokenPool.applyAllowListUpdates(s_none, s_none);
    }
}
