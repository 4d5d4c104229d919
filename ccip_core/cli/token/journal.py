"""What an interrupted creation has begun: written down before anything is sent, gone when the deployment file has it.

Beside the deployment file, one small file for each token on each chain. It only says where contracts were to stand;
whether they do is asked of the chain.
"""

from pathlib import Path

from pydantic import ValidationError

from ccip_core.deployment import Chain, Deployment, Token, save_deployment
from ccip_core.refusal import BadRequest


def begun(deployment_path: Path, chain: Chain, symbol: str) -> Token | None:
    """Where an earlier, interrupted creation wanted token and pool.

    Raises:
        BadRequest: the file can't be read.
    """
    path = _path(deployment_path, chain, symbol)
    try:
        return Token.model_validate_json(path.read_bytes())
    except FileNotFoundError:
        return None
    except (OSError, ValidationError):
        raise BadRequest(f"journal = {path}: not readable; remove it to begin anew") from None


def remember(deployment_path: Path, chain: Chain, token: Token) -> None:
    """Before the first transaction."""
    path = _path(deployment_path, chain, token.symbol)
    partial = path.with_suffix(".partial")
    partial.write_text(token.model_dump_json())
    partial.replace(path)


def forget(deployment_path: Path, chain: Chain, symbol: str) -> None:
    """It has served."""
    _path(deployment_path, chain, symbol).unlink(missing_ok=True)


def conclude(deployment: Deployment, deployment_path: Path, chain: Chain, token: Token) -> Deployment:
    """It stands: write the deployment file with it, then forget; the deployment as it is now."""
    place = deployment.chain(chain.selector)
    replaced = tuple(token if known.symbol == token.symbol else known for known in place.tokens)
    tokens = replaced if token in replaced else (*replaced, token)
    changed = place.model_copy(update={"tokens": tokens})
    everywhere = tuple(changed if known.selector == chain.selector else known for known in deployment.chains)
    whole = deployment.model_copy(update={"chains": everywhere})
    save_deployment(whole, deployment_path)
    forget(deployment_path, chain, token.symbol)
    return whole


def _path(deployment_path: Path, chain: Chain, symbol: str) -> Path:
    name = symbol if symbol.isalnum() else symbol.encode().hex()
    return deployment_path.with_name(f"{deployment_path.name}.{name}-{chain.chain_id}.begun")
