"""`ccip tokens`."""

from ccip_core import views
from ccip_core.amounts import amount_text
from ccip_core.chains import Chains
from ccip_core.cli.output import hex_text, print_json, print_table
from ccip_core.cli.session import AsJson, DeploymentPath, open_session
from ccip_core.deployment import Chain, Token
from ccip_core.localnet.keys import dev_key


def tokens(deployment: DeploymentPath = None, as_json: AsJson = False) -> None:
    """Every token on every chain: its pool, what the pool holds, what the local network's user has."""
    network = open_session(deployment).deployment
    with Chains(network) as chains:
        found = [(chain, token, *_holdings(chains, chain, token)) for chain in network.chains for token in chain.tokens]
    if as_json:
        print_json(
            {
                "tokens": [
                    {
                        "chain": str(chain.selector),
                        "symbol": token.symbol,
                        "address": hex_text(token.address),
                        "pool": hex_text(token.pool),
                        "pool_type": token.pool_type,
                        "decimals": token.decimals,
                        "pool_balance": str(held),
                        "user_balance": str(owned),
                    }
                    for chain, token, held, owned in found
                ]
            }
        )
        return
    print_table(
        ("chain", "token", "pool", "pool holds", "user has", "address"),
        [
            (
                chain.name,
                token.symbol,
                token.pool_type.replace("_", "/"),
                amount_text(held, token.decimals),
                amount_text(owned, token.decimals),
                hex_text(token.address),
            )
            for chain, token, held, owned in found
        ],
    )


def _holdings(chains: Chains, chain: Chain, token: Token) -> tuple[int, int]:
    rpc = chains.rpc(chain.selector)
    pool, user = token.pool, dev_key("user").address
    return views.balance_of(rpc, token.address, pool), views.balance_of(rpc, token.address, user)
