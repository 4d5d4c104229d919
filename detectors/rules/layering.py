"""Value that changes hands and is sent on, chain after chain."""

from __future__ import annotations

from typing import TYPE_CHECKING, ClassVar

from detectors.detector import Rule, Severity, Verdict, make_signal
from detectors.frames import Sent
from detectors.onward import LAYERED_CHAINS_MIN, onward_key, path_to

if TYPE_CHECKING:
    from detectors.frames import Row
    from detectors.record import Record


class Layering(Rule):
    """A message carries on what its sender was given within a day, to somebody else, over three chains or more.

    Followed is one token's amount, within 1 percent at each step, sent on as one message or as several that add up. It
    is layering where it passed at least three chains and changed hands with every message that the record holds: one
    account that moves its own value around does what bots and treasuries do daily (`round_trip` learns how much is
    usual). Stated of each message that carries the value on, with the whole path as far as the record holds it.

    It is true of rare honest people too, so it is a warning to look at, and no reason to withhold. Assumes that value
    keeps its token, and that who sends it on is the account that was given it.
    """

    name: ClassVar[str] = "layering"
    judges: ClassVar[tuple[type[Row], ...]] = (Sent,)

    def judge(self, record: Record, row: Sent) -> Verdict:
        """Follow the message's value back."""
        if len(record.network.chains) < LAYERED_CHAINS_MIN or row.sender == row.receiver:
            return None
        if onward_key(row.at, row.sender) not in record.onward:
            return None
        steps = path_to(record, row)
        if not steps:
            return None
        chains = [row.lane.dest, row.lane.source, *(step.execution.lane.source for step in steps)]
        first = steps[-1]
        lag = record.source_lag(first.execution.lane, first.execution.at) if first.origin is None else None
        if lag is not None and lag.chain is not None:
            return lag._replace(is_doubt=False)
        passed = {*chains, *(message.lane.dest for step in steps for message in step.messages)}
        if len(passed) < LAYERED_CHAINS_MIN:
            return None
        people = [step.release.recipient for step in reversed(steps)]
        return make_signal(
            self.name,
            row,
            lanes=[row.lane],
            others=[
                row
                for step in steps
                for row in (*step.messages, step.release, step.execution, step.origin)
                if row is not None
            ],
            severity=Severity.WARNING,
            score=0.5,
            summary=f"{len(steps)} times within a day each, what was released to an account was sent on nearly "
            f"unchanged: over {len(passed)} chains.",
            value_micro_usd=record.value_of([steps[0].release]),
            known_at_ms=record.head_known_at_ms(first.execution.lane.source) if first.origin is None else 0,
            evidence={
                "chains": [str(chain) for chain in reversed(chains)],
                "people": [*people, row.receiver],
                "path": [
                    {
                        "source": str(step.execution.lane.source),
                        "dest": str(step.execution.lane.dest),
                        "message_id": step.execution.message_id,
                        "released_amount": str(step.release.amount),
                        "release_tx": step.release.at.tx_hash,
                        "receiver": step.release.recipient,
                        "sent_on": [message.message_id for message in step.messages],
                    }
                    for step in reversed(steps)
                ],
            },
        )
