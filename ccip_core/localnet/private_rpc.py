"""A chain that is not for everyone: an HTTP door before anvil that wants a bearer token and knows who may send.

    no token, or a wrong one          401
    reading (eth_call, eth_getLogs…)  with the token
    eth_sendRawTransaction            with the token, signed by an account on the list
    anything else                     refused: keys of the node, its administration, debugging

The token is read from the environment variable that the configuration names; it stands in no file, URL, log or error.
Loopback only. Anvil's own port is on loopback too: this shows how members of a permissioned chain take part, it does
not protect the chain from other users of this machine.
"""

from __future__ import annotations

import hmac
import json
import os
import re
import sys
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Annotated, Any, Self

import typer
import urllib3

from ccip_core.localnet.owned_process import OwnedProcess, ProcessFailedError
from ccip_core.stop_signals import StopSignals
from ccip_core.transactions import TransactionFormatError, read_transaction

READING = frozenset(
    {
        "eth_blockNumber",
        "eth_call",
        "eth_chainId",
        "eth_estimateGas",
        "eth_feeHistory",
        "eth_gasPrice",
        "eth_getBalance",
        "eth_getBlockByHash",
        "eth_getBlockByNumber",
        "eth_getCode",
        "eth_getLogs",
        "eth_getStorageAt",
        "eth_getTransactionByHash",
        "eth_getTransactionCount",
        "eth_getTransactionReceipt",
        "eth_maxPriorityFeePerGas",
        "eth_syncing",
        "net_version",
        "web3_clientVersion",
    }
)
SENDING = "eth_sendRawTransaction"
UNAUTHORIZED, FORBIDDEN, UNREADABLE = -32001, -32003, -32600
_BODY_BYTES_MAX = 8 << 20
_READY = re.compile(r"private chain at (http://127\.0\.0\.1:\d+)")
_START_S_MAX = 20.0
_UPSTREAM_S_MAX = 30.0


class PrivateRpcError(RuntimeError):
    """The door did not open; the text says why."""


class Doorkeeper:
    """Decides about requests. Holds the token, and never says it."""

    def __init__(self, token: str, senders: frozenset[bytes]) -> None:
        self._token = token.encode()
        self._senders = senders

    def knows(self, authorization: str | None) -> bool:
        """Whether the header carries the token; takes equally long for every wrong one of its length."""
        scheme, _, given = (authorization or "").partition(" ")
        return scheme.lower() == "bearer" and hmac.compare_digest(given.strip().encode(), self._token)

    def objection(self, request: object) -> str | None:
        """Why this JSON-RPC request is not passed on; None when it is."""
        method = request.get("method") if isinstance(request, dict) else None
        if not isinstance(request, dict) or not isinstance(method, str):
            return "not a JSON-RPC request"
        if method in READING:
            return None
        if method != SENDING:
            return f"{method[:40]!r} is not for members of this chain"
        try:
            (raw,) = request.get("params", ())
            _, sender = read_transaction(bytes.fromhex(raw.removeprefix("0x")))
        except (ValueError, TypeError, AttributeError, TransactionFormatError):
            return "one signed EIP-1559 transaction without an access list is taken, and nothing else"
        return None if sender in self._senders else f"0x{sender.hex()} is not on the list of senders of this chain"


class PrivateRpc:
    """The door as a process of its own. Made by `start`; `stop` may be called twice."""

    def __init__(self, process: OwnedProcess, url: str) -> None:
        self._process = process
        self.url = url
        """What a deployment names as the chain's `http`."""

    @classmethod
    def start(cls, upstream: str, token_env: str, senders: frozenset[bytes]) -> Self:
        """Open a door before a chain.

        Raises:
            PrivateRpcError: it did not open; among the reasons: the variable `token_env` is not set.
        """
        command = [sys.executable, "-m", "ccip_core.localnet.private_rpc", upstream, "--token-env", token_env]
        for sender in sorted(senders):
            command += ["--sender", f"0x{sender.hex()}"]
        process = OwnedProcess("private chain's door", command)
        try:
            return cls(process, process.wait_for(_READY, _START_S_MAX).group(1))
        except BaseException as error:  # Ctrl-C while it starts too
            process.stop()
            if isinstance(error, ProcessFailedError):
                raise PrivateRpcError(str(error)) from None
            raise

    @property
    def output(self) -> str:
        """The last lines that it printed, for people."""
        return self._process.output

    def stop(self) -> None:
        """Close it; no process and no port remains."""
        self._process.stop()


class _Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    wbufsize = 1 << 16
    disable_nagle_algorithm = True  # head and body in one packet, at once: else every answer takes 40 ms
    keeper: Doorkeeper
    upstream: str
    pool: urllib3.PoolManager

    def do_POST(self) -> None:
        """Answer one request or batch."""
        length = self.headers.get("content-length", "")
        if not length.isdecimal() or int(length) > _BODY_BYTES_MAX:
            self.close_connection = True
            self._answer(413, _error(None, UNREADABLE, f"a body of at most {_BODY_BYTES_MAX} bytes is taken"))
            return
        body = self.rfile.read(int(length))
        if not self.keeper.knows(self.headers.get("authorization")):
            self._answer(401, _error(None, UNAUTHORIZED, "this chain's RPC wants its members' bearer token"))
            return
        try:
            asked = json.loads(body)
        except (ValueError, RecursionError):
            self._answer(400, _error(None, UNREADABLE, "not JSON"))
            return
        answer = [self._one(item) for item in asked] if isinstance(asked, list) else self._one(asked)
        self._answer(200, answer)

    def _one(self, request: Any) -> Any:
        number = request.get("id") if isinstance(request, dict) else None
        objection = self.keeper.objection(request)
        if objection is not None:
            return _error(number, FORBIDDEN, objection)
        headers = {"content-type": "application/json"}
        try:
            answer = self.pool.request(
                "POST", self.upstream, body=json.dumps(request), headers=headers, timeout=_UPSTREAM_S_MAX, retries=False
            )
            return answer.json()
        except (urllib3.exceptions.HTTPError, ValueError):
            return _error(number, UNREADABLE, "the chain behind this door does not answer")

    def _answer(self, status: int, answer: object) -> None:
        content = json.dumps(answer).encode()
        self.send_response(status)
        self.send_header("content-type", "application/json")
        self.send_header("content-length", str(len(content)))
        self.end_headers()
        self.wfile.write(content)

    def log_message(self, format: str, *args: object) -> None:  # noqa: A002 - the base class names it
        """Nothing: what people ask a private chain is theirs."""


class _Server(ThreadingHTTPServer):
    daemon_threads = True
    request_queue_size = 128
    """Oracles and nodes connect all at once; with the default of 5 some would wait a second for their turn."""


def _error(number: object, code: int, message: str) -> dict[str, object]:
    return {"jsonrpc": "2.0", "id": number, "error": {"code": code, "message": message}}


def serve(
    upstream: Annotated[str, typer.Argument(help="the chain's own RPC, on loopback")],
    token_env: Annotated[str, typer.Option("--token-env", help="environment variable that holds the token")],
    sender: Annotated[list[str] | None, typer.Option("--sender", help="0x… who may send; may be repeated")] = None,
) -> None:
    """Open the door and print its address; until SIGTERM or Ctrl-C."""
    token = os.environ.get(token_env, "")
    if not token:
        typer.echo(f"token-env = {token_env}: not set; export the chain's bearer token in it", err=True)
        raise typer.Exit(2)
    keeper = Doorkeeper(token, frozenset(bytes.fromhex(account.removeprefix("0x")) for account in sender or ()))
    parts = {"keeper": keeper, "upstream": upstream, "pool": urllib3.PoolManager(maxsize=16)}
    with StopSignals(), _Server(("127.0.0.1", 0), type("Handler", (_Handler,), parts)) as server:
        sys.stdout.write(f"private chain at http://127.0.0.1:{server.server_address[1]}\n")
        sys.stdout.flush()
        server.serve_forever(0.1)


if __name__ == "__main__":
    typer.run(serve)
