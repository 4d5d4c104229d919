// SPDX-License-Identifier: MIT
pragma solidity ^0.8.26;

import {Ownable2Step} from "./Ownable2Step.sol";

/// @title Ownable2StepMsgSender
/// @notice Owned by whoever deploys it, to begin with.
abstract contract Ownable2StepMsgSender is Ownable2Step {
    constructor() Ownable2Step(msg.sender) {}
}
