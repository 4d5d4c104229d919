"""Real nodes (real store, judge, policy, API over real HTTP) on scripted chains, for the pages to look at."""

from __future__ import annotations

import threading
from contextlib import ExitStack, contextmanager

import httpx
import pytest
import streamlit as st
import uvicorn
from streamlit.testing.v1 import AppTest

from ccip_core.deployment import save_deployment
from ccip_core.listening import bound_socket
from ccip_core.protocol.messages import Lane
from dashboard import client, words
from rmn_service.config import load_config
from tests.rmn_service.conftest import ALPHA, BETA, NodeUnderTest, ScriptedCcip, write_config

LANE = Lane(ALPHA, BETA)
_PATIENCE_S = 60.0


@contextmanager
def serving(app):
    """The API on a port of its own; its URL."""
    server = uvicorn.Server(uvicorn.Config(app, log_config=None, access_log=False, lifespan="off", ws="none"))
    with bound_socket("127.0.0.1", 0) as listener:
        thread = threading.Thread(target=server.run, kwargs={"sockets": [listener]})
        thread.start()
        try:
            yield f"http://127.0.0.1:{listener.getsockname()[1]}"
        finally:
            server.should_exit = True
            thread.join()


class Situation:
    """A network with some nodes, and what happened on it."""

    def __init__(self, folder, stack):
        self.ccip = ScriptedCcip(folder)
        self._stack = stack
        self.nodes = []
        self.urls = []

    def add_node(self, posture="curse", **more):
        folder = self.ccip.folder / f"node-{len(self.nodes)}"
        folder.mkdir()
        save_deployment(self.ccip.deployment, folder / "deployment.json")
        node = NodeUnderTest(self.ccip, load_config(write_config(folder, posture=posture, **more)))
        self._stack.callback(node.stop)
        self.nodes.append(node)
        self.urls.append(self._stack.enter_context(serving(node.node.app)))
        return node

    def tick(self, after_ms=0):
        self.ccip.now_ms += after_ms
        for node in self.nodes:
            node.tick()

    def deliver(self, lane=LANE):
        """An honest message, all the way."""
        message = self.ccip.send(lane)
        self.ccip.mine_all(3)
        number = message.header.sequence_number
        self.ccip.commit(self.ccip.claim(lane, number, number))
        self.ccip.execute(message)
        self.ccip.level()
        self.tick()
        return message

    def forge(self, lane=LANE):
        """A message that nobody sent, executed."""
        self.ccip.forge(lane)
        self.ccip.level()
        self.tick()

    def go_blind(self):
        """Every chain stands still for an hour."""
        self.tick(after_ms=3_600_000)


@pytest.fixture
def situation(tmp_path):
    """An empty network; the test adds nodes and events."""
    with ExitStack() as stack:
        yield Situation(tmp_path, stack)


@pytest.fixture(autouse=True)
def patient(monkeypatch):
    """A page waits for the node's answer, however busy the machine is: what is silent here refuses at once."""
    monkeypatch.setattr(client, "_TIMEOUT_S", _PATIENCE_S)
    monkeypatch.setattr(client, "_ACT_TIMEOUT_S", _PATIENCE_S)
    with httpx.Client(timeout=_PATIENCE_S, limits=client.LIMITS) as http:
        monkeypatch.setattr(client, "_HTTP", http)
        yield


@pytest.fixture
def look(monkeypatch, tmp_path, pytestconfig):
    """Open a page, at one of its parts, over these nodes as a browser would: the frame, then the page."""

    def run(page, *urls, token=None, part=None):
        st.cache_data.clear()
        st.cache_resource.clear()  # what was checked of another test's log, whose node may have had the same port
        monkeypatch.setenv(words.NODES_VARIABLE, ",".join(urls))
        monkeypatch.chdir(tmp_path)
        app = AppTest.from_file(str(pytestconfig.rootpath / "dashboard/streamlit_app.py"), default_timeout=60).run()
        if token is not None:
            app.text_input(key="token").set_value(token)
            next(button for button in app.button if button.label == words.SIGN_IN).click().run()
        if part is not None:
            app.query_params["part"] = part
        if page != "overview":
            app.switch_page(f"app_pages/{page}.py").run()
        assert not app.exception, [e.value for e in app.exception]
        return app

    return run


def press(page, label):
    next(button for button in page.button if button.label == label).click().run()
    assert not page.exception, [e.value for e in page.exception]
    return page


def set_posture(page, posture, *, reason="too loud", typed=words.LOWER_WORD):
    """As a person does who is asked for a word where it protects less."""
    page.radio(key="posture").set_value(posture).run()
    page.text_input(key="posture_reason").set_value(reason)
    for box in page.text_input:
        if box.key == "posture_typed":
            box.set_value(typed)
    return press(page, words.SET_POSTURE)


def table(page, *columns):
    """The one table with these columns."""
    (found,) = [one.value for one in page.dataframe if set(columns) <= set(one.value.columns)]
    return found


@pytest.fixture(name="table")
def _table():
    return table
