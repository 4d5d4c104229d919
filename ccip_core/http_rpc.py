"""`Rpc` over HTTP: JSON-RPC to a real node, whose answers are checked (`wire.py`) and have to be what was asked for.

Error texts name the endpoint as scheme://host:port alone, because user info, path and query of an RPC URL often carry
an API key.
"""

from __future__ import annotations

import ipaddress
import os
from typing import TYPE_CHECKING, Any, Self, TypeVar
from urllib.parse import unquote, urlsplit
from urllib.request import getproxies, proxy_bypass

import msgspec
import urllib3

from ccip_core.rpc import RpcLate, RpcMalformed, RpcOverloaded, RpcRefused, RpcUnreachable
from ccip_core.wire import (
    MinedReceipt,
    WireBlock,
    WireLog,
    WireReceipt,
    block_name,
    check_addresses,
    header,
    mined_receipt,
    quantity,
    raw_bytes,
    raw_logs,
    revert_data,
    to_hex,
)
from ccip_core.ws_transport import WsTransport

if TYPE_CHECKING:
    from collections.abc import Sequence

    from ccip_core.protocol.logs import Header, RawLog
    from ccip_core.rpc import BlockTag

T = TypeVar("T")

_CONNECTIONS_MAX = 16
_REFUSAL_CHARACTERS_MAX = 300
_ANSWER_BYTES_MAX = 256 << 20
"""More than any honest answer: logs are asked for in bounded ranges."""
_HTTP_OVERLOADED = 429
_HTTP_OK, _HTTP_REDIRECT = 200, 300
_HTTP_SERVER_ERROR = 500
_OVERLOADED = ("rate limit", "too many requests")
"""How endpoints say 429 in the JSON of an HTTP 200. Their limits on ranges read otherwise."""


class _Refusal(msgspec.Struct):
    code: int
    message: str
    data: Any = None


class _Reply(msgspec.Struct):
    id: int | None = None
    result: msgspec.Raw = msgspec.Raw(b"null")
    error: _Refusal | None = None


_replies = msgspec.json.Decoder(_Reply)
_batches = msgspec.json.Decoder(list[_Reply])
_headers = msgspec.json.Decoder(WireBlock | None)
_logs = msgspec.json.Decoder(list[WireLog])
_receipts = msgspec.json.Decoder(WireReceipt | None)
_texts = msgspec.json.Decoder(str)
_anything = msgspec.json.Decoder()
_encode = msgspec.json.Encoder().encode


def _pause_s(retry_after: str | None) -> float | None:
    """`Retry-After` in seconds. Its other form, a date, needs both clocks to agree: then our own pauses are taken."""
    return float(retry_after) if retry_after is not None and retry_after.isascii() and retry_after.isdigit() else None


def _is_loopback(host: str) -> bool:
    try:
        return host == "localhost" or ipaddress.ip_address(host).is_loopback
    except ValueError:
        return False


def _pool(scheme: str, host: str) -> urllib3.PoolManager:
    """Connections, through the environment's proxy where it names one: it may lead to a public endpoint, never here."""
    proxy = getproxies().get(scheme)
    if proxy is None or _is_loopback(host) or proxy_bypass(host):
        return urllib3.PoolManager(maxsize=_CONNECTIONS_MAX)
    return urllib3.ProxyManager(proxy, maxsize=_CONNECTIONS_MAX)


class HttpRpc:
    """A node's JSON-RPC endpoint. Connections are kept alive and shared: use one object from any number of threads."""

    def __init__(
        self, url: str, timeout_s: float = 10.0, *, ws_url: str | None = None, token_env: str | None = None
    ) -> None:
        """Raises ValueError: the URL is none, or the variable is not set.

        Args:
            url: the endpoint.
            timeout_s: for each answer.
            ws_url: the same node's WebSocket, which is asked first where it works.
            token_env: the environment variable with the bearer token that the endpoint wants.
        """
        parts = urlsplit(url)
        if parts.scheme not in {"http", "https"} or not parts.hostname:
            raise ValueError("an RPC URL starts with http:// or https:// and names a host")
        host = f"[{parts.hostname}]" if ":" in parts.hostname else parts.hostname
        self.endpoint = f"{parts.scheme}://{host}" + (f":{parts.port}" if parts.port else "")
        """The part of the URL that may be shown to people."""
        self._url = url
        self._timeout_s = timeout_s
        self._headers = {"content-type": "application/json"}
        if parts.username is not None:
            account = f"{unquote(parts.username)}:{unquote(parts.password or '')}"
            self._headers |= urllib3.make_headers(basic_auth=account)
        if token_env is not None:
            token = os.environ.get(token_env)
            if not token:
                raise ValueError(f"rpc_token_env = {token_env}: not set; export the endpoint's bearer token in it")
            if parts.scheme != "https" and not _is_loopback(parts.hostname):
                raise ValueError(f"rpc_token_env = {token_env}: a token goes over https or stays on this machine")
            self._headers["authorization"] = f"Bearer {token}"
        self._pool = _pool(parts.scheme, parts.hostname)
        self._is_closed = False
        self._ws = None if ws_url is None else WsTransport(ws_url, timeout_s, _ANSWER_BYTES_MAX)

    def __repr__(self) -> str:
        return f"HttpRpc({self.endpoint})"

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def close(self) -> None:
        """Give the connections back; every later question is RpcUnreachable."""
        self._is_closed = True
        if self._ws is not None:
            self._ws.close()
        self._pool.clear()

    # ── asking ──────────────────────────────────────────────────────────────────────────────────────────────────────

    def request(self, method: str, params: Sequence[Any] = ()) -> Any:
        """Any method; the decoded `result`."""
        return self._decode(_anything, self._result(method, params))

    def batch(self, calls: Sequence[tuple[str, Sequence[Any]]]) -> list[Any]:
        """Many calls in one HTTP request; their results in the order asked.

        Raises:
            RpcRefused: the node refused one of them. The others may have taken effect.
        """
        if not calls:
            return []
        body = [
            {"jsonrpc": "2.0", "id": position, "method": method, "params": params}
            for position, (method, params) in enumerate(calls)
        ]
        replies = {reply.id: reply for reply in self._decode(_batches, self._post(body))}
        if replies.keys() != set(range(len(calls))):
            raise RpcMalformed(f"{self.endpoint}: a batch of {len(calls)} calls got other answers than asked for")
        return [self._decode(_anything, self._unwrap(replies[position])) for position in range(len(calls))]

    def _result(self, method: str, params: Sequence[Any]) -> msgspec.Raw:
        reply = self._post({"jsonrpc": "2.0", "id": 1, "method": method, "params": params})
        return self._unwrap(self._decode(_replies, reply))

    def _unwrap(self, reply: _Reply) -> msgspec.Raw:
        if reply.error is None:
            return reply.result
        message = "".join(character for character in reply.error.message if character.isprintable())
        if reply.error.code == _HTTP_OVERLOADED or any(words in message.lower() for words in _OVERLOADED):
            raise RpcOverloaded(f"{self.endpoint}: {message[:_REFUSAL_CHARACTERS_MAX]}")
        raise RpcRefused(reply.error.code, message[:_REFUSAL_CHARACTERS_MAX], revert_data(reply.error.data))

    def _post(self, body: object) -> bytes:
        if self._is_closed:
            raise RpcUnreachable(f"{self.endpoint}: this connection was closed")
        question = _encode(body)
        answer = None if self._ws is None else self._ws.ask(question)
        return answer if answer is not None else self._post_http(question)

    def _post_http(self, question: bytes) -> bytes:
        try:
            response = self._pool.request(
                "POST",
                self._url,
                body=question,
                headers=self._headers,
                timeout=self._timeout_s,
                retries=False,
                redirect=False,
                preload_content=False,
            )
            content = response.read(_ANSWER_BYTES_MAX + 1)
        except (urllib3.exceptions.HTTPError, OSError, ValueError) as error:
            # A refused connection is a TimeoutError to urllib3; to a person it is not.
            is_late = isinstance(error, urllib3.exceptions.TimeoutError | TimeoutError) and not isinstance(
                error, urllib3.exceptions.NewConnectionError
            )
            why = (
                f"no answer within {self._timeout_s:g} s"
                if is_late
                else f"{type(error).__name__}; is the node running?"
            )
            raise (RpcLate if is_late else RpcUnreachable)(f"{self.endpoint}: {why}") from None
        if len(content) > _ANSWER_BYTES_MAX:
            response.close()
            raise RpcMalformed(f"{self.endpoint}: an answer of more than {_ANSWER_BYTES_MAX} bytes")
        response.release_conn()
        if response.status == _HTTP_OVERLOADED:
            raise RpcOverloaded(f"{self.endpoint}: HTTP 429", _pause_s(response.headers.get("retry-after")))
        if response.status >= _HTTP_SERVER_ERROR:
            raise RpcUnreachable(f"{self.endpoint}: HTTP {response.status}")
        if not _HTTP_OK <= response.status < _HTTP_REDIRECT and not content.lstrip().startswith(b"{"):
            raise RpcUnreachable(f"{self.endpoint}: HTTP {response.status}; check the URL and its key")
        return content

    def _decode(self, decoder: msgspec.json.Decoder[T], content: bytes | msgspec.Raw) -> T:
        try:
            return decoder.decode(content)
        except (msgspec.DecodeError, RecursionError, UnicodeDecodeError) as error:
            raise RpcMalformed(f"{self.endpoint}: {str(error)[:_REFUSAL_CHARACTERS_MAX]}") from None

    def _text(self, method: str, *params: object) -> str:
        return self._decode(_texts, self._result(method, params))

    # ── Rpc ─────────────────────────────────────────────────────────────────────────────────────────────────────────

    def chain_id(self) -> int:
        """`eth_chainId`."""
        return quantity(self._text("eth_chainId"))

    def header(self, block: int | bytes | BlockTag) -> Header | None:
        """`eth_getBlockByHash` or `eth_getBlockByNumber`, checked to be the block that was asked for."""
        method = "eth_getBlockByHash" if isinstance(block, bytes) else "eth_getBlockByNumber"
        name = to_hex(block) if isinstance(block, bytes) else block_name(block)
        found = self._decode(_headers, self._result(method, (name, False)))
        if found is None:
            return None
        there = header(found)
        if (isinstance(block, bytes) and there.hash != block) or (isinstance(block, int) and there.number != block):
            raise RpcMalformed(f"{self.endpoint}: asked for block {name}, got {there.number} {to_hex(there.hash)}")
        return there

    def logs(self, block_hash: bytes, addresses: Sequence[bytes] | None = None) -> list[RawLog]:
        """`eth_getLogs` by block hash."""
        logs = self._logs({"blockHash": to_hex(block_hash)}, addresses)
        if any(log.block_hash != block_hash for log in logs):
            raise RpcMalformed(f"{self.endpoint}: a log of another block than {to_hex(block_hash)}")
        return logs

    def logs_in(self, first: int, last: int, addresses: Sequence[bytes] | None = None) -> list[RawLog]:
        """`eth_getLogs` by range; a node may refuse a range that is too long for it."""
        logs = self._logs({"fromBlock": hex(first), "toBlock": hex(last)}, addresses)
        if any(not first <= log.block_number <= last for log in logs):
            raise RpcMalformed(f"{self.endpoint}: a log from outside blocks {first}..{last}")
        return logs

    def _logs(self, question: dict[str, Any], addresses: Sequence[bytes] | None) -> list[RawLog]:
        if addresses is not None:
            if not addresses:
                return []  # a node takes an empty list for "any address"
            question["address"] = [to_hex(address) for address in addresses]
        found: list[WireLog] = self._decode(_logs, self._result("eth_getLogs", (question,)))
        logs = raw_logs(found)
        check_addresses(logs, addresses)
        return logs

    def call(
        self, to: bytes, data: bytes, block: int | bytes | BlockTag = "latest", sender: bytes | None = None
    ) -> bytes:
        """`eth_call`."""
        question = {"to": to_hex(to), "data": to_hex(data)}
        if sender is not None:
            question["from"] = to_hex(sender)
        return raw_bytes(self._text("eth_call", question, block_name(block)))

    def nonce(self, address: bytes) -> int:
        """`eth_getTransactionCount` at `pending`."""
        return quantity(self._text("eth_getTransactionCount", to_hex(address), "pending"))

    def balance(self, address: bytes) -> int:
        """`eth_getBalance` at `latest`."""
        return quantity(self._text("eth_getBalance", to_hex(address), "latest"))

    def gas_price(self) -> int:
        """`eth_gasPrice`."""
        return quantity(self._text("eth_gasPrice"))

    def estimate_gas(self, sender: bytes, to: bytes | None, data: bytes, value_wei: int = 0) -> int:
        """`eth_estimateGas`; a call that would revert is RpcRefused with its data."""
        question = {"from": to_hex(sender), "data": to_hex(data), "value": hex(value_wei)}
        if to is not None:
            question["to"] = to_hex(to)
        return quantity(self._text("eth_estimateGas", question))

    def send_raw(self, raw: bytes) -> bytes:
        """`eth_sendRawTransaction`."""
        return raw_bytes(self._text("eth_sendRawTransaction", to_hex(raw)), 32)

    def receipt(self, tx_hash: bytes) -> MinedReceipt | None:
        """`eth_getTransactionReceipt`."""
        found = self._decode(_receipts, self._result("eth_getTransactionReceipt", (to_hex(tx_hash),)))
        if found is None:
            return None
        receipt = mined_receipt(found)
        if receipt.tx_hash != tx_hash:
            raise RpcMalformed(f"{self.endpoint}: a receipt of another transaction than {to_hex(tx_hash)}")
        return receipt
