// SPDX-License-Identifier: MIT
pragma solidity 0.8.26;

import {IAny2EVMMessageReceiver} from "../../src/interfaces/IAny2EVMMessageReceiver.sol";
import {Client} from "../../src/libraries/Client.sol";

/// @dev A receiver that does in `ccipReceive` what it was told: some call, then return, revert or burn all its gas. It
/// remembers the messages that it took.
contract ActingReceiver is IAny2EVMMessageReceiver {
    enum End {
        RETURN,
        REVERT,
        BURN
    }

    error Told(bytes words);

    End public end;
    address public target;
    bytes public call;
    bytes public words;
    bool public isCallDone;
    bool public callSucceeded;
    bytes public callAnswer;
    uint256 public received;
    uint256 public gasSeen;
    uint256 public tokensSeen;
    bytes32 public lastMessageId;

    function tell(End newEnd, address newTarget, bytes calldata newCall, bytes calldata newWords) external {
        (end, target, call, words) = (newEnd, newTarget, newCall, newWords);
        isCallDone = false;
    }

    function ccipReceive(Client.Any2EVMMessage calldata message) external override {
        gasSeen = gasleft();
        if (end == End.BURN) while (true) {}
        ++received;
        lastMessageId = message.messageId;
        tokensSeen = message.destTokenAmounts.length;
        if (target != address(0) && !isCallDone) {
            isCallDone = true; // once, or it would call itself through the target for ever
            (callSucceeded, callAnswer) = target.call(call);
        }
        if (end == End.REVERT) revert Told(words);
    }

    function supportsInterface(bytes4 interfaceId) external pure returns (bool) {
        return interfaceId == type(IAny2EVMMessageReceiver).interfaceId || interfaceId == 0x01ffc9a7;
    }
}
