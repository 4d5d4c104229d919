"""What the pre-flight found, for people and programs."""

from collections.abc import Sequence

from ccip_core.cli.output import print_json, print_table
from ccip_core.cli.session import chain_name
from ccip_core.deployment import Deployment
from ccip_core.preflight import Finding
from ccip_core.protocol.messages import Lane
from ccip_core.refusal import CcipRefusal


def print_findings(findings: Sequence[Finding], as_json: bool) -> int:
    """All of them; the exit code: 1 when one would stop the message."""
    is_clear = all(finding.verdict != "stop" for finding in findings)
    if as_json:
        print_json({"clear": is_clear, "findings": [finding._asdict() for finding in findings]})
    else:
        print_table(("check", "verdict", "finding"), findings)
    return 0 if is_clear else 1


def refuse_if_stopped(network: Deployment, lane: Lane, findings: Sequence[Finding]) -> None:
    """Raises CcipRefusal when one of them would stop the message."""
    reasons = [finding.text for finding in findings if finding.verdict == "stop"]
    if reasons:
        way = f"send {chain_name(network, lane.source)} → {chain_name(network, lane.dest)}"
        raise CcipRefusal(f"{way}: {'; also: '.join(reasons)} (--anyway sends all the same)")
