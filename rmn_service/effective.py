"""The configuration that a node runs with, fit to be shown: nothing secret, of endpoints the host."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any
from urllib.parse import urlsplit

if TYPE_CHECKING:
    from detectors.settings import Settings
    from rmn_service.config import NodeConfig
    from rmn_service.key_config import KeyConfig
    from rmn_service.policy import Table


def effective_settings(config: NodeConfig, judge: Settings) -> dict[str, Any]:
    """For `GET /settings` and `rmn config check`."""
    return {
        "name": config.name,
        "database": config.database.partition("://")[0],
        "posture": config.posture,
        "tick_s": config.tick_s,
        "api": {
            "host": config.api.host,
            "port": config.api.port,
            "tls": config.api.tls_cert is not None,
            "reads": config.api.reads,
            "requests_per_s": config.api.requests_per_s,
        },
        "signer": _kind(config.signer),
        "curser": _kind(config.curser),
        "chains": [
            {
                "selector": str(chain.selector),
                "endpoints": [urlsplit(url).hostname or "" for url in chain.rpc_urls],
                "min_agree": chain.min_agree,
            }
            for chain in config.chains
        ],
        "oidc": None if config.oidc is None else config.oidc.model_dump(),
        "operators": [{"name": operator.name, "role": operator.role} for operator in config.operators],
        "kept": config.kept,
        "incidents": config.incidents.model_dump(),
        "policy": config.policy.model_dump(exclude={"table", "caps"}) | table_words(config.policy.effective_table()),
        "detectors": {name: getattr(judge, name) for name in type(judge).__dataclass_fields__},
    }


def table_words(table: Table) -> dict[str, Any]:
    """The table as node.toml would write it: reach at observe, withhold, curse."""
    rows = {f"{kind}_{severity.word}": [reach.word for reach in row] for (kind, severity), row in table.rows.items()}
    caps: dict[str, dict[str, str]] = {}
    for (family, severity), reach in table.caps.items():
        caps.setdefault(family, {})[severity.word] = reach.word
    return {"table": rows, "caps": caps}


def _kind(key: KeyConfig | None) -> str | None:
    return None if key is None else key.kind
