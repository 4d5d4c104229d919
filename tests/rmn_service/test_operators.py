"""Who somebody is: Argon2 hashes, the rate of wrong tokens, and roles that hold on every route."""

from __future__ import annotations

import hashlib
from typing import TYPE_CHECKING

import pytest
from argon2 import PasswordHasher

from rmn_service import operators as module
from rmn_service.errors import ForbiddenError, TooManyError
from rmn_service.operator_config import OperatorConfig
from rmn_service.operators import Operators, hash_token, new_token
from rmn_service.times import time_text

if TYPE_CHECKING:
    from collections.abc import Callable

    from tests.rmn_service.conftest import NodeUnderTest

CHEAP = PasswordHasher(time_cost=1, memory_cost=64, parallelism=1)
SUBJECT = "0x000000000000000000000000000000aa"
ACTS = {
    "/proposals": {"kind": "curse", "subjects": ["geth-testnet"], "reason": "drill"},
    "/proposals/{proposal}/approve": None,
    "/proposals/{proposal}/adopt": {"reason": "mine"},
    "/proposals/{proposal}/reject": {"reason": "no"},
    "/curses/affirm": {"chain": "1", "subject": SUBJECT, "reason": "must stay"},
    "/incidents/{incident}/acknowledge": None,
    "/incidents/{incident}/snooze": {"seconds": 60},
    "/incidents/{incident}/assign": {"to": "vera"},
    "/incidents/{incident}/label": {"label": "false", "reason": "it was me", "close": True},
    "/posture": {"posture": "observe", "reason": "too loud"},
    "/kill-switch": {"on": True, "reason": "enough"},
    "/maintenance": {"start": "2020-01-01T00:00:00Z", "end": "2020-01-02T00:00:00Z", "reason": "upgrade"},
    "/maintenance/{window}/end": None,
    "/notifications/test": None,
    "/drills": {},
}


def argon2_operator(name: str, token: str, role: str = "operator") -> OperatorConfig:
    return OperatorConfig(name=name, role=role, token_argon2=CHEAP.hash(token))


def test_settings_show_no_secret(start_node: Callable[..., NodeUnderTest]) -> None:
    urls = '"https://user:hunter2@rpc.example/v1/k3y", "https://other.example/?apikey=k3y"'
    node = start_node(more=f'[[chains]]\nselector = "3379446385462418246"\nrpc_urls = [{urls}]')
    answer = node.http.get("/settings")
    shown = answer.json()["settings"]
    assert shown["chains"][0]["endpoints"] == ["rpc.example", "other.example"]
    assert {operator["name"] for operator in shown["operators"]} == {"alice", "bob", "carol", "vera"}
    digest = hashlib.sha256(b"alice-token").hexdigest()
    for secret in ("hunter2", "k3y", digest, "password", "signer.json", "correct horse"):
        assert secret not in answer.text


class TestTokens:
    def test_an_argon2_token_is_known_and_another_is_not(self) -> None:
        operators = Operators([argon2_operator("ann", "right"), argon2_operator("ben", "other", "approver")])
        assert operators.identify("Bearer right").name == "ann"
        assert operators.identify("bearer other").role == "approver"
        with pytest.raises(ForbiddenError):
            operators.identify("Bearer wrong")

    def test_what_rmn_operators_hash_makes_is_taken(self) -> None:
        token = new_token()
        text = hash_token(token)
        assert text.startswith("$argon2id$")
        assert token not in text
        operators = Operators([OperatorConfig(name="ann", role="viewer", token_argon2=text)])
        assert operators.identify(f"Bearer {token}").name == "ann"

    def test_a_token_that_proved_right_is_not_hashed_again(self, monkeypatch: pytest.MonkeyPatch) -> None:
        operators = Operators([argon2_operator("ann", "right")])
        hashed: list[str] = []
        real = module._fits
        monkeypatch.setattr(module, "_fits", lambda known, token: hashed.append(token) or real(known, token))
        for _ in range(5):
            assert operators.identify("Bearer right").name == "ann"
        assert hashed == ["right"]

    def test_every_hash_is_tried_whoever_it_is(self, monkeypatch: pytest.MonkeyPatch) -> None:
        operators = Operators([argon2_operator("ann", "a"), argon2_operator("ben", "b"), argon2_operator("cid", "c")])
        tried: list[str] = []
        real = module._fits
        monkeypatch.setattr(module, "_fits", lambda known, token: tried.append(token) or real(known, token))
        operators.identify("Bearer a")
        assert len(tried) == 3

    def test_guessing_is_slowed_for_who_guesses_and_for_nobody_else(self) -> None:
        operators = Operators([argon2_operator("ann", "right")], failed_logins_per_minute=6)
        operators.identify("Bearer right", "10.0.0.1", 0.0)
        for _ in range(5):
            with pytest.raises(ForbiddenError):
                operators.identify("Bearer wrong", "10.0.0.1", 0.0)
        with pytest.raises(TooManyError) as refused:
            operators.identify("Bearer wrong", "10.0.0.1", 0.0)
        assert 0 < refused.value.wait_s <= 10
        assert operators.identify("Bearer right", "10.0.0.1", 0.0).name == "ann"  # proved right before
        with pytest.raises(ForbiddenError):
            operators.identify("Bearer wrong", "10.0.0.2", 0.0)
        with pytest.raises(ForbiddenError):
            operators.identify("Bearer wrong", "10.0.0.1", 11.0)  # one more after ten seconds

    def test_no_secret_in_an_error(self, node: NodeUnderTest) -> None:
        answer = node.http.post("/posture", json={"posture": "observe"}, headers={"Authorization": "Bearer s3cr3t"})
        assert answer.status_code == 401
        assert answer.headers["WWW-Authenticate"] == "Bearer"
        assert "s3cr3t" not in answer.text


# INV-PEOPLE-2
class TestRoles:
    @pytest.fixture
    def ids(self, node: NodeUnderTest) -> dict[str, str]:
        """Real ids, so that only the role can be what refuses."""
        node.ccip.mine_all(3)
        node.ccip.forge(node.ccip.deployment.lanes[0].lane)
        node.ccip.level()
        node.tick()
        proposal = node.act("alice", "/proposals", ACTS["/proposals"]).json()["id"]
        start, end = time_text(node.ccip.now_ms), time_text(node.ccip.now_ms + 3_600_000)
        made = node.act("alice", "/maintenance", {"start": start, "end": end, "reason": "upgrade"})
        assert made.status_code == 201, made.text
        return {"proposal": proposal, "incident": next(iter(node.service.incidents)), "window": made.json()["id"]}

    @pytest.mark.parametrize("path", ACTS)
    @pytest.mark.parametrize("who", [None, "vera"])
    def test_a_viewer_and_a_stranger_act_by_no_route(
        self, node: NodeUnderTest, ids: dict[str, str], who: str | None, path: str
    ) -> None:
        before = node.http.get("/audit?limit=1000").json()["audit"]
        route = path.format(**ids)
        answer = node.http.post(route, json=ACTS[path]) if who is None else node.act(who, route, ACTS[path])
        assert answer.status_code == (401 if who is None else 403), answer.text
        assert node.http.get("/audit?limit=1000").json()["audit"] == before

    def test_a_forged_role_or_another_way_to_say_who_is_ignored(self, node: NodeUnderTest) -> None:
        body = {"kind": "curse", "subjects": ["geth-testnet"], "reason": "drill", "role": "approver", "by": "bob"}
        crafted = [
            {"Authorization": "Bearer vera-token", "X-Role": "approver", "X-Forwarded-User": "bob"},
            {"Authorization": "Bearer vera-token\t"},
            {"Authorization": "Bearer vera-token", "Cookie": "token=bob-token"},
            {"Cookie": "Authorization=Bearer bob-token"},
            {"Authorization": "Basic Ym9iOmJvYi10b2tlbg=="},
            {"Authorization": "Bearer vera-token, Bearer bob-token"},
        ]
        for headers in crafted:
            assert node.http.post("/proposals", json=body, headers=headers).status_code in (401, 403)
            query = "/proposals?access_token=bob-token&token=bob-token"
            assert node.http.post(query, json=body, headers=headers).status_code in (401, 403)
        assert node.http.get("/proposals").json()["proposals"] == []

    def test_nothing_is_done_by_get(self, node: NodeUnderTest) -> None:
        bearer = {"Authorization": "Bearer bob-token"}
        for path in ACTS:
            answer = node.http.get(path.format(proposal="x", incident="x", window="x"), headers=bearer)
            assert answer.status_code in (200, 404, 405)
        paths = node.http.get("/openapi.json").json()["paths"]
        assert all("get" not in item for path, item in paths.items() if path.count("/") > 2)
        assert node.service.posture == "curse"

    def test_whoami(self, node: NodeUnderTest) -> None:
        def ask(who: str) -> dict[str, object]:
            return node.http.get("/whoami", headers={"Authorization": f"Bearer {who}-token"}).json()["whoami"]

        assert ask("vera") == {"name": "vera", "role": "viewer", "may": ["read"]}
        assert "approve" in ask("bob")["may"]
        assert "approve" not in ask("alice")["may"]
        assert node.http.get("/whoami").status_code == 401

    def test_reads_can_be_kept_for_operators(self, start_node: Callable[..., NodeUnderTest]) -> None:
        node = start_node(api='reads = "operators"')
        for path in ("/status", "/messages", "/incidents", "/audit", "/settings", "/proposals"):
            assert node.http.get(path).status_code == 401
            assert node.http.get(path, headers={"Authorization": "Bearer vera-token"}).status_code == 200
        for path in ("/health", "/metrics"):  # machines ask these
            assert node.http.get(path).status_code == 200
        assert node.http.post("/blessings", json={"roots": []}).status_code == 422
