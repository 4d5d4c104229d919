"""How a node conducts itself: everything that `[policy]` and `[incidents]` decide, as one value."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

from detectors.detector import Severity
from rmn_service.brakes import Limits
from rmn_service.policy import DEFAULT, Table

if TYPE_CHECKING:
    from rmn_service.config import IncidentConfig
    from rmn_service.policy_config import PolicyConfig


class Conduct(NamedTuple):
    """The defaults are those of a node.toml without either section."""

    table: Table = DEFAULT
    limits: Limits = Limits()
    alert_from: Severity = Severity.WARNING
    quiet_after_ms: int = 900_000
    close_after_ms: int = 86_400_000
    reaffirm_after_ms: int = 86_400_000
    proposal_expires_ms: int = 86_400_000


def conduct_of(policy: PolicyConfig, incidents: IncidentConfig) -> Conduct:
    """What the sections say."""
    return Conduct(
        policy.effective_table(),
        policy.limits(),
        Severity[policy.alert_from.upper()],
        1000 * incidents.quiet_after_s,
        1000 * incidents.close_after_s,
        1000 * policy.reaffirm_after_s,
        1000 * policy.proposal_expires_s,
    )
