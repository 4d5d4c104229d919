// SPDX-License-Identifier: MIT
pragma solidity 0.8.26;

import {IAggregatorV3} from "../../src/interfaces/IAggregatorV3.sol";

/// @dev A data feed that says what it was told to.
contract DataFeed is IAggregatorV3 {
    uint8 public override decimals;
    int256 internal s_answer;
    uint256 internal s_updatedAt;

    function set(uint8 newDecimals, uint256 answer, uint256 updatedAt) external {
        decimals = newDecimals;
        s_answer = int256(answer); // two's complement
        s_updatedAt = updatedAt;
    }

    function latestRoundData() external view override returns (uint80, int256, uint256, uint256, uint80) {
        return (1, s_answer, 0, s_updatedAt, 1);
    }
}
