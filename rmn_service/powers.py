"""What this node may do on each chain, said plainly in /status and in the log: asked at the start and now and then."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from typing import TYPE_CHECKING, Any

import structlog

from rmn_service.rmn_contracts import try_to_learn

if TYPE_CHECKING:
    from collections.abc import Mapping

    from ccip_core.protocol.messages import ChainSelector
    from ccip_core.rpc import Rpc
    from rmn_service.rmn_contracts import RmnContract

log = structlog.get_logger()

POWERS_S = 60
"""Owners, voters and callers change; what is said here is at most so old, or says that the chain can't be asked."""


class Powers:
    """The curse contracts of all chains, and what our key may do there."""

    def __init__(
        self,
        contracts: Mapping[ChainSelector, RmnContract],
        rpcs: Mapping[ChainSelector, Rpc],
        names: Mapping[ChainSelector, str],
    ) -> None:
        self._contracts = contracts
        self._rpcs = rpcs
        self._names = names
        self._faults: dict[ChainSelector, str | None] = {}
        self._said: dict[ChainSelector, str] = {}

    def learn(self) -> None:
        """Ask every chain; say in the log what is new. A chain that can't be asked keeps what was known."""
        with ThreadPoolExecutor(max_workers=max(1, len(self._contracts))) as pool:  # a chain that hangs delays no other
            asked = [
                (selector, pool.submit(try_to_learn, contract, self._rpcs[selector]))
                for selector, contract in self._contracts.items()
            ]
        for selector, answer in asked:
            power, fault = answer.result()
            self._faults[selector] = fault
            text = fault or (power.text if power is not None else "")
            if self._said.get(selector) != text:
                self._said[selector] = text
                log.info("power", chain=self._names[selector], contract=power and power.contract, text=text)

    def document(self) -> dict[str, Any]:
        """By chain selector, for /status."""
        return {str(selector): self._item(selector, contract) for selector, contract in self._contracts.items()}

    def _item(self, selector: ChainSelector, contract: RmnContract) -> dict[str, Any]:
        power, fault = contract.power, self._faults.get(selector, "not asked yet")
        if power is None:
            return {"contract": None, "may_curse": False, "may_uncurse": False, "text": f"unknown: {fault}"}
        return {
            "contract": power.contract,
            "may_curse": power.may_curse,
            "may_uncurse": power.may_uncurse,
            "text": power.text if fault is None else f"{power.text} (as last known; now: {fault})",
        }
