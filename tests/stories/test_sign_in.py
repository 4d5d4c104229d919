"""People sign in at an OpenID provider in a real browser; the node checks their ID token and gives them their role."""

from __future__ import annotations

import os
import re
import socket
import sys
import time
from contextlib import closing
from pathlib import Path

import httpx
import pytest
from playwright.sync_api import expect

import dashboard
from ccip_core.localnet.owned_process import OwnedProcess
from dashboard import words
from tests.dashboard.conftest import situation  # noqa: F401  # a fixture
from tests.oidc_issuer import CLIENT, running_issuer
from tests.stories.conftest import WAIT_MS

pytestmark = [pytest.mark.debian, pytest.mark.timeout(300)]
READY = re.compile(r"URL: (http://127\.0\.0\.1:\d+)")
SECRETS = """
[auth]
redirect_uri = "{home}/oauth2callback"
cookie_secret = "a-secret-of-this-test-alone"
client_id = "{client}"
client_secret = "unused-by-the-issuer"
server_metadata_url = "{issuer}/.well-known/openid-configuration"
expose_tokens = "id"
"""
PEOPLE = """
[oidc]
issuer = "{issuer}"
audience = "{client}"
[[operators]]
name = "ann"
role = "operator"
oidc_subject = "subject-ann"
[[operators]]
name = "vic"
role = "viewer"
oidc_subject = "subject-vic"
"""


@pytest.fixture
def network(situation, tmp_path):  # noqa: F811
    """A provider, a node that trusts it, and a dashboard that signs in there."""
    with running_issuer() as issuer:
        situation.add_node(more=PEOPLE.format(issuer=issuer.url, client=CLIENT))
        situation.ccip.now_ms = int(time.time() * 1000)  # the provider's clock
        with closing(socket.socket()) as probe:
            probe.bind(("127.0.0.1", 0))
            port = probe.getsockname()[1]
        secrets = tmp_path / "secrets.toml"
        home = f"http://127.0.0.1:{port}"
        secrets.write_text(SECRETS.format(home=home, issuer=issuer.url, client=CLIENT))
        script = Path(dashboard.__file__).parent / "streamlit_app.py"
        options = ("--server.port", str(port), "--secrets.files", str(secrets))
        command = (sys.executable, "-m", "streamlit", "run", str(script), *options)
        environment = {**os.environ, words.NODES_VARIABLE: situation.urls[0]}
        with OwnedProcess("dashboard", command, environment=environment) as process:
            process.wait_for(READY, 60)
            yield issuer, situation.urls[0], home


def test_the_provider_says_who_and_the_node_says_what_they_may(browser, network):
    issuer, node, home = network
    context = browser.new_context()
    page = context.new_page()
    page.set_default_timeout(WAIT_MS)
    page.goto(f"{home}/nodes", wait_until="commit")
    page.get_by_role("button", name=words.SIGN_IN_BY_PROVIDER).click()
    expect(page.get_by_text(words.SIGNED_IN.format(name="ann", role="operator"))).to_be_visible()
    page.goto(f"{home}/nodes", wait_until="commit")
    expect(page.get_by_text(words.SIGNED_IN.format(name="ann", role="operator"))).to_be_visible()
    page.get_by_role("tab", name=words.CONTROLS).click()
    page.get_by_role("radiogroup", name=words.SET_POSTURE).get_by_text("observe", exact=True).click()
    page.locator(".st-key-posture_typed input").fill(words.LOWER_WORD)
    page.locator(".st-key-posture_reason input").fill("for the story")
    page.get_by_role("button", name=words.SET_POSTURE).click()
    expect(page.get_by_text(words.TAKEN_BY_ALL.format(count=1))).to_be_visible()
    assert httpx.get(f"{node}/status").json()["status"]["posture"] == "observe"
    audited = httpx.get(f"{node}/audit?limit=1000").json()["audit"]
    assert any(row["kind"] == "posture" and row["body"]["by"] == "ann" for row in audited)
    cookies = context.cookies()
    assert all(cookie["httpOnly"] for cookie in cookies if "user" in cookie["name"])
    assert "eyJ" not in page.content()

    page.get_by_role("button", name=words.SIGN_OUT).click()
    expect(page.get_by_role("button", name=words.SIGN_IN_BY_PROVIDER)).to_be_visible()
    issuer.person = {"sub": "subject-vic"}
    page.get_by_role("button", name=words.SIGN_IN_BY_PROVIDER).click()
    expect(page.get_by_text(words.SIGNED_IN.format(name="vic", role="viewer"))).to_be_visible()
    expect(page.get_by_role("button", name=words.SET_POSTURE)).to_have_count(0)
    context.close()
