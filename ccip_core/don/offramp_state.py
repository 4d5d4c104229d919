"""What a destination's contracts say when asked, at one block: configurations, curses and prices.

Logs tell when something changed, calls tell what it is now: an event marks a part as old, and only that part is read
again. While a part could not be read the oracle is blind there and reports nothing.
"""

from __future__ import annotations

from enum import Enum, auto
from typing import TYPE_CHECKING, Any, NamedTuple

from ccip_core.don.prices import KnownPrices, StampedPrice
from ccip_core.protocol import codec, events
from ccip_core.protocol.messages import (
    Address,
    Bool,
    Bytes16,
    Bytes32,
    ChainSelector,
    PriceUpdates,
    RmnRemoteConfig,
    Selector,
    SourceChainConfig,
    Uint8,
    Uint32,
    Uint224,
)
from ccip_core.rpc import Rpc, RpcMalformed, RpcRefused

if TYPE_CHECKING:
    from collections.abc import Mapping

    from ccip_core.deployment import Chain


class OcrConfigInfo(NamedTuple):
    """`MultiOCR3Base.ConfigInfo`."""

    config_digest: Bytes32
    f: Uint8
    n: Uint8
    is_signature_verification_enabled: Bool


class OcrConfig(NamedTuple):
    """Who may commit (plugin 0) or execute (plugin 1)."""

    info: OcrConfigInfo
    signers: tuple[Address, ...]
    transmitters: tuple[Address, ...]


class TimestampedPackedUint224(NamedTuple):
    """A price and when it was set."""

    value: Uint224
    timestamp: Uint32


class OffRampState(NamedTuple):
    """Everything that a round asks of its destination apart from logs."""

    sources: Mapping[ChainSelector, SourceChainConfig]
    cursed: frozenset[bytes]
    commit: OcrConfig
    execute: OcrConfig
    rmn: RmnRemoteConfig | None
    """None: this RMNRemote has no blessing."""
    latest_price_sequence_number: int
    prices: KnownPrices


class Part(Enum):
    """What is read, and grows old, together."""

    SOURCES = auto()
    CURSES = auto()
    ORACLES = auto()
    RMN = auto()
    PRICES = auto()


_MAKES_OLD: dict[type, frozenset[Part]] = {
    events.CommitReportAccepted: frozenset({Part.SOURCES}),
    events.SourceChainConfigSet: frozenset({Part.SOURCES}),
    events.Cursed: frozenset({Part.CURSES}),
    events.Uncursed: frozenset({Part.CURSES}),
    events.OcrConfigSet: frozenset({Part.ORACLES, Part.PRICES}),
    events.RmnRemoteConfigSet: frozenset({Part.RMN}),
    events.UsdPerTokenUpdated: frozenset({Part.PRICES}),
    events.UsdPerUnitGasUpdated: frozenset({Part.PRICES}),
}


class OffRampReader:
    """Keeps one destination's state current. Not thread-safe: its observer holds the lock."""

    def __init__(self, rpc: Rpc, chain: Chain, own_prices: PriceUpdates) -> None:
        self._rpc = rpc
        self._contracts = chain.contracts
        self._priced = own_prices
        self._parts: dict[str, Any] = {}
        self._old: set[Part] = set(Part)

    @property
    def state(self) -> OffRampState | None:
        """As of the last `read`; None while some part of it is not known."""
        return None if self._old else OffRampState(**self._parts)

    def note(self, event: object) -> None:
        """An event of this chain: it may make a part old."""
        self._old |= _MAKES_OLD.get(type(event), frozenset())

    def forget(self) -> None:
        """After a rewind everything may be different."""
        self._old = set(Part)

    def read(self, block_hash: bytes) -> None:
        """Read what is old, at this block.

        Raises:
            RpcError: what could not be read stays old.
        """
        readers = {
            Part.SOURCES: self._read_sources,
            Part.CURSES: self._read_curses,
            Part.ORACLES: self._read_oracles,
            Part.RMN: self._read_rmn,
            Part.PRICES: self._read_prices,
        }
        for part in sorted(self._old, key=lambda part: part.value):
            self._parts |= readers[part](block_hash)
            self._old.discard(part)

    def inbound_nonce(self, source: ChainSelector, sender: bytes, block_hash: bytes) -> int:
        """The last nonce of this sender that was executed here."""
        call = codec.encode_call("getInboundNonce(uint64,bytes)", source, sender)
        return int(self._decoded(self._contracts.nonce_manager, call, block_hash, "uint64")[0])

    def _read_sources(self, block: bytes) -> dict[str, Any]:
        call = codec.encode_call("getAllSourceChainConfigs()")
        types = (tuple[Selector, ...], tuple[SourceChainConfig, ...])
        selectors, configs = self._decoded(self._contracts.off_ramp, call, block, *types)
        return {"sources": dict(zip(selectors, configs, strict=True))}

    def _read_curses(self, block: bytes) -> dict[str, Any]:
        call = codec.encode_call("getCursedSubjects()")
        return {"cursed": frozenset(self._decoded(self._contracts.rmn_proxy, call, block, tuple[Bytes16, ...])[0])}

    def _read_oracles(self, block: bytes) -> dict[str, Any]:
        configs = [
            self._decoded(
                self._contracts.off_ramp, codec.encode_call("latestConfigDetails(uint8)", plugin), block, OcrConfig
            )[0]
            for plugin in (0, 1)
        ]
        return {"commit": configs[0], "execute": configs[1]}

    def _read_rmn(self, block: bytes) -> dict[str, Any]:
        call = codec.encode_call("getVersionedConfig()")
        try:
            return {"rmn": self._decoded(self._contracts.rmn_remote, call, block, "uint32", RmnRemoteConfig)[1]}
        except (RpcRefused, RpcMalformed):  # RMN 2.0 can't bless; a lane that wants it then gets no report
            return {"rmn": None}

    def _read_prices(self, block: bytes) -> dict[str, Any]:
        latest = codec.encode_call("getLatestPriceSequenceNumber()")
        tokens = [update.source_token for update in self._priced.token_price_updates]
        chains = [update.dest_chain_selector for update in self._priced.gas_price_updates]
        return {
            "latest_price_sequence_number": self._decoded(self._contracts.off_ramp, latest, block, "uint64")[0],
            "prices": KnownPrices(
                {token: self._price("getTokenPrice(address)", token, block) for token in tokens},
                {chain: self._price("getDestinationChainGasPrice(uint64)", chain, block) for chain in chains},
            ),
        }

    def _price(self, signature: str, priced: object, block: bytes) -> StampedPrice:
        call = codec.encode_call(signature, priced)
        return StampedPrice(*self._decoded(self._contracts.fee_quoter, call, block, TimestampedPackedUint224)[0])

    def _decoded(self, to: bytes, call: bytes, block: bytes, *types: Any) -> tuple[Any, ...]:
        answer = self._rpc.call(to, call, block)
        try:
            return codec.decode_args(types, answer)
        except codec.AbiError as error:
            raise RpcMalformed(f"0x{to.hex()} does not answer as CCIP 1.6 does: {error}") from None
