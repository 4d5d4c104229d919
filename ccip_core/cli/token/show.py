"""`ccip token show`."""

from ccip_core.amounts import amount_text
from ccip_core.chains import Chains
from ccip_core.cli.output import print_facts, print_json
from ccip_core.cli.session import AsJson, DeploymentPath
from ccip_core.cli.token.options import OnChain, Symbol, find_place
from ccip_core.cli.token.report import facts_json, remote_facts
from ccip_core.tokens import facts


def show(symbol: Symbol, chain: OnChain, deployment: DeploymentPath = None, as_json: AsJson = False) -> None:
    """A token on one chain: who may do what, supply, pool, connections, limits."""
    place = find_place(deployment, chain, symbol)
    with Chains(place.deployment) as chains:
        found = facts.read(chains, place.chain, place.token)
    shown = facts_json(found)
    if as_json:
        print_json(shown)
        return
    del shown["limits"]
    for name in ("total_supply", "pool_balance"):
        shown[name] = amount_text(int(str(shown[name])), place.token.decimals)
    for remote, known in found.pool.remotes.items():
        shown |= remote_facts(place.deployment, place.token, remote, known)
    print_facts(found.label, shown)
