// SPDX-License-Identifier: MIT
pragma solidity 0.8.26;

import {IAny2EVMMessageReceiver} from "../../src/interfaces/IAny2EVMMessageReceiver.sol";
import {Client} from "../../src/libraries/Client.sol";

/// @dev A receiver that answers as it was told to, ERC-165's questions too, and may call back.
contract OddReceiver is IAny2EVMMessageReceiver {
    enum Mood {
        TAKE,
        REVERT_SILENTLY,
        REVERT_WITH_WORDS,
        REVERT_WITH_BOMB,
        RETURN_BOMB,
        BURN_ALL_GAS,
        PANIC,
        CALL_BACK
    }

    event Took(bytes32 messageId, bytes sender, bytes data, uint256 tokens);
    event CalledBack(bool success, bytes answer);

    uint256 internal constant BOMB_BYTES = 100_000;

    Mood public mood;
    bytes4 public claimed = 0x85572ffb;
    bool public claimsAll;
    address internal s_target;
    bytes internal s_call;

    function set(Mood newMood, bytes4 newClaimed, bool newClaimsAll) external {
        mood = newMood;
        claimed = newClaimed;
        claimsAll = newClaimsAll;
    }

    /// @dev What a CALL_BACK calls.
    function setCall(address target, bytes calldata data) external {
        s_target = target;
        s_call = data;
    }

    function supportsInterface(bytes4 interfaceId) external view returns (bool) {
        return claimsAll || interfaceId == claimed || interfaceId == 0x01ffc9a7;
    }

    function ccipReceive(Client.Any2EVMMessage calldata message) external override {
        if (mood == Mood.REVERT_SILENTLY) revert();
        if (mood == Mood.REVERT_WITH_WORDS) {
            revert(
                "no, thank you, not for anything in this world, and not tomorrow either; ask somebody else instead, and let me be: no, no, no and no again"
            );
        }
        if (mood == Mood.REVERT_WITH_BOMB) {
            assembly {
                revert(0, BOMB_BYTES)
            }
        }
        if (mood == Mood.RETURN_BOMB) {
            assembly {
                return(0, BOMB_BYTES)
            }
        }
        if (mood == Mood.BURN_ALL_GAS) {
            while (true) {}
        }
        if (mood == Mood.PANIC) assert(message.data.length > type(uint128).max);
        if (mood == Mood.CALL_BACK) {
            (bool success, bytes memory answer) = s_target.call(s_call);

            emit CalledBack(success, answer);
        }

        emit Took(message.messageId, message.sender, message.data, message.destTokenAmounts.length);
    }
}
