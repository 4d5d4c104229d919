// SPDX-License-Identifier: MIT
pragma solidity 0.8.26;

import {OwnerIsCreator} from "./access/OwnerIsCreator.sol";
import {IAny2EVMMessageReceiver} from "./interfaces/IAny2EVMMessageReceiver.sol";
import {IERC20} from "./interfaces/IERC20.sol";
import {IEVM2AnyOnRampClient} from "./interfaces/IEVM2AnyOnRampClient.sol";
import {IRMN} from "./interfaces/IRMN.sol";
import {IRouter} from "./interfaces/IRouter.sol";
import {IRouterClient} from "./interfaces/IRouterClient.sol";
import {ITypeAndVersion} from "./interfaces/ITypeAndVersion.sol";
import {IWrappedNative} from "./interfaces/IWrappedNative.sol";
import {CallWithExactGas} from "./libraries/CallWithExactGas.sol";
import {Client} from "./libraries/Client.sol";
import {EnumerableSet} from "./libraries/EnumerableSet.sol";
import {SafeERC20} from "./libraries/SafeERC20.sol";

/// @title Router
/// @notice The address that users and receivers know; ramps come and go behind it. It is what users approve tokens to, so
/// it moves tokens of its caller alone, and only to a ramp or a pool.
contract Router is IRouter, IRouterClient, ITypeAndVersion, OwnerIsCreator {
    using EnumerableSet for EnumerableSet.UintSet;
    using SafeERC20 for IERC20;

    struct OnRamp {
        uint64 destChainSelector;
        address onRamp; // zero: nothing can be sent to this chain
    }

    struct OffRamp {
        uint64 sourceChainSelector;
        address offRamp;
    }

    error BadARMSignal();
    error FailedToSendValue();
    error InvalidRecipientAddress(address to);
    error OffRampMismatch(uint64 chainSelector, address offRamp);

    event MessageExecuted(bytes32 messageId, uint64 sourceChainSelector, address offRamp, bytes32 calldataHash);
    event OffRampAdded(uint64 indexed sourceChainSelector, address offRamp);
    event OffRampRemoved(uint64 indexed sourceChainSelector, address offRamp);
    event OnRampSet(uint64 indexed destChainSelector, address onRamp);

    string public constant override typeAndVersion = "Router 1.2.0";

    /// @notice How much of what a receiver returns or reverts with is kept: a selector and four words.
    uint16 public constant MAX_RET_BYTES = 4 + 4 * 32;

    address private immutable i_armProxy;

    address private s_wrappedNative;
    mapping(uint64 destChainSelector => address) private s_onRamps;

    /// @dev Source selector and OffRamp in one number, see `_packed`.
    EnumerableSet.UintSet private s_offRamps;

    constructor(address wrappedNative, address armProxy) {
        s_wrappedNative = wrappedNative;
        i_armProxy = armProxy;
    }

    modifier whenNotCursed() {
        if (IRMN(i_armProxy).isCursed()) revert BadARMSignal();
        _;
    }

    // ---------------------------------------------------------------------------------------------------------------
    // Sending
    // ---------------------------------------------------------------------------------------------------------------

    /// @inheritdoc IRouterClient
    function getFee(uint64 destinationChainSelector, Client.EVM2AnyMessage memory message)
        external
        view
        override
        returns (uint256 fee)
    {
        if (message.feeToken == address(0)) message.feeToken = s_wrappedNative;

        return IEVM2AnyOnRampClient(_onRampTo(destinationChainSelector)).getFee(destinationChainSelector, message);
    }

    /// @inheritdoc IRouterClient
    function ccipSend(uint64 destinationChainSelector, Client.EVM2AnyMessage memory message)
        external
        payable
        override
        whenNotCursed
        returns (bytes32)
    {
        address onRamp = _onRampTo(destinationChainSelector);

        uint256 feeTokenAmount = message.feeToken == address(0)
            ? _takeNativeFee(onRamp, destinationChainSelector, message)
            : _takeTokenFee(onRamp, destinationChainSelector, message);
        for (uint256 i = 0; i < message.tokenAmounts.length; ++i) {
            IERC20 token = IERC20(message.tokenAmounts[i].token);
            address pool = IEVM2AnyOnRampClient(onRamp).getPoolBySourceToken(destinationChainSelector, token);
            token.safeTransferFrom(msg.sender, pool, message.tokenAmounts[i].amount);
        }

        return
            IEVM2AnyOnRampClient(onRamp)
                .forwardFromRouter(destinationChainSelector, message, feeTokenAmount, msg.sender);
    }

    /// @dev All that was sent along is the fee: more than needed is not given back, and the message says so.
    function _takeNativeFee(address onRamp, uint64 destChainSelector, Client.EVM2AnyMessage memory message)
        private
        returns (uint256)
    {
        message.feeToken = s_wrappedNative;
        uint256 fee = IEVM2AnyOnRampClient(onRamp).getFee(destChainSelector, message);
        if (msg.value < fee) revert InsufficientFeeTokenAmount();

        IWrappedNative(message.feeToken).deposit{value: msg.value}();
        IERC20(message.feeToken).safeTransfer(onRamp, msg.value);
        return msg.value;
    }

    function _takeTokenFee(address onRamp, uint64 destChainSelector, Client.EVM2AnyMessage memory message)
        private
        returns (uint256)
    {
        if (msg.value > 0) revert InvalidMsgValue();

        uint256 fee = IEVM2AnyOnRampClient(onRamp).getFee(destChainSelector, message);
        IERC20(message.feeToken).safeTransferFrom(msg.sender, onRamp, fee);
        return fee;
    }

    function _onRampTo(uint64 destChainSelector) private view returns (address onRamp) {
        onRamp = s_onRamps[destChainSelector];
        if (onRamp == address(0)) revert UnsupportedDestinationChain(destChainSelector);
    }

    /// @inheritdoc IRouterClient
    function isChainSupported(uint64 destChainSelector) public view override returns (bool) {
        return s_onRamps[destChainSelector] != address(0);
    }

    /// @notice Empty for a chain without a lane; for any other, what its OnRamp says, and those of 1.6 revert.
    function getSupportedTokens(uint64 chainSelector) external view returns (address[] memory) {
        if (!isChainSupported(chainSelector)) return new address[](0);

        return IEVM2AnyOnRampClient(s_onRamps[chainSelector]).getSupportedTokens(chainSelector);
    }

    // ---------------------------------------------------------------------------------------------------------------
    // Receiving
    // ---------------------------------------------------------------------------------------------------------------

    /// @inheritdoc IRouter
    function routeMessage(
        Client.Any2EVMMessage calldata message,
        uint16 gasForCallExactCheck,
        uint256 gasLimit,
        address receiver
    ) external override whenNotCursed returns (bool success, bytes memory retBytes, uint256 gasUsed) {
        if (!isOffRamp(message.sourceChainSelector, msg.sender)) revert OnlyOffRamp();

        bytes memory data = abi.encodeCall(IAny2EVMMessageReceiver.ccipReceive, (message));
        (success, retBytes, gasUsed) = CallWithExactGas._callWithExactGasSafeReturnData(
            data, receiver, gasLimit, gasForCallExactCheck, MAX_RET_BYTES
        );

        emit MessageExecuted(message.messageId, message.sourceChainSelector, msg.sender, keccak256(data));
    }

    // ---------------------------------------------------------------------------------------------------------------
    // Configuration
    // ---------------------------------------------------------------------------------------------------------------

    /// @notice Sets OnRamps, then removes OffRamps, then adds OffRamps. Owner only. A source may have several OffRamps:
    /// messages under way to an old one still arrive.
    function applyRampUpdates(
        OnRamp[] calldata onRampUpdates,
        OffRamp[] calldata offRampRemoves,
        OffRamp[] calldata offRampAdds
    ) external onlyOwner {
        for (uint256 i = 0; i < onRampUpdates.length; ++i) {
            s_onRamps[onRampUpdates[i].destChainSelector] = onRampUpdates[i].onRamp;

            emit OnRampSet(onRampUpdates[i].destChainSelector, onRampUpdates[i].onRamp);
        }
        for (uint256 i = 0; i < offRampRemoves.length; ++i) {
            (uint64 source, address offRamp) = (offRampRemoves[i].sourceChainSelector, offRampRemoves[i].offRamp);
            if (!s_offRamps.remove(_packed(source, offRamp))) revert OffRampMismatch(source, offRamp);

            emit OffRampRemoved(source, offRamp);
        }
        for (uint256 i = 0; i < offRampAdds.length; ++i) {
            (uint64 source, address offRamp) = (offRampAdds[i].sourceChainSelector, offRampAdds[i].offRamp);
            if (s_offRamps.add(_packed(source, offRamp))) emit OffRampAdded(source, offRamp);
        }
    }

    function _packed(uint64 sourceChainSelector, address offRamp) private pure returns (uint256) {
        return uint256(sourceChainSelector) << 160 | uint160(offRamp);
    }

    /// @notice Replaces the token that native fees are wrapped into. Owner only.
    function setWrappedNative(address wrappedNative) external onlyOwner {
        s_wrappedNative = wrappedNative;
    }

    /// @notice Gets out what was sent here by mistake; nothing stays here otherwise. Owner only.
    /// @param tokenAddress Zero for the native coin.
    function recoverTokens(address tokenAddress, address to, uint256 amount) external onlyOwner {
        if (to == address(0)) revert InvalidRecipientAddress(to);
        if (tokenAddress != address(0)) return IERC20(tokenAddress).safeTransfer(to, amount);

        (bool success,) = to.call{value: amount}("");
        if (!success) revert FailedToSendValue();
    }

    /// @notice The token that native fees are wrapped into.
    function getWrappedNative() external view returns (address) {
        return s_wrappedNative;
    }

    /// @notice The proxy that is asked about curses.
    function getArmProxy() external view returns (address) {
        return i_armProxy;
    }

    /// @inheritdoc IRouter
    function getOnRamp(uint64 destChainSelector) external view override returns (address) {
        return s_onRamps[destChainSelector];
    }

    /// @notice All OffRamps with their sources.
    function getOffRamps() external view returns (OffRamp[] memory offRamps) {
        uint256[] memory packed = s_offRamps.values();
        offRamps = new OffRamp[](packed.length);
        for (uint256 i = 0; i < packed.length; ++i) {
            offRamps[i] = OffRamp(uint64(packed[i] >> 160), address(uint160(packed[i])));
        }
    }

    /// @inheritdoc IRouter
    function isOffRamp(uint64 sourceChainSelector, address offRamp) public view override returns (bool) {
        return s_offRamps.contains(_packed(sourceChainSelector, offRamp));
    }
}
