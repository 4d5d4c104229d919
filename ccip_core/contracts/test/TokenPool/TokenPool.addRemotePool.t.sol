// SPDX-License-Identifier: MIT
pragma solidity 0.8.26;

import {IOwnable} from "../../src/interfaces/IOwnable.sol";
import {TokenPool} from "../../src/pools/TokenPool.sol";
import {TokenPoolBase} from "./TokenPoolBase.t.sol";

contract TokenPool_addRemotePool is TokenPoolBase {
    bytes internal constant NEXT = abi.encode(address(0x0A99));

    function test_addRemotePool_besideTheOldOne() external {
        vm.expectEmit(address(s_tokenPool));
        emit TokenPool.RemotePoolAdded(REMOTE, NEXT);
        s_tokenPool.addRemotePool(REMOTE, NEXT);

        check(s_tokenPool.isRemotePool(REMOTE, NEXT) && s_tokenPool.isRemotePool(REMOTE, REMOTE_POOL), "both");
        checkEq(s_tokenPool.getRemotePools(REMOTE).length, 2, "two");
    }

    function test_RevertWhen_addRemotePool_invalid() external {
        vm.expectRevert(abi.encodeWithSelector(TokenPool.PoolAlreadyAdded.selector, REMOTE, REMOTE_POOL));
        s_tokenPool.addRemotePool(REMOTE, REMOTE_POOL);
        vm.expectRevert(abi.encodeWithSelector(TokenPool.NonExistentChain.selector, uint64(7)));
        s_tokenPool.addRemotePool(7, NEXT);
        vm.expectRevert(abi.encodePacked(TokenPool.ZeroAddressNotAllowed.selector));
        s_tokenPool.addRemotePool(REMOTE, "");
    }

    function test_RevertWhen_addRemotePool_calledByNonOwner() external {
        vm.expectRevert(abi.encodePacked(IOwnable.OnlyCallableByOwner.selector));
        vm.prank(s_stranger);
        s_tokenPool.addRemotePool(REMOTE, NEXT);
    }
}
