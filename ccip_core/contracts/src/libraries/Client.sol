// SPDX-License-Identifier: MIT
pragma solidity ^0.8.26;

/// @title Client
/// @notice What a CCIP receiver is handed.
library Client {
    struct EVMTokenAmount {
        address token; // on this chain
        uint256 amount; // in this chain's decimals; the receiver holds it already
    }

    struct Any2EVMMessage {
        bytes32 messageId;
        uint64 sourceChainSelector;
        bytes sender; // abi.encode(address) if the source is an EVM chain. UNTRUSTED until compared with a known sender
        bytes data; // UNTRUSTED: the sender's words
        EVMTokenAmount[] destTokenAmounts;
    }
}
