"""node.toml: one file, strict (an unknown key is an error), overridable by `RMN__SECTION__FIELD` in the environment.

Relative paths are relative to the file's own folder. No secret ever stands in the file: a key's password comes from
`password_env` or `password_file`, an operator's token is given as its Argon2 hash, its SHA-256 or by the name of a
variable.
"""

from __future__ import annotations

import re
import tomllib
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any, Literal, Self

from pydantic import (
    BaseModel,
    ConfigDict,
    Field,
    PrivateAttr,
    ValidationError,
    ValidationInfo,
    field_validator,
    model_validator,
)
from pydantic_settings import BaseSettings, PydanticBaseSettingsSource, SettingsConfigDict

from ccip_core.deployment import HexAddress, SelectorText  # noqa: TC001  # pydantic reads annotations at run time
from ccip_core.ipc_socket import ipc_path
from ccip_core.listening import is_loopback
from detectors.registry import names_of_all
from detectors.settings import Settings
from rmn_service.errors import ConfigError
from rmn_service.key_config import KeyConfig  # noqa: TC001  # pydantic reads annotations at run time
from rmn_service.notify_config import NotificationConfig
from rmn_service.operator_config import OidcConfig, OperatorConfig  # noqa: TC001  # as above
from rmn_service.policy_config import PolicyConfig

if TYPE_CHECKING:
    from collections.abc import Mapping

Posture = Literal["observe", "withhold", "curse"]
_SQLITE = "sqlite:///"
_SECRET = re.compile("password|token|secret|private|key|mnemonic|url", re.IGNORECASE)


class _Section(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)


class ApiConfig(_Section):
    """Where the node's HTTP API listens, and for whom. Port 0 takes any free one."""

    host: str = "127.0.0.1"
    port: int = Field(default=8801, ge=0, le=65535)
    tls_cert: Path | None = None
    """PEM with the certificate and its chain; with `tls_key` the API speaks HTTPS alone."""
    tls_key: Path | None = None
    behind_proxy: bool = False
    """A proxy on this machine speaks TLS to the world and says in X-Forwarded-For who asks."""
    reads: Literal["open", "operators"] = "open"
    """Who may read: anybody who reaches the port, or operators (viewers too) with their token. /health, /metrics and
    /blessings are for machines and stay open."""
    requests_per_s: float = Field(default=100.0, gt=0)
    """Of one client, over time; bursts of five times as many."""
    failed_logins_per_minute: float = Field(default=6.0, gt=0)
    """Of one client; a known token is never refused for them."""

    @property
    def is_loopback(self) -> bool:
        """Whether only this machine can reach it."""
        return is_loopback(self.host)

    @model_validator(mode="after")
    def _is_private(self) -> Self:
        if (self.tls_cert is None) != (self.tls_key is None):
            raise ValueError("give tls_cert and tls_key together, or neither")
        if not self.is_loopback and self.tls_cert is None and not self.behind_proxy:
            raise ValueError(
                f"host = {self.host} is not this machine alone, so tokens would travel in the clear: set tls_cert and "
                "tls_key, or behind_proxy = true where a proxy speaks TLS"
            )
        return self


class ChainConfig(_Section):
    """How this node reaches one chain. What is left out comes from the deployment."""

    selector: SelectorText
    rpc_urls: tuple[str, ...] = Field(min_length=1)
    """http, https, or a node's Unix socket: ipc:///path, or a path that ends in .ipc."""
    min_agree: int | None = Field(default=None, ge=1)
    """How many endpoints must say the same before it is believed. Left out: 2 where several are named, else 1."""
    ws_url: str | None = None
    start_block: int | None = Field(default=None, ge=0)
    """Where a new record begins: at or before the deployment's first transaction (None: indexer.FRESH_BLOCKS)."""
    rpc_token_env: str | None = None
    """The environment variable with the bearer token that these endpoints want."""
    finality_depth_blocks: int | None = Field(default=None, ge=0)
    """Where the endpoint knows no `finalized` tag: how deep a block must be buried."""

    @property
    def endpoints_that_must_agree(self) -> int:
        """`min_agree`, or what stands for it."""
        return self.min_agree or min(2, len(self.rpc_urls))

    @field_validator("min_agree")
    @classmethod
    def _can_be_met(cls, min_agree: int | None, info: ValidationInfo) -> int | None:
        urls = info.data.get("rpc_urls")
        if urls is not None and min_agree is not None and min_agree > len(urls):
            raise ValueError(f"rpc_urls names {len(urls)} only; name more, or let fewer agree")
        return min_agree

    @field_validator("rpc_urls")
    @classmethod
    def _are_different(cls, urls: tuple[str, ...]) -> tuple[str, ...]:
        if len({ipc_path(url) or url.rstrip("/") for url in urls}) < len(urls):
            raise ValueError("an endpoint is named twice, and would agree with itself; keep one")
        return urls

    @field_validator("rpc_urls")
    @classmethod
    def _are_endpoints(cls, urls: tuple[str, ...]) -> tuple[str, ...]:
        if not all(url.startswith(("http://", "https://")) or ipc_path(url) is not None for url in urls):
            raise ValueError("every endpoint must start with http:// or https://, or be ipc:///path or /path.ipc")
        return urls


class GuardConfig(_Section):
    """Where the history of what this node's keys have signed is kept. It belongs to the keys, not to the database."""

    path: Path = Path("guard.db")


class PeerConfig(_Section):
    """Another node whose audit log this one watches."""

    name: str = Field(min_length=1)
    url: str
    signer: HexAddress
    """The address of its blessing key, which signs its audit head."""

    @field_validator("url")
    @classmethod
    def _is_http(cls, url: str) -> str:
        if not url.startswith(("http://", "https://")):
            raise ValueError("must start with http:// or https://")
        return url

    @property
    def base(self) -> str:
        """Its API without a slash at the end."""
        return self.url.rstrip("/")


class DrillConfig(_Section):
    """Fire drills on a schedule."""

    every_s: int = Field(default=0, ge=0)
    """0: only when somebody asks for one; else at least 60."""
    kind: Literal["shadow", "onchain"] = "shadow"
    limit_ms: int = Field(default=1_000, ge=1)
    """A shadow drill whose votes go out later than this fell short, and says so."""

    @field_validator("every_s")
    @classmethod
    def _is_bearable(cls, every_s: int) -> int:
        if 0 < every_s < 60:
            raise ValueError("0 for never, or at least 60")
        return every_s


class IncidentConfig(_Section):
    """When an incident counts as quiet, and how long after that it closes by itself."""

    quiet_after_s: int = Field(default=900, ge=1)
    close_after_s: int = Field(default=86_400, ge=1)
    """Since its last signal, and only where nothing is withheld or cursed on its account."""


class RetentionConfig(_Section):
    """How long the database keeps the chains' traffic. Left out: for ever."""

    keep_days: int = Field(ge=1)
    """Older traffic is dropped, once closed ranges hold it."""
    exported: Path
    """The folder that `rmn export --closed` writes."""

    @property
    def text(self) -> str:
        """In words."""
        return f"traffic older than {self.keep_days} days leaves the database once {self.exported} holds it"


class NodeConfig(BaseSettings):
    """One node, as its operator described it."""

    model_config = SettingsConfigDict(env_prefix="RMN__", env_nested_delimiter="__", extra="forbid", frozen=True)

    deployment: Path
    name: str = "rmn"
    database_url: str = f"{_SQLITE}node.db"
    posture: Posture = "observe"
    tick_s: Annotated[float, Field(gt=0, le=60)] = 1.0
    """How often every chain is asked even when no new head was announced."""
    api: ApiConfig = ApiConfig()
    signer: KeyConfig | None = None
    curser: KeyConfig | None = None
    guard: GuardConfig = GuardConfig()
    chains: tuple[ChainConfig, ...] = ()
    operators: tuple[OperatorConfig, ...] = ()
    oidc: OidcConfig | None = None
    detectors: dict[str, Any] = Field(default_factory=dict)
    """Settings handed to the judge as they are."""
    incidents: IncidentConfig = IncidentConfig()
    policy: PolicyConfig = PolicyConfig()
    notifications: NotificationConfig = NotificationConfig()
    peers: tuple[PeerConfig, ...] = ()
    drills: DrillConfig = DrillConfig()
    retention: RetentionConfig | None = None
    _folder: Path = PrivateAttr(default=Path())

    @classmethod
    def settings_customise_sources(
        cls,
        settings_cls: type[BaseSettings],  # noqa: ARG003  # the parent's signature
        init_settings: PydanticBaseSettingsSource,
        env_settings: PydanticBaseSettingsSource,
        dotenv_settings: PydanticBaseSettingsSource,  # noqa: ARG003
        file_secret_settings: PydanticBaseSettingsSource,  # noqa: ARG003
    ) -> tuple[PydanticBaseSettingsSource, ...]:
        """The environment wins over the file; there is nothing else."""
        return env_settings, init_settings

    @field_validator("operators", "chains", "peers")
    @classmethod
    def _are_distinct(cls, entries: tuple[Any, ...], info: ValidationInfo) -> tuple[Any, ...]:
        key = "selector" if info.field_name == "chains" else "name"
        names = [getattr(entry, key) for entry in entries]
        twice = next((name for name in names if names.count(name) > 1), None)
        if twice is not None:
            raise ValueError(f"{key} {twice} is given twice; keep one")
        return entries

    @model_validator(mode="after")
    def _has_a_provider(self) -> Self:
        named = [person for person in self.operators if person.oidc_subject or person.oidc_email]
        if named and self.oidc is None:
            raise ValueError(f"operator {named[0].name} has an oidc identity, but there is no [oidc]: add it")
        for field in ("oidc_subject", "oidc_email"):
            texts = [getattr(person, field) for person in named if getattr(person, field)]
            if len({*texts}) < len(texts):
                raise ValueError(f"two operators have the same {field}; keep one")
        return self

    def located(self, folder: Path) -> Self:
        """The same configuration with `folder` as the place where relative paths start."""
        self._folder = folder
        return self

    @property
    def kept(self) -> str:
        """How long the database keeps traffic, in words."""
        return "everything" if self.retention is None else self.retention.text

    @property
    def folder(self) -> Path:
        """Where relative paths start: the config file's own folder."""
        return self._folder

    @property
    def deployment_path(self) -> Path:
        """The deployment file, resolved."""
        return self.folder / self.deployment

    @property
    def guard_path(self) -> Path:
        """The guard's file, resolved."""
        return self.folder / self.guard.path

    @property
    def database(self) -> str:
        """The database's URL with a relative SQLite path resolved."""
        path = self.database_url.removeprefix(_SQLITE)
        if path == self.database_url or path in {"", ":memory:"}:
            return self.database_url
        return f"{_SQLITE}{self.folder / path}"


def load_config(path: Path) -> NodeConfig:
    """Read node.toml and the environment.

    Raises:
        ConfigError: unreadable, not TOML, an unknown key, or a value that does not fit.
    """
    try:
        document = tomllib.loads(path.read_text())
    except OSError as error:
        raise ConfigError(f"config = {path}: {error.strerror}; name an existing node.toml") from None
    except (UnicodeDecodeError, tomllib.TOMLDecodeError) as error:
        raise ConfigError(f"config = {path}: not TOML: {error}; mend the file") from None
    try:
        return NodeConfig(**document).located(path.resolve().parent)
    except ValidationError as error:
        raise ConfigError(f"{path}: {explain(error)}") from None


def judge_settings(table: Mapping[str, Any]) -> Settings:
    """The judges' settings as the table `[detectors]` gives them.

    Raises:
        ConfigError: an unknown key or an impossible value.
    """
    try:
        settings = Settings(**table)
    except TypeError:
        known = ", ".join(Settings.__dataclass_fields__)
        unknown = ", ".join(sorted(table.keys() - Settings.__dataclass_fields__.keys()))
        raise ConfigError(f"detectors.{unknown}: unknown key; known are {known}") from None
    except ValueError as error:
        raise ConfigError(f"detectors.{error}; mend it") from None
    names = names_of_all()
    for name in settings.left_out:
        if name not in names:
            raise ConfigError(f"detectors.left_out = {name}: no such detector; there are {', '.join(names)}")
    return settings


def explain(error: ValidationError) -> str:
    """The first fault in one line: field, value, remedy. What could be a secret (or an URL with one) is not shown."""
    fault = error.errors()[0]
    field = ".".join(str(part) for part in fault["loc"]) or "the file"
    value = "(not shown)" if _SECRET.search(field) else _short(fault["input"])
    if fault["type"] == "extra_forbidden":
        return f"{field} = {value}: unknown key; remove it or mend its spelling"
    if fault["type"] == "missing":
        return f"{field} = (nothing): required; add it"
    return f"{field} = {value}: {fault['msg'].removeprefix('Value error, ')}; mend it"


def _short(value: object) -> str:
    if isinstance(value, dict | list | tuple):
        return "{…}" if isinstance(value, dict) else "[…]"
    text = repr(value)
    return text if len(text) <= 80 else text[:77] + "…"
