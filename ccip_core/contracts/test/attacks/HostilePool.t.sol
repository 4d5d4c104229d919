// SPDX-License-Identifier: MIT
pragma solidity 0.8.26;

import {IOffRamp} from "../../src/interfaces/IOffRamp.sol";
import {Internal} from "../../src/libraries/Internal.sol";
import {FactoryBurnMintERC20} from "../../src/tokenAdminRegistry/TokenPoolFactory/FactoryBurnMintERC20.sol";
import {CCIPBase} from "../CCIPBase.t.sol";
import {LyingPool} from "../props/LyingPool.sol";

/// @dev Pools are strangers' contracts: whatever one does, it hurts its own token's messages alone.
contract HostilePool is CCIPBase {
    FactoryBurnMintERC20 internal s_theirs;
    LyingPool internal s_liar;

    function setUp() public override {
        super.setUp();
        s_theirs = _newToken("THEIRS");
        s_liar = new LyingPool(address(s_theirs));
        s_theirs.grantMintAndBurnRoles(address(s_liar));
        s_registry.proposeAdministrator(address(s_theirs), address(this));
        s_registry.acceptAdminRole(address(s_theirs));
        s_registry.setPool(address(s_theirs), address(s_liar));
    }

    function ended(address receiver) internal returns (bytes memory returnData) {
        uint64 next = s_offRamp.getSourceChainConfig(REMOTE).minSeqNr;
        Internal.Any2EVMRampMessage memory message = tokensTo(REMOTE, next, receiver, 5);
        message.tokenAmounts[0].destTokenAddress = address(s_theirs);
        commitMessage(message);
        vm.recordLogs();
        execute(message);
        returnData = recordedReturnData();
        if (returnData.length == 0) checkSuccess(message);
        else checkFailure(message);
    }

    function mismatch(uint256 amount, uint256 pre, uint256 post) internal pure returns (bytes memory) {
        return abi.encodeWithSelector(IOffRamp.ReleaseOrMintBalanceMismatch.selector, amount, pre, post);
    }

    /// @dev Conformance 60: what arrived must be what the pool says, to the last unit.
    function test_poolLiesAboutTheAmount() external {
        s_liar.tell(5, abi.encode(5), false);
        checkEq(ended(s_someone).length, 0, "the truth");
        s_liar.tell(4, abi.encode(5), false); // as a token that takes a fee
        checkEq(ended(s_someone), mismatch(5, 5, 9), "less");
        s_liar.tell(6, abi.encode(5), false);
        checkEq(ended(s_someone), mismatch(5, 5, 11), "more");
        checkEq(s_theirs.balanceOf(s_someone), 5, "undone");
        s_liar.tell(0, abi.encode(5), false);
        checkEq(ended(address(s_liar)).length, 0, "the pool itself may keep what it has");
    }

    /// @dev Conformance 61.
    function test_poolAnswersWithAnotherLength() external {
        uint256[4] memory lengths = [uint256(0), 31, 33, 64];
        for (uint256 i = 0; i < lengths.length; ++i) {
            s_liar.tell(5, new bytes(lengths[i]), false);
            checkEq(
                ended(s_someone), abi.encodeWithSelector(IOffRamp.InvalidDataLength.selector, 32, lengths[i]), "length"
            );
        }
    }

    /// @dev A return bomb: only the first 132 bytes are copied, whether it returns or reverts with them.
    function test_poolThrowsABomb() external {
        s_liar.tell(5, new bytes(2500), false);
        checkEq(ended(s_someone), abi.encodeWithSelector(IOffRamp.InvalidDataLength.selector, 32, 132), "returned");
        s_liar.tell(5, new bytes(2500), true);
        checkEq(
            ended(s_someone),
            abi.encodeWithSelector(IOffRamp.TokenHandlingError.selector, s_liar, new bytes(132)),
            "reverted"
        );
    }

    /// @dev It executes its own message once more, from within: passed over, so nothing is minted twice.
    function test_poolReenters() external {
        Internal.Any2EVMRampMessage memory message = tokensTo(REMOTE, 1, s_someone, 5);
        message.tokenAmounts[0].destTokenAddress = address(s_theirs);
        message.tokenAmounts[0].destGasAmount = 1_000_000;
        commitMessage(message);
        vm.warp(block.timestamp + MANUAL_EXECUTION_S + 1);
        s_liar.tell(5, abi.encode(5), false);
        s_liar.tellToCall(manualCall(message, 0));

        executeByHand(message);

        checkSuccess(message);
        checkEq(s_theirs.balanceOf(s_someone), 5, "once");
    }

    /// @dev Its gas is its own; the message fails and the batch goes on.
    function test_poolBurnsItsGas() external {
        s_registry.setPool(address(s_theirs), address(new BurningPool()));

        bytes memory returnData = ended(s_someone);

        address pool = s_registry.getPool(address(s_theirs));
        checkEq(returnData, abi.encodeWithSelector(IOffRamp.TokenHandlingError.selector, pool, ""), "reason");
    }
}

contract BurningPool {
    function supportsInterface(bytes4 interfaceId) external pure returns (bool) {
        return interfaceId == 0xaff2afbf || interfaceId == 0x01ffc9a7;
    }

    function isSupportedToken(address) external pure returns (bool) {
        return true;
    }

    fallback() external {
        while (true) {}
    }
}
