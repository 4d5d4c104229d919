// SPDX-License-Identifier: MIT
pragma solidity ^0.8.26;

import {Client} from "../libraries/Client.sol";

/// @title IAny2EVMMessageReceiver
/// @notice What CCIP's Router calls to deliver a message; selector and interface id 0x85572ffb.
interface IAny2EVMMessageReceiver {
    function ccipReceive(Client.Any2EVMMessage calldata message) external;
}
