"""`ccip up`."""

import json
import os
import re
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Annotated, Literal
from urllib.parse import urlsplit

import typer

from ccip_core.cli.output import print_json, print_table
from ccip_core.cli.session import AsJson, parse_address
from ccip_core.deployment import Deployment, save_deployment
from ccip_core.don.don import Don
from ccip_core.localnet.localnet import LOCAL_CHAIN_IDS, Localnet, PrivateChain
from ccip_core.refusal import BadRequest
from ccip_core.stop_signals import StopSignals

_PAUSE_S = 60.0
TOKEN_ENV = "CCIP_RPC_TOKEN"  # noqa: S105 - a variable's name


def up(
    *,
    chains: Annotated[int, typer.Option("--chains", min=2, max=3)] = 3,
    contracts: Annotated[Literal["own", "chainlink"], typer.Option("--contracts", help="contract set")] = "own",
    block_time_s: Annotated[float, typer.Option("--block-time", help="seconds")] = 1.0,
    blessing: Annotated[Literal["on", "off"], typer.Option("--blessing", help="RMN blessing on all lanes")] = "on",
    out: Annotated[Path, typer.Option("--out", help="where the deployment is written")] = Path("deployment.json"),
    rmn: Annotated[list[str] | None, typer.Option("--rmn", metavar="URL", help="an RMN node; may be repeated")] = None,
    private: Annotated[
        str | None, typer.Option("--private", metavar="CHAIN_ID", help="this chain only for members")
    ] = None,
    token_env: Annotated[
        str, typer.Option("--token-env", help="environment variable with the private chain's bearer token")
    ] = TOKEN_ENV,
    sender: Annotated[
        list[str] | None, typer.Option("--sender", help="0x… who may send there beside the oracles; may be repeated")
    ] = None,
    as_json: AsJson = False,
) -> None:
    """Start chains, contracts, lanes, tokens and the oracle DON; run until Ctrl-C, then leave nothing behind."""
    if not 0.05 <= block_time_s <= 60:
        raise BadRequest(f"block-time = {block_time_s}: give seconds between 0.05 and 60")
    urls = tuple(rmn or ())
    for url in urls:
        if urlsplit(url).scheme not in {"http", "https"} or not urlsplit(url).hostname:
            raise BadRequest(f"rmn = {url}: not a URL; write http://HOST:PORT")
    if not out.parent.is_dir():
        raise BadRequest(f"out = {out}: there is no folder {out.parent}; create it or write elsewhere")
    members_only = _private_chain(private, chains, token_env, sender or [])
    with (
        StopSignals() as signals,
        Localnet.up(chains, contracts, block_time_s, blessing=blessing == "on", private=members_only) as localnet,
    ):
        is_waiting = blessing == "on" and not urls
        _run(localnet, out, urls, signals, lambda network: _announce(network, out, is_waiting, as_json))


def _private_chain(chain: str | None, chains: int, token_env: str, senders: list[str]) -> PrivateChain | None:
    if chain is None:
        if senders:
            raise BadRequest(f"sender = {senders[0]}: only a private chain keeps a list; name it with --private")
        return None
    known = LOCAL_CHAIN_IDS[:chains]
    if chain not in map(str, known):
        raise BadRequest(f"private = {chain}: not one of this network's chains; choose one of {known}")
    if re.fullmatch(r"CCIP_RPC_TOKEN(_[A-Z0-9_]+)?", token_env) is None:
        raise BadRequest(f"token-env = {token_env}: its name must begin with CCIP_RPC_TOKEN; rename it")
    if not os.environ.get(token_env):
        raise BadRequest(f"token-env = {token_env}: not set; export the private chain's bearer token in it")
    return PrivateChain(int(chain), token_env, tuple(parse_address("sender", account) for account in senders))


def _run(
    localnet: Localnet,
    out: Path,
    rmn_urls: tuple[str, ...],
    signals: StopSignals,
    announce: Callable[[Deployment], None],
) -> None:
    don = Don.start(localnet.deployment, rmn_urls)
    try:
        save_deployment(localnet.deployment, out)
        announce(localnet.deployment)
        while True:
            signals.pause(_PAUSE_S)
    finally:
        out.unlink(missing_ok=True)
        don.stop()


def _announce(deployment: Deployment, out: Path, is_waiting: bool, as_json: bool) -> None:
    if as_json:
        print_json({"deployment": str(out), "network": json.loads(deployment.model_dump_json())})
    else:
        print_table(
            ("chain", "chain id", "selector", "http"),
            [(chain.name, chain.chain_id, chain.selector, chain.http) for chain in deployment.chains],
        )
        typer.echo(f"{len(deployment.lanes)} lanes; written to {out}; Ctrl-C stops it")
    if is_waiting and not as_json:
        typer.echo(
            "Blessing is on and no --rmn URL was given: nothing will be committed until the DON can ask RMN nodes."
        )
    sys.stdout.flush()
