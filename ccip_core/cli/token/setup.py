"""`ccip token setup`."""

from typing import Annotated

import typer

from ccip_core.chains import Chains
from ccip_core.cli.output import hex_text
from ccip_core.cli.session import open_session, parse_address
from ccip_core.cli.token import journal
from ccip_core.cli.token.carry_out import carry_out
from ccip_core.cli.token.creations import Creations
from ccip_core.cli.token.options import Capacity, Creator, Keys, Rate, Sending, Symbol, read_amount, read_bucket, sends
from ccip_core.cli.token.report import report
from ccip_core.refusal import BadRequest
from ccip_core.tokens.creation import NewToken, PoolType
from ccip_core.tokens.setup import LimitWish, plan_setup


@sends
def setup(
    *,
    symbol: Symbol,
    on: Annotated[str, typer.Option("--on", help="chains, the token's home first, such as 1337,31337")],
    home: Annotated[PoolType, typer.Option("--home", help="pool at home; the others burn and mint")] = "burn_mint",
    decimals: Annotated[int, typer.Option("--decimals", min=0, max=77)] = 18,
    supply: Annotated[str, typer.Option("--supply", help="whole tokens at home, for the deployer")] = "1000000",
    capacity: Capacity = None,
    rate: Rate = None,
    creator: Creator = None,
    sending: Sending,
) -> None:
    """A token on many chains: deploy, register, set pools, connect every pair, limit."""
    session = open_session(sending.deployment)
    places = [session.deployment.find_chain(word.strip()) for word in on.split(",")]
    if len({place.selector for place in places}) != len(places) or len(places) < 2:
        raise BadRequest(f"on = {on}: name two chains or more, each once")
    bucket = read_bucket(capacity, rate, decimals)
    amount = read_amount("supply", supply, decimals)
    account = None if creator is None else parse_address("from", creator)
    keys = Keys(session.deployment, sending.keystore, sending.password_env)
    with Chains(session.deployment) as chains:
        creations_by = Creations(session, keys, account=account)
        wishes = [
            NewToken(symbol, decimals, home, amount),
            *[NewToken(symbol, decimals, "burn_mint")] * (len(places) - 1),
        ]
        creations = [creations_by.plan(chains, place, wish) for place, wish in zip(places, wishes, strict=True)]
        plan = plan_setup(creations, LimitWish(bucket, decimals) if bucket.is_enabled else None)

        def remember() -> None:
            for place, creation in zip(places, creations, strict=True):
                journal.remember(session.path, place, creation.token)

        done = carry_out(chains, plan, sending, keys, remember)
    if done is None:
        return
    network = session.deployment
    for place, creation in zip(places, creations, strict=True):
        network = journal.conclude(network, session.path, place, creation.token)
    stands = {place.name: hex_text(creation.token.address) for place, creation in zip(places, creations, strict=True)}
    report(done, sending.as_json, {"tokens": stands} if sending.as_json else stands)
