"""A plan, carried out: one transaction after the other, each by the key of the account that the contract insists on."""

from __future__ import annotations

from typing import TYPE_CHECKING

from ccip_core.deployment import checksum_address
from ccip_core.refusal import BadRequest, CcipRefusal, remedy
from ccip_core.wallet import TransactionFailed, Wallet

if TYPE_CHECKING:
    from collections.abc import Callable

    from ccip_core.chains import Chains
    from ccip_core.signers import Signer
    from ccip_core.tokens.plans import Plan, Step


def run(
    chains: Chains,
    plan: Plan,
    find_signer: Callable[[bytes], Signer | None],
    on_done: Callable[[int, Step, bytes], None] = lambda *_: None,
    before: Callable[[], None] = lambda: None,
) -> list[bytes]:
    """Carry out every step; the transactions' hashes. `on_done` hears of each as soon as it is mined.

    `before` is called once every key is there and before the first transaction.

    Raises:
        BadRequest: a key is missing; nothing was sent.
        CcipRefusal: a step was refused. What was done before it stands, and planning again gives the rest.
    """
    signers: dict[bytes, Signer] = {}
    for step in plan.steps:
        signer = signers.get(step.sender) or find_signer(step.sender)
        if signer is None:
            raise BadRequest(
                f"account = {checksum_address(step.sender)}: it must {step.summary}, and its key is not here; pass "
                "--keystore, or take the transactions from --plan"
            )
        signers[step.sender] = signer
    before()
    wallets: dict[tuple[int, bytes], Wallet] = {}
    hashes: list[bytes] = []
    for number, step in enumerate(plan.steps, start=1):
        place = (step.chain.selector, step.sender)
        if place not in wallets:
            wallets[place] = Wallet(chains.rpc(step.chain.selector), signers[step.sender])
        hashes.append(send(wallets[place], step, number, len(plan.steps)))
        on_done(number, step, hashes[-1])
    return hashes


def send(wallet: Wallet, step: Step, number: int, count: int) -> bytes:
    """Send one step and wait for it; its hash. Raises CcipRefusal."""
    try:
        receipt = wallet.transact(step.to, step.data)
    except TransactionFailed as error:
        raise CcipRefusal(
            f"step {number} of {count}, {step.summary}, on {step.chain.name} by 0x{step.sender.hex()}: {error}"
            f"{remedy(error.data)}; {number - 1} are done, ask again for the rest"
        ) from None
    if step.creates and not step.to and receipt.contract_address != step.creates:
        raise CcipRefusal(
            f"step {number} of {count}, {step.summary}: another transaction of 0x{step.sender.hex()} came between and "
            "the contract stands elsewhere; it is not used, ask again"
        )
    return receipt.tx_hash
