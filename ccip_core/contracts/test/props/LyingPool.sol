// SPDX-License-Identifier: MIT
pragma solidity 0.8.26;

import {Pool} from "../../src/libraries/Pool.sol";

/// @dev A pool of somebody who means no good: it mints what it was told to and answers what it was told to.
contract LyingPool {
    address public token;
    uint256 public minted;
    bytes public answer;
    bool public isReverting;
    bytes public call;

    constructor(address token_) {
        token = token_;
    }

    function tell(uint256 newMinted, bytes calldata newAnswer, bool newIsReverting) external {
        (minted, answer, isReverting) = (newMinted, newAnswer, newIsReverting);
    }

    /// @dev What it does on the way, to the OffRamp that called it.
    function tellToCall(bytes calldata newCall) external {
        call = newCall;
    }

    function supportsInterface(bytes4 interfaceId) external pure returns (bool) {
        return interfaceId == Pool.CCIP_POOL_V1 || interfaceId == 0x01ffc9a7;
    }

    function isSupportedToken(address) external pure returns (bool) {
        return true;
    }

    function releaseOrMint(Pool.ReleaseOrMintInV1 calldata input) external {
        if (call.length != 0) {
            (bool success,) = msg.sender.call(call);
            require(success, "the call on the way failed");
        }
        bytes memory data = answer;
        if (isReverting) {
            assembly ("memory-safe") {
                revert(add(data, 0x20), mload(data))
            }
        }
        (bool isMinted,) = token.call(abi.encodeWithSignature("mint(address,uint256)", input.receiver, minted));
        require(isMinted, "mint failed");
        assembly ("memory-safe") {
            return(add(data, 0x20), mload(data))
        }
    }
}
