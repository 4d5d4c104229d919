"""What this oracle thinks things cost, and when it is time to say so again.

Local tokens have no market, so prices stand still; they are reported when the FeeQuoter has none, has another one or
has one that grows old, because a FeeQuoter refuses to quote with a stale price (spec 4.4).
"""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

from ccip_core.localnet.lanes import GAS_PRICE_USD_E18, LINK_USD, WETH_USD
from ccip_core.protocol.messages import ChainSelector, GasPriceUpdate, PriceUpdates, TokenPriceUpdate

if TYPE_CHECKING:
    from collections.abc import Mapping

    from ccip_core.deployment import Deployment

HEARTBEAT_S = 600
TOLERANCE_BPS = 100
"""How far a price may be off before it is corrected, and how far two honest oracles may disagree."""


class StampedPrice(NamedTuple):
    """A price as the FeeQuoter keeps it; a time of 0 means that it has none."""

    usd: int
    timestamp_s: int


class KnownPrices(NamedTuple):
    """What the FeeQuoter of one chain knows."""

    tokens: Mapping[bytes, StampedPrice]
    gas: Mapping[ChainSelector, StampedPrice]


def local_prices(deployment: Deployment, dest: ChainSelector) -> PriceUpdates:
    """This oracle's price of everything that the chain's FeeQuoter needs: fee tokens and gas of the other chains."""
    contracts = deployment.chain(dest).contracts
    tokens = {contracts.link: LINK_USD * 10**18, contracts.weth: WETH_USD * 10**18}
    reached = sorted(config.dest for config in deployment.lanes if config.source == dest)
    return PriceUpdates(
        tuple(TokenPriceUpdate(token, usd) for token, usd in tokens.items() if token is not None),
        tuple(GasPriceUpdate(chain, GAS_PRICE_USD_E18) for chain in reached),
    )


def due_prices(own: PriceUpdates, known: KnownPrices, now_s: int) -> PriceUpdates:
    """Those of `own` that the FeeQuoter lacks, has wrong, or has had for a heartbeat; `now_s` is chain time."""
    return PriceUpdates(
        tuple(
            update
            for update in own.token_price_updates
            if _is_due(update.usd_per_token, known.tokens[update.source_token], now_s)
        ),
        tuple(
            update
            for update in own.gas_price_updates
            if _is_due(update.usd_per_unit_gas, known.gas[update.dest_chain_selector], now_s)
        ),
    )


def agrees(theirs: int, mine: int) -> bool:
    """True when two prices could both be honest."""
    return abs(theirs - mine) * 10_000 <= mine * TOLERANCE_BPS


def _is_due(mine: int, known: StampedPrice, now_s: int) -> bool:
    return known.timestamp_s == 0 or now_s - known.timestamp_s >= HEARTBEAT_S or not agrees(known.usd, mine)
