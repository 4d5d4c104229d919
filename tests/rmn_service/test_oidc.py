"""People whom an OpenID provider vouches for: a real provider with keys of its own, and every way to lie about it."""

from __future__ import annotations

import base64
import hmac
import json

import pytest
from joserfc.jwk import RSAKey
from pydantic import ValidationError

from rmn_service.operator_config import OidcConfig, OperatorConfig
from tests.oidc_issuer import CLIENT, running_issuer

CURSE = {"kind": "curse", "subjects": ["geth-testnet"], "reason": "drill"}
PEOPLE = """
[[operators]]
name = "ann"
role = "operator"
oidc_subject = "subject-ann"
[[operators]]
name = "ben"
role = "approver"
oidc_email = "Ben@example.org"
[[operators]]
name = "vic"
role = "viewer"
oidc_subject = "subject-vic"
"""


@pytest.fixture
def issuer():
    with running_issuer() as running:
        yield running


@pytest.fixture
def node(start_node, issuer):
    provider = f'[oidc]\nissuer = "{issuer.url}"\naudience = "{CLIENT}"\n'
    return start_node(more=provider + PEOPLE)


@pytest.fixture
def token(issuer, node):
    """An ID token as of the node's clock."""

    def make(**options):
        return issuer.id_token(**({"at_s": node.ccip.now_ms // 1000} | options))

    return make


def ask(node, token, path="/whoami"):
    return node.http.get(path, headers={"Authorization": f"Bearer {token}"})


def test_the_role_is_the_nodes_not_the_tokens(node, token):
    said = ask(node, token(role="approver", roles=["approver"], groups=["approver"])).json()["whoami"]
    assert (said["name"], said["role"]) == ("ann", "operator")
    made = node.http.post("/proposals", json=CURSE, headers={"Authorization": f"Bearer {token()}"})
    assert made.status_code == 201
    own = f"/proposals/{made.json()['id']}/approve"
    assert node.http.post(own, headers={"Authorization": f"Bearer {token()}"}).status_code == 403
    ben = token(sub="whoever", email="ben@example.org")
    assert node.http.post(own, headers={"Authorization": f"Bearer {ben}"}).status_code == 200


def test_a_viewer_by_oidc_does_not_act(node, token):
    vic = {"Authorization": f"Bearer {token(sub='subject-vic')}"}
    assert node.http.get("/whoami", headers=vic).json()["whoami"]["may"] == ["read"]
    assert node.http.post("/proposals", json=CURSE, headers=vic).status_code == 403


def test_operators_tokens_count_beside_it(node):
    assert ask(node, "alice-token").json()["whoami"]["name"] == "alice"


@pytest.mark.parametrize(
    "lie",
    [
        {"aud": "another-client"},
        {"aud": [CLIENT, "another-client"], "azp": "another-client"},
        {"iss": "https://evil.example"},
        {"exp": 1},
        {"exp": None},
        {"iat": None},
        {"iat": 1_000_000_000},
        {"sub": None},
        {"nbf": 4_000_000_000},
        {"sub": "subject-nobody"},
        {"sub": "subject-nobody", "email": "ben@example.org", "email_verified": False},
        {"sub": "subject-nobody", "email": "ben@example.org", "email_verified": None},
        {"sub": ["subject-ann"]},
    ],
)
def test_a_lying_token_is_nobody(node, token, lie):
    made = token(**lie)
    answer = node.http.post("/proposals", json=CURSE, headers={"Authorization": f"Bearer {made}"})
    assert answer.status_code == 401
    assert made not in answer.text
    assert node.http.get("/proposals").json()["proposals"] == []


def test_a_forged_signature_is_nobody(node, token, issuer):
    assert ask(node, token()).status_code == 200
    stranger = RSAKey.generate_key(2048)
    body = token().split(".")[1]
    unsigned = f"{part({'alg': 'none'})}.{body}."
    shared = f"{part({'alg': 'HS256', 'kid': issuer.key.kid})}.{body}"
    mac = hmac.digest(issuer.key.as_pem(private=False), shared.encode(), "sha256")
    shared = f"{shared}.{base64.urlsafe_b64encode(mac).decode().rstrip('=')}"
    for made in (token(key=stranger), shared, unsigned, token()[:-8] + "AAAAAAAA"):
        assert ask(node, made).status_code == 401


def part(header):
    return base64.urlsafe_b64encode(json.dumps(header).encode()).decode().rstrip("=")


def test_a_session_ends_with_its_token_and_at_the_latest_after_max_age(node, token):
    short, long = token(), token(exp=4_000_000_000)
    assert ask(node, short).status_code == 200
    node.ccip.now_ms += 700_000
    assert ask(node, short).status_code == 401
    assert ask(node, long).status_code == 200
    node.ccip.now_ms += 8 * 3_600_000
    assert ask(node, long).status_code == 401


def test_new_keys_are_learnt_and_guessing_does_not_ask_the_provider_each_time(node, token, issuer):
    assert ask(node, token()).status_code == 200
    issuer.new_key("EC")
    for _ in range(3):
        ask(node, token())
    assert issuer.asked_for_keys == 1
    node.ccip.now_ms += 61_000
    assert ask(node, token()).status_code == 200
    assert issuer.asked_for_keys == 2


def test_without_the_provider_nobody_is_recognised_by_it_and_tokens_go_on(node, token, issuer):
    issuer.is_down = True
    answer = ask(node, token())
    assert answer.status_code == 401
    assert "identity provider" in answer.json()["error"]
    assert ask(node, "alice-token").status_code == 200
    issuer.is_down = False
    node.ccip.now_ms += 61_000
    assert ask(node, token()).status_code == 200


def test_guessing_by_id_tokens_is_slowed(start_node, issuer):
    provider = f'[oidc]\nissuer = "{issuer.url}"\naudience = "{CLIENT}"\n'
    node = start_node(more=provider + PEOPLE)
    codes = [ask(node, issuer.id_token(aud="another")).status_code for _ in range(4)]
    assert codes == [401] * 4
    codes = [ask(node, "wrong").status_code for _ in range(4)]
    assert 429 in codes


def test_a_plain_text_issuer_elsewhere_and_people_without_any_proof_are_refused():
    with pytest.raises(ValidationError, match="https://"):
        OidcConfig(issuer="http://login.example.org", audience=CLIENT)
    with pytest.raises(ValidationError, match="exactly one"):
        OperatorConfig(name="ann", role="viewer")
    with pytest.raises(ValidationError, match="exactly one"):
        OperatorConfig(name="ann", role="viewer", oidc_subject="a", oidc_email="a@b.c")
