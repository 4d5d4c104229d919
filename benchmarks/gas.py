"""What CCIP's six dear calls cost on our contracts, against upstream's bytecode, from the same input."""

from __future__ import annotations

from ccip_core.contract_gas import table


def run() -> list[tuple[str, float, float, str]]:
    """Name, our gas, upstream's, unit."""
    return [(f"{call} (rival: the chainlink set)", gas.own, gas.chainlink, "gas") for call, gas in table().items()]


if __name__ == "__main__":
    for name, ours, rival, unit in run():
        print(f"{name}: {ours:,} {unit} against {rival:,}, {ours / rival:.3f}x")  # noqa: T201 - its purpose
