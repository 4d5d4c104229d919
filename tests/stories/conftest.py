"""A running demo and a real browser (Debian's chromium), for stories as people live them."""

from __future__ import annotations

import json
import shutil
import subprocess
import sys
from pathlib import Path
from types import SimpleNamespace

import pytest
from playwright.sync_api import expect, sync_playwright

from rmn_service.demo.network import DemoNetwork

BIN = Path(sys.executable).parent
_QUIET = [
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
]
WAIT_MS = 60_000

expect.set_options(timeout=WAIT_MS)


@pytest.fixture(scope="session")
def demo(tmp_path_factory):
    """`rmn demo`, ready: its folder, addresses and operators."""
    folder = tmp_path_factory.mktemp("demo")
    with pytest.MonkeyPatch.context() as patch:
        patch.chdir(folder)
        with DemoNetwork.start(folder / ".demo", print):
            yield SimpleNamespace(folder=folder, **json.loads((folder / ".demo/demo.json").read_text()))


@pytest.fixture(scope="session")
def command(demo):
    """Run a command of ours beside the demo, as in a second terminal; its output as JSON where it has one.

    `code`: how it ends; None where that is not what the story is about.
    """

    def run(*words, code=0):
        line = (str(BIN / words[0]), *words[1:])
        done = subprocess.run(line, cwd=demo.folder, capture_output=True, text=True, timeout=180, check=False)
        assert code is None or done.returncode == code, done.stderr or done.stdout
        if code or code is None:
            return done.stderr or done.stdout
        return json.loads(done.stdout) if "--json" in words else done.stdout

    return run


@pytest.fixture(scope="session")
def browser():
    path = shutil.which("chromium")
    assert path, "chromium: not on PATH; install Debian's package `chromium`"
    with sync_playwright() as playwright, playwright.chromium.launch(executable_path=path, args=_QUIET) as running:
        yield running


@pytest.fixture
def visit(browser, demo):
    """Open a page of the dashboard in a window of its own, signed in as the named operator if asked."""
    contexts = []
    strangers = []

    def open_page(page="", *, operator=None, width=1280, theme="light"):
        context = browser.new_context(
            viewport={"width": width, "height": 1000}, color_scheme=theme, accept_downloads=True
        )
        contexts.append(context)
        tab = context.new_page()
        tab.set_default_timeout(WAIT_MS)
        ours = (demo.dashboard, demo.dashboard.replace("http", "ws"), "data:", "blob:")
        tab.on("request", lambda request: None if request.url.startswith(ours) else strangers.append(request.url))
        tab.goto(f"{demo.dashboard}/{page}", wait_until="commit")
        expect(tab.get_by_test_id("stMain").get_by_role("heading", level=1)).to_be_visible()
        if operator is not None:
            token = next(one["token"] for one in demo.operators if one["name"] == operator)
            tab.locator("input[type=password]").fill(token)
            tab.get_by_role("button", name="Sign in").click()
            expect(tab.get_by_text(f"{operator} ·")).to_be_visible()
        return tab

    yield open_page
    for context in contexts:
        context.close()
    assert strangers == [], "the dashboard asked a stranger"
