"""`ccip lanes`."""

from ccip_core.chains import Chains
from ccip_core.cli.output import print_json, print_table
from ccip_core.cli.session import AsJson, DeploymentPath, chain_name, open_session
from ccip_core.lane_status import LaneStatus, lane_status
from ccip_core.lane_versions import LaneVersions, lane_versions


def lanes(deployment: DeploymentPath = None, as_json: AsJson = False) -> None:
    """Every lane: how far it is, and whether it is cursed on either end."""
    network = open_session(deployment).deployment
    with Chains(network) as chains:
        found = [(lane_status(chains, config.lane), lane_versions(chains, config.lane)) for config in network.lanes]
    if as_json:
        print_json({"lanes": [_json(*pair) for pair in found]})
        return
    print_table(
        ("source", "dest", "version", "blessing", "sent", "committed", "curse"),
        [
            (
                chain_name(network, status.lane.source),
                chain_name(network, status.lane.dest),
                versions.on_ramp,
                "on" if status.is_blessing_on else "off",
                status.sent_last,
                status.committed_last,
                _curse(status),
            )
            for status, versions in found
        ],
    )


def _json(status: LaneStatus, versions: LaneVersions) -> dict[str, object]:
    return {
        "source": str(status.lane.source),
        "dest": str(status.lane.dest),
        "on_ramp_version": versions.on_ramp,
        "off_ramp_versions": list(versions.off_ramps),
        "enabled": status.is_enabled,
        "blessing": status.is_blessing_on,
        "sent_last": str(status.sent_last),
        "committed_last": str(status.committed_last),
        "cursed_on_source": status.is_source_cursed,
        "cursed_on_dest": status.is_dest_cursed,
    }


def _curse(status: LaneStatus) -> str:
    ends = [
        name for name, is_cursed in (("source", status.is_source_cursed), ("dest", status.is_dest_cursed)) if is_cursed
    ]
    return f"cursed on {' and '.join(ends)}" if ends else "none"
