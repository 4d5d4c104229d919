// SPDX-License-Identifier: MIT
pragma solidity ^0.8.26;

import {IAny2EVMMessageReceiver} from "../interfaces/IAny2EVMMessageReceiver.sol";
import {IERC165} from "../interfaces/IERC165.sol";
import {Client} from "../libraries/Client.sol";

/// @title CCIPReceiver
/// @notice What a contract that receives messages inherits. It is called by the Router alone.
/// @dev Who sent a message is for the heir to check: anybody can send to anybody.
abstract contract CCIPReceiver is IAny2EVMMessageReceiver, IERC165 {
    error InvalidRouter(address router);

    address internal immutable i_ccipRouter;

    constructor(address router) {
        if (router == address(0)) revert InvalidRouter(router);

        i_ccipRouter = router;
    }

    modifier onlyRouter() {
        if (msg.sender != i_ccipRouter) revert InvalidRouter(msg.sender);
        _;
    }

    /// @inheritdoc IAny2EVMMessageReceiver
    function ccipReceive(Client.Any2EVMMessage calldata message) external virtual override onlyRouter {
        _ccipReceive(message);
    }

    /// @dev Takes the message. The tokens are here already. If this reverts, they are not, and the message may be executed
    /// again by hand.
    function _ccipReceive(Client.Any2EVMMessage memory message) internal virtual;

    /// @notice The Router whose messages are taken.
    function getRouter() public view virtual returns (address) {
        return i_ccipRouter;
    }

    /// @inheritdoc IERC165
    /// @dev Without these answers the OffRamp delivers tokens only and never calls `ccipReceive`.
    function supportsInterface(bytes4 interfaceId) public view virtual override returns (bool) {
        return interfaceId == type(IAny2EVMMessageReceiver).interfaceId || interfaceId == type(IERC165).interfaceId;
    }
}
