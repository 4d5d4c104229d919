"""A message's progress in the words of its users: which stage it has reached, and what it waits for.

    SENT → SOURCE_FINALIZED → COMMITTED → BLESSED → SUCCESS or FAILURE

A blessed root is committed together with its blessing, so COMMITTED and BLESSED come in one transaction; on lanes
without blessing there is no BLESSED. On a lane of 1.5 the RMN nodes vote for a root that is committed, and always.
DISPLACED is the one end that honest chains never show.
"""

from __future__ import annotations

from enum import StrEnum
from typing import TYPE_CHECKING, NamedTuple

from ccip_core import views
from ccip_core.journey import Journey, MessageState
from ccip_core.protocol.subjects import chain_subject
from ccip_core.reverts import revert_text

if TYPE_CHECKING:
    from ccip_core.chains import Chains


class Stage(StrEnum):
    """How far it is."""

    SENT = "SENT"
    SOURCE_FINALIZED = "SOURCE_FINALIZED"
    COMMITTED = "COMMITTED"
    BLESSED = "BLESSED"
    SUCCESS = "SUCCESS"
    FAILURE = "FAILURE"
    DISPLACED = "DISPLACED"

    @property
    def is_end(self) -> bool:
        """Nothing further happens by itself."""
        return self in {Stage.SUCCESS, Stage.FAILURE, Stage.DISPLACED}


class Progress(NamedTuple):
    """One look at a message."""

    stage: Stage
    waits_for: str
    """In words; empty at the end, or what a person can do."""

    def __str__(self) -> str:
        return f"{self.stage}: {self.waits_for}" if self.waits_for else str(self.stage)


_STAGES = {
    MessageState.SENT: Stage.SENT,
    MessageState.FINAL: Stage.SOURCE_FINALIZED,
    MessageState.SUCCESS: Stage.SUCCESS,
    MessageState.FAILURE: Stage.FAILURE,
    MessageState.DISPLACED: Stage.DISPLACED,
}


_COMMITTED = {Stage.COMMITTED, Stage.BLESSED}


def progress(chains: Chains, way: Journey) -> Progress:
    """What the chains say now. Raises RpcError."""
    if way.state is MessageState.COMMITTED:
        is_blessed = way.commit is not None and way.commit.is_blessed
        stage = Stage.BLESSED if is_blessed else Stage.COMMITTED
    else:
        stage = _STAGES[way.state]
    return Progress(stage, _waits_for(chains, way, stage))


def passed(before: Stage | None, now: Stage, way: Journey) -> list[Stage]:
    """The stages between two looks, the present one last: a fast message passes several at once."""
    road = [Stage.SENT, Stage.SOURCE_FINALIZED, Stage.COMMITTED]
    if way.commit is not None and way.commit.is_blessed:
        road.append(Stage.BLESSED)
    if now not in road:
        road.append(now)
    start = 0 if before is None else road.index(before) + 1 if before in road else len(road)
    return road[start : road.index(now) + 1]


def _waits_for(chains: Chains, way: Journey, stage: Stage) -> str:
    lane = way.sent.lane
    source, dest = chains.chain(lane.source), chains.chain(lane.dest)
    if stage is Stage.SENT:
        final = views.final_block(chains.rpc(lane.source), source.finality_depth_blocks)
        missing = way.sent.block_number - final
        return f"{missing} more block{'s' * (missing != 1)} on {source.name} to be final"
    if stage is Stage.FAILURE:
        why = revert_text(way.executions[-1].return_data)
        return f"a person: mend the cause ({why}), then `ccip execute 0x{way.sent.message.header.message_id.hex()}`"
    if stage.is_end:
        return "nothing: another message was executed under its number" if stage is Stage.DISPLACED else ""
    if views.is_cursed(chains.rpc(lane.dest), _rmn(chains, way), chain_subject(lane.source)):
        return f"people to lift the curse of {source.name} on {dest.name}"
    return f"{_for_whom(chains, way, stage)} on {dest.name}{_turn(way) if stage in _COMMITTED else ''}"


def _for_whom(chains: Chains, way: Journey, stage: Stage) -> str:
    if stage is Stage.SOURCE_FINALIZED:
        config = chains.deployment.lane(way.sent.lane)
        is_blessed = config is not None and config.blessing and way.sent.v1_5 is None
        return "the RMN nodes' blessing and the oracles to commit it" if is_blessed else "the oracles to commit it"
    if stage is Stage.COMMITTED and way.sent.v1_5 is not None:
        return "the RMN nodes to vote for its root"
    return "the oracles to execute it"


def _rmn(chains: Chains, way: Journey) -> bytes:
    """Whose curses stop it at its end."""
    return chains.chain(way.sent.lane.dest).contracts.rmn_remote if way.sent.v1_5 is None else way.sent.v1_5.ramps.rmn


def _turn(way: Journey) -> str:
    nonce = way.sent.message.header.nonce
    return f" after this sender's ordered message {nonce - 1}" if nonce > 1 else ""
