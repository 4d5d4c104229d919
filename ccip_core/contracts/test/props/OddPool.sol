// SPDX-License-Identifier: MIT
pragma solidity 0.8.26;

import {Pool} from "../../src/libraries/Pool.sol";

interface IMintable {
    function mint(address account, uint256 amount) external;
}

/// @dev A pool that checks nothing and does what it was told: deliver too much or too little, answer in the wrong length,
/// call back into what called it.
contract OddPool {
    enum Mood {
        TAKE,
        REVERT_SILENTLY,
        REVERT_WITH_WORDS,
        DELIVER_LESS,
        DELIVER_NOTHING,
        ANSWER_SHORT,
        ANSWER_LONG,
        BURN_ALL_GAS,
        CALL_BACK
    }

    event CalledBack(bool success, bytes answer);

    Mood public mood;
    address internal immutable i_token;
    bytes internal s_destTokenAddress;
    bytes internal s_destPoolData;
    address internal s_target;
    bytes internal s_call;

    constructor(address token) {
        i_token = token;
    }

    function set(Mood newMood, bytes calldata destTokenAddress, bytes calldata destPoolData) external {
        mood = newMood;
        s_destTokenAddress = destTokenAddress;
        s_destPoolData = destPoolData;
    }

    function setCall(address target, bytes calldata data) external {
        s_target = target;
        s_call = data;
    }

    function supportsInterface(bytes4 interfaceId) external pure returns (bool) {
        return interfaceId == Pool.CCIP_POOL_V1 || interfaceId == 0x01ffc9a7;
    }

    function isSupportedToken(address token) external view returns (bool) {
        return token == i_token;
    }

    function lockOrBurn(Pool.LockOrBurnInV1 calldata) external returns (Pool.LockOrBurnOutV1 memory) {
        _misbehave();
        return Pool.LockOrBurnOutV1(s_destTokenAddress, s_destPoolData);
    }

    function releaseOrMint(Pool.ReleaseOrMintInV1 calldata input) external returns (Pool.ReleaseOrMintOutV1 memory) {
        _misbehave();
        uint256 amount = input.sourceDenominatedAmount;
        if (mood != Mood.DELIVER_NOTHING) {
            IMintable(i_token).mint(input.receiver, mood == Mood.DELIVER_LESS ? amount - 1 : amount);
        }
        if (mood == Mood.ANSWER_SHORT || mood == Mood.ANSWER_LONG) {
            uint256 length = mood == Mood.ANSWER_SHORT ? 31 : 64;
            assembly {
                mstore(0, amount)
                return(0, length)
            }
        }
        return Pool.ReleaseOrMintOutV1(amount);
    }

    function _misbehave() internal {
        if (mood == Mood.REVERT_SILENTLY) revert();
        if (mood == Mood.REVERT_WITH_WORDS) revert("not today");
        if (mood == Mood.BURN_ALL_GAS) {
            while (true) {}
        }
        if (mood == Mood.CALL_BACK) {
            (bool success, bytes memory answer) = s_target.call(s_call);

            emit CalledBack(success, answer);
        }
    }
}
