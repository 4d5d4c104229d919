"""What people say about incidents: seen, later, yours, and what it was. Audited under their name."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from rmn_service.errors import ConflictError, NotFoundError, RequestError

if TYPE_CHECKING:
    from rmn_service.incidents import Incident
    from rmn_service.operators import Operator, Operators
    from rmn_service.service import Service

VERDICTS = ("true", "false")
"""Labels that count: how many curses were false is read off them, so they need a reason."""


class Statements:
    """The operators' side of the inbox."""

    def __init__(self, service: Service, operators: Operators) -> None:
        self._service = service
        self._operators = operators

    def acknowledge(self, id_: str, operator: Operator, now_ms: int) -> Incident:
        """Somebody is on it."""
        return self._say(id_, "acknowledge", {"acknowledged_by": operator.name}, operator, now_ms)

    def snooze(self, id_: str, until_ms: int, operator: Operator, now_ms: int) -> Incident:
        """No reminders until then. Withholding and cursing go on."""
        return self._say(id_, "snooze", {"snoozed_until_ms": until_ms}, operator, now_ms)

    def assign(self, id_: str, name: str | None, operator: Operator, now_ms: int) -> Incident:
        """Whose it is; None: nobody's.

        Raises:
            RequestError: nobody here has that name.
        """
        if name is not None and name not in self._operators.names:
            known = ", ".join(self._operators.names)
            raise RequestError(f"to = {name[:80]}: no operator of this node; known are {known}")
        return self._say(id_, "assign", {"assigned_to": name}, operator, now_ms)

    def label(
        self, id_: str, label: str, reason: str, operator: Operator, now_ms: int, *, is_closed: bool = False
    ) -> Incident:
        """What it was; `is_closed` also ends it, and with it this node's withholding on its account.

        Raises:
            RequestError: true or false without a reason.
        """
        if label in VERDICTS and not reason.strip():
            raise RequestError(f"reason = (nothing): say why it was {label}; budgets are kept by these labels")
        said: dict[str, Any] = {"label": label, "label_reason": reason or None}
        if is_closed:
            said |= {"state": "closed", "closed_by": operator.name}
        return self._say(id_, "label", said, operator, now_ms)

    def _say(self, id_: str, what: str, said: dict[str, Any], operator: Operator, now_ms: int) -> Incident:
        service = self._service
        with service.lock:
            incident = service.incidents.get(id_)
            if incident is None:
                raise NotFoundError(f"incident {id_[:80]}: unknown; see /incidents")
            if incident.is_closed and (
                what != "label" or "state" in said
            ):  # what it was is often known only afterwards
                raise ConflictError(f"incident {id_} is closed")
            service.audit.note(what, {"incident": id_, "by": operator.name, **said}, now_ms)
            incident = incident.turned(now_ms, what, operator.name, **said)
            service.replace_incident(incident, now_ms)
        return incident
