"""One wish of people, as it stands at every node: proposals of several nodes that say the same, seen as one. Pure.

Each node votes for itself, so a curse by hand is proposed and approved at each of them. A campaign is what a person
thinks of: "curse this lane, because …", with its state at every node and on every chain.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

_PRESS_S = 60
_RANK = ("prepared", "proposed", "approved", "rejected", "expired")


@dataclass
class Campaign:
    """Proposals of one kind, with the same subjects and reason, by one person."""

    kind: str
    subjects: tuple[str, ...]
    reason: str
    proposed_by: str
    proposed_at: str
    proposals: dict[str, dict[str, Any]] = field(default_factory=dict)
    """By node."""

    @property
    def said(self) -> tuple[str, tuple[str, ...], str, str]:
        """What makes two nodes' proposals one wish."""
        return self.kind, self.subjects, self.reason, self.proposed_by

    def takes(self, node: str, at: str) -> bool:
        """Whether a node's proposal of that time belongs here: one press of a button reaches all nodes within it."""
        return node not in self.proposals and _seconds(at) - _seconds(self.proposed_at) < _PRESS_S

    @property
    def targets(self) -> list[tuple[str, str]]:
        """(chain, subject), as the nodes understood the subjects."""
        return sorted({(t["chain"], t["subject"]) for proposal in self.proposals.values() for t in proposal["targets"]})

    @property
    def state(self) -> str:
        """The least advanced node's."""
        states = [proposal["state"] for proposal in self.proposals.values()]
        return str(min(states, key=lambda state: _RANK.index(state) if state in _RANK else len(_RANK)))

    @property
    def approved_by(self) -> str:
        """Who consented, where somebody did."""
        return ", ".join(sorted({p["approved_by"] for p in self.proposals.values() if p["approved_by"]}))

    def open_at(self) -> dict[str, str]:
        """The id of what still waits for consent, by node."""
        return {name: p["id"] for name, p in self.proposals.items() if p["state"] == "proposed"}

    def preview(self) -> dict[str, Any] | None:
        """The blast radius that the nodes promised; the first node's that made one."""
        return next((p["blast_radius"] for p in self.proposals.values() if p.get("blast_radius")), None)

    def outcome(self) -> dict[str, Any] | None:
        """What happened, compared with the promise; None before it did."""
        return next((p["outcome"] for p in self.proposals.values() if p.get("outcome")), None)


def campaigns(proposals: Mapping[str, Sequence[Mapping[str, Any]]]) -> list[Campaign]:
    """The nodes' proposals (by node), newest campaign first."""
    found: list[Campaign] = []
    items = [(item["proposed_at"], node, item) for node, listed in proposals.items() for item in listed]
    for at, node, item in sorted(items, key=lambda entry: entry[:2]):
        said = (item["kind"], tuple(item["subjects"]), item["reason"], item["proposed_by"])
        campaign = next((one for one in reversed(found) if one.said == said and one.takes(node, at)), None)
        if campaign is None:
            campaign = Campaign(*said, proposed_at=at)
            found.append(campaign)
        campaign.proposals[node] = dict(item)
    return found[::-1]


def progress(campaign: Campaign) -> list[dict[str, Any]]:
    """A row a chain: how many of its targets stand as wanted at every node, and how far each node's own act is.

    `votes` by node: state (waiting, intended, sent, voted, done, impossible, council), transaction, note.
    """
    rows = []
    for chain in sorted({chain for chain, _ in campaign.targets}):
        told = {
            node: item
            for node, proposal in campaign.proposals.items()
            for item in proposal["progress"]
            if item["chain"] == chain
        }
        targets = max((item["targets"] for item in told.values()), default=0)
        standing = min((item["standing"] for item in told.values()), default=0)
        rows.append(
            {
                "chain": chain,
                "targets": targets,
                "standing": standing,
                "is_done": bool(told) and standing == targets,
                "votes": {node: (item["state"], item["tx"], item["note"]) for node, item in told.items()},
            }
        )
    return rows


def _seconds(text: str) -> float:
    return datetime.fromisoformat(text).timestamp()
