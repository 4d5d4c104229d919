"""What one oracle is told, as a value and as the file that an oracle process reads."""

from __future__ import annotations

from dataclasses import dataclass, field
from pathlib import Path  # noqa: TC003 - pydantic reads it
from typing import TYPE_CHECKING

from pydantic import BaseModel, ConfigDict, Field, ValidationError

from ccip_core.deployment import Deployment, load_deployment
from ccip_core.localnet.keys import dev_key

if TYPE_CHECKING:
    from ccip_core.signers import Signer


class OracleConfigError(Exception):
    """The file can't be used; one line that names the field, the value and the remedy."""


@dataclass(frozen=True)
class OracleConfig:
    """What one oracle is told. Its keys are the local network's dev keys of its index."""

    deployment: Deployment
    index: int
    secret: str = field(repr=False)
    """Shared by the oracles: keeps strangers from their doors."""
    port: int = 0
    """0: any free one."""
    oracle_urls: tuple[str, ...] = ()
    rmn_urls: tuple[str, ...] = ()

    @property
    def signer(self) -> Signer:
        """Signs commit reports."""
        return dev_key("oracle_signer", self.index)

    @property
    def transmitter(self) -> Signer:
        """Sends transactions."""
        return dev_key("oracle_transmitter", self.index)


class OracleFile(BaseModel):
    """The file of one oracle process. It holds the secret: only its owner may read it."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    deployment: Path
    index: int = Field(ge=0, lt=256)
    secret: str = Field(min_length=16, repr=False)
    port: int = Field(default=0, ge=0, lt=1 << 16)
    oracle_urls: tuple[str, ...] = ()
    rmn_urls: tuple[str, ...] = ()


def load_oracle_config(path: Path) -> OracleConfig:
    """Read an oracle's file; a relative deployment path counts from the file's folder.

    Raises:
        OracleConfigError: unreadable or not of this shape.
        DeploymentError: the deployment that it names can't be used.
    """
    try:
        file = OracleFile.model_validate_json(path.read_bytes())
    except OSError as error:
        raise OracleConfigError(f"config = {path}: {error.strerror}; name an oracle's config file") from None
    except ValidationError as error:
        first = error.errors(include_input=False)[0]
        field = ".".join(map(str, first["loc"])) or "the file"
        raise OracleConfigError(f"config = {path}: {field}: {first['msg']}; mend the file") from None
    return OracleConfig(
        deployment=load_deployment(path.parent / file.deployment),
        index=file.index,
        secret=file.secret,
        port=file.port,
        oracle_urls=file.oracle_urls,
        rmn_urls=file.rmn_urls,
    )


def save_oracle_config(file: OracleFile, path: Path) -> None:
    """Write a new file that only its owner may read."""
    path.touch(mode=0o600, exist_ok=False)
    path.write_text(file.model_dump_json(indent=2) + "\n")
