"""What people may change about the node itself: its posture, the kill switch, maintenance windows.

All of it is audited first, survives a restart, and is told to the others.

To stop is easy and to go on is not: any operator throws the kill switch, only an approver takes it back.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from ccip_core.protocol.hashing import keccak
from ccip_core.protocol.messages import ChainSelector, Lane
from rmn_service.brakes import KillSwitch
from rmn_service.errors import ConflictError, ForbiddenError, NotFoundError, RequestError
from rmn_service.maintenance import Window

if TYPE_CHECKING:
    from collections.abc import Sequence

    from rmn_service.config import Posture
    from rmn_service.operators import Operator
    from rmn_service.service import Service

WINDOW_MS_MAX = 7 * 86_400_000


class Controls:
    """The switches of a service."""

    def __init__(self, service: Service, configured_posture: Posture) -> None:
        self._service = service
        self._configured = configured_posture
        stored = service.store.get("setting", "posture")
        if stored is not None:
            service.past_postures = [(until_ms, before) for until_ms, before in stored.get("past", ())]
            if stored["configured"] == configured_posture:
                service.posture = stored["posture"]  # what people set holds until the file says something new

    def set_posture(self, posture: Posture, reason: str, operator: Operator, now_ms: int) -> None:
        """How far this node may act from now on; survives a restart until node.toml is changed.

        A reason may be empty: in haste nobody shall be turned away. The dashboard asks for one where less is protected.
        """
        service = self._service
        with service.lock:
            before = service.posture
            said = {"from": before, "to": posture, "by": operator.name, "reason": reason}
            service.audit.note("posture", said, now_ms)
            past = [*service.past_postures, (now_ms, before)]
            setting = {"posture": posture, "configured": self._configured, "past": [[*each] for each in past]}
            service.store.put("setting", "posture", setting, now_ms)
            service.past_postures, service.posture = past, posture
            title = "the posture was changed"
            text = f"{before} to {posture} by {operator.name}{reason and f': {reason}'}"
            service.alerting.people("posture", "posture", title, text, now_ms)

    def set_kill_switch(self, is_on: bool, reason: str, operator: Operator, now_ms: int) -> KillSwitch:
        """Stop all automatic curses at once, also those that are under way and not on a chain yet; or allow them again.

        Raises:
            ForbiddenError: only an approver allows them again.
        """
        if not is_on and operator.role != "approver":
            raise ForbiddenError(f"role = {operator.role}: anybody who acts may stop, only an approver lets go on")
        service = self._service
        switch = KillSwitch(is_on, operator.name, now_ms, reason)
        with service.lock:
            if is_on:
                service.kill_switch = switch  # first of all, and even if the record can't be written
            service.audit.note("kill switch", switch.document(), now_ms)
            service.store.put("setting", "kill-switch", switch.document(), now_ms)
            service.kill_switch = switch
            title = f"the kill switch is {'on' if is_on else 'off'}"
            service.alerting.people("kill_switch", "kill-switch", title, f"{operator.name}: {reason}", now_ms)
        return switch

    def open_window(
        self, lanes: Sequence[str], span_ms: tuple[int, int], reason: str, operator: Operator, now_ms: int
    ) -> Window:
        """Announce a maintenance: what statistics say of these lanes then decides nothing.

        Raises:
            RequestError: no such lane, or a time that is upside down, over, or too long.
        """
        start_ms, end_ms = span_ms
        if not start_ms < end_ms <= start_ms + WINDOW_MS_MAX:
            raise RequestError(f"end: must be after start, by at most {WINDOW_MS_MAX // 86_400_000} days")
        if end_ms <= now_ms:
            raise RequestError("end: is in the past; a window mutes only what is said after it was announced")
        service = self._service
        muted = tuple(sorted(self._lane(lane) for lane in lanes))
        id_ = keccak(f"{muted}|{start_ms}|{end_ms}|{operator.name}|{now_ms}".encode())[:12].hex()
        window = Window(id_, muted, start_ms, end_ms, reason, operator.name)
        with service.lock, service.store.together():
            service.audit.note("maintenance", window.document(), now_ms)
            service.store.put("maintenance", window.id, window.document(), now_ms)
            service.windows[window.id] = window
        service.alerting.people("maintenance", window.id, "maintenance was announced", reason, now_ms)
        return window

    def end_window(self, id_: str, operator: Operator, now_ms: int) -> Window:
        """The maintenance is over earlier than announced.

        Raises:
            NotFoundError, ConflictError: there is no such window, or it is over.
        """
        service = self._service
        with service.lock:
            if id_ not in service.windows:
                raise NotFoundError(f"maintenance {id_[:80]}: unknown; see /maintenance")
            window = service.windows[id_]
            if window.end_ms <= now_ms:
                raise ConflictError(f"maintenance {id_} is over already")
            ended = window._replace(end_ms=now_ms)
            with service.store.together():
                service.audit.note("maintenance ended", {"maintenance": id_, "by": operator.name}, now_ms)
                service.store.put("maintenance", id_, ended.document(), now_ms)
            service.windows[id_] = ended
        return ended

    def _lane(self, text: str) -> Lane:
        source, _, dest = text.partition(":")
        for config in self._service.deployment.lanes:
            if [str(config.source), str(config.dest)] == [source, dest]:
                return Lane(ChainSelector(config.source), ChainSelector(config.dest))
        raise RequestError(f"lanes = {text[:80]}: no such lane; write SOURCE:DEST by selector, see /lanes")
