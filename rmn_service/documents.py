"""Incidents and proposals as the store keeps them: JSON values, selectors as text."""

from __future__ import annotations

from dataclasses import asdict
from typing import TYPE_CHECKING, Any

from ccip_core.protocol.messages import ChainSelector, Lane
from detectors.detector import Severity
from rmn_service.incidents import Cause, Ground, Incident, Moment

if TYPE_CHECKING:
    from collections.abc import Mapping


def of_incident(incident: Incident) -> dict[str, Any]:
    """The incident as a document."""
    cause = incident.cause
    return asdict(incident) | {
        "cause": {
            "family": cause.family,
            "lanes": [[str(lane.source), str(lane.dest)] for lane in cause.lanes],
            "chain": None if cause.chain is None else str(cause.chain),
        },
        "severity": incident.severity.word,
        "grounds": [ground._asdict() | {"severity": ground.severity.word} for ground in incident.grounds],
        "signals": list(incident.signals),
        "timeline": [moment._asdict() | {"severity": moment.severity.word} for moment in incident.timeline],
    }


def incident_of(document: Mapping[str, Any]) -> Incident:
    """The stored incident, typed again."""
    cause = document["cause"]
    lanes = tuple(Lane(ChainSelector(int(source)), ChainSelector(int(dest))) for source, dest in cause["lanes"])
    chain = None if cause["chain"] is None else ChainSelector(int(cause["chain"]))
    grounds = tuple(
        Ground(**{**ground, "severity": Severity[ground["severity"].upper()]}) for ground in document["grounds"]
    )
    fields = {
        **document,
        "cause": Cause(cause["family"], lanes, chain),
        "severity": Severity[document["severity"].upper()],
        "grounds": grounds,
        "signals": tuple(document["signals"]),
        "timeline": tuple(
            Moment(**{**moment, "severity": Severity[moment["severity"].upper()]})
            for moment in document.get("timeline", ())
        ),
    }
    return Incident(**fields)
