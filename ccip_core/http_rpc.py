"""JSON-RPC over HTTP, and over the same node's WebSocket where it has one.

Error texts name the endpoint as scheme://host:port alone, because user info, path and query of an RPC URL often carry
an API key.
"""

from __future__ import annotations

import ipaddress
import os
from urllib.parse import unquote, urlsplit
from urllib.request import getproxies, proxy_bypass

import urllib3

from ccip_core.json_rpc import ANSWER_BYTES_MAX, JsonRpc
from ccip_core.rpc import RpcLate, RpcMalformed, RpcOverloaded, RpcUnreachable
from ccip_core.ws_transport import WsTransport

_CONNECTIONS_MAX = 16
_HTTP_OVERLOADED = 429
_HTTP_OK, _HTTP_REDIRECT = 200, 300
_HTTP_SERVER_ERROR = 500


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


class HttpRpc(JsonRpc):
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
        self._ws = None if ws_url is None else WsTransport(ws_url, timeout_s, ANSWER_BYTES_MAX)

    def close(self) -> None:
        """Give the connections back; every later question is RpcUnreachable."""
        self._is_closed = True
        if self._ws is not None:
            self._ws.close()
        self._pool.clear()

    def _ask(self, question: bytes) -> bytes:
        if self._is_closed:
            raise RpcUnreachable(f"{self.endpoint}: this connection was closed")
        answer = None if self._ws is None else self._ws.ask(question)
        return answer if answer is not None else self._post(question)

    def _post(self, question: bytes) -> bytes:
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
            content = response.read(ANSWER_BYTES_MAX + 1)
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
        if len(content) > ANSWER_BYTES_MAX:
            response.close()
            raise RpcMalformed(f"{self.endpoint}: an answer of more than {ANSWER_BYTES_MAX} bytes")
        response.release_conn()
        if response.status == _HTTP_OVERLOADED:
            raise RpcOverloaded(f"{self.endpoint}: HTTP 429", _pause_s(response.headers.get("retry-after")))
        if response.status >= _HTTP_SERVER_ERROR:
            raise RpcUnreachable(f"{self.endpoint}: HTTP {response.status}")
        if not _HTTP_OK <= response.status < _HTTP_REDIRECT and not content.lstrip().startswith(b"{"):
            raise RpcUnreachable(f"{self.endpoint}: HTTP {response.status}; check the URL and its key")
        return content
