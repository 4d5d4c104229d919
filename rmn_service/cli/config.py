"""`rmn config check`: what a node would be, before it is."""

import os
from pathlib import Path
from typing import Annotated

import typer

from ccip_core.deployment import load_deployment
from ccip_core.http_rpc import HttpRpc
from ccip_core.rpc import RpcError
from rmn_service.cli.failures import WrongInputError
from rmn_service.cli.node_client import Json
from rmn_service.cli.printing import print_facts, print_json, print_table
from rmn_service.config import NodeConfig, load_config
from rmn_service.key_config import KeyConfig

config = typer.Typer(help="A node's configuration.")
_TIMEOUT_S = 3.0


@config.callback()
def config_group() -> None:
    """A node's configuration."""


@config.command("check")
def check(
    file: Annotated[Path, typer.Argument(help="node.toml")],
    as_json: Json = False,
) -> None:
    """Explain the effective configuration, secrets left out, and try every endpoint."""
    node = load_config(file)
    deployment = load_deployment(node.deployment_path)
    from rmn_service.bootstrap import settings_of  # noqa: PLC0415 - slow to load; only here needed

    settings_of(node)
    entries = {entry.selector: entry for entry in node.chains}
    unknown = entries.keys() - {chain.selector for chain in deployment.chains}
    if unknown:
        raise WrongInputError(f"chains.selector = {unknown.pop()}: not in {node.deployment_path}; remove the table")
    chains = []
    for chain in deployment.chains:
        entry = entries.get(chain.selector)
        urls = (chain.http,) if entry is None else entry.rpc_urls
        origin = "deployment" if entry is None else "config"
        token_env = None if entry is None else entry.rpc_token_env
        chains += [
            [chain.name, str(chain.selector), origin, _probe(url, chain.chain_id, token_env or chain.token_env_of(url))]
            for url in urls
        ]
    facts = {
        "deployment": str(node.deployment_path),
        "database": node.database.partition("://")[0] if "@" in node.database else node.database,
        "posture": node.posture,
        "api": _api(node),
        "signer": _key(node.signer, node),
        "curser": _key(node.curser, node) if node.curser else "none: this node acts on no chain, it only alerts",
        "operators": ", ".join(f"{operator.name} ({operator.role})" for operator in node.operators) or "none",
        "told": ", ".join(f"{route.name} (from {route.least})" for route in node.notifications.routes) or "nobody",
        "peers watched": ", ".join(peer.name for peer in node.peers) or "none",
        "kept": node.kept,
        "drills": f"every {node.drills.every_s} s, {node.drills.kind}" if node.drills.every_s else "when asked for",
        **_policy(node),
        "from the environment": ", ".join(name for name in sorted(os.environ) if name.startswith("RMN__")) or "nothing",
    }
    if as_json:
        print_json({"config": facts, "chains": [dict(zip(_COLUMNS, row, strict=True)) for row in chains]})
        return
    print_facts(facts)
    print_table(_COLUMNS, chains, "no chains")


def _api(node: NodeConfig) -> str:
    api = node.api
    how = "https" if api.tls_cert is not None else "http, TLS by the proxy" if api.behind_proxy else "http"
    text = f"{api.host}:{api.port}, {how}, read by {'anybody' if api.reads == 'open' else 'operators alone'}"
    if not api.is_loopback and not node.operators:
        return f"{text}; WARNING: beyond this machine, and nobody may act: add [[operators]]"
    return text


def _policy(node: NodeConfig) -> dict[str, str]:
    """The table that applies here, and what holds it back."""
    from rmn_service.effective import table_words  # noqa: PLC0415 - only here needed

    policy = node.policy
    table = table_words(policy.effective_table())
    facts = {f"at {name}": " · ".join(row) for name, row in table["table"].items()}
    facts["at most"] = ", ".join(
        f"{family} {severity}: {reach}" for family, caps in table["caps"].items() for severity, reach in caps.items()
    )
    limit = "as many as there are reasons for" if policy.curses_a_day is None else f"at most {policy.curses_a_day}"
    return facts | {
        "automatic curses in 24 hours": f"{limit}, {policy.cooldown_s} s apart; counts {policy.limits_cover}",
        "global curse": policy.global_curse,
        "people are told from": policy.alert_from,
        "a curse must be affirmed every": f"{policy.reaffirm_after_s} s",
        "a proposal expires after": f"{policy.proposal_expires_s} s",
    }


_COLUMNS = ("chain", "selector", "url from", "endpoint")


def _probe(url: str, chain_id: int, token_env: str | None) -> str:
    try:
        rpc = HttpRpc(url, timeout_s=_TIMEOUT_S, token_env=token_env)
    except ValueError as error:
        return f"unusable, the node would not start: {error}"
    try:
        found = rpc.chain_id()
    except RpcError as error:
        return f"unreachable, the node would start blind here: {error}"
    finally:
        rpc.close()
    return "ok" if found == chain_id else f"WRONG CHAIN: chain id {found}, the deployment says {chain_id}; mend the URL"


def _key(key: KeyConfig | None, node: NodeConfig) -> str:
    if key is None:
        return "none: this node withholds every blessing"
    return key.explained(node.folder)
