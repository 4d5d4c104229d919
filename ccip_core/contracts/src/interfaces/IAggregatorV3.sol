// SPDX-License-Identifier: MIT
pragma solidity ^0.8.26;

/// @title IAggregatorV3
/// @notice A data feed, as much of it as is asked here.
interface IAggregatorV3 {
    function decimals() external view returns (uint8);

    /// @return roundId UNTRUSTED, not used.
    /// @return answer The value, with `decimals`.
    /// @return startedAt UNTRUSTED, not used.
    /// @return updatedAt When it was so, in s.
    /// @return answeredInRound UNTRUSTED, not used.
    function latestRoundData()
        external
        view
        returns (uint80 roundId, int256 answer, uint256 startedAt, uint256 updatedAt, uint80 answeredInRound);
}
