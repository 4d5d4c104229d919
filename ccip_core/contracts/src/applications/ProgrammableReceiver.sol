// SPDX-License-Identifier: MIT
pragma solidity 0.8.26;

import {Ownable2Step} from "../access/Ownable2Step.sol";
import {IAny2EVMMessageReceiver} from "../interfaces/IAny2EVMMessageReceiver.sol";
import {Client} from "../libraries/Client.sol";

/// @title ProgrammableReceiver
/// @notice A receiver for trials on a local network: remembers the last message and fails on demand, so that FAILURE and
/// manual execution can be shown. It takes messages from any sender: no model for an application.
contract ProgrammableReceiver is IAny2EVMMessageReceiver, Ownable2Step {
    error InvalidRouter(address router);
    error ToldToRevert(bytes32 messageId);

    event MessageReceived(bytes32 indexed messageId, uint64 indexed sourceChainSelector, bytes sender, bytes data);
    event ShouldRevertSet(bool shouldRevert);

    bytes4 internal constant ERC165_INTERFACE_ID = 0x01ffc9a7;

    address internal immutable i_router;

    bool public shouldRevert;
    uint64 public messageCount;
    bytes32 public lastMessageId;
    uint64 public lastSourceChainSelector;
    uint256 public lastTokenCount;
    bytes public lastSender;
    bytes public lastData;

    constructor(address router) Ownable2Step(msg.sender) {
        if (router == address(0)) revert InvalidRouter(router);

        i_router = router;
    }

    /// @notice Makes every message fail from now on, or succeed again.
    function setShouldRevert(bool value) external onlyOwner {
        shouldRevert = value;

        emit ShouldRevertSet(value);
    }

    /// @inheritdoc IAny2EVMMessageReceiver
    function ccipReceive(Client.Any2EVMMessage calldata message) external override {
        if (msg.sender != i_router) revert InvalidRouter(msg.sender);
        if (shouldRevert) revert ToldToRevert(message.messageId);

        ++messageCount;
        lastMessageId = message.messageId;
        lastSourceChainSelector = message.sourceChainSelector;
        lastTokenCount = message.destTokenAmounts.length;
        lastSender = message.sender;
        lastData = message.data;

        emit MessageReceived(message.messageId, message.sourceChainSelector, message.sender, message.data);
    }

    /// @notice ERC-165: without these answers the OffRamp delivers tokens only and never calls `ccipReceive`.
    function supportsInterface(bytes4 interfaceId) external pure returns (bool) {
        return interfaceId == type(IAny2EVMMessageReceiver).interfaceId || interfaceId == ERC165_INTERFACE_ID;
    }

    function getRouter() external view returns (address) {
        return i_router;
    }
}
