"""Which events change who may do what, and what each says: the settings of every contract that a node watches.

Only the contract whose business it is may state a change (`_STATED_BY`): what a token or a pool, which strangers own,
says about oracles or ramps is UNTRUSTED and states nothing. What a change is worth is the rule `config_changed`'s
business, not decided here.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

from ccip_core.protocol import events
from ccip_core.protocol.messages import ChainSelector

if TYPE_CHECKING:
    from collections.abc import Iterator

_SHOWN_BYTES_MAX = 64
"""Longer bytes are cut in what a change says: they are chosen by strangers, and nothing is derived from them."""


class Change(NamedTuple):
    """What one event changed."""

    what: str
    """The event's class."""
    subject: str
    """Which one of the contract's settings of this kind: a chain, a token or a plugin; empty where it has one only."""
    remote: ChainSelector | None
    """The chain that the setting is about, if it is about one."""
    values: tuple[tuple[str, str], ...]
    """Field and text, nested fields by a dotted name."""


_SOURCE, _DEST, _REMOTE = "source_chain_selector", "dest_chain_selector", "remote_chain_selector"

_ANYONE: dict[type[events.Event], str] = {
    events.OwnershipTransferRequested: "",
    events.OwnershipTransferred: "",
    events.Upgraded: "",
    events.BeaconUpgraded: "",
    events.AdminChanged: "",
}

_STATED_BY: dict[str, dict[type[events.Event], str]] = {
    "router": {events.OnRampSet: _DEST, events.OffRampAdded: _SOURCE, events.OffRampRemoved: _SOURCE},
    "on_ramp": {
        events.OnRampConfigSet: "",
        events.DestChainConfigSet: _DEST,
        events.AllowListSendersAdded: _DEST,
        events.AllowListSendersRemoved: _DEST,
    },
    "off_ramp": {
        events.SourceChainConfigSet: _SOURCE,
        events.OcrConfigSet: "ocr_plugin_type",
        events.OffRampDynamicConfigSet: "",
    },
    "fee_quoter": {
        events.AuthorizedCallerAdded: "",
        events.AuthorizedCallerRemoved: "",
        events.DestChainAdded: _DEST,
        events.DestChainConfigUpdated: _DEST,
        events.FeeTokenAdded: "fee_token",
        events.FeeTokenRemoved: "fee_token",
        events.PremiumMultiplierWeiPerEthUpdated: "token",
        events.PriceFeedPerTokenUpdated: "token",
        events.ReportPermissionSet: "report_id",
        events.TokenTransferFeeConfigUpdated: "token",
        events.TokenTransferFeeConfigDeleted: "token",
    },
    "nonce_manager": {
        events.AuthorizedCallerAdded: "",
        events.AuthorizedCallerRemoved: "",
        events.PreviousRampsUpdated: _REMOTE,
    },
    "rmn_remote": {events.RmnRemoteConfigSet: ""},
    "rmn_proxy": {events.ARMSet: ""},
    "rmn_home": {
        events.RmnHomeConfigSet: "",
        events.RmnHomeDynamicConfigSet: "",
        events.ConfigPromoted: "",
        events.ActiveConfigRevoked: "",
        events.CandidateConfigRevoked: "",
    },
    "curse_voting": {events.CurseVotingConfigSet: "", events.RMNRemoteCalled: ""},
    "token_admin_registry": {
        events.PoolSet: "token",
        events.AdministratorTransferRequested: "token",
        events.AdministratorTransferred: "token",
        events.RegistryModuleAdded: "",
        events.RegistryModuleRemoved: "",
    },
    "registry_module": {},
    "pool": {
        events.ChainAdded: _REMOTE,
        events.ChainConfigured: _REMOTE,
        events.ChainRemoved: _REMOTE,
        events.RemotePoolAdded: _REMOTE,
        events.RemotePoolRemoved: _REMOTE,
        events.RouterUpdated: "",
        events.RateLimitAdminSet: "",
        events.RebalancerSet: "",
        events.AllowListAdd: "",
        events.AllowListRemove: "",
    },
    "token": {
        events.MintAccessGranted: "",
        events.MintAccessRevoked: "",
        events.BurnAccessGranted: "",
        events.BurnAccessRevoked: "",
        events.CCIPAdminTransferred: "",
        events.RoleGranted: "role",
        events.RoleRevoked: "role",
    },
}
"""By role of the contract: the events that change its settings, and which field says which setting it is."""


def change_of(role: str, event: events.Event) -> Change | None:
    """What the event changed, if it is one that a contract of this role may change something by."""
    own = _STATED_BY.get(role)
    field = None if own is None else own.get(type(event), _ANYONE.get(type(event)))
    if field is None:
        return None
    values = tuple(_texts(event))
    subject = dict(values)[field] if field else ""
    remote = ChainSelector(int(subject)) if field in {_SOURCE, _DEST, _REMOTE} else None
    return Change(type(event).__name__, subject, remote, values)


def _texts(struct: tuple[object, ...], prefix: str = "") -> Iterator[tuple[str, str]]:
    for name, value in zip(struct._fields, struct, strict=True):  # type: ignore[attr-defined]
        if isinstance(value, tuple) and hasattr(value, "_fields"):
            yield from _texts(value, f"{prefix}{name}.")
        else:
            yield prefix + name, _text(value)


def _text(value: object) -> str:
    if isinstance(value, bytes):
        shown = value[:_SHOWN_BYTES_MAX].hex()
        return f"0x{shown}" if len(value) <= _SHOWN_BYTES_MAX else f"0x{shown}… ({len(value)} bytes)"
    if isinstance(value, tuple):
        return ",".join(":".join(map(_text, item)) if isinstance(item, tuple) else _text(item) for item in value)
    return str(value).lower() if isinstance(value, bool) else str(value)
