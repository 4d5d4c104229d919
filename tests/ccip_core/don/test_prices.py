"""Prices are reported when the FeeQuoter lacks them, has them wrong, or has had them for long."""

from __future__ import annotations

import pytest

from ccip_core.don.commit import NO_PRICES
from ccip_core.don.prices import HEARTBEAT_S, KnownPrices, StampedPrice, due_prices
from ccip_core.protocol.messages import ChainSelector, GasPriceUpdate, PriceUpdates, TokenPriceUpdate

LINK, CHAIN, NOW_S = b"\x77" * 20, ChainSelector(11), 1_700_000_000
OWN = PriceUpdates((TokenPriceUpdate(LINK, 15 * 10**18),), (GasPriceUpdate(CHAIN, 3 * 10**12),))


def known(age_s: int, usd: int = 15 * 10**18, gas_usd: int = 3 * 10**12) -> KnownPrices:
    return KnownPrices({LINK: StampedPrice(usd, NOW_S - age_s)}, {CHAIN: StampedPrice(gas_usd, NOW_S - age_s)})


@pytest.mark.parametrize(
    ("prices", "due"),
    [
        (known(age_s=HEARTBEAT_S - 1), NO_PRICES),
        (known(age_s=HEARTBEAT_S), OWN),
        (known(age_s=NOW_S), OWN),
        (known(age_s=1, usd=16 * 10**18), PriceUpdates(OWN.token_price_updates, ())),
        (known(age_s=1, gas_usd=0), PriceUpdates((), OWN.gas_price_updates)),
    ],
)
def test_due_prices(prices: KnownPrices, due: PriceUpdates):
    assert due_prices(OWN, prices, NOW_S) == due
