"""Print a plan, then carry it out; or print it and stop."""

import json
import time
from collections.abc import Callable
from pathlib import Path

import typer

from ccip_core.chains import Chains
from ccip_core.cli.output import hex_text
from ccip_core.cli.token.options import Keys, Sending
from ccip_core.refusal import BadRequest
from ccip_core.tokens import runner
from ccip_core.tokens.plans import Plan, Step, plan_json, safe_batches, step_json


def carry_out(
    chains: Chains, plan: Plan, sending: Sending, keys: Keys | None = None, before: Callable[[], None] = lambda: None
) -> dict[str, object] | None:
    """Do it; what was done, for JSON. None when only the plan was wanted: then it was printed here.

    Raises:
        BadRequest, CcipRefusal: see `runner.run`.
    """
    if not sending.as_json:
        _print_plan(plan, with_data=sending.only_plan)
    if sending.safe is not None:
        _write_batches(plan, sending.safe)
    if sending.only_plan or sending.safe is not None:
        if sending.as_json:
            typer.echo(json.dumps(plan_json(plan), indent=2, ensure_ascii=False))
        return None
    keys = keys or Keys(chains.deployment, sending.keystore, sending.password_env)

    def report(number: int, step: Step, tx_hash: bytes) -> None:
        if not sending.as_json:
            typer.echo(f"{number}/{len(plan.steps)} done: {step.summary}, tx {hex_text(tx_hash)}")

    hashes = runner.run(chains, plan, keys.find, report, before)
    steps = [step_json(step) | {"tx": hex_text(done)} for step, done in zip(plan.steps, hashes, strict=True)]
    last = {"tx": hex_text(hashes[-1])} if hashes else {"tx": None}
    return {"goal": plan.goal, **last, "steps": steps, "warnings": list(plan.warnings)}


def _print_plan(plan: Plan, *, with_data: bool) -> None:
    if not plan.steps:
        typer.echo(f"{plan.goal}: nothing to do")
    else:
        typer.echo(f"{plan.goal}: {len(plan.steps)} transactions")
    for number, step in enumerate(plan.steps, start=1):
        typer.echo(f"  {number}. {step.chain.name}, by {hex_text(step.sender)}: {step.summary}")
        if with_data:
            typer.echo(f"     to {hex_text(step.to) if step.to else 'a new contract'}  data {hex_text(step.data)}")
    for warning in plan.warnings:
        typer.echo(f"  note: {warning}")


def _write_batches(plan: Plan, folder: Path) -> None:
    if not folder.is_dir():
        raise BadRequest(f"safe = {folder}: there is no such folder; create it")
    for name, batch in safe_batches(plan, time.time_ns() // 1_000_000).items():
        (folder / name).write_text(json.dumps(batch, indent=2) + "\n")
