"""The API against its own OpenAPI document, by schemathesis: whatever is sent, no 5xx, and every answer as promised.

Each of three callers (a stranger, a viewer, an approver) tries every operation on a node with an incident, a curse and
a proposal; a viewer's and a stranger's requests must have changed nothing in the end.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
import schemathesis
from hypothesis import HealthCheck, given, settings
from schemathesis import Case, GenerationMode
from schemathesis.checks import not_a_server_error
from schemathesis.specs.openapi.checks import (
    content_type_conformance,
    response_schema_conformance,
    status_code_conformance,
)

from ccip_core.protocol.messages import ChainSelector, Lane
from rmn_service.policy import both_ends

if TYPE_CHECKING:
    from collections.abc import Callable

    from tests.rmn_service.conftest import NodeUnderTest, ScriptedCcip

TOKENS = {"vera": "vera-token", "bob": "bob-token"}
LANE = Lane(ChainSelector(3379446385462418246), ChainSelector(7759470850252068959))
CHECKS = [not_a_server_error, status_code_conformance, content_type_conformance, response_schema_conformance]
READS = """
/health /metrics /status /chains /settings /whoami /lanes /messages /messages/{message_id} /signals /audit
/evidence/{address} /audit/head /audit/heads /drills /notifications /incidents
/incidents/{incident_id} /curses /proposals /proposals/{proposal_id} /blast-radius /maintenance
"""
ACTS = """
/blessings /proposals /proposals/{proposal_id}/approve /proposals/{proposal_id}/adopt /proposals/{proposal_id}/reject
/curses/affirm /incidents/{incident_id}/acknowledge /incidents/{incident_id}/snooze /incidents/{incident_id}/assign
/incidents/{incident_id}/label /posture /kill-switch /maintenance /maintenance/{window_id}/end /drills
/notifications/test
"""
OPERATIONS = [("GET", path) for path in READS.split()] + [("POST", path) for path in ACTS.split()]


@pytest.fixture
def troubled(start_node: Callable[..., NodeUnderTest], ccip: ScriptedCcip) -> NodeUnderTest:
    """A node with an incident, its curse on one end, a proposal, and no limit to how often it is asked."""
    node = start_node(api="requests_per_s = 1e6\nfailed_logins_per_minute = 1e9")
    message = ccip.send(LANE)
    ccip.send(LANE)
    ccip.mine_all(3)
    ccip.commit(ccip.claim(LANE, 1, 1))
    ccip.execute(message)
    ccip.level()
    node.tick()
    ccip.forge(LANE)
    ccip.level()
    node.tick()
    ccip.curse(both_ends([LANE])[0])
    node.tick()
    body = {"kind": "uncurse", "subjects": ["1337:31337"], "reason": "drill"}
    assert node.act("alice", "/proposals", body).status_code == 201
    return node


def test_every_operation_is_fuzzed(node: NodeUnderTest) -> None:
    paths = node.http.get("/openapi.json").json()["paths"]
    documented = {(method.upper(), path) for path, item in paths.items() for method in item}
    assert documented == set(OPERATIONS)


@pytest.mark.slow
@pytest.mark.hypothesis
@pytest.mark.parametrize("caller", [None, "vera", "bob"])
def test_no_5xx_and_every_answer_is_as_promised(troubled: NodeUnderTest, caller: str | None) -> None:
    schema = schemathesis.openapi.from_asgi("/openapi.json", troubled.node.app)
    headers = {} if caller is None else {"Authorization": f"Bearer {TOKENS[caller]}"}
    before = footprint(troubled)
    for method, path in OPERATIONS:
        operation = schema[path][method]
        known = known_ids(troubled, path)
        cases = operation.as_strategy() | operation.as_strategy(GenerationMode.NEGATIVE)
        if known:
            cases |= operation.as_strategy(path_parameters=known)

        @settings(
            max_examples=max(12, settings.default.max_examples // 10),
            suppress_health_check=list(HealthCheck),
            database=None,
        )
        @given(case=cases)
        def exercise(case: Case) -> None:
            case.call_and_validate(headers=headers, checks=CHECKS)

        exercise()
    if caller != "bob":
        assert footprint(troubled) == before


def known_ids(node: NodeUnderTest, path: str) -> dict[str, str]:
    """The real ids of what the path is about."""
    if "{message_id}" in path:
        return {"message_id": "0x" + node.ccip.sent[LANE][1].header.message_id.hex()}
    if "{incident_id}" in path:
        return {"incident_id": next(iter(node.service.incidents))}
    if "{proposal_id}" in path:
        return {"proposal_id": node.http.get("/proposals").json()["proposals"][0]["id"]}
    return {}


def footprint(node: NodeUnderTest) -> dict[str, object]:
    """All that an act of a person would change."""
    lists = ("incidents", "proposals", "curses", "maintenance")
    said = {name: node.http.get(f"/{name}").json()[name] for name in lists}
    status = node.http.get("/status").json()["status"]
    acts = [row["kind"] for row in node.http.get("/audit?limit=1000").json()["audit"] if row["kind"] != "withhold"]
    return said | {"posture": status["posture"], "kill_switch": status["kill_switch"], "acts": acts}
