// SPDX-License-Identifier: MIT
pragma solidity 0.8.26;

import {Client, IERC20} from "../ccip/Client.sol";
import {CrossChainApp} from "../ccip/CrossChainApp.sol";

/// @notice A programmable token transfer: tokens and the instruction what to do with them travel in one message. Here they
/// are saved at the other end for whom the sender names.
contract SavingsTransfer is CrossChainApp {
    error OneToken(uint256 count);
    error NothingSaved(address account);

    event Sent(bytes32 indexed messageId, address indexed beneficiary, uint256 amount);
    event Saved(bytes32 indexed messageId, address indexed beneficiary, address token, uint256 amount);

    mapping(address account => mapping(address token => uint256)) public savings;

    constructor(address router, address link) CrossChainApp(router, link) {}

    /// @notice Take the caller's tokens and send them, with the instruction, to the twin.
    function saveFor(uint64 chain, address beneficiary, address token, uint256 amount) external returns (bytes32 id) {
        IERC20(token).transferFrom(msg.sender, address(this), amount);
        Client.EVMTokenAmount[] memory tokens = new Client.EVMTokenAmount[](1);
        tokens[0] = Client.EVMTokenAmount(token, amount);
        id = _sendWith(chain, abi.encode(beneficiary), tokens, 200_000);
        emit Sent(id, beneficiary, amount);
    }

    function withdraw(address token) external {
        uint256 amount = savings[msg.sender][token];
        if (amount == 0) revert NothingSaved(msg.sender);
        savings[msg.sender][token] = 0;
        IERC20(token).transfer(msg.sender, amount);
    }

    function _receive(Client.Any2EVMMessage calldata message) internal override {
        if (message.destTokenAmounts.length != 1) revert OneToken(message.destTokenAmounts.length);
        Client.EVMTokenAmount calldata arrived = message.destTokenAmounts[0];
        address beneficiary = abi.decode(message.data, (address));
        savings[beneficiary][arrived.token] += arrived.amount;
        emit Saved(message.messageId, beneficiary, arrived.token, arrived.amount);
    }
}
