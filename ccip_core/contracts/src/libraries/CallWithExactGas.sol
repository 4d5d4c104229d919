// SPDX-License-Identifier: MIT
pragma solidity ^0.8.26;

/// @title CallWithExactGas
/// @notice Calls that get all the gas they were promised, or are not made: else whoever executes a message could starve
/// it on purpose and have its failure recorded.
library CallWithExactGas {
    error NoContract();
    error NoGasForCallExactCheck();
    error NotEnoughGasForCall();

    /// @notice Calls with exactly `gasLimit`; returns the first bytes of the answer, `maxReturnBytes` at most, so that
    /// the target can't make its caller pay for copying a huge one.
    /// @dev Reverts NoContract, NoGasForCallExactCheck, NotEnoughGasForCall.
    /// @param gasForCallExactCheck What the check itself and the opcode may cost.
    function _callWithExactGasSafeReturnData(
        bytes memory payload,
        address target,
        uint256 gasLimit,
        uint16 gasForCallExactCheck,
        uint16 maxReturnBytes
    ) internal returns (bool success, bytes memory answer, uint256 gasUsed) {
        // The checks stand in front of the call without anything between: gas is measured, then spent.
        bytes4 noContract = NoContract.selector;
        bytes4 noGasForCheck = NoGasForCallExactCheck.selector;
        bytes4 notEnoughGas = NotEnoughGasForCall.selector;
        answer = new bytes(maxReturnBytes);
        assembly ("memory-safe") {
            if iszero(extcodesize(target)) {
                mstore(0, noContract)
                revert(0, 4)
            }
            let available := gas()
            if lt(available, gasForCallExactCheck) {
                mstore(0, noGasForCheck)
                revert(0, 4)
            }
            available := sub(available, gasForCallExactCheck)
            // A call can be given 63/64 of what is left (EIP-150).
            if iszero(gt(sub(available, div(available, 64)), gasLimit)) {
                mstore(0, notEnoughGas)
                revert(0, 4)
            }
            let before := gas()
            success := call(gasLimit, target, 0, add(payload, 0x20), mload(payload), 0, 0)
            gasUsed := sub(before, gas())

            let size := returndatasize()
            if gt(size, maxReturnBytes) { size := maxReturnBytes }
            mstore(answer, size)
            returndatacopy(add(answer, 0x20), 0, size)
        }
    }
}
