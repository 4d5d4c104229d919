"""A plan: transactions that nobody has signed yet, in order, each with what it does and who must send it."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, NamedTuple

from eth_hash.auto import keccak

from ccip_core.deployment import checksum_address
from ccip_core.protocol import codec
from ccip_core.refusal import BadRequest

if TYPE_CHECKING:
    from collections.abc import Iterable

    from ccip_core.deployment import Chain, Deployment

SAFE_BUILDER_VERSION = "1.16.5"
"""Of Safe's transaction builder, whose files these are."""


class Step(NamedTuple):
    """One transaction."""

    chain: Chain
    sender: bytes
    """The one account that the contract takes it from."""
    to: bytes
    """Empty when it creates a contract."""
    data: bytes
    summary: str
    """What it does, for the person who signs it."""
    call: str = ""
    """The function, written out; empty when it creates a contract."""
    creates: bytes = b""
    """Where the contract that it creates will stand."""


class Plan(NamedTuple):
    """What is still to be done for a goal; nothing, when there is no step."""

    goal: str
    steps: tuple[Step, ...]
    warnings: tuple[str, ...] = ()

    @classmethod
    def of(cls, goal: str, parts: Iterable[Plan]) -> Plan:
        """Several plans, one after the other, as one."""
        parts = tuple(parts)
        warnings = dict.fromkeys(warning for part in parts for warning in part.warnings)
        return cls(goal, tuple(step for part in parts for step in part.steps), tuple(warnings))


def call_step(chain: Chain, sender: bytes, to: bytes, summary: str, signature: str, *arguments: object) -> Step:
    """A step that calls a function, written out as in `codec.encode_call`."""
    return Step(chain, sender, to, codec.encode_call(signature, *arguments), summary, signature)


def plan_json(plan: Plan) -> dict[str, object]:
    """The plan for other programs: every step with its raw calldata."""
    return {"goal": plan.goal, "steps": [step_json(step) for step in plan.steps], "warnings": list(plan.warnings)}


def step_json(step: Step) -> dict[str, object]:
    """One step; `to` is null when it creates a contract, and then `creates` is its address."""
    return {
        "chain": str(step.chain.selector),
        "chain_id": step.chain.chain_id,
        "chain_name": step.chain.name,
        "from": checksum_address(step.sender),
        "to": checksum_address(step.to) if step.to else None,
        "value_wei": "0",
        "data": "0x" + step.data.hex(),
        "call": step.call or None,
        "creates": checksum_address(step.creates) if step.creates else None,
        "summary": step.summary,
    }


def safe_batches(plan: Plan, created_at_ms: int) -> dict[str, dict[str, object]]:
    """The plan as files for Safe's transaction builder, by file name: one for each chain and account.

    Files are numbered where the work passes from one to the next: they are to be executed in this order.

    Raises:
        BadRequest: a step creates a contract, which a Safe's batch can't.
    """
    runs: list[list[Step]] = []
    for step in plan.steps:
        if not step.to:
            raise BadRequest(
                f"safe = {step.summary}: a Safe's batch can't create a contract; deploy by factory or key first"
            )
        if runs and (runs[-1][0].chain.selector, runs[-1][0].sender) == (step.chain.selector, step.sender):
            runs[-1].append(step)
        else:
            runs.append([step])
    return {
        f"{number:02}-{run[0].chain.chain_id}-{checksum_address(run[0].sender)}.json": _batch(plan, run, created_at_ms)
        for number, run in enumerate(runs, start=1)
    }


def _batch(plan: Plan, steps: list[Step], created_at_ms: int) -> dict[str, object]:
    batch: dict[str, object] = {
        "version": "1.0",
        "chainId": str(steps[0].chain.chain_id),
        "createdAt": created_at_ms,
        "meta": {
            "name": plan.goal,
            "description": "; ".join(step.summary for step in steps),
            "txBuilderVersion": SAFE_BUILDER_VERSION,
            "createdFromSafeAddress": checksum_address(steps[0].sender),
            "createdFromOwnerAddress": "",
        },
        "transactions": [
            {
                "to": checksum_address(step.to),
                "value": "0",
                "data": "0x" + step.data.hex(),
                "contractMethod": None,
                "contractInputsValues": None,
            }
            for step in steps
        ],
    }
    return batch | {"meta": {**batch["meta"], "checksum": checksum(batch)}}  # type: ignore[dict-item]


def checksum(batch: dict[str, object]) -> str:
    """As the builder computes it, so that it can tell a file that was altered on its way; the name is left out."""
    meta = {**batch["meta"], "name": None}  # type: ignore[dict-item]
    return "0x" + keccak(_serialised({**batch, "meta": meta}).encode()).hex()


def _serialised(value: object) -> str:
    """The builder's own form: keys in order, then values in the same order."""
    if isinstance(value, list):
        return f"[{','.join(map(_serialised, value))}]"
    if isinstance(value, dict):
        keys = sorted(value)
        listed = json.dumps(keys, separators=(",", ":"), ensure_ascii=False)
        return f"{{{listed}{''.join(_serialised(value[key]) + ',' for key in keys)}}}"
    return json.dumps(value, separators=(",", ":"), ensure_ascii=False)


def in_order(deployment: Deployment, selectors: Iterable[int]) -> list[Chain]:
    """The deployment's chains of these selectors, in its order."""
    wanted = set(selectors)
    return [chain for chain in deployment.chains if chain.selector in wanted]
