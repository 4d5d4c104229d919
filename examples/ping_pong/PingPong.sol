// SPDX-License-Identifier: MIT
pragma solidity 0.8.26;

import {Client} from "../ccip/Client.sol";
import {CrossChainApp} from "../ccip/CrossChainApp.sol";

/// @notice Two contracts that answer each other until the rounds are played.
contract PingPong is CrossChainApp {
    event Ball(uint64 indexed from, uint256 count);

    uint256 private constant GAS_LIMIT = 600_000; // it sends from within ccipReceive

    uint256 public lastCount;

    constructor(address router, address link) CrossChainApp(router, link) {}

    function play(uint64 chain, uint256 rounds) external onlyOwner {
        _send(chain, abi.encode(uint256(1), rounds), GAS_LIMIT);
    }

    function _receive(Client.Any2EVMMessage calldata message) internal override {
        (uint256 count, uint256 rounds) = abi.decode(message.data, (uint256, uint256));
        lastCount = count;
        emit Ball(message.sourceChainSelector, count);
        if (count < rounds) _send(message.sourceChainSelector, abi.encode(count + 1, rounds), GAS_LIMIT);
    }
}
