"""Nodes that answer from a script, over real HTTP. `tests/journeys` holds the dashboard against real nodes."""

from __future__ import annotations

import json
import threading
from contextlib import ExitStack, contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

import pytest

GETH, ANVIL = "3379446385462418246", "7759470850252068959"


def chain(selector, name, *, blind=None):
    return {"selector": selector, "name": name, "chain_id": 1, "block": 12, "final": 10, "head": 12, "blind": blind}


def lane(source, dest, *, curse=None, incidents=()):
    return {
        "source": source,
        "dest": dest,
        "blessing": True,
        "sent": "7",
        "committed": "6",
        "curse": curse,
        "incidents": list(incidents),
    }


def incident(*, reach="curse", withholds=True, state="open"):
    return {
        "id": "1a",
        "state": state,
        "severity": "critical",
        "family": "integrity",
        "lanes": [f"{GETH}:{ANVIL}"],
        "summary": "A root holds a message that nobody sent.",
        "opened_at": "2026-11-23T10:00:00Z",
        "decision": {"reach": reach, "withholds": withholds},
    }


def quiet_node():
    return {
        "/health": {"health": {"status": "ok", "blind": {}}},
        "/status": {"status": {"posture": "curse", "incidents_open": 0, "time": "2026-11-23T10:00:00Z"}},
        "/chains": {"chains": [chain(GETH, "geth-testnet"), chain(ANVIL, "anvil-devnet")]},
        "/lanes": {"lanes": [lane(GETH, ANVIL), lane(ANVIL, GETH)]},
        "/incidents": {"incidents": []},
        "/curses": {"curses": []},
    }


def incident_node():
    node = quiet_node()
    subject = f"0x{int(GETH):032x}"
    cursed = lane(GETH, ANVIL, curse={"chain": ANVIL, "subject": subject}, incidents=["1a"])
    node["/lanes"] = {"lanes": [cursed, lane(ANVIL, GETH)]}
    node["/incidents"] = {"incidents": [incident()]}
    node["/curses"] = {"curses": [{"chain": ANVIL, "subject": subject, "since": "2026-11-23T10:00:01Z", "by": "1a"}]}
    return node


@contextmanager
def _serving(answers):
    class Handler(BaseHTTPRequestHandler):
        def do_GET(self):
            body = json.dumps(answers.get(self.path, {})).encode()
            blind = self.path == "/health" and answers["/health"]["health"]["blind"]
            self.send_response(503 if blind else 200 if self.path in answers else 404)
            self.send_header("content-type", "application/json")
            self.send_header("content-length", str(len(body)))
            self.end_headers()
            self.wfile.write(body)

        def log_message(self, *_):
            return

    with ThreadingHTTPServer(("127.0.0.1", 0), Handler) as server:
        thread = threading.Thread(target=server.serve_forever, args=(0.01,))
        thread.start()
        try:
            yield f"http://127.0.0.1:{server.server_port}"
        finally:
            server.shutdown()
            thread.join()


@pytest.fixture
def serve():
    """Serve a scripted node; its URL."""
    with ExitStack() as stack:
        yield lambda answers: stack.enter_context(_serving(answers))


@pytest.fixture
def nodes():
    """Fresh scripts to start from."""
    return {"quiet": quiet_node, "incident": incident_node, "chain": chain, "lane": lane, "incident_item": incident}
