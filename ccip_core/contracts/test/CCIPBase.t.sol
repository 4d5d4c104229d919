// SPDX-License-Identifier: MIT
pragma solidity 0.8.26;

import {FeeQuoter} from "../src/FeeQuoter.sol";
import {NonceManager} from "../src/NonceManager.sol";
import {Router} from "../src/Router.sol";
import {AuthorizedCallers} from "../src/access/AuthorizedCallers.sol";
import {IERC20} from "../src/interfaces/IERC20.sol";
import {IOffRamp} from "../src/interfaces/IOffRamp.sol";
import {IRMN} from "../src/interfaces/IRMN.sol";
import {IRMNRemote} from "../src/interfaces/IRMNRemote.sol";
import {IRouter} from "../src/interfaces/IRouter.sol";
import {Client} from "../src/libraries/Client.sol";
import {Internal} from "../src/libraries/Internal.sol";
import {RateLimiter} from "../src/libraries/RateLimiter.sol";
import {MultiOCR3Base} from "../src/ocr/MultiOCR3Base.sol";
import {OffRamp} from "../src/offRamp/OffRamp.sol";
import {OnRamp} from "../src/onRamp/OnRamp.sol";
import {TokenPool} from "../src/pools/TokenPool.sol";
import {RMNRemote} from "../src/rmn/RMNRemote.sol";
import {TokenAdminRegistry} from "../src/tokenAdminRegistry/TokenAdminRegistry.sol";
import {FactoryBurnMintERC20} from "../src/tokenAdminRegistry/TokenPoolFactory/FactoryBurnMintERC20.sol";
import {WETH9} from "../src/tokens/WETH9.sol";
import {Test, Vm} from "./Test.sol";

/// @dev One chain's whole CCIP, owned by the test itself, with one lane out (to REMOTE) and two lanes in: from REMOTE,
/// whose roots are blessed, and from UNBLESSED, whose roots are not. Keys are real and so are their signatures.
abstract contract CCIPBase is Test {
    uint64 internal constant LOCAL = 5_009_297_550_715_157_269; // the selectors of real chains: one is above 2^63
    uint64 internal constant REMOTE = 16_015_286_601_757_825_753;
    uint64 internal constant UNBLESSED = 3_478_487_238_524_512_106;
    bytes16 internal constant GLOBAL = 0x01000000000000000000000000000001;

    bytes internal constant REMOTE_ON_RAMP = abi.encode(address(0x0A11));
    bytes internal constant REMOTE_POOL = abi.encode(address(0x0A12));
    bytes internal constant REMOTE_TOKEN = abi.encode(address(0x0A13));
    bytes internal constant REMOTE_SENDER = abi.encode(address(0x0A14));

    bytes32 internal constant HOME_DIGEST = keccak256("RMNHome");
    bytes32 internal constant COMMIT_DIGEST = keccak256("commit");
    bytes32 internal constant EXECUTION_DIGEST = keccak256("execution");
    uint256 internal constant RMN_SIGNERS = 4;
    uint64 internal constant F_SIGN = 1;
    uint256 internal constant ORACLES = 4;
    uint8 internal constant F = 1;
    uint32 internal constant MANUAL_EXECUTION_S = 3600;
    uint32 internal constant TOKEN_GAS = 150_000;
    uint256 internal constant PRE_MINT = 1_000_000 ether;

    address internal s_transmitter = address(0x7A);
    address internal s_stranger = address(0xBAD);
    address internal s_user = address(0x05E6);
    address internal s_feeAggregator = address(0xFEE);
    address internal s_someone = address(0x0B0B); // an account without code, for tokens

    FactoryBurnMintERC20 internal s_link;
    FactoryBurnMintERC20 internal s_token;
    WETH9 internal s_weth;
    RMNRemote internal s_rmnRemote;
    address internal s_rmnProxy;
    Router internal s_router;
    TokenAdminRegistry internal s_registry;
    NonceManager internal s_nonceManager;
    FeeQuoter internal s_feeQuoter;
    OnRamp internal s_onRamp;
    OffRamp internal s_offRamp;
    address internal s_pool;

    uint64 internal s_ocrSequence;
    uint256 private s_messageIds;

    function setUp() public virtual {
        s_link = _newToken("LINK");
        s_token = _newToken("TOKEN");
        s_weth = WETH9(payable(deployed("WETH9", "")));
        s_rmnRemote = RMNRemote(deployed("RMNRemote", abi.encode(LOCAL, address(0))));
        s_rmnProxy = deployed("RMNProxy", abi.encode(s_rmnRemote));
        s_router = Router(deployed("Router", abi.encode(s_weth, s_rmnProxy)));
        s_registry = TokenAdminRegistry(deployed("TokenAdminRegistry", ""));
        s_nonceManager = NonceManager(deployed("NonceManager", abi.encode(new address[](0))));
        s_feeQuoter = _newFeeQuoter();
        s_onRamp = _newOnRamp();
        s_offRamp = _newOffRamp();
        _connect();
        s_pool = _newPool(s_token);
        _setOracles();
        setRMNConfig(HOME_DIGEST);
    }

    // ---- deploying ------------------------------------------------------------------------------------------------

    function _newToken(string memory symbol) internal returns (FactoryBurnMintERC20) {
        bytes memory arguments = abi.encode(symbol, symbol, uint8(18), uint256(0), PRE_MINT, s_user);
        return FactoryBurnMintERC20(deployed("FactoryBurnMintERC20", arguments));
    }

    function _newFeeQuoter() private returns (FeeQuoter) {
        address[] memory updaters = new address[](1);
        updaters[0] = address(this);
        address[] memory feeTokens = new address[](2);
        (feeTokens[0], feeTokens[1]) = (address(s_link), address(s_weth));
        FeeQuoter.PremiumMultiplierWeiPerEthArgs[] memory premiums = new FeeQuoter.PremiumMultiplierWeiPerEthArgs[](2);
        premiums[0] = FeeQuoter.PremiumMultiplierWeiPerEthArgs(address(s_link), 0.9 ether);
        premiums[1] = FeeQuoter.PremiumMultiplierWeiPerEthArgs(address(s_weth), 1 ether);
        FeeQuoter.DestChainConfigArgs[] memory dests = new FeeQuoter.DestChainConfigArgs[](1);
        dests[0].destChainSelector = REMOTE;
        dests[0].destChainConfig.isEnabled = true;
        dests[0].destChainConfig.maxNumberOfTokensPerMsg = 5;
        dests[0].destChainConfig.maxDataBytes = 30_000;
        dests[0].destChainConfig.maxPerMsgGasLimit = 3_000_000;
        dests[0].destChainConfig.destGasOverhead = 300_000;
        dests[0].destChainConfig.destGasPerPayloadByteBase = 16;
        dests[0].destChainConfig.chainFamilySelector = Internal.CHAIN_FAMILY_SELECTOR_EVM;
        dests[0].destChainConfig.defaultTokenFeeUSDCents = 25;
        dests[0].destChainConfig.defaultTokenDestGasOverhead = TOKEN_GAS;
        dests[0].destChainConfig.defaultTxGasLimit = 200_000;
        dests[0].destChainConfig.gasMultiplierWeiPerEth = 1.1 ether;
        dests[0].destChainConfig.networkFeeUSDCents = 10;
        bytes memory arguments = abi.encode(
            FeeQuoter.StaticConfig(1000 ether, address(s_link), 90_000),
            updaters,
            feeTokens,
            new FeeQuoter.TokenPriceFeedUpdate[](0),
            new FeeQuoter.TokenTransferFeeConfigArgs[](0),
            premiums,
            dests
        );
        return FeeQuoter(deployed("FeeQuoter", arguments));
    }

    function _newOnRamp() private returns (OnRamp) {
        OnRamp.DestChainConfigArgs[] memory dests = new OnRamp.DestChainConfigArgs[](1);
        dests[0] = OnRamp.DestChainConfigArgs(REMOTE, address(s_router), false);
        bytes memory arguments = abi.encode(
            OnRamp.StaticConfig(LOCAL, IRMN(s_rmnProxy), address(s_nonceManager), address(s_registry)),
            OnRamp.DynamicConfig(address(s_feeQuoter), false, address(0), s_feeAggregator, address(0)),
            dests
        );
        return OnRamp(deployed("OnRamp", arguments));
    }

    function _newOffRamp() private returns (OffRamp) {
        IOffRamp.SourceChainConfigArgs[] memory sources = new IOffRamp.SourceChainConfigArgs[](2);
        sources[0] = sourceConfig(REMOTE, false);
        sources[1] = sourceConfig(UNBLESSED, true);
        bytes memory arguments = abi.encode(
            IOffRamp.StaticConfig(LOCAL, 5000, IRMNRemote(s_rmnProxy), address(s_registry), address(s_nonceManager)),
            IOffRamp.DynamicConfig(address(s_feeQuoter), MANUAL_EXECUTION_S, address(0)),
            sources
        );
        return OffRamp(deployed("OffRamp", arguments));
    }

    function _connect() private {
        address[] memory ramps = new address[](2);
        (ramps[0], ramps[1]) = (address(s_onRamp), address(s_offRamp));
        AuthorizedCallers.AuthorizedCallerArgs memory callers =
            AuthorizedCallers.AuthorizedCallerArgs(ramps, new address[](0));
        s_nonceManager.applyAuthorizedCallerUpdates(callers);
        s_feeQuoter.applyAuthorizedCallerUpdates(callers);
        Router.OnRamp[] memory onRamps = new Router.OnRamp[](1);
        onRamps[0] = Router.OnRamp(REMOTE, address(s_onRamp));
        Router.OffRamp[] memory offRamps = new Router.OffRamp[](2);
        offRamps[0] = Router.OffRamp(REMOTE, address(s_offRamp));
        offRamps[1] = Router.OffRamp(UNBLESSED, address(s_offRamp));
        s_router.applyRampUpdates(onRamps, new Router.OffRamp[](0), offRamps);
        s_feeQuoter.updatePrices(prices(10 ether));
    }

    /// @dev A burn-and-mint pool for the token, with limits off, known on all lanes.
    function _newPool(FactoryBurnMintERC20 token) internal returns (address pool) {
        pool = deployed(
            "BurnMintTokenPool", abi.encode(token, uint8(18), new address[](0), s_rmnProxy, address(s_router))
        );
        token.grantMintAndBurnRoles(pool);
        s_registry.proposeAdministrator(address(token), address(this));
        s_registry.acceptAdminRole(address(token));
        s_registry.setPool(address(token), pool);
        TokenPool.ChainUpdate[] memory chains = new TokenPool.ChainUpdate[](2);
        bytes[] memory remotePools = new bytes[](1);
        remotePools[0] = REMOTE_POOL;
        RateLimiter.Config memory off;
        chains[0] = TokenPool.ChainUpdate(REMOTE, remotePools, REMOTE_TOKEN, off, off);
        chains[1] = TokenPool.ChainUpdate(UNBLESSED, remotePools, REMOTE_TOKEN, off, off);
        TokenPool(pool).applyChainUpdates(new uint64[](0), chains);
    }

    function _setOracles() private {
        address[] memory transmitters = new address[](1);
        transmitters[0] = s_transmitter;
        address[] memory signers = new address[](ORACLES);
        for (uint256 i = 0; i < ORACLES; ++i) {
            signers[i] = vm.addr(oracleKey(i));
        }
        MultiOCR3Base.OCRConfigArgs[] memory configs = new MultiOCR3Base.OCRConfigArgs[](2);
        configs[0] = MultiOCR3Base.OCRConfigArgs(COMMIT_DIGEST, 0, F, true, signers, transmitters);
        configs[1] = MultiOCR3Base.OCRConfigArgs(EXECUTION_DIGEST, 1, F, false, new address[](0), transmitters);
        s_offRamp.setOCR3Configs(configs);
    }

    function setRMNConfig(bytes32 homeDigest) internal {
        IRMNRemote.Signer[] memory signers = new IRMNRemote.Signer[](RMN_SIGNERS);
        for (uint256 i = 0; i < RMN_SIGNERS; ++i) {
            signers[i] = IRMNRemote.Signer(vm.addr(rmnKey(i)), uint64(i));
        }
        s_rmnRemote.setConfig(IRMNRemote.Config(homeDigest, signers, F_SIGN));
    }

    function sourceConfig(uint64 source, bool isRMNVerificationDisabled)
        internal
        view
        returns (IOffRamp.SourceChainConfigArgs memory)
    {
        return IOffRamp.SourceChainConfigArgs(
            IRouter(address(s_router)), source, true, isRMNVerificationDisabled, REMOTE_ON_RAMP
        );
    }

    function setSource(IOffRamp.SourceChainConfigArgs memory config) internal {
        IOffRamp.SourceChainConfigArgs[] memory configs = new IOffRamp.SourceChainConfigArgs[](1);
        configs[0] = config;
        s_offRamp.applySourceChainConfigUpdates(configs);
    }

    function prices(uint224 linkPrice) internal view returns (Internal.PriceUpdates memory updates) {
        updates.tokenPriceUpdates = new Internal.TokenPriceUpdate[](2);
        updates.tokenPriceUpdates[0] = Internal.TokenPriceUpdate(address(s_link), linkPrice);
        updates.tokenPriceUpdates[1] = Internal.TokenPriceUpdate(address(s_weth), 3000 ether);
        updates.gasPriceUpdates = new Internal.GasPriceUpdate[](1);
        updates.gasPriceUpdates[0] = Internal.GasPriceUpdate(REMOTE, 1e9);
    }

    function subject(uint64 selector) internal pure returns (bytes16) {
        return bytes16(uint128(selector));
    }

    // ---- keys and signatures --------------------------------------------------------------------------------------

    uint256 private constant SECP256K1_N = 0xFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFEBAAEDCE6AF48A03BBFD25E8CD0364141;

    function oracleKey(uint256 index) internal pure returns (uint256) {
        return 0x0AC1E + index;
    }

    /// @dev The RMN nodes' keys, by ascending address.
    function rmnKey(uint256 index) internal pure returns (uint256 key) {
        uint256[RMN_SIGNERS] memory keys;
        for (uint256 i = 0; i < RMN_SIGNERS; ++i) {
            keys[i] = 0xB1E55 + i;
            for (uint256 j = i; j > 0 && vm.addr(keys[j]) < vm.addr(keys[j - 1]); --j) {
                (keys[j], keys[j - 1]) = (keys[j - 1], keys[j]);
            }
        }
        return keys[index];
    }

    /// @dev As an RMN node signs: for a recovery id of 28, n - s, which recovers with 27.
    function rmnSignature(uint256 key, bytes32 digest) internal pure returns (IRMNRemote.Signature memory) {
        (uint8 v, bytes32 r, bytes32 s) = vm.sign(key, digest);
        return IRMNRemote.Signature(r, v == 27 ? s : bytes32(SECP256K1_N - uint256(s)));
    }

    function rmnSignatures(Internal.MerkleRoot[] memory roots, uint256 count)
        internal
        view
        returns (IRMNRemote.Signature[] memory signatures)
    {
        signatures = new IRMNRemote.Signature[](count);
        for (uint256 i = 0; i < count; ++i) {
            signatures[i] = rmnSignature(rmnKey(i), rmnDigest(roots));
        }
    }

    function rmnDigest(Internal.MerkleRoot[] memory roots) internal view returns (bytes32) {
        return keccak256(
            abi.encode(
                keccak256("RMN_V1_6_ANY2EVM_REPORT"),
                RMNRemote.Report(block.chainid, LOCAL, address(s_rmnRemote), address(s_offRamp), HOME_DIGEST, roots)
            )
        );
    }

    // ---- committing -----------------------------------------------------------------------------------------------

    function rootOf(uint64 source, bytes32 root, uint64 min, uint64 max)
        internal
        pure
        returns (Internal.MerkleRoot memory)
    {
        return Internal.MerkleRoot(source, REMOTE_ON_RAMP, min, max, root);
    }

    /// @dev A report with one root, signed by RMN if its lane is blessed.
    function reportOf(Internal.MerkleRoot memory root) internal view returns (IOffRamp.CommitReport memory report) {
        Internal.MerkleRoot[] memory roots = new Internal.MerkleRoot[](1);
        roots[0] = root;
        if (root.sourceChainSelector == UNBLESSED) {
            report.unblessedMerkleRoots = roots;
        } else {
            report.blessedMerkleRoots = roots;
            report.rmnSignatures = rmnSignatures(roots, F_SIGN + 1);
        }
    }

    /// @dev The call that the oracles' transmitter makes, with F + 1 signatures and the next sequence number.
    function commitCall(IOffRamp.CommitReport memory report) internal returns (bytes memory) {
        return commitCall(abi.encode(report), ++s_ocrSequence, F + 1);
    }

    function commitCall(bytes memory report, uint64 ocrSequence, uint256 signatures)
        internal
        pure
        returns (bytes memory)
    {
        bytes32[2] memory context = [COMMIT_DIGEST, bytes32(uint256(ocrSequence))];
        bytes32 digest = keccak256(abi.encodePacked(keccak256(report), context[0], context[1]));
        bytes32[] memory rs = new bytes32[](signatures);
        bytes32[] memory ss = new bytes32[](signatures);
        bytes memory vs = new bytes(32);
        for (uint256 i = 0; i < signatures; ++i) {
            uint8 v;
            (v, rs[i], ss[i]) = vm.sign(oracleKey(i % ORACLES), digest);
            vs[i] = bytes1(v - 27);
        }
        return abi.encodeCall(IOffRamp.commit, (context, report, rs, ss, bytes32(vs)));
    }

    function commit(IOffRamp.CommitReport memory report) internal {
        transmit(commitCall(report));
    }

    function commit(Internal.MerkleRoot memory root) internal {
        commit(reportOf(root));
    }

    /// @dev Calls the OffRamp as the oracles' transmitter; reverts as it does.
    function transmit(bytes memory call) internal {
        callAs(s_transmitter, call);
    }

    function callAs(address sender, bytes memory call) internal {
        vm.prank(sender);
        (bool success, bytes memory answer) = address(s_offRamp).call(call);
        if (success) return;
        assembly ("memory-safe") {
            revert(add(answer, 0x20), mload(answer))
        }
    }

    function expectRevertOfCommit(IOffRamp.CommitReport memory report, bytes memory error_) internal {
        checkReverts(s_transmitter, commitCall(report), error_);
    }

    /// @dev The call reverts with exactly this.
    function checkReverts(address sender, bytes memory call, bytes memory error_) internal {
        vm.prank(sender);
        (bool success, bytes memory answer) = address(s_offRamp).call(call);
        check(!success, "did not revert");
        checkEq(answer, error_, "another error");
    }

    // ---- messages -------------------------------------------------------------------------------------------------

    /// @dev An unordered message with data for a receiver.
    function messageTo(uint64 source, uint64 sequenceNumber, address receiver)
        internal
        returns (Internal.Any2EVMRampMessage memory message)
    {
        message.header.messageId = keccak256(abi.encode("message", ++s_messageIds));
        message.header.sourceChainSelector = source;
        message.header.destChainSelector = LOCAL;
        message.header.sequenceNumber = sequenceNumber;
        message.sender = REMOTE_SENDER;
        message.data = "data";
        message.receiver = receiver;
        message.gasLimit = 200_000;
    }

    /// @dev The same with some tokens.
    function tokensTo(uint64 source, uint64 sequenceNumber, address receiver, uint256 amount)
        internal
        returns (Internal.Any2EVMRampMessage memory message)
    {
        message = messageTo(source, sequenceNumber, receiver);
        message.tokenAmounts = new Internal.Any2EVMTokenTransfer[](1);
        message.tokenAmounts[0] =
            Internal.Any2EVMTokenTransfer(REMOTE_POOL, address(s_token), TOKEN_GAS, abi.encode(18), amount);
    }

    function leafOf(Internal.Any2EVMRampMessage memory message) internal pure returns (bytes32) {
        return Internal._hash(
            message,
            keccak256(
                abi.encode(
                    keccak256("Any2EVMMessageHashV1"),
                    message.header.sourceChainSelector,
                    LOCAL,
                    keccak256(REMOTE_ON_RAMP)
                )
            )
        );
    }

    /// @dev Commits the message as the only leaf of its root.
    function commitMessage(Internal.Any2EVMRampMessage memory message) internal {
        uint64 sequenceNumber = message.header.sequenceNumber;
        commit(rootOf(message.header.sourceChainSelector, leafOf(message), sequenceNumber, sequenceNumber));
    }

    function executionReport(Internal.Any2EVMRampMessage memory message)
        internal
        pure
        returns (Internal.ExecutionReport memory report)
    {
        report.sourceChainSelector = message.header.sourceChainSelector;
        report.messages = new Internal.Any2EVMRampMessage[](1);
        report.messages[0] = message;
        report.offchainTokenData = new bytes[][](1);
        report.offchainTokenData[0] = new bytes[](message.tokenAmounts.length);
        report.proofs = new bytes32[](0);
    }

    function executeCall(Internal.ExecutionReport[] memory reports) internal pure returns (bytes memory) {
        return abi.encodeCall(IOffRamp.execute, ([EXECUTION_DIGEST, bytes32(uint256(1))], abi.encode(reports)));
    }

    function executeCall(Internal.ExecutionReport memory report) internal pure returns (bytes memory) {
        Internal.ExecutionReport[] memory reports = new Internal.ExecutionReport[](1);
        reports[0] = report;
        return executeCall(reports);
    }

    function execute(Internal.Any2EVMRampMessage memory message) internal {
        transmit(executeCall(executionReport(message)));
    }

    function manualCall(Internal.Any2EVMRampMessage memory message, uint256 gasLimit)
        internal
        pure
        returns (bytes memory)
    {
        Internal.ExecutionReport[] memory reports = new Internal.ExecutionReport[](1);
        reports[0] = executionReport(message);
        IOffRamp.GasLimitOverride[][] memory overrides = new IOffRamp.GasLimitOverride[][](1);
        overrides[0] = new IOffRamp.GasLimitOverride[](1);
        overrides[0][0] = IOffRamp.GasLimitOverride(gasLimit, new uint32[](message.tokenAmounts.length));
        return abi.encodeCall(IOffRamp.manuallyExecute, (reports, overrides));
    }

    function executeByHand(Internal.Any2EVMRampMessage memory message) internal {
        callAs(s_stranger, manualCall(message, 0));
    }

    function checkState(
        Internal.Any2EVMRampMessage memory message,
        Internal.MessageExecutionState expected,
        string memory what
    ) internal view {
        Internal.MessageExecutionState state = s_offRamp.getExecutionState(
            message.header.sourceChainSelector, message.header.sequenceNumber
        );
        checkEq(uint256(state), uint256(expected), what);
    }

    function checkSuccess(Internal.Any2EVMRampMessage memory message) internal view {
        checkState(message, Internal.MessageExecutionState.SUCCESS, "success");
    }

    function checkFailure(Internal.Any2EVMRampMessage memory message) internal view {
        checkState(message, Internal.MessageExecutionState.FAILURE, "failure");
    }

    function checkUntouched(Internal.Any2EVMRampMessage memory message) internal view {
        checkState(message, Internal.MessageExecutionState.UNTOUCHED, "untouched");
    }

    /// @dev What the last execution recorded as the reason of a failure; the logs must have been recorded.
    function recordedReturnData() internal returns (bytes memory returnData) {
        Vm.Log[] memory logs = vm.getRecordedLogs();
        for (uint256 i = 0; i < logs.length; ++i) {
            if (logs[i].topics[0] != IOffRamp.ExecutionStateChanged.selector) continue;
            (,, returnData,) = abi.decode(logs[i].data, (bytes32, uint8, bytes, uint256));
        }
    }

    // ---- sending --------------------------------------------------------------------------------------------------

    function messageFrom(bytes memory extraArgs) internal view returns (Client.EVM2AnyMessage memory message) {
        message.receiver = abi.encode(s_someone);
        message.data = "data";
        message.tokenAmounts = new Client.EVMTokenAmount[](0);
        message.feeToken = address(s_link);
        message.extraArgs = extraArgs;
    }

    function approve(IERC20 token, address owner, uint256 amount) internal {
        vm.prank(owner);
        token.approve(address(s_router), amount);
    }

    /// @dev The user sends, with the fee token approved.
    function send(Client.EVM2AnyMessage memory message) internal returns (bytes32) {
        approve(IERC20(address(s_link)), s_user, type(uint256).max);
        vm.prank(s_user);
        return s_router.ccipSend(REMOTE, message);
    }

    /// @dev The message that was emitted last; the logs must have been recorded.
    function sentMessage() internal returns (Internal.EVM2AnyRampMessage memory message) {
        Vm.Log[] memory logs = vm.getRecordedLogs();
        for (uint256 i = 0; i < logs.length; ++i) {
            if (logs[i].topics[0] != OnRamp.CCIPMessageSent.selector) continue;
            message = abi.decode(logs[i].data, (Internal.EVM2AnyRampMessage));
        }
    }
}
