"""Attacks on the local network, each with compromised dev keys, on real contracts, one file an attack."""

from __future__ import annotations

from typing import TYPE_CHECKING

from ccip_core.localnet.attacks.deep_reorg import DeepReorg
from ccip_core.localnet.attacks.double_release import DoubleRelease
from ccip_core.localnet.attacks.drain import Drain
from ccip_core.localnet.attacks.forged_root import ForgedRoot, ForgedRootUnblessed
from ccip_core.localnet.attacks.inflated_amount import InflatedAmount
from ccip_core.localnet.attacks.outcome import AttackError, AttackOutcome, AttackStopped, Evidence, Gain, Loot, Taking
from ccip_core.localnet.attacks.run import AttackRun, suitable_lane
from ccip_core.localnet.attacks.unbacked_mint import UnbackedMint

if TYPE_CHECKING:
    from collections.abc import Sequence

    from ccip_core.deployment import Deployment
    from ccip_core.localnet.attacks.attack import Attack
    from ccip_core.protocol.messages import Lane

__all__ = [
    "ATTACKS",
    "AttackError",
    "AttackOutcome",
    "AttackRun",
    "AttackStopped",
    "Evidence",
    "Gain",
    "Loot",
    "Taking",
    "find_attack",
    "run_attack",
    "suitable_lane",
]

_KINDS: tuple[type[Attack], ...] = (
    ForgedRoot,
    ForgedRootUnblessed,
    InflatedAmount,
    DoubleRelease,
    UnbackedMint,
    DeepReorg,
    Drain,
)

ATTACKS: dict[str, type[Attack]] = {kind.name: kind for kind in _KINDS}


def find_attack(name: str) -> type[Attack]:
    """The attack of this name.

    Raises:
        AttackError: there is none such; the message lists what there is.
    """
    if name not in ATTACKS:
        raise AttackError(f"attack = {name}: there is none such; there are {', '.join(ATTACKS)}")
    return ATTACKS[name]


def run_attack(
    name: str,
    deployment: Deployment,
    lane: Lane | None = None,
    amount: str | int | None = None,
    seed: int = 0,
    *,
    token: str | None = None,
    reaction_blocks: int = 0,
    settle_s: float = 0.0,
    rmn_urls: Sequence[str] = (),
) -> AttackOutcome:
    """Run an attack to its end.

    Args:
        name: one of ATTACKS.
        deployment: a local network; nothing else can be attacked.
        lane: the lane; by default the first that suits the attack.
        amount: whole tokens (of the source) to steal, exact; by default what the rate limits make worthwhile.
        seed: chooses the token where `token` does not.
        token: a symbol.
        reaction_blocks: blocks between the evidence and the first try to take; 0 takes at once.
        settle_s: how long the honest oracles may take to deliver loot that travels as an ordinary message.
        rmn_urls: nodes that forged-root asks for blessings.

    Raises:
        AttackError: it can't be run as asked.
    """
    text = None if amount is None else str(amount)
    with AttackRun(find_attack(name), deployment, lane, amount=text, seed=seed, token=token, rmn_urls=rmn_urls) as run:
        run.plant()
        run.wait_blocks(reaction_blocks)
        run.take_all()
        run.settle(settle_s)
        return run.outcome()
