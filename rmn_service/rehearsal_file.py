"""A file that says under what settings a backtest is run: `rehearsal.load_rehearsal` reads it."""

from __future__ import annotations

import tomllib
from typing import TYPE_CHECKING, Any

from pydantic import BaseModel, ConfigDict, Field, ValidationError

from rmn_service.conduct import Conduct, conduct_of
from rmn_service.config import IncidentConfig, Posture, explain, judge_settings, load_config
from rmn_service.errors import ConfigError
from rmn_service.policy_config import PolicyConfig

if TYPE_CHECKING:
    from pathlib import Path

    from detectors.settings import Settings


def read_rehearsal(path: Path) -> tuple[Settings, Posture, Conduct]:
    """The judges' settings, how far the node may act, and how.

    Raises:
        ConfigError: unreadable, not TOML, an unknown key or an impossible value.
    """
    tables = _read(path)
    return judge_settings(tables.detectors), tables.posture, conduct_of(tables.policy, tables.incidents)


class _Tables(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)

    posture: Posture = "curse"
    detectors: dict[str, Any] = Field(default_factory=dict)
    incidents: IncidentConfig = IncidentConfig()
    policy: PolicyConfig = PolicyConfig()


def _read(path: Path) -> _Tables:
    try:
        document = tomllib.loads(path.read_text(encoding="utf-8"))
    except OSError as error:
        raise ConfigError(f"config = {path}: {error.strerror}; name a TOML file") from None
    except (UnicodeDecodeError, tomllib.TOMLDecodeError) as error:
        raise ConfigError(f"config = {path}: not TOML: {error}; mend the file") from None
    if "deployment" in document:
        node = load_config(path)
        posture = node.posture if "posture" in node.model_fields_set else "curse"
        return _Tables(posture=posture, detectors=node.detectors, incidents=node.incidents, policy=node.policy)
    try:
        return _Tables(**document)
    except ValidationError as error:
        raise ConfigError(f"{path}: {explain(error)}") from None
