"""How a node reaches its chains: the endpoints of each, those that must agree, and where heads are announced."""

from __future__ import annotations

from typing import TYPE_CHECKING
from urllib.parse import urlsplit

from ccip_core.heads import HeadStream
from ccip_core.http_rpc import HttpRpc
from ccip_core.ipc_rpc import IpcRpc
from ccip_core.ipc_socket import ipc_path
from ccip_core.quorum_rpc import QuorumRpc
from rmn_service.errors import ConfigError

if TYPE_CHECKING:
    from collections.abc import Mapping

    from ccip_core.deployment import Chain, Deployment
    from ccip_core.json_rpc import JsonRpc
    from ccip_core.protocol.messages import ChainSelector
    from ccip_core.rpc import Rpc
    from rmn_service.config import ChainConfig, NodeConfig
    from rmn_service.metrics import Metrics
    from rmn_service.scheduler import ChainThread

RPC_TIMEOUT_S = 5.0


def open_seam(
    chain: Chain,
    config: NodeConfig,
    rpcs: Mapping[ChainSelector, Rpc],
    connections: list[JsonRpc | QuorumRpc],
    metrics: Metrics,
) -> QuorumRpc:
    """The chain as its endpoints agree on it; what is opened is added to `connections`. `rpcs` replaces endpoints.

    Raises:
        ConfigError: a URL can't be used.
    """
    given = rpcs.get(chain.selector)
    if isinstance(given, QuorumRpc):
        return given
    entry = next((entry for entry in config.chains if entry.selector == chain.selector), None)
    urls = (chain.http,) if entry is None else entry.rpc_urls
    ws_url = _ws_url(chain, entry)
    if given is not None:
        return QuorumRpc([given], chain.chain_id)
    token_env = None if entry is None else entry.rpc_token_env
    opened = [_endpoint(url, ws_url, token_env or chain.token_env_of(url)) for url in urls]
    connections += opened
    quorum = QuorumRpc(
        opened,
        chain.chain_id,
        1 if entry is None else entry.endpoints_that_must_agree,
        on_fault=lambda number, fault: metrics.endpoint_faults.labels(chain.name, str(number), fault).inc(),
    )
    connections.append(quorum)
    return quorum


def head_urls(deployment: Deployment, entries: Mapping[ChainSelector, ChainConfig]) -> dict[ChainSelector, str]:
    """Where heads are announced. Announcements wake the node; what counts as a fact is in `head_stream`."""
    urls = {}
    for chain in deployment.chains:
        url = _ws_url(chain, entries.get(chain.selector))
        if url is not None:
            urls[chain.selector] = url
    return urls


def head_stream(url: str, thread: ChainThread, config: NodeConfig) -> HeadStream:
    """An announced block is confirmed by those that must agree; where one is enough, only that one is believed."""
    entry = next((entry for entry in config.chains if entry.selector == thread.selector), None)
    is_believed = entry is None or entry.endpoints_that_must_agree > 1 or _is_same_node(entry.rpc_urls[0], url)
    try:
        return HeadStream(url, thread.wake if is_believed else lambda _: thread.wake())
    except ValueError as error:
        raise ConfigError(f"chains.ws_url: {error}; mend it") from None


def _endpoint(url: str, ws_url: str | None, token_env: str | None) -> JsonRpc:
    same_node = ws_url if _is_same_node(url, ws_url) else None
    try:
        if ipc_path(url) is not None:
            return IpcRpc(url, RPC_TIMEOUT_S)
        return HttpRpc(url, RPC_TIMEOUT_S, ws_url=same_node, token_env=token_env)
    except ValueError as error:
        raise ConfigError(f"chains: {error}") from None


def _ws_url(chain: Chain, entry: ChainConfig | None) -> str | None:
    if entry is None:
        return chain.ws
    ipc = next((url for url in entry.rpc_urls if ipc_path(url) is not None), None)
    return entry.ws_url or ipc or chain.ws


def _is_same_node(url: str, ws_url: str | None) -> bool:
    """Facts come from the endpoints in `rpc_urls` alone: a socket may carry them only if it leads to the same place."""
    if ws_url is None:
        return False
    if ipc_path(url) is not None or ipc_path(ws_url) is not None:
        return ipc_path(url) == ipc_path(ws_url)
    return urlsplit(url).netloc == urlsplit(ws_url).netloc
