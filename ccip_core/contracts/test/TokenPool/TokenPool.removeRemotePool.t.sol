// SPDX-License-Identifier: MIT
pragma solidity 0.8.26;

import {IOwnable} from "../../src/interfaces/IOwnable.sol";
import {TokenPool} from "../../src/pools/TokenPool.sol";
import {TokenPoolBase} from "./TokenPoolBase.t.sol";

contract TokenPool_removeRemotePool is TokenPoolBase {
    function test_removeRemotePool_nothingOfItIsReleased() external {
        vm.expectEmit(address(s_tokenPool));
        emit TokenPool.RemotePoolRemoved(REMOTE, REMOTE_POOL);
        s_tokenPool.removeRemotePool(REMOTE, REMOTE_POOL);

        check(!s_tokenPool.isRemotePool(REMOTE, REMOTE_POOL), "gone");
        vm.expectRevert(abi.encodeWithSelector(TokenPool.InvalidSourcePoolAddress.selector, REMOTE_POOL));
        s_tokenPool.releaseOrMint(releaseInput(1, ""));
    }

    function test_RevertWhen_removeRemotePool_unknown() external {
        bytes memory other = abi.encode(s_someone);
        vm.expectRevert(abi.encodeWithSelector(TokenPool.InvalidRemotePoolForChain.selector, REMOTE, other));
        s_tokenPool.removeRemotePool(REMOTE, other);
        vm.expectRevert(abi.encodeWithSelector(TokenPool.NonExistentChain.selector, uint64(7)));
        s_tokenPool.removeRemotePool(7, REMOTE_POOL);
    }

    function test_RevertWhen_removeRemotePool_calledByNonOwner() external {
        vm.expectRevert(abi.encodePacked(IOwnable.OnlyCallableByOwner.selector));
        vm.prank(s_stranger);
        s_tokenPool.removeRemotePool(REMOTE, REMOTE_POOL);
    }
}
