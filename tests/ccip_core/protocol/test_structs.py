"""Struct classes against the official ABIs: fields of one type could be swapped without any vector noticing."""

from __future__ import annotations

import re

import pytest

from ccip_core.protocol import configs, extra_args, messages
from ccip_core.protocol.abi import Array, Struct, struct_of

OFFICIAL = {
    messages.EVMTokenAmount: "Client.EVMTokenAmount",
    messages.EVM2AnyMessage: "Client.EVM2AnyMessage",
    messages.Any2EVMMessage: "Client.Any2EVMMessage",
    messages.RampMessageHeader: "Internal.RampMessageHeader",
    messages.EVM2AnyTokenTransfer: "Internal.EVM2AnyTokenTransfer",
    messages.EVM2AnyRampMessage: "Internal.EVM2AnyRampMessage",
    messages.Any2EVMTokenTransfer: "Internal.Any2EVMTokenTransfer",
    messages.Any2EVMRampMessage: "Internal.Any2EVMRampMessage",
    messages.MerkleRoot: "Internal.MerkleRoot",
    messages.TokenPriceUpdate: "Internal.TokenPriceUpdate",
    messages.GasPriceUpdate: "Internal.GasPriceUpdate",
    messages.PriceUpdates: "Internal.PriceUpdates",
    messages.RmnSignature: "IRMNRemote.Signature",
    messages.CommitReport: "OffRamp.CommitReport",
    messages.ExecutionReport: "Internal.ExecutionReport",
    messages.GasLimitOverride: "OffRamp.GasLimitOverride",
    messages.RmnReport: "RMNRemote.Report",
    messages.RmnSigner: "RMNRemote.Signer",
    messages.RmnRemoteConfig: "RMNRemote.Config",
    messages.SourceChainConfig: "OffRamp.SourceChainConfig",
    messages.RateLimiterConfig: "RateLimiter.Config",
    messages.OcrConfigArgs: "MultiOCR3Base.OCRConfigArgs",
    configs.OnRampStaticConfig: "OnRamp.StaticConfig",
    configs.OnRampDynamicConfig: "OnRamp.DynamicConfig",
    configs.OffRampStaticConfig: "OffRamp.StaticConfig",
    configs.OffRampDynamicConfig: "OffRamp.DynamicConfig",
    configs.PreviousRamps: "NonceManager.PreviousRamps",
    configs.DestChainConfig: "FeeQuoter.DestChainConfig",
    configs.TokenTransferFeeConfig: "FeeQuoter.TokenTransferFeeConfig",
    configs.TokenPriceFeedConfig: "FeeQuoter.TokenPriceFeedConfig",
    configs.ReportPermission: "KeystoneFeedsPermissionHandler.Permission",
    configs.RmnHomeNode: "RMNHome.Node",
    configs.RmnHomeStaticConfig: "RMNHome.StaticConfig",
    configs.RmnHomeSourceChain: "RMNHome.SourceChain",
    configs.RmnHomeDynamicConfig: "RMNHome.DynamicConfig",
    extra_args.ExtraArgs: "Client.GenericExtraArgsV2",
}


def official_type(field):
    if isinstance(field, Array):
        return f"{official_type(field.item)}[]"
    return OFFICIAL[field.maker] if isinstance(field, Struct) else field.text


def test_every_official_struct_is_compared(abi_structs):
    assert sorted(OFFICIAL.values()) == sorted(abi_structs)


@pytest.mark.parametrize("cls", OFFICIAL, ids=lambda cls: cls.__name__)
def test_a_struct_has_the_official_fields_in_the_official_order(cls, abi_structs):
    ours = [(official_type(field), name.replace("_", "")) for name, field in struct_of(cls).fields]
    theirs = [tuple(field.split(" ")) for field in abi_structs[OFFICIAL[cls]]]
    assert ours == [(text, re.sub("[^a-z0-9]", "", name.lower())) for text, name in theirs]
