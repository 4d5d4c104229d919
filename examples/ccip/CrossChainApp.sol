// SPDX-License-Identifier: MIT
pragma solidity 0.8.26;

import {Client, IAny2EVMMessageReceiver, IERC20, IRouter} from "./Client.sol";

/// @notice An application with a twin on each chain. It takes messages from its Router and its twins alone, and pays its
/// messages in LINK that it holds.
abstract contract CrossChainApp is IAny2EVMMessageReceiver {
    error NotTheRouter(address caller);
    error NotTheOwner(address caller);
    error NotATwin(uint64 chain, bytes sender);

    bytes4 private constant EVM_EXTRA_ARGS_V2 = 0x181dcf10;

    IRouter internal immutable i_router;
    IERC20 internal immutable i_link;
    address public immutable owner;

    mapping(uint64 chain => address app) public twins;

    constructor(address router, address link) {
        i_router = IRouter(router);
        i_link = IERC20(link);
        owner = msg.sender;
    }

    modifier onlyOwner() {
        if (msg.sender != owner) revert NotTheOwner(msg.sender);
        _;
    }

    function setTwin(uint64 chain, address app) external onlyOwner {
        twins[chain] = app;
    }

    /// @notice The Router's call. Whoever else sends, or sends for someone else, is turned away.
    function ccipReceive(Client.Any2EVMMessage calldata message) external {
        if (msg.sender != address(i_router)) revert NotTheRouter(msg.sender);
        address twin = twins[message.sourceChainSelector];
        if (twin == address(0) || keccak256(message.sender) != keccak256(abi.encode(twin))) {
            revert NotATwin(message.sourceChainSelector, message.sender);
        }
        _receive(message);
    }

    /// @notice ERC-165: without these answers CCIP delivers tokens only.
    function supportsInterface(bytes4 id) external pure returns (bool) {
        return id == type(IAny2EVMMessageReceiver).interfaceId || id == 0x01ffc9a7;
    }

    function _receive(Client.Any2EVMMessage calldata message) internal virtual;

    function _send(uint64 chain, bytes memory data, uint256 gasLimit) internal returns (bytes32) {
        return _sendWith(chain, data, new Client.EVMTokenAmount[](0), gasLimit);
    }

    /// @notice To the twin; tokens must be held here and are approved to the Router.
    function _sendWith(uint64 chain, bytes memory data, Client.EVMTokenAmount[] memory tokens, uint256 gasLimit)
        internal
        returns (bytes32)
    {
        Client.EVM2AnyMessage memory message = Client.EVM2AnyMessage({
            receiver: abi.encode(twins[chain]),
            data: data,
            tokenAmounts: tokens,
            feeToken: address(i_link),
            extraArgs: abi.encodeWithSelector(EVM_EXTRA_ARGS_V2, gasLimit, true)
        });
        uint256 fee = i_router.getFee(chain, message);
        for (uint256 i = 0; i < tokens.length; ++i) {
            IERC20(tokens[i].token).approve(address(i_router), tokens[i].amount);
        }
        i_link.approve(address(i_router), fee);
        return i_router.ccipSend(chain, message);
    }
}
