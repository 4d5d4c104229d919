// SPDX-License-Identifier: MIT
pragma solidity 0.8.26;

import {Client, IERC20} from "../ccip/Client.sol";
import {CrossChainApp} from "../ccip/CrossChainApp.sol";

/// @notice A receiver that never fails: what goes wrong with a message is kept here with its tokens, to be tried again or
/// given back, and no message has to be executed by hand.
contract DefensiveReceiver is CrossChainApp {
    error OnlySelf();
    error Odd(uint256 number);
    error NothingFailed(bytes32 messageId);

    event Processed(bytes32 indexed messageId, uint256 number);
    event Failed(bytes32 indexed messageId, bytes reason);
    event Recovered(bytes32 indexed messageId, address to);

    bool public takesOdd;
    uint256 public sum;
    mapping(bytes32 messageId => Client.Any2EVMMessage) private s_failed;

    constructor(address router, address link) CrossChainApp(router, link) {}

    /// @notice The application's own rule, which can be mended after a message has failed by it.
    function setTakesOdd(bool value) external onlyOwner {
        takesOdd = value;
    }

    function send(uint64 chain, uint256 number, address token, uint256 amount) external onlyOwner returns (bytes32) {
        Client.EVMTokenAmount[] memory tokens = new Client.EVMTokenAmount[](1);
        tokens[0] = Client.EVMTokenAmount(token, amount);
        return _sendWith(chain, abi.encode(number), tokens, 800_000);
    }

    /// @notice The work itself; external so that it can fail without taking the message's tokens with it.
    function process(Client.Any2EVMMessage calldata message) external {
        if (msg.sender != address(this)) revert OnlySelf();
        uint256 number = abi.decode(message.data, (uint256));
        if (number % 2 == 1 && !takesOdd) revert Odd(number);
        sum += number;
        emit Processed(message.messageId, number);
    }

    function retry(bytes32 messageId) external onlyOwner {
        this.process(_take(messageId));
    }

    function giveBack(bytes32 messageId, address to) external onlyOwner {
        Client.Any2EVMMessage memory message = _take(messageId);
        emit Recovered(messageId, to);
        for (uint256 i = 0; i < message.destTokenAmounts.length; ++i) {
            IERC20(message.destTokenAmounts[i].token).transfer(to, message.destTokenAmounts[i].amount);
        }
    }

    function isFailed(bytes32 messageId) external view returns (bool) {
        return s_failed[messageId].messageId != bytes32(0);
    }

    function _receive(Client.Any2EVMMessage calldata message) internal override {
        try this.process(message) {}
        catch (bytes memory reason) {
            Client.Any2EVMMessage storage kept = s_failed[message.messageId];
            kept.messageId = message.messageId;
            kept.sourceChainSelector = message.sourceChainSelector;
            kept.sender = message.sender;
            kept.data = message.data;
            for (uint256 i = 0; i < message.destTokenAmounts.length; ++i) {
                kept.destTokenAmounts.push(message.destTokenAmounts[i]);
            }
            emit Failed(message.messageId, reason);
        }
    }

    function _take(bytes32 messageId) private returns (Client.Any2EVMMessage memory message) {
        message = s_failed[messageId];
        if (message.messageId == bytes32(0)) revert NothingFailed(messageId);
        delete s_failed[messageId];
    }
}
