"""`ccip token …`: the life of a cross-chain token on the local network, whose dev keys own everything."""

from collections.abc import Mapping
from typing import Annotated, Literal, NamedTuple

import typer

from ccip_core.amounts import AmountError, amount_text, parse_amount
from ccip_core.chains import Chains
from ccip_core.cli.output import hex_text, print_facts, print_json
from ccip_core.cli.session import AsJson, DeploymentPath, open_session, parse_address
from ccip_core.client import find_token
from ccip_core.deployment import Chain, Deployment, Token, save_deployment
from ccip_core.localnet.keys import dev_key
from ccip_core.localnet.localnet import named_contract_set
from ccip_core.protocol.messages import RateLimiterConfig
from ccip_core.refusal import BadRequest
from ccip_core.signers import LocalSigner
from ccip_core.tokens import UNLIMITED, PoolLimits, TokenAdmin, TokenStatus, registration, token_status
from ccip_core.views import TokenBucket, ask, owner_of

token = typer.Typer(name="token", help="The life of a cross-chain token.", no_args_is_help=False)

Symbol = Annotated[str, typer.Argument(metavar="SYMBOL", show_default=False)]
OnChain = Annotated[str, typer.Option("--chain", help="name, chain id or selector")]
Remote = Annotated[str, typer.Option("--remote", help="the chain at the other end")]
Capacity = Annotated[str | None, typer.Option("--capacity", help="outbound bucket in whole tokens; inbound gets 110 %")]
Rate = Annotated[str | None, typer.Option("--rate", help="refill in whole tokens per second; inbound gets 110 %")]
INBOUND_PERCENT = 110
"""What may leave one end must fit through the other (deployment_notes.md)."""


class Place(NamedTuple):
    """A token on a chain."""

    deployment: Deployment
    chain: Chain
    token: Token


@token.command("deploy")
def deploy(
    *,
    symbol: Symbol,
    chain: OnChain,
    decimals: Annotated[int, typer.Option("--decimals", min=0, max=77)] = 18,
    pool: Annotated[Literal["burn_mint", "lock_release"], typer.Option("--pool")] = "burn_mint",
    supply: Annotated[str, typer.Option("--supply", help="whole tokens for the deployer")] = "1000000",
    deployment: DeploymentPath = None,
    as_json: AsJson = False,
) -> None:
    """Deploy a token and its pool, and write them into the deployment file."""
    session = open_session(deployment)
    network = session.deployment
    place = network.find_chain(chain)
    if any(known.symbol == symbol for known in place.tokens):
        raise BadRequest(f"SYMBOL = {symbol}: {place.name} has it already; choose another")
    amount = _amount("supply", supply, decimals)
    contracts = named_contract_set(network.contracts)
    code = {
        name: contracts.artifact(name).bytecode
        for name in ("FactoryBurnMintERC20", "BurnMintTokenPool", "LockReleaseTokenPool")
    }
    with Chains(network) as chains:
        made = TokenAdmin(chains, place, _deployer(network, place)).deploy(symbol, decimals, pool, amount, code)
    changed = place.model_copy(update={"tokens": (*place.tokens, made)})
    everywhere = tuple(changed if known.selector == place.selector else known for known in network.chains)
    save_deployment(network.model_copy(update={"chains": everywhere}), session.path)
    _done(as_json, {"symbol": symbol, "address": hex_text(made.address), "pool": hex_text(made.pool)})


@token.command("register")
def register(symbol: Symbol, chain: OnChain, deployment: DeploymentPath = None, as_json: AsJson = False) -> None:
    """Propose the token's CCIP admin as its administrator."""
    place = _place(deployment, chain, symbol)
    with Chains(place.deployment) as chains:
        admin = bytes(
            ask(chains.rpc(place.chain.selector), place.token.address, "getCCIPAdmin()", returns=("address",))[0]
        )
        tx = TokenAdmin(chains, place.chain, _key_of(place, admin)).register(place.token)
    _done(as_json, {"tx": hex_text(tx)})


@token.command("accept-admin")
def accept_admin(symbol: Symbol, chain: OnChain, deployment: DeploymentPath = None, as_json: AsJson = False) -> None:
    """Take the administrator's role that was offered."""
    place = _place(deployment, chain, symbol)
    with Chains(place.deployment) as chains:
        pending = registration(chains, place.chain, place.token.address).pending_administrator
        if not any(pending):
            raise BadRequest(
                f"SYMBOL = {symbol}: nobody was offered its administrator's role; `ccip token register` first"
            )
        tx = TokenAdmin(chains, place.chain, _key_of(place, pending)).accept_admin(place.token)
    _done(as_json, {"tx": hex_text(tx)})


@token.command("transfer-admin")
def transfer_admin(
    symbol: Symbol,
    chain: OnChain,
    new_admin: Annotated[str, typer.Option("--to", help="0x… who may accept")],
    deployment: DeploymentPath = None,
    as_json: AsJson = False,
) -> None:
    """Offer the administrator's role to another account."""
    place = _place(deployment, chain, symbol)
    to = parse_address("to", new_admin)
    with Chains(place.deployment) as chains:
        tx = TokenAdmin(chains, place.chain, _administrator(chains, place)).transfer_admin(place.token, to)
    _done(as_json, {"tx": hex_text(tx)})


@token.command("set-pool")
def set_pool(symbol: Symbol, chain: OnChain, deployment: DeploymentPath = None, as_json: AsJson = False) -> None:
    """Lead CCIP to the pool that the deployment file names."""
    place = _place(deployment, chain, symbol)
    with Chains(place.deployment) as chains:
        tx = TokenAdmin(chains, place.chain, _administrator(chains, place)).set_pool(place.token)
    _done(as_json, {"tx": hex_text(tx)})


@token.command("connect")
def connect(
    *,
    symbol: Symbol,
    chain: OnChain,
    remote: Remote,
    capacity: Capacity = None,
    rate: Rate = None,
    deployment: DeploymentPath = None,
    as_json: AsJson = False,
) -> None:
    """Make the pools of both chains known to each other, both ways, with rate limits if given."""
    place, twin = _place(deployment, chain, symbol), _place(deployment, remote, symbol)
    near, far = _limits(place.token, capacity, rate), _limits(twin.token, capacity, rate)
    with Chains(place.deployment) as chains:
        hashes = [
            TokenAdmin(chains, here.chain, _pool_owner(chains, here)).connect(
                here.token, there.chain.selector, there.token, *buckets
            )
            for here, there, buckets in ((place, twin, near), (twin, place, far))
        ]
    _done(as_json, {"tx": hex_text(hashes[0]), "remote_tx": hex_text(hashes[1])})


@token.command("limits")
def limits(
    *,
    symbol: Symbol,
    chain: OnChain,
    remote: Remote,
    capacity: Capacity = None,
    rate: Rate = None,
    off: Annotated[bool, typer.Option("--off", help="no limits")] = False,
    deployment: DeploymentPath = None,
    as_json: AsJson = False,
) -> None:
    """Show a pool's rate limits towards a chain; with --capacity and --rate (or --off), set them."""
    place, twin = _place(deployment, chain, symbol), _place(deployment, remote, symbol)
    with Chains(place.deployment) as chains:
        if off or capacity is not None or rate is not None:
            if off and (capacity is not None or rate is not None):
                raise BadRequest("off = true: it excludes --capacity and --rate; give one or the other")
            buckets = (UNLIMITED, UNLIMITED) if off else _limits(place.token, capacity, rate)
            admin = TokenAdmin(chains, place.chain, _pool_owner(chains, place))
            admin.set_limits(place.token, twin.chain.selector, *buckets)
        status = token_status(chains, place.chain, place.token)
    wanted = [found for found in status.limits if found.remote == twin.chain.selector]
    if not wanted:
        raise BadRequest(f"remote = {remote}: the pool of {symbol} is not connected to it; `ccip token connect` first")
    _done(as_json, _limits_json(wanted[0], place.token))


@token.command("liquidity")
def liquidity(
    *,
    symbol: Symbol,
    chain: OnChain,
    add: Annotated[str | None, typer.Option("--add", help="whole tokens to put in")] = None,
    withdraw: Annotated[str | None, typer.Option("--withdraw", help="whole tokens to take out")] = None,
    deployment: DeploymentPath = None,
    as_json: AsJson = False,
) -> None:
    """Show what a lock/release pool holds; with --add or --withdraw, change it."""
    place = _place(deployment, chain, symbol)
    if add is not None and withdraw is not None:
        raise BadRequest("add and withdraw: give one of them")
    with Chains(place.deployment) as chains:
        if add is not None or withdraw is not None:
            rpc = chains.rpc(place.chain.selector)
            if place.token.pool_type != "lock_release":
                raise BadRequest(
                    f"SYMBOL = {symbol}: its pool burns and mints, it has no liquidity; choose another token"
                )
            rebalancer = bytes(ask(rpc, place.token.pool, "getRebalancer()", returns=("address",))[0])
            admin = TokenAdmin(chains, place.chain, _key_of(place, rebalancer))
            if add is not None:
                admin.provide_liquidity(place.token, _amount("add", add, place.token.decimals))
            elif withdraw is not None:
                admin.withdraw_liquidity(place.token, _amount("withdraw", withdraw, place.token.decimals))
        held = token_status(chains, place.chain, place.token).pool_balance
    result = {"symbol": symbol, "pool": hex_text(place.token.pool), "pool_balance": str(held)}
    _done(as_json, result, {"pool_balance": amount_text(held, place.token.decimals)})


@token.command("show")
def show(symbol: Symbol, chain: OnChain, deployment: DeploymentPath = None, as_json: AsJson = False) -> None:
    """A token on one chain: registration, owner, supply, pool, limits."""
    place = _place(deployment, chain, symbol)
    with Chains(place.deployment) as chains:
        status = token_status(chains, place.chain, place.token)
    if as_json:
        print_json(_status_json(status))
    else:
        print_facts(f"{symbol} on {place.chain.name}", _status_facts(place.deployment, status))


def _place(path: DeploymentPath, chain: str, symbol: str) -> Place:
    network = open_session(path).deployment
    place = network.find_chain(chain)
    return Place(network, place, find_token(place, symbol))


def _deployer(network: Deployment, chain: Chain) -> LocalSigner:
    return dev_key("deployer", network.chains.index(chain))


def _key_of(place: Place, address: bytes) -> LocalSigner:
    """The dev key of an account that a contract insists on."""
    deployers = [_deployer(place.deployment, chain) for chain in place.deployment.chains]
    for key in (*deployers, dev_key("user"), dev_key("council"), dev_key("receiver")):
        if key.address == address:
            return key
    raise BadRequest(f"account = {hex_text(address)}: it must do this, and its key is no dev key of the local network")


def _administrator(chains: Chains, place: Place) -> LocalSigner:
    administrator = registration(chains, place.chain, place.token.address).administrator
    if not any(administrator):
        raise BadRequest(
            f"SYMBOL = {place.token.symbol}: it has no administrator; `ccip token register` and accept-admin"
        )
    return _key_of(place, administrator)


def _pool_owner(chains: Chains, place: Place) -> LocalSigner:
    return _key_of(place, owner_of(chains.rpc(place.chain.selector), place.token.pool))


def _limits(token: Token, capacity: str | None, rate: str | None) -> tuple[RateLimiterConfig, RateLimiterConfig]:
    """Outbound and inbound."""
    if capacity is None and rate is None:
        return UNLIMITED, UNLIMITED
    if capacity is None or rate is None:
        raise BadRequest("capacity and rate: a limit needs both; give --capacity and --rate, or neither")
    most, per_s = _amount("capacity", capacity, token.decimals), _amount("rate", rate, token.decimals)
    if per_s > most:
        raise BadRequest(f"rate = {rate}: above the capacity of {capacity}; lower it")
    widened = most * INBOUND_PERCENT // 100
    if widened >= 1 << 128:
        raise BadRequest(f"capacity = {capacity}: the bucket counts in uint128; lower it")
    outbound = RateLimiterConfig(is_enabled=True, capacity=most, rate=per_s)
    return outbound, RateLimiterConfig(is_enabled=True, capacity=widened, rate=per_s * INBOUND_PERCENT // 100)


def _amount(field: str, text: str, decimals: int) -> int:
    try:
        return parse_amount(text, decimals)
    except AmountError as error:
        raise BadRequest(f"{field} = {text}: {error}") from None


def _done(as_json: bool, result: Mapping[str, object], shown: Mapping[str, object] | None = None) -> None:
    if as_json:
        print_json(dict(result))
    else:
        print_facts("", {**result, **(shown or {})})


def _bucket_json(bucket: TokenBucket) -> dict[str, object]:
    return {
        "enabled": bucket.is_enabled,
        "capacity": str(bucket.capacity),
        "rate_per_s": str(bucket.rate),
        "available": str(bucket.tokens),
    }


def _limits_json(found: PoolLimits, token: Token) -> dict[str, object]:
    return {
        "symbol": token.symbol,
        "remote": str(found.remote),
        "outbound": _bucket_json(found.outbound),
        "inbound": _bucket_json(found.inbound),
    }


def _status_json(status: TokenStatus) -> dict[str, object]:
    return {
        "symbol": status.token.symbol,
        "address": hex_text(status.token.address),
        "pool": hex_text(status.token.pool),
        "pool_type": status.token.pool_type,
        "decimals": status.token.decimals,
        "owner": hex_text(status.owner),
        "administrator": hex_text(status.registration.administrator),
        "pending_administrator": hex_text(status.registration.pending_administrator),
        "registered_pool": hex_text(status.registration.pool),
        "total_supply": str(status.total_supply),
        "pool_balance": str(status.pool_balance),
        "limits": [_limits_json(found, status.token) for found in status.limits],
    }


def _status_facts(network: Deployment, status: TokenStatus) -> dict[str, object]:
    facts = _status_json(status)
    del facts["limits"]
    for name in ("total_supply", "pool_balance"):
        facts[name] = amount_text(int(str(facts[name])), status.token.decimals)
    for found in status.limits:
        for direction, bucket in (("to", found.outbound), ("from", found.inbound)):
            free, most = (amount_text(amount, status.token.decimals) for amount in (bucket.tokens, bucket.capacity))
            name = f"limit {direction} {network.chain(found.remote).name}"
            facts[name] = f"{free} of {most} free" if bucket.is_enabled else "none"
    return facts
