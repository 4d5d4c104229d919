"""What makes chains one network: lanes in both directions, connected pools, prices, and the oracles' configuration."""

from __future__ import annotations

from typing import TYPE_CHECKING

from ccip_core.localnet.keys import dev_key
from ccip_core.localnet.tokens import ETHER, connect_pool
from ccip_core.protocol.codec import encode_address
from ccip_core.protocol.hashing import keccak
from ccip_core.protocol.messages import GasPriceUpdate, OcrConfigArgs, PriceUpdates, TokenPriceUpdate

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from ccip_core.localnet.site import Actors, Site
    from ccip_core.protocol.messages import ChainSelector

LINK_USD, WETH_USD, TOKEN_USD = 15, 3_000, 1
GAS_PRICE_USD_E18 = 3 * 10**12
"""A unit of gas at 1 gwei and 3,000 USD an ether."""

COMMIT, EXECUTE = 0, 1
"""OCR plugin types of the OffRamp."""


def wire_lanes(site: Site, remotes: Sequence[Site], is_blessed: Mapping[ChainSelector, bool], actors: Actors) -> None:
    """Connect a chain with the others. `is_blessed` says of each source whether its roots must be blessed here."""
    work, contracts = site.work, site.contracts
    work.call(
        contracts.router,
        "applyRampUpdates((uint64,address)[],(uint64,address)[],(uint64,address)[])",
        [(remote.chain.selector, contracts.on_ramp) for remote in remotes],
        (),
        [(remote.chain.selector, contracts.off_ramp) for remote in remotes],
    )
    work.call(
        contracts.off_ramp,
        "applySourceChainConfigUpdates((address,uint64,bool,bool,bytes)[])",
        [
            (
                contracts.router,
                remote.chain.selector,
                True,
                not is_blessed[remote.chain.selector],
                encode_address(remote.contracts.on_ramp),
            )
            for remote in remotes
        ],
    )
    work.call(
        contracts.off_ramp,
        "setOCR3Configs((bytes32,uint8,uint8,bool,address[],address[])[])",
        ocr_configs(site.chain.selector, actors),
    )
    for position, token in enumerate(site.tokens):
        connect_pool(token, [(remote.chain.selector, remote.tokens[position]) for remote in remotes], work)
    work.call(contracts.fee_quoter, "updatePrices(((address,uint224)[],(uint64,uint224)[]))", prices(site, remotes))


def ocr_configs(selector: ChainSelector, actors: Actors) -> tuple[OcrConfigArgs, OcrConfigArgs]:
    """Commit checks F + 1 oracle signatures; execute needs none, because the Merkle proof speaks for it."""
    signers = tuple(dev_key("oracle_signer", index).address for index in range(actors.oracles))
    transmitters = tuple(dev_key("oracle_transmitter", index).address for index in range(actors.oracles))
    commit_digest = _config_digest(b"commit", selector)
    execute_digest = _config_digest(b"execute", selector)
    return (
        OcrConfigArgs(commit_digest, COMMIT, actors.oracle_f, True, signers, transmitters),
        OcrConfigArgs(execute_digest, EXECUTE, actors.oracle_f, False, (), transmitters),
    )


def prices(site: Site, remotes: Sequence[Site]) -> PriceUpdates:
    """The first prices; from then on the oracles keep them fresh."""
    assert site.contracts.link is not None
    assert site.contracts.weth is not None
    tokens = [(site.contracts.link, LINK_USD, 18), (site.contracts.weth, WETH_USD, 18)]
    tokens += [(token.address, TOKEN_USD, token.decimals) for token in site.tokens]
    return PriceUpdates(
        tuple(TokenPriceUpdate(token, usd_per_1e18_units(usd, decimals)) for token, usd, decimals in tokens),
        tuple(GasPriceUpdate(remote.chain.selector, GAS_PRICE_USD_E18) for remote in remotes),
    )


def usd_per_1e18_units(usd: int, decimals: int) -> int:
    """FeeQuoter's price of a token that costs `usd` a whole one: USD x 1e18 for 1e18 smallest units."""
    unit: int = 10**decimals
    return usd * ETHER * ETHER // unit


def _config_digest(plugin: bytes, selector: ChainSelector) -> bytes:
    """The OffRamp takes any 32 bytes; 0x000a is how CCIPHome's digests start."""
    return b"\x00\x0a" + keccak(b"ccip localnet " + plugin + selector.to_bytes(8))[2:]
