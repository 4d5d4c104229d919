"""`ccip attack`."""

from typing import Annotated

import typer

from ccip_core.cli.output import hex_text, print_facts, print_json, print_table
from ccip_core.cli.session import AsJson, DeploymentPath, chain_name, open_session, parse_lane
from ccip_core.deployment import Deployment
from ccip_core.localnet.attacks import ATTACKS, AttackOutcome, find_attack, run_attack, suitable_lane
from ccip_core.protocol.messages import Lane
from ccip_core.refusal import BadRequest


def attack(
    *,
    name: Annotated[str | None, typer.Argument(metavar="NAME", help="see --list", show_default=False)] = None,
    list_them: Annotated[bool, typer.Option("--list", help="what attacks there are")] = False,
    lane: Annotated[str | None, typer.Option("--lane", metavar="A:B", help="default: the first that suits")] = None,
    amount: Annotated[str | None, typer.Option("--amount", help="whole tokens; default: what limits allow")] = None,
    token: Annotated[str | None, typer.Option("--token", help="symbol; default: chosen by the seed")] = None,
    seed: Annotated[int, typer.Option("--seed")] = 0,
    reaction_blocks: Annotated[
        int, typer.Option("--reaction-blocks", min=0, help="blocks between the evidence and the first try to take")
    ] = 0,
    settle_s: Annotated[
        float, typer.Option("--settle", min=0, help="seconds to wait for loot that travels as an ordinary message")
    ] = 30.0,
    may_disable_blessing: Annotated[
        bool,
        typer.Option(
            "--disable-blessing/--keep-blessing",
            help="where the attack needs a lane with blessing off, switch it off by the OffRamp's owner key, or refuse",
        ),
    ] = True,
    rmn: Annotated[
        list[str] | None, typer.Option("--rmn", metavar="URL", help="RMN nodes; default: the demo's")
    ] = None,
    deployment: DeploymentPath = None,
    as_json: AsJson = False,
) -> int:
    """Run one named attack on the local network, with its own dev keys, and tell what was really gained.

    Exits with 0 when the attack was carried out, also when it came to nothing: `landed` says which.
    """
    if list_them:
        _print_list(as_json)
        return 0
    if name is None:
        raise BadRequest("NAME = nothing: name an attack; `ccip attack --list` shows them")
    kind = find_attack(name)
    session = open_session(deployment)
    network = session.deployment
    target = None if lane is None else parse_lane(network, lane)
    is_blessing_off = False
    if may_disable_blessing:
        target, is_blessing_off = suitable_lane(network, kind, target)
    outcome = run_attack(
        name,
        network,
        target,
        amount,
        seed,
        token=token,
        reaction_blocks=reaction_blocks,
        settle_s=settle_s,
        rmn_urls=tuple(rmn) if rmn else session.rmn_urls,
    )
    if as_json:
        print_json(outcome_json(outcome) | {"disabled_blessing": is_blessing_off})
    else:
        if is_blessing_off:
            typer.echo(f"blessing switched off on {_lane_text(network, outcome.lane)}: {name} needs a lane without it")
        _print_outcome(network, outcome)
    return 0


def outcome_json(outcome: AttackOutcome) -> dict[str, object]:
    """The outcome in JSON's words."""
    block = outcome.evidence_block
    return {
        "name": outcome.name,
        "source": str(outcome.lane.source),
        "dest": str(outcome.lane.dest),
        "token": outcome.token,
        "landed": outcome.has_landed,
        "evidence_block": None if block is None else {"chain": str(block[0]), "number": block[1]},
        "transactions": [{"chain": str(chain), "tx": hex_text(tx_hash)} for chain, tx_hash in outcome.tx_hashes],
        "takings": [
            {
                "verdict": taking.verdict,
                "reason": taking.reason,
                "tx": None if taking.tx_hash is None else hex_text(taking.tx_hash),
                "block": taking.block_number,
            }
            for taking in outcome.takings
        ],
        "gains": [
            {"chain": str(gain.chain), "symbol": gain.symbol, "decimals": gain.decimals, "amount": str(gain.amount)}
            for gain in outcome.gains
        ],
        "description": outcome.description,
    }


def _print_list(as_json: bool) -> None:
    if as_json:
        print_json({"attacks": [{"name": kind.name, "summary": kind.summary} for kind in ATTACKS.values()]})
    else:
        print_table(("attack", "what it does"), [(kind.name, kind.summary) for kind in ATTACKS.values()])


def _print_outcome(network: Deployment, outcome: AttackOutcome) -> None:
    block = outcome.evidence_block
    print_facts(
        f"{outcome.name} on {_lane_text(network, outcome.lane)}: {'landed' if outcome.has_landed else 'failed'}",
        {
            "evidence": None if block is None else f"block {block[1]} of {chain_name(network, block[0])}",
            "what happened": outcome.description,
            "transactions": ", ".join(hex_text(tx_hash) for _, tx_hash in outcome.tx_hashes) or None,
        },
    )


def _lane_text(network: Deployment, lane: Lane) -> str:
    return f"{chain_name(network, lane.source)} → {chain_name(network, lane.dest)}"
