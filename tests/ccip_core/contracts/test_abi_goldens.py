"""Our contracts look from outside as upstream's do: each selector, topic, error and constructor, with names and types.

`upstream_abi.txt` holds upstream's tables (facts, computed from its published ABI): a contract a heading, and a line
for everything that its ABI offers.
"""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from eth_hash.auto import keccak

from ccip_core import toolchain

TABLES = Path(__file__).with_name("upstream_abi.txt").read_text()


def tables():
    return {
        heading: set(lines.splitlines())
        for heading, _, lines in (part.partition("\n") for part in TABLES.removeprefix("# ").split("\n# "))
    }


def type_of(parameter):
    if not parameter["type"].startswith("tuple"):
        return parameter["type"]
    return f"({','.join(map(type_of, parameter['components']))}){parameter['type'].removeprefix('tuple')}"


def types_of(parameters):
    return f"({','.join(map(type_of, parameters))})"


def line_of(entry):
    """The entry as the tables write it; None for fallback and receive, which have neither name nor selector."""
    kind, inputs = entry["type"], entry.get("inputs", [])
    if kind == "constructor":
        parameters = ",".join(f"{type_of(parameter)} {parameter['name']}" for parameter in inputs)
        return f"ctor  constructor({parameters})" if inputs else None
    if kind in {"fallback", "receive"}:
        return None
    signature = entry["name"] + types_of(inputs)
    digest = keccak(signature.encode()).hex()
    if kind == "function":
        return f"fn   0x{digest[:8]} {signature} -> {types_of(entry['outputs'])} {entry['stateMutability']}"
    if kind == "error":
        return f"err  0x{digest[:8]} {signature}"
    parameters = ", ".join(
        f"{type_of(parameter)}{' indexed' * parameter['indexed']} {parameter['name']}" for parameter in inputs
    )
    return f"ev   0x{digest} {entry['name']}({parameters})"


def built():
    return {name for name in tables() if (toolchain.ARTIFACTS / f"{name}.json").is_file()}


@pytest.mark.parametrize("contract", sorted(built()))
def test_the_abi_is_upstreams(contract):
    abi = json.loads((toolchain.ARTIFACTS / f"{contract}.json").read_text())["abi"]
    ours = {line for entry in abi if (line := line_of(entry))}

    assert ours == tables()[contract]


def test_each_line_of_the_tables_carries_the_hash_of_its_own_words():
    """Else a table with a slip of the pen would pass a contract that has it too."""
    for contract, lines in tables().items():
        for line in lines:
            kind, digest, words = line.split(maxsplit=2) if not line.startswith("ctor") else ("ctor", "", "")
            if kind in {"fn", "err"}:
                assert digest == "0x" + keccak(words.partition(" -> ")[0].encode()).hex()[:8], (contract, line)
    assert sum(map(len, tables().values())) > 600
