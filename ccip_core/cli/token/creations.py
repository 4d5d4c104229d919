"""Creations as the command line wants them: journaled, by the factory where one is named."""

from typing import NamedTuple

from ccip_core.chains import Chains
from ccip_core.cli.session import Session
from ccip_core.cli.token import journal
from ccip_core.cli.token.options import Keys, creator_of
from ccip_core.deployment import Chain
from ccip_core.localnet.localnet import named_contract_set
from ccip_core.refusal import BadRequest
from ccip_core.tokens import facts
from ccip_core.tokens.creation import Builder, Creation, NewToken
from ccip_core.tokens.plans import Plan
from ccip_core.tokens.roles import working_pool_plan


class Creations(NamedTuple):
    """Who creates, and how."""

    session: Session
    keys: Keys
    by_factory: bool = False
    account: bytes | None = None
    """Who creates, where it is not the keystore's account or a dev key."""

    def plan(self, chains: Chains, chain: Chain, wish: NewToken) -> Creation:
        """What is missing of the token on this chain; nothing when the deployment has it and it works.

        Raises:
            BadRequest: the deployment has another token of this symbol there, or no factory.
        """
        account = creator_of(self.session.deployment, chain, self.keys, self.account)
        for known in chain.tokens:
            if known.symbol == wish.symbol:
                if (known.decimals, known.pool_type) != (wish.decimals, wish.pool_type):
                    raise BadRequest(
                        f"SYMBOL = {wish.symbol}: {chain.name} has it already, as {known.pool_type} with "
                        f"{known.decimals} decimals; choose another"
                    )
                now = facts.read(chains, chain, known)
                rest = working_pool_plan(chains, now, account)
                return Creation(known, Plan(f"deploy {now.label}", rest.steps, rest.warnings), now)
        builder = Builder(chains, chain, account, self.code())
        if not self.by_factory:
            return builder.plan(wish, journal.begun(self.session.path, chain, wish.symbol))
        factory = chain.contracts.token_pool_factory
        if factory is None:
            raise BadRequest(
                f"factory = true: the deployment names no token_pool_factory on {chain.name}; leave it out"
            )
        return builder.plan_by_factory(factory, wish)

    def plan_pool(self, chains: Chains, chain: Chain, wish: NewToken) -> Creation:
        """One more pool for a token that stands, to take the place of its present one."""
        account = creator_of(self.session.deployment, chain, self.keys, self.account)
        begun = journal.begun(self.session.path, chain, pool_name(wish.symbol))
        creation = Builder(chains, chain, account, self.code()).plan(wish, begun)
        steps = tuple(step for step in creation.plan.steps if step.creates)
        return creation._replace(plan=Plan(f"create another pool for {creation.facts.label}", steps))

    def code(self) -> dict[str, bytes]:
        """Of the contract set that the network was deployed from."""
        contracts = named_contract_set(self.session.deployment.contracts)
        return {
            name: contracts.artifact(name).bytecode
            for name in ("FactoryBurnMintERC20", "BurnMintTokenPool", "LockReleaseTokenPool")
        }


def pool_name(symbol: str) -> str:
    """What the journal calls a token's next pool."""
    return f"{symbol}.pool"
