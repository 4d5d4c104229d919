"""What the examples share: the running network, the compiled contracts, a user's wallets, and waiting for a message."""

from __future__ import annotations

import hashlib
import json
import tempfile
import time
from pathlib import Path
from typing import TYPE_CHECKING, Any, Self

from ccip_core.client import CcipClient
from ccip_core.deployment import Chain, load_deployment
from ccip_core.localnet.contract_set import Artifact, default_cache_dir
from ccip_core.localnet.keys import dev_key
from ccip_core.protocol import codec, events
from ccip_core.toolchain import CONTRACTS, ToolchainError, run_forge
from ccip_core.views import ask
from ccip_core.wallet import Wallet

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from ccip_core.rpc import Receipt

HERE = Path(__file__).parent
LINK_EACH = 50 * 10**18
"""What an application gets to pay its messages with."""


class Desk:
    """A user at work on the network of `deployment.json`, on its first two chains."""

    def __init__(self, application: str, path: Path = Path("deployment.json")) -> None:
        self.client = CcipClient(load_deployment(path), dev_key("user"))
        self.near, self.far = self.client.deployment.chains[:2]
        self.me = self.client.address
        self._notes = Path(f"{application}.json")

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.client.close()

    def deploy(self, contract: str, *extra: Sequence[object]) -> None:
        """Deploy on both chains, introduce the twins, give each LINK; `extra`: further arguments of each."""
        artifact = compiled(contract)
        apps = {}
        for position, chain in enumerate((self.near, self.far)):
            arguments = (chain.contracts.router, chain.contracts.link, *(extra[position] if extra else ()))
            apps[chain.selector] = self.wallet(chain).deploy(artifact.creation(*arguments))
        for chain, twin in ((self.near, self.far), (self.far, self.near)):
            self.act(chain, apps[chain.selector], "setTwin(uint64,address)", twin.selector, apps[twin.selector])
            assert chain.contracts.link is not None
            self.act(chain, chain.contracts.link, "transfer(address,uint256)", apps[chain.selector], LINK_EACH)
        self._notes.write_text(json.dumps({str(selector): app.hex() for selector, app in apps.items()}))

    def app(self, chain: Chain) -> bytes:
        """Where the application stands."""
        return bytes.fromhex(json.loads(self._notes.read_text())[str(chain.selector)])

    def wallet(self, chain: Chain, role: str = "user") -> Wallet:
        """A key of the local network."""
        return Wallet(self.client.chains.rpc(chain.selector), dev_key(role))  # type: ignore[arg-type]

    def act(self, chain: Chain, to: bytes, signature: str, *arguments: object, role: str = "user") -> Receipt:
        """Send a transaction and wait for it."""
        return self.wallet(chain, role).transact(to, codec.encode_call(signature, *arguments))

    def see(self, chain: Chain, of: bytes, signature: str, *arguments: object, returns: str) -> Any:
        """Call a view function."""
        return ask(self.client.chains.rpc(chain.selector), of, signature, *arguments, returns=(returns,))[0]

    def until(self, condition: Callable[[], bool], timeout_s: float = 120.0) -> None:
        """Look again and again. Raises TimeoutError."""
        deadline_s = time.monotonic() + timeout_s
        while not condition():
            if time.monotonic() > deadline_s:
                raise TimeoutError(f"not within {timeout_s:g} s")
            time.sleep(self.near.block_time_s / 4)

    def arrival(self, receipt: Receipt) -> tuple[bytes, str]:
        """Wait for the message that a transaction sent; its id and how it ended."""
        on_ramps = {chain.contracts.on_ramp for chain in (self.near, self.far)}
        for log in receipt.logs:
            event = events.decode_log(log) if log.address in on_ramps else None
            if isinstance(event, events.CCIPMessageSent):
                message_id = event.message.header.message_id
                *_, last = self.client.follow(message_id)
                return message_id, str(last)
        raise LookupError("this transaction sent no message")


def compiled(name: str) -> Artifact:
    """A contract of the examples; compiled when a source has changed."""
    sources = sorted(HERE.rglob("*.sol"))
    digest = hashlib.sha256(b"".join(source.read_bytes() for source in sources)).hexdigest()[:16]
    out = default_cache_dir() / f"examples-{digest}"
    if not out.is_dir():
        out.parent.mkdir(parents=True, exist_ok=True)
        with tempfile.TemporaryDirectory(dir=out.parent, prefix=".build-") as scratch:
            places = ["--root", str(HERE), "--use", str(CONTRACTS / "bin" / "solc"), "--cache-path", f"{scratch}/cache"]
            done = run_forge("build", *places, "--out", f"{scratch}/out", capture=True)
            if done.returncode != 0:
                raise ToolchainError(f"forge build exited {done.returncode}: {(done.stderr or done.stdout).strip()}")
            if not out.is_dir():
                Path(scratch, "out").rename(out)
    built = json.loads((out / f"{name}.sol" / f"{name}.json").read_text())
    return Artifact(name, tuple(built["abi"]), bytes.fromhex(built["bytecode"]["object"].removeprefix("0x")))
