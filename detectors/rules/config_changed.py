"""Who may do what was changed."""

from __future__ import annotations

from typing import TYPE_CHECKING, ClassVar, NamedTuple

from detectors.detector import Rule, Severity, Verdict, make_signal
from detectors.state_rows import ConfigChanged

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from ccip_core.protocol.messages import ChainSelector
    from detectors.frames import Row
    from detectors.network import ChainFacts
    from detectors.record import Record
    from detectors.state_rows import Side

_ZERO_ADDRESS = "0x" + bytes(20).hex()
_ADDRESS_DIGITS = 40
_SIDES: tuple[Side, Side] = ("out", "in")
_COUNTERS = {
    "source_config.min_seq_nr",
    "sequence_number",
    "config_digest",
    "version",
    "config.rmn_home_contract_config_digest",
}
"""Fields that move by themselves or name the change: no part of what is set."""
_RESTATED = {
    "ChainConfigured",
    "CurseVotingConfigSet",
    "DestChainConfigSet",
    "DestChainConfigUpdated",
    "OcrConfigSet",
    "OffRampDynamicConfigSet",
    "OnRampConfigSet",
    "OnRampSet",
    "RmnRemoteConfigSet",
    "SourceChainConfigSet",
}
"""Events that state a setting as a whole: stated again as it was, nothing changed."""


class Weight(NamedTuple):
    """How bad a change may be, if it was not meant."""

    severity: Severity
    score: float
    """1.0: releases or mints from nothing; 0.5: helps a thief; 0.1: takes away rather than gives."""
    enables: str
    """What can be done now that could not be done before."""


_INFO, _WARNING, _CRITICAL = Severity.INFO, Severity.WARNING, Severity.CRITICAL

_WEIGHTS: dict[str, Weight] = {
    # any contract
    "Upgraded": Weight(_CRITICAL, 1.0, "the contract runs other code"),
    "BeaconUpgraded": Weight(_CRITICAL, 1.0, "the contract runs other code"),
    "AdminChanged": Weight(_CRITICAL, 0.9, "another account may replace the contract's code"),
    "OwnershipTransferred": Weight(_CRITICAL, 0.8, "another account may change every setting of the contract"),
    "OwnershipTransferRequested": Weight(_WARNING, 0.5, "another account may take the contract over"),
    # Router
    "OnRampSet": Weight(_CRITICAL, 0.8, "messages leave, and pools lock or burn, by another OnRamp"),
    "OffRampAdded": Weight(_CRITICAL, 1.0, "another contract may deliver, and release from every pool"),
    "OffRampRemoved": Weight(_INFO, 0.2, "arrivals of the source stop"),
    # OnRamp
    "OnRampConfigSet": Weight(_WARNING, 0.5, "fees, interceptor or allowlist admin are others"),
    "DestChainConfigSet": Weight(_CRITICAL, 0.9, "another Router may send messages, with or without their tokens"),
    "AllowListSendersAdded": Weight(_INFO, 0.1, "more senders may use the lane"),
    "AllowListSendersRemoved": Weight(_INFO, 0.1, "fewer senders may use the lane"),
    # OffRamp
    "SourceChainConfigSet": Weight(_WARNING, 0.5, "the lane's arrivals are configured anew"),
    "OcrConfigSet": Weight(_CRITICAL, 0.9, "others sign the roots that messages are executed against"),
    "OffRampDynamicConfigSet": Weight(_WARNING, 0.5, "prices, interceptor or the wait for manual execution are others"),
    # FeeQuoter, NonceManager
    "AuthorizedCallerAdded": Weight(_WARNING, 0.5, "another account may set prices or nonces"),
    "AuthorizedCallerRemoved": Weight(_INFO, 0.1, "an account may no longer set prices or nonces"),
    "DestChainAdded": Weight(_INFO, 0.3, "messages to another chain have a price"),
    "DestChainConfigUpdated": Weight(_INFO, 0.3, "what messages cost, or how large they may be, is changed"),
    "FeeTokenAdded": Weight(_INFO, 0.2, "fees may be paid in another token"),
    "FeeTokenRemoved": Weight(_INFO, 0.1, "fees may be paid in fewer tokens"),
    "PremiumMultiplierWeiPerEthUpdated": Weight(_INFO, 0.1, "what paying in a token costs is changed"),
    "PriceFeedPerTokenUpdated": Weight(_WARNING, 0.4, "a token's price comes from elsewhere"),
    "ReportPermissionSet": Weight(_WARNING, 0.5, "others may report prices"),
    "TokenTransferFeeConfigUpdated": Weight(_INFO, 0.1, "what moving a token costs is changed"),
    "TokenTransferFeeConfigDeleted": Weight(_INFO, 0.1, "what moving a token costs is changed"),
    "PreviousRampsUpdated": Weight(_WARNING, 0.4, "nonces go on from other ramps"),
    # RMN
    "RmnRemoteConfigSet": Weight(_CRITICAL, 0.9, "others bless"),
    "ARMSet": Weight(_CRITICAL, 1.0, "every curse is void, and whether one stands is asked of another contract"),
    "RmnHomeConfigSet": Weight(_INFO, 0.3, "another set of RMN nodes is proposed"),
    "RmnHomeDynamicConfigSet": Weight(_INFO, 0.3, "RMN nodes observe other chains"),
    "ConfigPromoted": Weight(_WARNING, 0.5, "another set of RMN nodes is in force on the home chain"),
    "ActiveConfigRevoked": Weight(_INFO, 0.2, "a set of RMN nodes is no longer in force on the home chain"),
    "CandidateConfigRevoked": Weight(_INFO, 0.1, "a proposed set of RMN nodes is withdrawn"),
    "CurseVotingConfigSet": Weight(_CRITICAL, 0.8, "others vote to curse, and the votes given are void"),
    "RMNRemoteCalled": Weight(_WARNING, 0.5, "the council acted on RMNRemote as its owner"),
    # TokenAdminRegistry
    "PoolSet": Weight(_CRITICAL, 0.9, "the token is released, minted, locked and burned by another pool"),
    "AdministratorTransferred": Weight(_WARNING, 0.7, "another account may replace the token's pool"),
    "AdministratorTransferRequested": Weight(_INFO, 0.3, "another account may become the token's administrator"),
    "RegistryModuleAdded": Weight(_WARNING, 0.5, "another contract may propose administrators"),
    "RegistryModuleRemoved": Weight(_INFO, 0.1, "a contract may no longer propose administrators"),
    # pools
    "ChainAdded": Weight(_WARNING, 0.6, "what is burned on another chain is released here"),
    "ChainConfigured": Weight(_INFO, 0.1, "the rate limits are no higher than they were"),
    "ChainRemoved": Weight(_INFO, 0.2, "the pool no longer serves a chain"),
    "RemotePoolAdded": Weight(
        _CRITICAL, 0.9, "what another contract says it burned on the remote chain is released here"
    ),
    "RemotePoolRemoved": Weight(_INFO, 0.2, "burns of a remote pool are no longer honoured"),
    "RouterUpdated": Weight(_CRITICAL, 0.9, "the ramps of another Router may release from the pool"),
    "RateLimitAdminSet": Weight(_WARNING, 0.5, "another account may change the rate limits"),
    "RebalancerSet": Weight(_WARNING, 0.7, "another account may take the pool's tokens out"),
    "AllowListAdd": Weight(_INFO, 0.1, "more senders may use the pool"),
    "AllowListRemove": Weight(_INFO, 0.1, "fewer senders may use the pool"),
    # tokens
    "MintAccessGranted": Weight(_CRITICAL, 0.9, "another account may mint the token at will"),
    "MintAccessRevoked": Weight(_INFO, 0.1, "an account may no longer mint"),
    "BurnAccessGranted": Weight(_INFO, 0.2, "another account may burn what it holds"),
    "BurnAccessRevoked": Weight(_INFO, 0.1, "an account may no longer burn"),
    "CCIPAdminTransferred": Weight(_WARNING, 0.6, "another account may register the token with CCIP"),
    "RoleGranted": Weight(_CRITICAL, 0.8, "another account has a role on the token, which may be to mint"),
    "RoleRevoked": Weight(_INFO, 0.1, "an account has one role fewer"),
}


class ConfigChange(Rule):
    """A setting of a watched contract was changed; the score says how much the change enables, were it not meant.

    What is set to what it was is no change; what takes away rather than gives is information. Some changes are worth
    less when the network's own facts explain them: our own pool, ramp or minter being set. A change is no proof of an
    attack, since owners change settings every month: the rule states it before what it enables is done, and policy
    leaves it to people.

    Settings up to the block where our watch of the chain began are taken as given. Assumes that the contracts announce
    their changes as CCIP's do, and EIP-1967 and OpenZeppelin roles beyond; a contract that keeps silent is not seen.
    """

    name: ClassVar[str] = "config_changed"
    judges: ClassVar[tuple[type[Row], ...]] = (ConfigChanged,)

    def judge(self, record: Record, row: ConfigChanged) -> Verdict:
        """Weigh the change against what was in force before."""
        facts = record.facts(row.at.chain)
        if facts is None or row.at.block_number <= record.watch(row.at.chain).block_number:
            return None
        after = dict(row.values)
        before = _before(record, row)
        if before is not None and row.what in _RESTATED and _is_same(before, after):
            return None
        weigh = _WEIGHERS.get(row.what)
        weight = _WEIGHTS[row.what] if weigh is None else weigh(_Case(record, row, facts, before, after))
        return make_signal(
            self.name,
            row,
            lanes=record.network.lanes_between(row.at.chain, row.remote),
            subject=f"{row.contract}|{row.what}|{row.subject}",
            severity=weight.severity,
            score=weight.score,
            summary=f"{row.what} by the {row.role} {row.contract}: {weight.enables}.",
            evidence={
                "contract": row.contract,
                "role": row.role,
                "what": row.what,
                "subject": row.subject,
                "before": before,
                "after": after,
                "enables": weight.enables,
            },
        )


class _Case(NamedTuple):
    record: Record
    row: ConfigChanged
    facts: ChainFacts
    before: Mapping[str, str] | None
    after: Mapping[str, str]

    @property
    def here(self) -> tuple[ChainSelector, str]:
        """The chain and the contract."""
        return self.row.at.chain, self.row.contract

    @property
    def usual(self) -> Weight:
        return _WEIGHTS[self.row.what]

    def has_changed(self, field: str) -> bool:
        """Also true where it is not known what was before."""
        return self.before is None or self.before[field] != self.after[field]


def _before(record: Record, row: ConfigChanged) -> Mapping[str, str] | None:
    """What the same setting said last; None: it was not set since the record began."""
    told = record.books.settings.get((row.at.chain, row.contract, row.what, row.subject), ())
    place = next((place for place in reversed(range(len(told))) if told[place] == row), 0)
    return dict(told[place - 1].values) if place else None


def _is_same(before: Mapping[str, str], after: Mapping[str, str]) -> bool:
    return all(before.get(field) == value for field, value in after.items() if field not in _COUNTERS)


def _weigh_source(case: _Case) -> Weight:
    is_enabled, is_unblessed, on_ramp, router = (
        f"source_config.{name}" for name in ("is_enabled", "is_rmn_verification_disabled", "on_ramp", "router")
    )
    changed = case.has_changed
    ways = (
        (case.after[is_enabled] == "false", Weight(_INFO, 0.2, "arrivals of the source stop")),
        (
            changed(is_unblessed) and case.after[is_unblessed] == "true",
            Weight(_CRITICAL, 1.0, "roots of the source need no blessing"),
        ),
        (case.before is None, Weight(_WARNING, 0.6, "messages of another source arrive")),
        (changed(on_ramp), Weight(_CRITICAL, 0.9, "messages of another OnRamp arrive")),
        (changed(router), Weight(_CRITICAL, 0.8, "messages are delivered by another Router")),
        (changed(is_unblessed), Weight(_INFO, 0.1, "roots of the source need a blessing")),
    )
    return next((weight for holds, weight in ways if holds), case.usual)


def _weigh_oracles(case: _Case) -> Weight:
    if case.row.subject != "0":
        return Weight(_WARNING, 0.5, "others deliver messages, which proofs bind")
    if case.before is not None and not (case.has_changed("signers") or case.has_changed("f")):
        return Weight(_WARNING, 0.4, "others hand roots in, the same sign them")
    return case.usual


def _weigh_limits(case: _Case) -> Weight:
    weights, remote = [case.usual], case.row.remote
    for side in _SIDES:
        levels = () if remote is None else case.record.books.limits.get((*case.here, remote, side), ())
        place = next((place for place in reversed(range(len(levels))) if levels[place].at == case.row.at), None)
        if place is None:
            continue
        before, after = levels[place - 1] if place else None, levels[place]
        was_limited = before is None or before.is_enabled
        if was_limited and not after.is_enabled:
            weights.append(Weight(_CRITICAL, 0.8, "nothing limits how much leaves or arrives"))
        elif before is not None and was_limited and (after.capacity > before.capacity or after.rate > before.rate):
            weights.append(Weight(_WARNING, 0.5, "more may leave or arrive in a while"))
    return max(weights, key=lambda weight: weight.score)


def _weigh_off_ramp(case: _Case) -> Weight:
    is_ours = case.after["off_ramp"] == case.facts.off_ramp
    return Weight(_WARNING, 0.6, "messages of another source are delivered") if is_ours else case.usual


def _weigh_on_ramp(case: _Case) -> Weight:
    if case.after["on_ramp"] == _ZERO_ADDRESS:
        return Weight(_INFO, 0.2, "nothing leaves for the destination")
    is_ours = case.after["on_ramp"] == case.facts.on_ramp
    return Weight(_INFO, 0.2, "messages leave by the OnRamp that we watch") if is_ours else case.usual


def _weigh_dest(case: _Case) -> Weight:
    if case.after["router"] == _ZERO_ADDRESS:
        return Weight(_INFO, 0.2, "nothing leaves for the destination")
    if case.facts.roles.get(case.after["router"]) == "router":
        return Weight(_INFO, 0.2, "messages leave by the Router that we watch")
    return case.usual


def _weigh_pool(case: _Case) -> Weight:
    if case.after["new_pool"] == _ZERO_ADDRESS:
        return Weight(_WARNING, 0.4, "the token can't be moved; what is under way waits")
    is_ours = case.facts.tokens[case.row.subject].pool == case.after["new_pool"]
    return Weight(_INFO, 0.2, "the token moves through the pool that we watch") if is_ours else case.usual


def _weigh_remote_pool(case: _Case) -> Weight:
    remote = None if case.row.remote is None else case.record.facts(case.row.remote)
    ours = case.facts.token_of_pool(case.row.contract)
    twin = None if remote is None or ours is None else remote.token_of_symbol(ours.symbol)
    told = "0x" + case.after["remote_pool_address"][-_ADDRESS_DIGITS:]
    if twin is not None and told == twin.pool:
        return Weight(_INFO, 0.2, "burns of the remote pool that we watch are released here")
    return case.usual


def _weigh_minter(case: _Case) -> Weight:
    account = case.after["minter" if case.row.what == "MintAccessGranted" else "account"]
    is_ours = case.facts.tokens[case.row.contract].pool == account
    return Weight(_INFO, 0.2, "the token's pool may mint or burn it") if is_ours else case.usual


_WEIGHERS: dict[str, Callable[[_Case], Weight]] = {
    "SourceChainConfigSet": _weigh_source,
    "OcrConfigSet": _weigh_oracles,
    "ChainConfigured": _weigh_limits,
    "OffRampAdded": _weigh_off_ramp,
    "OnRampSet": _weigh_on_ramp,
    "DestChainConfigSet": _weigh_dest,
    "PoolSet": _weigh_pool,
    "RemotePoolAdded": _weigh_remote_pool,
    "MintAccessGranted": _weigh_minter,
    "RoleGranted": _weigh_minter,
}
"""Changes whose weight depends on what was before, or on whose contract it is."""
