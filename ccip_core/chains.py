"""A deployment's chains, each opened when it is first asked for and proved to be the chain that the file names."""

from __future__ import annotations

from typing import TYPE_CHECKING, Self

from ccip_core.deployment import Chain, Deployment, DeploymentError
from ccip_core.http_rpc import HttpRpc
from ccip_core.rpc import RpcError

if TYPE_CHECKING:
    from types import TracebackType


class Chains:
    """Connections by chain selector. Close it, or use it in a `with` statement."""

    def __init__(self, deployment: Deployment) -> None:
        self.deployment = deployment
        self._rpcs: dict[int, HttpRpc] = {}

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    def chain(self, selector: int) -> Chain:
        """What the deployment says of this chain; KeyError when it is not part of it."""
        return self.deployment.chain(selector)

    def rpc(self, selector: int) -> HttpRpc:
        """The connection to this chain.

        Raises:
            DeploymentError: nobody answers at the chain's URL, or another chain does.
        """
        if selector not in self._rpcs:
            self._rpcs[selector] = _open(self.chain(selector))
        return self._rpcs[selector]

    def close(self) -> None:
        """Close every connection."""
        for rpc in self._rpcs.values():
            rpc.close()
        self._rpcs.clear()


def _open(chain: Chain) -> HttpRpc:
    try:
        rpc = HttpRpc(chain.http, token_env=chain.rpc_token_env)
    except ValueError as error:
        raise DeploymentError(f"chain {chain.name}: http: {error}") from None
    try:
        chain_id = rpc.chain_id()
    except RpcError as error:
        rpc.close()
        raise DeploymentError(f"chain {chain.name}: its RPC can't be asked: {error}") from None
    if chain_id != chain.chain_id:
        rpc.close()
        raise DeploymentError(
            f"chain {chain.name}: chain_id = {chain.chain_id} in the deployment, but its RPC is chain {chain_id}; "
            "name the right deployment"
        )
    return rpc
