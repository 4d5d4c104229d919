"""The directory of chains."""

from __future__ import annotations

from ccip_core.protocol.selectors import KNOWN_CHAINS, chain_of_id, chain_of_selector


def test_the_local_chains():
    assert [(c.selector, c.name) for c in map(chain_of_id, (1337, 31337, 424242)) if c] == [
        (3379446385462418246, "geth-testnet"),
        (7759470850252068959, "anvil-devnet"),
        (4489326297382772450, "private-testnet-mica"),
    ]


def test_every_chain_is_found_by_each_of_its_names():
    for chain in KNOWN_CHAINS:
        assert chain_of_selector(chain.selector) is chain
        assert chain.chain_id is None or chain_of_id(chain.chain_id) is chain
        assert 0 < chain.selector < 2**64
    assert (
        len(KNOWN_CHAINS)
        == len({chain.selector for chain in KNOWN_CHAINS})
        == len({chain.name for chain in KNOWN_CHAINS})
    )


def test_selectors_beyond_64_signed_bits_are_kept():
    base = chain_of_id(8453)
    assert base is not None
    assert base.selector == 15971525489660198786 > 2**63


def test_unknown_chains():
    assert chain_of_id(4) is None
    assert chain_of_selector(4) is None
