"""`ccip token connect`."""

from ccip_core.chains import Chains
from ccip_core.cli.session import AsJson, DeploymentPath
from ccip_core.cli.token.carry_out import carry_out
from ccip_core.cli.token.options import (
    PASSWORD_ENV,
    Capacity,
    Keystore,
    OnChain,
    OnlyPlan,
    PasswordEnv,
    Rate,
    Remote,
    SafeFolder,
    Sending,
    Symbol,
    find_place,
    read_bucket,
)
from ccip_core.cli.token.report import remote_json, report
from ccip_core.tokens import facts
from ccip_core.tokens.connections import plan_connect
from ccip_core.tokens.limits import Limits, widened


def connect(
    *,
    symbol: Symbol,
    chain: OnChain,
    remote: Remote,
    capacity: Capacity = None,
    rate: Rate = None,
    only_plan: OnlyPlan = False,
    safe: SafeFolder = None,
    keystore: Keystore = None,
    password_env: PasswordEnv = PASSWORD_ENV,
    deployment: DeploymentPath = None,
    as_json: AsJson = False,
) -> None:
    """Make the pools of two chains known to each other, both ways; what may arrive is 110 % of what may leave.

    Without limits, a new connection has none and one that stands keeps its own.
    """
    place, twin = find_place(deployment, chain, symbol), find_place(deployment, remote, symbol)
    sending = Sending(only_plan, safe, keystore, password_env, as_json)
    near_limits = far_limits = None
    if capacity is not None or rate is not None:
        near, far = (read_bucket(capacity, rate, end.token.decimals) for end in (place, twin))
        near_limits = Limits(near, widened(far, place.token.decimals, twin.token.decimals))
        far_limits = Limits(far, widened(near, twin.token.decimals, place.token.decimals))
    with Chains(place.deployment) as chains:
        here, there = (facts.read(chains, end.chain, end.token) for end in (place, twin))
        done = carry_out(chains, plan_connect(here, there, near_limits, far_limits), sending)
        after = facts.read_pool(chains.rpc(place.chain.selector), place.token, place.token.pool).remotes
    report(
        done,
        as_json,
        remote_json(symbol, twin.chain.selector, after[twin.chain.selector]) if as_json and done else None,
    )
