// SPDX-License-Identifier: MIT
pragma solidity 0.8.26;

import {IOffRamp} from "../../src/interfaces/IOffRamp.sol";
import {MultiOCR3Base} from "../../src/ocr/MultiOCR3Base.sol";
import {OffRamp} from "../../src/offRamp/OffRamp.sol";
import {CCIPBase} from "../CCIPBase.t.sol";

contract OffRamp_setOCR3Configs is CCIPBase {
    function some(uint256 count, uint160 first) internal pure returns (address[] memory list) {
        list = new address[](count);
        for (uint160 i = 0; i < count; ++i) {
            list[i] = address(first + i);
        }
    }

    function commitConfig() internal pure returns (MultiOCR3Base.OCRConfigArgs memory) {
        return MultiOCR3Base.OCRConfigArgs(keccak256("new"), 0, 2, true, some(7, 0x100), some(3, 0x200));
    }

    function set(MultiOCR3Base.OCRConfigArgs memory config) internal {
        MultiOCR3Base.OCRConfigArgs[] memory configs = new MultiOCR3Base.OCRConfigArgs[](1);
        configs[0] = config;
        s_offRamp.setOCR3Configs(configs);
    }

    function expectError(MultiOCR3Base.OCRConfigArgs memory config, bytes memory error_) internal {
        vm.expectRevert(error_);
        set(config);
    }

    function expectInvalid(MultiOCR3Base.OCRConfigArgs memory config, MultiOCR3Base.InvalidConfigErrorType reason)
        internal
    {
        expectError(config, abi.encodeWithSelector(MultiOCR3Base.InvalidConfig.selector, reason));
    }

    function test_setOCR3Configs() external {
        MultiOCR3Base.OCRConfigArgs memory config = commitConfig();
        vm.expectEmit(address(s_offRamp));
        emit MultiOCR3Base.ConfigSet(0, config.configDigest, config.signers, config.transmitters, 2);
        set(config);

        MultiOCR3Base.OCRConfig memory stored = s_offRamp.latestConfigDetails(0);
        checkEq(stored.configInfo.configDigest, config.configDigest, "digest");
        checkEq(stored.configInfo.F, 2, "F");
        checkEq(stored.configInfo.n, 7, "n");
        checkEq(stored.signers.length, 7, "signers");
        checkEq(stored.transmitters.length, 3, "transmitters");
    }

    /// @dev Who is not in the new config has no say any more.
    function test_setOCR3Configs_oldOraclesAreForgotten() external {
        set(commitConfig());
        bytes memory call = commitCall(reportOf(rootOf(UNBLESSED, keccak256("root"), 1, 1)));

        MultiOCR3Base.OCRConfigArgs memory config = commitConfig();
        config.configDigest = COMMIT_DIGEST;
        config.F = F;
        set(config);

        checkReverts(s_transmitter, call, abi.encodePacked(MultiOCR3Base.UnauthorizedTransmitter.selector));
        checkReverts(config.transmitters[0], call, abi.encodePacked(MultiOCR3Base.UnauthorizedSigner.selector));
    }

    /// @dev Conformance 65.
    function test_RevertWhen_setOCR3Configs_signaturesFixedByPlugin() external {
        MultiOCR3Base.OCRConfigArgs memory config = commitConfig();
        config.isSignatureVerificationEnabled = false;
        expectError(config, abi.encodeWithSelector(MultiOCR3Base.StaticConfigCannotBeChanged.selector, 0));

        s_offRamp = _freshOffRamp();
        expectError(config, abi.encodePacked(IOffRamp.SignatureVerificationRequiredInCommitPlugin.selector));
        config = commitConfig();
        config.ocrPluginType = 1;
        expectError(config, abi.encodePacked(IOffRamp.SignatureVerificationNotAllowedInExecutionPlugin.selector));
    }

    function _freshOffRamp() internal returns (OffRamp) {
        bytes memory arguments = abi.encode(
            s_offRamp.getStaticConfig(), s_offRamp.getDynamicConfig(), new IOffRamp.SourceChainConfigArgs[](0)
        );
        return OffRamp(deployed("OffRamp", arguments));
    }

    function test_RevertWhen_setOCR3Configs_invalid() external {
        MultiOCR3Base.OCRConfigArgs memory config = commitConfig();
        config.F = 0;
        expectInvalid(config, MultiOCR3Base.InvalidConfigErrorType.F_MUST_BE_POSITIVE);

        config = commitConfig();
        config.signers = some(6, 0x100);
        expectInvalid(config, MultiOCR3Base.InvalidConfigErrorType.F_TOO_HIGH);
        config.signers = some(257, 0x1000);
        expectInvalid(config, MultiOCR3Base.InvalidConfigErrorType.TOO_MANY_SIGNERS);

        config = commitConfig();
        config.transmitters = some(0, 0);
        expectInvalid(config, MultiOCR3Base.InvalidConfigErrorType.NO_TRANSMITTERS);
        config.transmitters = some(8, 0x200);
        expectInvalid(config, MultiOCR3Base.InvalidConfigErrorType.TOO_MANY_TRANSMITTERS);
        config.transmitters = some(257, 0x2000);
        expectInvalid(config, MultiOCR3Base.InvalidConfigErrorType.TOO_MANY_TRANSMITTERS);
    }

    function test_setOCR3Configs_asManyAsAllowed() external {
        MultiOCR3Base.OCRConfigArgs memory config = commitConfig();
        (config.signers, config.transmitters) = (some(7, 0x100), some(7, 0x200)); // as many as signers
        set(config);
        config.signers = some(256, 0x1000);
        config.transmitters = some(256, 0x2000);
        set(config);

        checkEq(s_offRamp.latestConfigDetails(0).transmitters.length, 256, "transmitters");
    }

    function test_RevertWhen_setOCR3Configs_oracleTwiceOrZero() external {
        MultiOCR3Base.OCRConfigArgs memory config = commitConfig();
        config.signers[6] = config.signers[0];
        expectInvalid(config, MultiOCR3Base.InvalidConfigErrorType.REPEATED_ORACLE_ADDRESS);

        config = commitConfig();
        config.transmitters[0] = config.signers[0];
        expectInvalid(config, MultiOCR3Base.InvalidConfigErrorType.REPEATED_ORACLE_ADDRESS);

        config = commitConfig();
        config.transmitters[2] = address(0);
        expectError(config, abi.encodePacked(MultiOCR3Base.OracleCannotBeZeroAddress.selector));
    }
}
