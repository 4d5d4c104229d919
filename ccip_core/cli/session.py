"""What every verb starts with: which deployment, and what the words on the command line mean."""

import json
from pathlib import Path
from typing import Annotated, NamedTuple

import typer
from eth_utils.address import is_checksum_address

from ccip_core.client import CcipClient
from ccip_core.deployment import Deployment, DeploymentError, load_deployment
from ccip_core.localnet.keys import dev_key
from ccip_core.protocol.messages import Lane
from ccip_core.refusal import BadRequest

DEMO = Path(".demo/demo.json")

DeploymentPath = Annotated[
    Path | None,
    typer.Option(
        "--deployment", help="deployment.json of the network; default: the running demo's, else ./deployment.json"
    ),
]
AsJson = Annotated[bool, typer.Option("--json", help="print the result as JSON")]


class Session(NamedTuple):
    """The network that a command is about."""

    deployment: Deployment
    path: Path
    rmn_urls: tuple[str, ...]
    """The running demo's RMN nodes; empty when the deployment was named or there is no demo."""


def open_session(path: Path | None) -> Session:
    """Load the deployment that was named, or the running demo's, or `deployment.json` here."""
    if path is not None:
        return Session(load_deployment(path), path, ())
    if DEMO.is_file():
        try:
            demo = json.loads(DEMO.read_text())
            found, urls = Path(demo["deployment"]), tuple(str(node["url"]) for node in demo["nodes"])
        except (OSError, ValueError, KeyError, TypeError):
            raise DeploymentError(f"{DEMO}: not a demo's description; remove it or pass --deployment") from None
        return Session(load_deployment(found), found, urls)
    found = Path("deployment.json")
    return Session(load_deployment(found), found, ())


def user_client(deployment: Deployment) -> CcipClient:
    """A client that pays with the local network's user account (anvil's first)."""
    return CcipClient(deployment, dev_key("user"))


def find_lane(deployment: Deployment, source: str, dest: str) -> Lane:
    """The lane between two chains, each by name, chain id or selector."""
    lane = Lane(deployment.find_chain(source).selector, deployment.find_chain(dest).selector)
    if deployment.lane(lane) is None:
        raise BadRequest(f"lane = {source} → {dest}: not in this deployment; see `ccip lanes`")
    return lane


def parse_lane(deployment: Deployment, text: str) -> Lane:
    """`A:B`."""
    source, colon, dest = text.partition(":")
    if not (source and colon and dest):
        raise BadRequest(f"lane = {text}: write it as SOURCE:DEST, such as 1337:31337")
    return find_lane(deployment, source, dest)


def parse_address(field: str, text: str) -> bytes:
    """An EVM address: 0x and 40 hex digits, with a right checksum if it has one at all."""
    raw = _hex(text)
    if raw is None or len(raw) != 20:
        raise BadRequest(f"{field} = {text}: not an address; write 0x and 40 hex digits")
    digits = text[2:]
    if digits not in {digits.lower(), digits.upper()} and not is_checksum_address(text):
        raise BadRequest(f"{field} = {text}: its checksum is wrong; check it for a slip, or write it in lower case")
    return raw


def parse_message_id(text: str) -> bytes:
    """0x and 64 hex digits."""
    raw = _hex(text)
    if raw is None or len(raw) != 32:
        raise BadRequest(f"MESSAGE_ID = {text}: not a message id; write 0x and 64 hex digits")
    return raw


def parse_data(text: str) -> bytes:
    """Bytes as 0x… hex, or any other text as UTF-8."""
    if not text.startswith("0x"):
        return text.encode()
    raw = _hex(text)
    if raw is None:
        raise BadRequest(f"data = {text[:80]}: starts with 0x but is not hex; mend it, or write plain text")
    return raw


def chain_name(deployment: Deployment, selector: int) -> str:
    """How people call the chain."""
    return deployment.chain(selector).name


def _hex(text: str) -> bytes | None:
    if not text.startswith("0x") or not text[2:].isalnum():  # fromhex would skip blanks
        return b"" if text == "0x" else None
    try:
        return bytes.fromhex(text[2:])
    except ValueError:
        return None
