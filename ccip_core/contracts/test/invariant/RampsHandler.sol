// SPDX-License-Identifier: MIT
pragma solidity 0.8.26;

import {IERC20} from "../../src/interfaces/IERC20.sol";
import {Client} from "../../src/libraries/Client.sol";
import {Internal} from "../../src/libraries/Internal.sol";
import {CCIPBase} from "../CCIPBase.t.sol";

/// @dev Oracles, users, RMN and passers-by at one chain's ramps, in any order, and a plain record of what they did. Each
/// action is one that must succeed; what must not happen is checked where it would.
contract RampsHandler is CCIPBase {
    struct Message {
        bytes encoded; // Internal.Any2EVMRampMessage
        uint64 nonce;
        address receiver; // of its own, so that its balance tells how often the message was executed
        uint256 amount;
    }

    uint64[2] public sources = [REMOTE, UNBLESSED];
    bool[2] public isCursed;
    bool public isGloballyCursed;

    Message[][2] internal s_messages; // by source, in order of sequence numbers from 1
    uint256[2] public orderedExecuted;
    uint256[2] internal s_orderedSent;
    uint64 public sent;
    uint64 public orderedByUser;

    constructor() {
        setUp();
        approve(IERC20(address(s_link)), s_user, type(uint256).max);
    }

    // ---- actions --------------------------------------------------------------------------------------------------

    function commitSome(uint256 lane, uint256 count, uint256 seed) external {
        lane %= 2;
        if (isLaneCursed(lane)) return;
        count = bound(count, 1, 3);
        for (uint256 i = 0; i < count; ++i) {
            uint64 next = uint64(s_messages[lane].length + 1);
            address receiver = address(uint160(0x100000000 + lane * 0x10000000 + next));
            uint256 amount = seed % 3 == 0 ? 0 : 1 + seed % 1000;
            Internal.Any2EVMRampMessage memory message = amount == 0
                ? messageTo(sources[lane], next, receiver)
                : tokensTo(sources[lane], next, receiver, amount);
            if (seed % 2 == 0) message.header.nonce = uint64(++s_orderedSent[lane]);
            if (seed % 7 == 0 && amount != 0) message.tokenAmounts[0].destGasAmount = 1; // fails until it is given more
            commitMessage(message);
            s_messages[lane].push();
            Message storage stored = s_messages[lane][next - 1];
            (stored.encoded, stored.receiver, stored.amount) = (abi.encode(message), receiver, amount);
            stored.nonce = message.header.nonce;
            seed = uint256(keccak256(abi.encode(seed)));
        }
    }

    function executeOne(uint256 lane, uint256 index) external {
        lane %= 2;
        if (s_messages[lane].length == 0) return;
        index %= s_messages[lane].length;
        Message storage chosen = s_messages[lane][index];
        Internal.MessageExecutionState before = stateOf(lane, index);

        execute(messageOf(chosen));

        if (isLaneCursed(lane)) check(stateOf(lane, index) == before, "a cursed lane executed");
        record(lane, index, before);
    }

    function executeOneByHand(uint256 lane, uint256 index, uint256 wait) external {
        lane %= 2;
        if (s_messages[lane].length == 0) return;
        index %= s_messages[lane].length;
        Message storage chosen = s_messages[lane][index];
        Internal.MessageExecutionState before = stateOf(lane, index);
        vm.warp(block.timestamp + bound(wait, 0, 2 * MANUAL_EXECUTION_S));
        bytes memory call = manualCall(messageOf(chosen), 0);

        vm.prank(s_stranger);
        (bool success,) = address(s_offRamp).call(call); // may be too early, or fail again

        if (isLaneCursed(lane)) check(!success, "a cursed lane executed by hand");
        if (!success) check(stateOf(lane, index) == before, "a revert that left something");
        record(lane, index, before);
    }

    function record(uint256 lane, uint256 index, Internal.MessageExecutionState before) internal {
        Internal.MessageExecutionState state = stateOf(lane, index);
        if (before == Internal.MessageExecutionState.SUCCESS) check(state == before, "success is for good");
        bool isFirst = before == Internal.MessageExecutionState.UNTOUCHED && state != before;
        if (isFirst && s_messages[lane][index].nonce != 0) {
            ++orderedExecuted[lane];
            checkEq(s_messages[lane][index].nonce, orderedExecuted[lane], "out of order");
        }
    }

    function curse(uint256 which) external {
        which %= 8; // seldom, or nothing else would happen
        if (which < 2 && !isCursed[which]) {
            s_rmnRemote.curse(subject(sources[which]));
            isCursed[which] = true;
        } else if (which == 2 && !isGloballyCursed) {
            s_rmnRemote.curse(GLOBAL);
            isGloballyCursed = true;
        }
    }

    function uncurse() external {
        for (uint256 lane = 0; lane < 2; ++lane) {
            if (isCursed[lane]) s_rmnRemote.uncurse(subject(sources[lane]));
            isCursed[lane] = false;
        }
        if (isGloballyCursed) s_rmnRemote.uncurse(GLOBAL);
        isGloballyCursed = false;
    }

    /// @dev Commits and sends on cursed lanes: neither may come through.
    function trespass(uint256 lane) external {
        lane %= 2;
        if (!isLaneCursed(lane)) return;
        uint64 next = uint64(s_messages[lane].length + 1);
        bytes memory call = commitCall(reportOf(rootOf(sources[lane], keccak256(abi.encode(next)), next, next)));
        vm.prank(s_transmitter);
        (bool success,) = address(s_offRamp).call(call);
        check(!success, "a cursed lane committed");
        if (lane != 0) return; // there is a lane out to the first source alone
        Client.EVM2AnyMessage memory message = messageFrom("");
        vm.prank(s_user);
        (success,) = address(s_router).call(abi.encodeCall(s_router.ccipSend, (REMOTE, message)));
        check(!success, "sent to a cursed chain");
    }

    function sendOne(bool isOrdered) external {
        if (isLaneCursed(0)) return;
        vm.recordLogs();

        send(messageFrom(Client._argsToBytes(Client.GenericExtraArgsV2(1, !isOrdered))));

        Internal.EVM2AnyRampMessage memory message = sentMessage();
        checkEq(message.header.sequenceNumber, ++sent, "a gap");
        if (isOrdered) checkEq(message.header.nonce, ++orderedByUser, "nonce");
        else checkEq(message.header.nonce, 0, "nonce of an unordered message");
    }

    // ---- questions ------------------------------------------------------------------------------------------------

    function isLaneCursed(uint256 lane) public view returns (bool) {
        return isCursed[lane] || isGloballyCursed;
    }

    function stateOf(uint256 lane, uint256 index) internal view returns (Internal.MessageExecutionState) {
        return s_offRamp.getExecutionState(sources[lane], uint64(index + 1));
    }

    function messageOf(Message storage stored) internal view returns (Internal.Any2EVMRampMessage memory) {
        return abi.decode(stored.encoded, (Internal.Any2EVMRampMessage));
    }

    function checkEachMessage(uint256 lane) external view {
        for (uint256 i = 0; i < s_messages[lane].length; ++i) {
            Message storage stored = s_messages[lane][i];
            Internal.MessageExecutionState state = stateOf(lane, i);
            check(state != Internal.MessageExecutionState.IN_PROGRESS, "stuck in progress");
            uint256 expected = state == Internal.MessageExecutionState.SUCCESS ? stored.amount : 0;
            checkEq(s_token.balanceOf(stored.receiver), expected, "minted as often as it succeeded");
        }
    }

    function checkNumbers(uint256 lane) external view {
        checkEq(
            s_offRamp.getSourceChainConfig(sources[lane]).minSeqNr, s_messages[lane].length + 1, "next to be committed"
        );
        checkEq(s_nonceManager.getInboundNonce(sources[lane], REMOTE_SENDER), orderedExecuted[lane], "inbound nonce");
        checkEq(s_onRamp.getExpectedNextSequenceNumber(REMOTE), sent + 1, "next to be sent");
    }
}
