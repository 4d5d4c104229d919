// SPDX-License-Identifier: MIT
pragma solidity 0.8.26;

import {FeeQuoter} from "../../src/FeeQuoter.sol";
import {DestinationRules} from "../../src/feeQuoter/DestinationRules.sol";
import {Prices} from "../../src/feeQuoter/Prices.sol";
import {Client} from "../../src/libraries/Client.sol";
import {Internal} from "../../src/libraries/Internal.sol";
import {CCIPBase} from "../CCIPBase.t.sol";

contract FeeQuoter_getValidatedFee is CCIPBase {
    uint32 internal constant GAS_STALENESS_S = 1000;

    function config() internal view returns (FeeQuoter.DestChainConfig memory) {
        return s_feeQuoter.getDestChainConfig(REMOTE);
    }

    function setConfig(FeeQuoter.DestChainConfig memory newConfig) internal {
        FeeQuoter.DestChainConfigArgs[] memory configs = new FeeQuoter.DestChainConfigArgs[](1);
        configs[0] = FeeQuoter.DestChainConfigArgs(REMOTE, newConfig);
        s_feeQuoter.applyDestChainConfigUpdates(configs);
    }

    function withToken(uint256 amount) internal view returns (Client.EVM2AnyMessage memory message) {
        message = messageFrom("");
        message.tokenAmounts = new Client.EVMTokenAmount[](1);
        message.tokenAmounts[0] = Client.EVMTokenAmount(address(s_token), amount);
    }

    function setPrice(address token, uint224 price) internal {
        Internal.PriceUpdates memory updates;
        updates.tokenPriceUpdates = new Internal.TokenPriceUpdate[](1);
        updates.tokenPriceUpdates[0] = Internal.TokenPriceUpdate(token, price);
        s_feeQuoter.updatePrices(updates);
    }

    function setGasPrice(uint224 price) internal {
        Internal.PriceUpdates memory updates;
        updates.gasPriceUpdates = new Internal.GasPriceUpdate[](1);
        updates.gasPriceUpdates[0] = Internal.GasPriceUpdate(REMOTE, price);
        s_feeQuoter.updatePrices(updates);
    }

    /// @dev Conformance 25: a gas price is stale when it is older than the threshold; a token price when it is as old, and
    /// then it is used all the same, because there is no feed.
    function test_getValidatedFee_staleness() external {
        FeeQuoter.DestChainConfig memory strict = config();
        strict.gasPriceStalenessThreshold = GAS_STALENESS_S;
        setConfig(strict);
        Client.EVM2AnyMessage memory message = messageFrom("");
        uint256 fee = s_feeQuoter.getValidatedFee(REMOTE, message);

        vm.warp(block.timestamp + GAS_STALENESS_S);
        checkEq(s_feeQuoter.getValidatedFee(REMOTE, message), fee, "as old as the threshold");
        vm.warp(block.timestamp + 1);
        vm.expectRevert(
            abi.encodeWithSelector(Prices.StaleGasPrice.selector, REMOTE, GAS_STALENESS_S, GAS_STALENESS_S + 1)
        );
        s_feeQuoter.getValidatedFee(REMOTE, message);
        strict.gasPriceStalenessThreshold = 0;
        setConfig(strict);
        vm.warp(block.timestamp + 10 * 365 days);
        checkEq(s_feeQuoter.getValidatedFee(REMOTE, message), fee, "no threshold, no feed");
    }

    /// @dev Conformance 26.
    function test_getValidatedFee_gasIsFreeButNoTokenIs() external {
        uint256 fee = s_feeQuoter.getValidatedFee(REMOTE, messageFrom(""));
        setGasPrice(0);
        check(s_feeQuoter.getValidatedFee(REMOTE, messageFrom("")) < fee, "gas for nothing");
        setPrice(address(s_link), 0);
        vm.expectRevert(abi.encodeWithSelector(Prices.TokenNotSupported.selector, address(s_link)));
        s_feeQuoter.getValidatedFee(REMOTE, messageFrom(""));
    }

    /// @dev Conformance 27: with a token aboard, its own fee takes the place of the network's.
    function test_getValidatedFee_networkFeeWithoutTokensOnly() external {
        setGasPrice(0);
        // 10 c and 25 c, times 0.9, at 10 USD
        checkEq(s_feeQuoter.getValidatedFee(REMOTE, messageFrom("")), 0.009 ether, "network fee");
        checkEq(s_feeQuoter.getValidatedFee(REMOTE, withToken(5)), 0.0225 ether, "token fee");
    }

    /// @dev Conformance 28.
    function test_getValidatedFee_withoutMultiplierNoPremium() external {
        setGasPrice(0);
        FeeQuoter.PremiumMultiplierWeiPerEthArgs[] memory none = new FeeQuoter.PremiumMultiplierWeiPerEthArgs[](1);
        none[0].token = address(s_link);
        s_feeQuoter.applyPremiumMultiplierWeiPerEthUpdates(none);

        checkEq(s_feeQuoter.getValidatedFee(REMOTE, messageFrom("")), 0, "fee");
    }

    /// @dev Conformance 30.
    function test_RevertWhen_getValidatedFee_receiverIsNoAddress() external {
        bytes[4] memory receivers =
            [abi.encodePacked(s_user), abi.encode(s_user, uint256(0)), abi.encode(1023), abi.encode(1 << 160)];
        Client.EVM2AnyMessage memory message = messageFrom("");
        for (uint256 i = 0; i < receivers.length; ++i) {
            message.receiver = receivers[i];
            vm.expectRevert(abi.encodeWithSelector(Internal.InvalidEVMAddress.selector, receivers[i]));
            s_feeQuoter.getValidatedFee(REMOTE, message);
        }
        message.receiver = abi.encode(1024);
        check(s_feeQuoter.getValidatedFee(REMOTE, message) != 0, "the first address");
    }

    /// @dev Conformance 31: tokens' gas comes on top.
    function test_getValidatedFee_gasLimitIsTheUsersAlone() external {
        uint256 max = config().maxPerMsgGasLimit;
        Client.EVM2AnyMessage memory message = withToken(1);
        message.extraArgs = Client._argsToBytes(Client.GenericExtraArgsV2(max, true));
        check(s_feeQuoter.getValidatedFee(REMOTE, message) != 0, "all that may be asked for");
        message.extraArgs = Client._argsToBytes(Client.GenericExtraArgsV2(max + 1, true));
        vm.expectRevert(abi.encodePacked(DestinationRules.MessageGasLimitTooHigh.selector));
        s_feeQuoter.getValidatedFee(REMOTE, message);
    }

    /// @dev Conformance 34.
    function test_getValidatedFee_floors() external {
        setGasPrice(0);
        setPrice(address(s_link), 7 ether);

        checkEq(s_feeQuoter.getValidatedFee(REMOTE, messageFrom("")), uint256(0.09 ether * 1 ether) / 7 ether, "floor");
    }

    function test_getValidatedFee_bytesAreCharged() external {
        uint256 empty = s_feeQuoter.getValidatedFee(REMOTE, messageFrom(""));
        Client.EVM2AnyMessage memory message = messageFrom("");
        message.data = new bytes(message.data.length + 1000);
        checkEq(s_feeQuoter.getValidatedFee(REMOTE, message), empty, "nothing beyond a threshold of 0 at rate 0");
        FeeQuoter.DestChainConfig memory tiers = config();
        (tiers.destGasPerPayloadByteHigh, tiers.destGasPerPayloadByteThreshold) = (40, 100);
        setConfig(tiers);
        uint256 gas = uint256(100) * 16 + (message.data.length - 100) * 40;
        uint256 expected = (300_000 + 200_000 + gas) * 1e9 * 1.1 ether + 0.1 ether * 0.9 ether;
        checkEq(s_feeQuoter.getValidatedFee(REMOTE, message), expected / 10 ether, "two tiers");
    }

    /// @dev A rollup's data costs by the byte, whatever gas costs there.
    function test_getValidatedFee_dataAvailability() external {
        FeeQuoter.DestChainConfig memory rollup = config();
        rollup.destDataAvailabilityMultiplierBps = 5000;
        rollup.destGasPerDataAvailabilityByte = 16;
        rollup.destDataAvailabilityOverheadGas = 188;
        setConfig(rollup);
        Client.EVM2AnyMessage memory message = messageFrom("");
        setGasPrice(0);
        uint256 without = s_feeQuoter.getValidatedFee(REMOTE, message);
        setGasPrice(uint224(1e12) << 112);

        uint256 gas = (480 + message.data.length) * 16 + 188;
        checkEq(s_feeQuoter.getValidatedFee(REMOTE, message) - without, gas * 1e12 / 2 / 10, "data");
    }
}
