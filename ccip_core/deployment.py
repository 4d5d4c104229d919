"""deployment.json: everything a node needs to watch a network, whoever deployed it (design: interfaces.md)."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Annotated, Literal
from urllib.parse import urlsplit

from eth_hash.auto import keccak
from pydantic import BaseModel, BeforeValidator, ConfigDict, Field, PlainSerializer, ValidationError

from ccip_core.protocol.messages import ChainSelector, Lane

if TYPE_CHECKING:
    from pathlib import Path

    from pydantic_core import ErrorDetails

_SHOWN_CHARACTERS_MAX = 80


def _selector(value: object) -> int:
    if (
        isinstance(value, bool)
        or not isinstance(value, int | str)
        or not str(value).isdecimal()
        or int(value) >= 1 << 64
    ):
        raise ValueError("a chain selector is a decimal uint64 in quotes")
    return int(value)


def _bytes_of(length: int, value: object) -> bytes:
    if isinstance(value, bytes) and len(value) == length:
        return value
    if isinstance(value, str) and value.startswith("0x"):
        try:
            raw = bytes.fromhex(value[2:])
        except ValueError:
            raw = b""
        if len(raw) == length:
            return raw
    raise ValueError(f"expected 0x and {2 * length} hex digits")


def checksum_address(address: bytes) -> str:
    """The address as people write it: 0x and hex digits whose case is a checksum (EIP-55)."""
    digits = address.hex()
    digest = keccak(digits.encode()).hex()
    return "0x" + "".join(
        digit.upper() if check >= "8" else digit for digit, check in zip(digits, digest, strict=False)
    )


SelectorText = Annotated[ChainSelector, BeforeValidator(_selector), PlainSerializer(str, return_type=str)]
HexAddress = Annotated[
    bytes,
    BeforeValidator(lambda value: _bytes_of(20, value)),
    PlainSerializer(checksum_address, return_type=str),
]
NOBODY = bytes(20)
"""The zero address, which says in CCIP's own answers too that there is no such contract."""

HexAddressOrNull = Annotated[
    bytes,
    BeforeValidator(lambda value: NOBODY if value is None else _bytes_of(20, value)),
    PlainSerializer(lambda raw: None if raw == NOBODY else checksum_address(raw), return_type=str | None),
]
"""`null` in the file, `NOBODY` here; a key that is missing is an error, lest a slip of the pen make us look away."""
HexBytes32 = Annotated[
    bytes,
    BeforeValidator(lambda value: _bytes_of(32, value)),
    PlainSerializer(lambda raw: "0x" + raw.hex(), return_type=str),
]


class DeploymentError(Exception):
    """The file can't be used; one line that names the field, the value and the remedy."""


class _Model(BaseModel):
    """Unknown keys are kept out of the way, not refused: the file may come from a newer or another tool."""

    model_config = ConfigDict(frozen=True, extra="ignore")


class Contracts(_Model):
    """The addresses of one chain.

    The ramps, the FeeQuoter and the NonceManager are those of 1.6: null where all lanes are of 1.5, whose contracts the
    Router leads to.
    """

    router: HexAddress
    on_ramp: HexAddressOrNull
    off_ramp: HexAddressOrNull
    fee_quoter: HexAddressOrNull
    nonce_manager: HexAddressOrNull
    rmn_remote: HexAddress
    """Whom curses are asked of and brought to: an RMNRemote, or an RMN of 1.5 or 2.x."""
    rmn_proxy: HexAddress
    rmn_home: HexAddress | None = None
    curse_voting: HexAddress | None = None
    token_admin_registry: HexAddress
    registry_module: HexAddress | None = None
    token_pool_factory: HexAddress | None = None
    link: HexAddress | None = None
    weth: HexAddress | None = None


class Token(_Model):
    """A token on one chain and the pool that carries it."""

    symbol: str
    address: HexAddress
    pool: HexAddress
    pool_type: Literal["burn_mint", "lock_release"]
    decimals: int = Field(ge=0, le=255)


class Chain(_Model):
    """A chain, how to reach it, and what stands on it."""

    chain_id: int
    selector: SelectorText
    name: str
    http: str
    ws: str | None = None
    rpc_token_env: str | None = Field(default=None, pattern=r"^CCIP_RPC_TOKEN(_[A-Z0-9_]+)?$")
    """The environment variable with the bearer token that `http` wants. Its name begins so, because the file may be a
    stranger's, and must not be able to have other secrets sent to where it says."""
    finality_depth_blocks: int = Field(default=2, ge=0)
    block_time_s: float = 12.0
    contracts: Contracts
    tokens: tuple[Token, ...] = ()

    def token_env_of(self, url: str) -> str | None:
        """The variable of the token for this endpoint: the chain's own, and only for the place that it is for."""
        return self.rpc_token_env if urlsplit(url).netloc == urlsplit(self.http).netloc else None


class LaneConfig(_Model):
    """A directed pair of chains, and whether its roots must be blessed."""

    source: SelectorText
    dest: SelectorText
    blessing: bool = True

    @property
    def lane(self) -> Lane:
        """The pair alone."""
        return Lane(self.source, self.dest)


class RmnSignerEntry(_Model):
    """An RMN node by the address that its blessings recover to."""

    address: HexAddress
    node_index: int


class Rmn(_Model):
    """Who blesses; f_sign + 1 of them make a blessing."""

    f_sign: int = Field(ge=0)
    home_config_digest: HexBytes32
    signers: tuple[RmnSignerEntry, ...] = ()


class Deployment(_Model):
    """The whole file."""

    version: Literal[1] = 1
    contracts: str
    chains: tuple[Chain, ...]
    lanes: tuple[LaneConfig, ...]
    rmn: Rmn

    def chain(self, selector: int) -> Chain:
        """The chain of this selector; KeyError when the deployment does not have it."""
        for chain in self.chains:
            if chain.selector == selector:
                return chain
        raise KeyError(selector)

    def find_chain(self, text: str) -> Chain:
        """The chain that a person means: by name, chain id or selector.

        Raises:
            DeploymentError: there is none such; the message lists what there is.
        """
        for chain in self.chains:
            if text in (chain.name, str(chain.chain_id), str(chain.selector)):
                return chain
        known = ", ".join(f"{chain.name} ({chain.chain_id})" for chain in self.chains)
        raise DeploymentError(f"chain = {text}: not in this deployment; it has {known}")

    def lane(self, lane: Lane) -> LaneConfig | None:
        """The lane's configuration, or None when the deployment does not have the lane."""
        return next((config for config in self.lanes if config.lane == lane), None)


def load_deployment(path: Path) -> Deployment:
    """Read and check a deployment file.

    Raises:
        DeploymentError: unreadable or not of this shape.
    """
    try:
        return Deployment.model_validate_json(path.read_bytes())
    except OSError as error:
        raise DeploymentError(
            f"deployment = {path}: {error.strerror}; start one with `ccip up` or name the file"
        ) from None
    except ValidationError as error:
        first = error.errors()[0]
        field = ".".join(map(str, first["loc"])) or "the file"
        if first["type"] == "missing":
            may_be_null = first["loc"][-1] in _NULLABLE
            hint = " (null where no lane is of CCIP 1.6)" if may_be_null else ""
            raise DeploymentError(f"deployment = {path}: {field}: missing{hint}; mend the file") from None
        raise DeploymentError(f"deployment = {path}: {field}{_shown(first)}: {first['msg']}; mend the file") from None


_NULLABLE = {"on_ramp", "off_ramp", "fee_quoter", "nonce_manager"}


def _shown(error: ErrorDetails) -> str:
    """The offending value, when it is short; never a URL, which may hold a key."""
    text = json.dumps(error["input"], default=str)
    return "" if "://" in text or len(text) > _SHOWN_CHARACTERS_MAX else f" = {text}"


def save_deployment(deployment: Deployment, path: Path) -> None:
    """Write the file whole or not at all."""
    partial = path.with_suffix(path.suffix + ".partial")
    partial.write_text(deployment.model_dump_json(indent=2) + "\n")
    partial.replace(path)
