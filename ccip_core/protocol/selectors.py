"""Chains and their CCIP selectors (spec section 12; names as in smartcontractkit/chain-selectors)."""

from __future__ import annotations

from typing import NamedTuple

from ccip_core.protocol.messages import ChainSelector


class KnownChain(NamedTuple):
    """A chain as CCIP's directory lists it."""

    chain_id: int | None
    """The EVM's chain id; None for chains that are not EVMs."""
    selector: ChainSelector
    name: str


KNOWN_CHAINS: tuple[KnownChain, ...] = tuple(
    KnownChain(chain_id, ChainSelector(selector), name)
    for chain_id, selector, name in (
        (1, 5009297550715157269, "ethereum-mainnet"),
        (10, 3734403246176062136, "ethereum-mainnet-optimism-1"),
        (56, 11344663589394136015, "binance_smart_chain-mainnet"),
        (97, 13264668187771770619, "binance_smart_chain-testnet"),
        (100, 465200170687744372, "gnosis_chain-mainnet"),
        (130, 1923510103922296319, "ethereum-mainnet-unichain-1"),
        (137, 4051577828743386545, "polygon-mainnet"),
        (146, 1673871237479749969, "sonic-mainnet"),
        (324, 1562403441176082196, "ethereum-mainnet-zksync-1"),
        (480, 2049429975587534727, "ethereum-mainnet-worldchain-1"),
        (999, 2442541497099098535, "hyperliquid-mainnet"),
        (1337, 3379446385462418246, "geth-testnet"),
        (2020, 6916147374840168594, "ronin-mainnet"),
        (5000, 1556008542357238666, "ethereum-mainnet-mantle-1"),
        (8453, 15971525489660198786, "ethereum-mainnet-base-1"),
        (31337, 7759470850252068959, "anvil-devnet"),
        (42161, 4949039107694359620, "ethereum-mainnet-arbitrum-1"),
        (42220, 1346049177634351622, "celo-mainnet"),
        (43113, 14767482510784806043, "avalanche-testnet-fuji"),
        (43114, 6433500567565415381, "avalanche-mainnet"),
        (59144, 4627098889531055414, "ethereum-mainnet-linea-1"),
        (80002, 16281711391670634445, "polygon-testnet-amoy"),
        (80094, 1294465214383781161, "berachain-mainnet"),
        (81457, 4411394078118774322, "ethereum-mainnet-blast-1"),
        (84532, 10344971235874465080, "ethereum-testnet-sepolia-base-1"),
        (421614, 3478487238524512106, "ethereum-testnet-sepolia-arbitrum-1"),
        (424242, 4489326297382772450, "private-testnet-mica"),
        (534352, 13204309965629103672, "ethereum-mainnet-scroll-1"),
        (11155111, 16015286601757825753, "ethereum-testnet-sepolia"),
        (11155420, 5224473277236331295, "ethereum-testnet-sepolia-optimism-1"),
        (None, 124615329519749607, "solana-mainnet"),
        (None, 4741433654826277614, "aptos-mainnet"),
        (None, 17529533435026248318, "sui-mainnet"),
        (None, 16448340667252469081, "ton-mainnet"),
    )
)

_OF_ID = {chain.chain_id: chain for chain in KNOWN_CHAINS if chain.chain_id is not None}
_OF_SELECTOR = {chain.selector: chain for chain in KNOWN_CHAINS}


def chain_of_id(chain_id: int) -> KnownChain | None:
    """The chain with this EVM chain id, if it is known."""
    return _OF_ID.get(chain_id)


def chain_of_selector(selector: ChainSelector) -> KnownChain | None:
    """The chain with this selector, if it is known."""
    return _OF_SELECTOR.get(selector)
