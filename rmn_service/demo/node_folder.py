"""The folder of one demo node: its own keys, password, database and node.toml, as an operator would lay it out."""

from __future__ import annotations

import hashlib
import secrets
from typing import TYPE_CHECKING, NamedTuple

from ccip_core.localnet.keys import dev_private_key
from ccip_core.signers import write_keystore

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path

    from ccip_core.deployment import Chain
    from ccip_core.localnet.keys import Role

_KEYSTORE_ITERATIONS = 1 << 10
"""The demo's keys are public anyway: a slow key derivation would only delay its start."""
_KEYS: dict[str, Role] = {"signer": "rmn_signer", "curser": "rmn_curser"}


class DemoOperator(NamedTuple):
    """A person of the demo with a token that is good for this run only."""

    name: str
    role: str
    token: str


def demo_operators() -> tuple[DemoOperator, ...]:
    """Two people, so that one can approve what the other proposes, and one who only looks."""
    roles = {"alice": "operator", "bob": "approver", "vera": "viewer"}
    return tuple(DemoOperator(name, role, secrets.token_urlsafe(24)) for name, role in roles.items())


def lay_out_node(
    folder: Path, index: int, deployment: Path, chains: Sequence[Chain], operators: Sequence[DemoOperator]
) -> Path:
    """Write everything that `rmn run` needs into a new folder; the path of its node.toml."""
    folder.mkdir()
    password = secrets.token_urlsafe(24)
    _write_private(folder / "password", password)
    for name, role in _KEYS.items():
        write_keystore(folder / f"{name}.json", dev_private_key(role, index), password, iterations=_KEYSTORE_ITERATIONS)
    lines = [
        f'name = "rmn-{index + 1}"',
        f'deployment = "{deployment}"',
        'posture = "curse"',
        "",
        "[api]",
        "port = 0",
    ]
    for name in _KEYS:
        lines += ["", f"[{name}]", 'kind = "keystore"', f'path = "{name}.json"', 'password_file = "password"']
    for chain in chains:
        lines += ["", "[[chains]]", f'selector = "{chain.selector}"', f'rpc_urls = ["{chain.http}"]']
    for operator in operators:
        digest = hashlib.sha256(operator.token.encode()).hexdigest()
        lines += ["", "[[operators]]", f'name = "{operator.name}"', f'role = "{operator.role}"']
        lines += [f'token_sha256 = "{digest}"']
    config = folder / "node.toml"
    config.write_text("\n".join(lines) + "\n")
    return config


def _write_private(path: Path, text: str) -> None:
    path.touch(mode=0o600)
    path.write_text(text + "\n")
