"""A scripted chain behind a real port, speaking JSON-RPC over HTTP, and failing as endpoints fail.

Without a fault it obeys the same test suite as a real node (tests/ccip_core/rpc). A fault is set while it runs, and
the questions that it spoiled are counted.
"""

from __future__ import annotations

import threading
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import TYPE_CHECKING, Any, Self

import msgspec

from ccip_core.rpc import RpcError, RpcRefused

if TYPE_CHECKING:
    from collections.abc import Callable

    from ccip_core.protocol.logs import Header, RawLog
    from ccip_core.scripted_rpc import ScriptedRpc
    from ccip_core.wire import MinedReceipt

_PATIENCE_S = 60.0
_METHOD_NOT_FOUND = -32601


class Spoiled(Exception):  # noqa: N818 - an answer, not an error of ours
    """What a fault answers instead of JSON-RPC: a status, headers and a body; None: hang up without a word."""

    def __init__(self, status: int | None, body: bytes = b"", headers: dict[str, str] | None = None) -> None:
        super().__init__(status)
        self.status = status
        self.body = body
        self.headers = headers or {}


class ScriptedServer:
    """One endpoint on a port of its own; `chain` may be replaced by another one while it runs."""

    def __init__(self, chain: ScriptedRpc) -> None:
        self.chain = chain
        self.fault: Callable[[ScriptedServer, str, list[Any], Any], Any] | None = None
        """Itself, method, parameters, honest result → what is told. It may raise `Spoiled` or return a refusal."""
        self.spoiled = 0
        """Questions that a fault answered in its own way."""
        self._patience = threading.Event()
        server = self

        class Handler(BaseHTTPRequestHandler):
            protocol_version = "HTTP/1.1"
            disable_nagle_algorithm = True
            """Else the body waits 40 ms for the headers' acknowledgement."""

            def do_POST(self) -> None:
                server._answer(self)

            def log_message(self, *_: object) -> None:
                """Say nothing."""

        self._server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self._server.daemon_threads = True
        self._thread = threading.Thread(target=self._server.serve_forever, kwargs={"poll_interval": 0.01}, daemon=True)
        self._thread.start()

    @property
    def url(self) -> str:
        """Where it listens."""
        return f"http://127.0.0.1:{self._server.server_port}"

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def close(self) -> None:
        """Let go of the port and of whoever hangs."""
        self._patience.set()
        self._server.shutdown()
        self._server.server_close()
        self._thread.join()

    def hang(self) -> None:
        """Keep a question without an answer until the server is closed or `heal` is called."""
        self._patience.wait(_PATIENCE_S)

    def heal(self) -> None:
        """No fault any more; who hangs is let go."""
        self.fault = None
        patience, self._patience = self._patience, threading.Event()
        patience.set()

    def _answer(self, request: BaseHTTPRequestHandler) -> None:
        question = msgspec.json.decode(request.rfile.read(int(request.headers["content-length"])))
        status, headers, reply = 200, {}, {"jsonrpc": "2.0", "id": question["id"]}
        try:
            reply["result"] = self._result(question["method"], question["params"])
            body = msgspec.json.encode(reply)
        except RpcRefused as refusal:
            data = "0x" + refusal.data.hex() if refusal.data else None
            body = msgspec.json.encode(
                reply | {"error": {"code": refusal.code, "message": refusal.message, "data": data}}
            )
        except Spoiled as spoiled:
            if spoiled.status is None:
                request.close_connection = True
                return
            status, headers, body = spoiled.status, spoiled.headers, spoiled.body
        except RpcError:  # the chain behind it is cut off
            status, body = 503, b""
        request.send_response(status)
        for name, value in {**headers, "content-length": str(len(body))}.items():
            request.send_header(name, value)
        request.end_headers()
        request.wfile.write(body)

    def _result(self, method: str, params: list[Any]) -> Any:
        fault = self.fault
        if fault is None:
            return self._honest(method, params)
        try:
            honest = self._honest(method, params)
        except RpcRefused as refusal:
            honest = refusal  # a fault may hide that, too
        try:
            told = fault(self, method, params, honest)
        except Spoiled:
            self.spoiled += 1
            raise
        self.spoiled += told is not honest
        if isinstance(told, RpcRefused):
            raise told
        return told

    def _honest(self, method: str, params: list[Any]) -> Any:
        handler = _METHODS.get(method)
        if handler is None:
            raise RpcRefused(_METHOD_NOT_FOUND, f"{method} is not scripted")
        return handler(self.chain, *params)


def _logs(chain: ScriptedRpc, asked: dict[str, Any]) -> list[dict[str, Any]]:
    addresses = [_raw(address) for address in asked["address"]] if "address" in asked else None
    if "blockHash" in asked:
        return [_log(log) for log in chain.logs(_raw(asked["blockHash"]), addresses)]
    return [_log(log) for log in chain.logs_in(int(asked["fromBlock"], 16), int(asked["toBlock"], 16), addresses)]


def _call(chain: ScriptedRpc, asked: dict[str, Any], block: Any) -> str:
    sender = _raw(asked["from"]) if "from" in asked else None
    at = _named(block["blockHash"] if isinstance(block, dict) else block)
    return "0x" + chain.call(_raw(asked["to"]), _raw(asked["data"]), at, sender).hex()


def _estimate(chain: ScriptedRpc, asked: dict[str, Any]) -> str:
    to = _raw(asked["to"]) if "to" in asked else None
    return hex(chain.estimate_gas(_raw(asked["from"]), to, _raw(asked["data"])))


def _raw(text: str) -> bytes:
    return bytes.fromhex(text[2:])


def _named(name: str) -> Any:
    if name in {"latest", "finalized"}:
        return name
    return _raw(name) if len(name) == 66 else int(name, 16)


def _block(header: Header | None) -> dict[str, str] | None:
    if header is None:
        return None
    return {
        "number": hex(header.number),
        "hash": "0x" + header.hash.hex(),
        "parentHash": "0x" + header.parent_hash.hex(),
        "timestamp": hex(header.timestamp_s),
    }


def _log(log: RawLog) -> dict[str, Any]:
    return {
        "address": "0x" + log.address.hex(),
        "topics": ["0x" + topic.hex() for topic in log.topics],
        "data": "0x" + log.data.hex(),
        "blockNumber": hex(log.block_number),
        "blockHash": "0x" + log.block_hash.hex(),
        "transactionHash": "0x" + log.tx_hash.hex(),
        "logIndex": hex(log.log_index),
        "removed": False,
    }


def _receipt(receipt: MinedReceipt | None) -> dict[str, Any] | None:
    if receipt is None:
        return None
    return {
        "transactionHash": "0x" + receipt.tx_hash.hex(),
        "blockNumber": hex(receipt.block_number),
        "blockHash": "0x" + receipt.block_hash.hex(),
        "status": hex(receipt.is_success),
        "gasUsed": hex(receipt.gas_used),
        "contractAddress": None,
        "logs": [_log(log) for log in receipt.logs],
    }


def _transaction(chain: ScriptedRpc, tx_hash: str) -> dict[str, str] | None:
    data = chain.calldata(_raw(tx_hash))
    return None if data is None else {"hash": tx_hash, "input": "0x" + data.hex()}


_METHODS: dict[str, Callable[..., Any]] = {
    "eth_chainId": lambda chain: hex(chain.chain_id()),
    "eth_getBlockByNumber": lambda chain, name, _: _block(chain.header(_named(name))),
    "eth_getBlockByHash": lambda chain, name, _: _block(chain.header(_named(name))),
    "eth_getLogs": _logs,
    "eth_call": _call,
    "eth_getTransactionCount": lambda chain, address, _: hex(chain.nonce(_raw(address))),
    "eth_getBalance": lambda chain, address, _: hex(chain.balance(_raw(address))),
    "eth_gasPrice": lambda chain: hex(chain.gas_price()),
    "eth_estimateGas": _estimate,
    "eth_sendRawTransaction": lambda chain, raw: "0x" + chain.send_raw(_raw(raw)).hex(),
    "eth_getTransactionByHash": _transaction,
    "eth_getTransactionReceipt": lambda chain, tx_hash: _receipt(chain.receipt(_raw(tx_hash))),
}
