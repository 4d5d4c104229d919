"""Alerts arrive at a real HTTP receiver: by severity, once a story, signed, again when they fail, over restarts."""

from __future__ import annotations

import hmac
import json
import threading
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import TYPE_CHECKING, Any

import pytest

from detectors.detector import Severity
from rmn_service.alerts import Alert
from rmn_service.cli.app import run
from rmn_service.config import load_config
from rmn_service.errors import ConfigError
from rmn_service.metrics import Metrics
from rmn_service.notify import Notifications, open_routes
from rmn_service.notify_channels import SIGNATURE, TIMESTAMP
from rmn_service.notify_config import NotificationConfig
from rmn_service.scheduler import Job, every
from rmn_service.store import Store

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

SECRET = "shared-secret"
TOKEN = "T0KEN-IN-THE-URL"


class Receiver:
    """Somebody's alert desk."""

    def __init__(self) -> None:
        self.status = 200
        self.got: list[tuple[str, dict[str, str], bytes]] = []
        receiver = self

        class Handler(BaseHTTPRequestHandler):
            def do_POST(self) -> None:
                body = self.rfile.read(int(self.headers["Content-Length"]))
                receiver.got.append((self.path, dict(self.headers), body))
                self.send_response(receiver.status)
                self.send_header("Content-Length", "0")
                self.end_headers()

            def log_message(self, *_: object) -> None:
                pass

        self.server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self.port = self.server.server_address[1]
        threading.Thread(target=self.server.serve_forever, daemon=True).start()

    def bodies(self) -> list[dict[str, Any]]:
        return [json.loads(body) for _, _, body in self.got]

    def close(self) -> None:
        self.server.shutdown()
        self.server.server_close()


@pytest.fixture
def receiver() -> Iterator[Receiver]:
    made = Receiver()
    yield made
    made.close()


@pytest.fixture
def desk(receiver: Receiver, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Desk]:
    monkeypatch.setenv("RMN_TEST_HOOK", f"http://127.0.0.1:{receiver.port}/hook/{TOKEN}")
    monkeypatch.setenv("RMN_TEST_SECRET", SECRET)
    monkeypatch.setenv("RMN_TEST_APPRISE", f"json://127.0.0.1:{receiver.port}/pager/{TOKEN}")
    made = Desk(tmp_path)
    yield made
    made.store.close()


class Desk:
    """A node's notifications on a clock that the test moves."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.now_ms = 1_000_000
        self.metrics = Metrics()
        self.config = NotificationConfig(
            routes=(
                {"name": "all", "kind": "webhook", "url_env": "RMN_TEST_HOOK", "secret_env": "RMN_TEST_SECRET"},  # type: ignore[arg-type]
                {"name": "pager", "url_env": "RMN_TEST_APPRISE", "least": "critical"},
            ),
            tries_max=3,
        )
        self.store = Store.open(f"sqlite:///{folder}/node.db")
        self.begin()

    def begin(self) -> None:
        self.notifications = Notifications(
            node="rmn-1",
            routes=open_routes(self.config, self.folder),
            config=self.config,
            store=self.store,
            metrics=self.metrics,
            clock=lambda: self.now_ms,
        )

    def tell(self, key: str, severity: Severity = Severity.WARNING, *, is_snoozed: bool = False) -> None:
        alert = Alert("incident", key, severity, f"incident {key}", "what is known", self.now_ms, (), None, is_snoozed)
        self.notifications.notify(alert)

    def deliver(self, after_ms: int = 0) -> None:
        self.now_ms += after_ms
        self.notifications.deliver(self.now_ms)

    def states(self) -> list[tuple[str, str, int]]:
        return [(item["route"], item["state"], item["tries"]) for item in self.notifications.deliveries(100)]


def test_severity_decides_who_is_told(desk: Desk, receiver: Receiver) -> None:
    desk.tell("a")
    desk.tell("b", Severity.CRITICAL)
    desk.tell("c", Severity.INFO)
    desk.deliver()
    paths = sorted(path.split("/")[1] for path, _, _ in receiver.got)
    assert paths == ["hook", "hook", "pager"]
    assert desk.states() == [("all", "sent", 1), ("all", "sent", 1), ("pager", "sent", 1)]


def test_a_webhook_is_signed_over_its_time_and_body(desk: Desk, receiver: Receiver) -> None:
    desk.tell("a")
    desk.deliver()
    ((_, headers, body),) = receiver.got
    stamp = headers[TIMESTAMP]
    assert stamp == str(desk.now_ms // 1000)
    expected = hmac.digest(SECRET.encode(), f"{stamp}.".encode() + body, "sha256").hex()
    assert headers[SIGNATURE] == f"sha256={expected}"
    assert json.loads(body)["key"] == "a"


def test_one_story_is_told_once_and_again_when_it_becomes_graver(desk: Desk, receiver: Receiver) -> None:
    for _ in range(5):
        desk.tell("a")
    desk.deliver()
    assert len(receiver.got) == 1
    desk.tell("a", Severity.CRITICAL)
    desk.deliver()
    assert [body["severity"] for body in receiver.bodies() if "severity" in body] == ["warning", "critical"]
    desk.now_ms += 3_600_000
    desk.tell("a", Severity.CRITICAL)
    desk.now_ms -= 1  # no digest yet
    desk.notifications._digest_ms = desk.now_ms
    desk.deliver(1)
    assert [body["severity"] for body in receiver.bodies() if "severity" in body].count("critical") == 2


def test_what_is_held_back_stands_in_the_digest(desk: Desk, receiver: Receiver) -> None:
    desk.tell("a")
    desk.tell("a")
    desk.tell("b", is_snoozed=True)
    desk.deliver()
    assert len(receiver.got) == 1
    desk.deliver(3_600_000)
    digest = receiver.bodies()[-1]
    assert (digest["kind"], digest["title"]) == ("digest", "2 alerts were held back")
    assert set(digest["text"].splitlines()) == {"1 x incident a", "1 x incident b"}
    desk.deliver(3_600_000)
    assert len(receiver.got) == 2


def test_a_failed_delivery_is_tried_again_later_and_then_a_dead_letter(desk: Desk, receiver: Receiver) -> None:
    receiver.status = 500
    desk.tell("a")
    desk.deliver()
    desk.deliver()  # not due yet
    assert desk.states() == [("all", "queued", 1)]
    desk.deliver(1_000)
    desk.deliver(1_000)
    assert desk.states() == [("all", "queued", 2)]
    desk.deliver(1_000)
    assert desk.states() == [("all", "dead", 3)]
    (dead,) = desk.notifications.deliveries(10)
    assert dead["error"] == "HTTP 500"
    ids = {body["id"] for body in receiver.bodies()}
    assert len(ids) == 1, "a receiver can tell a repeated try from another alert"
    assert desk.metrics.deliveries.labels("all", "dead")._value.get() == 1


def test_an_outage_and_a_restart_lose_nothing_and_double_nothing(desk: Desk, receiver: Receiver) -> None:
    receiver.status = 503
    desk.tell("a")
    desk.deliver()
    desk.begin()  # a new process on the same store
    receiver.status = 200
    receiver.got.clear()
    desk.deliver(60_000)
    desk.deliver(60_000)
    assert [body["key"] for body in receiver.bodies()] == ["a"]
    assert desk.states() == [("all", "sent", 2)]
    desk.begin()
    desk.deliver(60_000)
    assert len(receiver.got) == 1


def test_a_test_message_goes_out_on_every_route_each_time(desk: Desk, receiver: Receiver) -> None:
    assert desk.notifications.test("ann", desk.now_ms) == ["all", "pager"]
    desk.deliver(1)
    assert desk.notifications.test("ann", desk.now_ms) == ["all", "pager"]
    desk.deliver(1)
    assert len(receiver.got) == 4
    assert all("ann asked for it" in body.get("text", body.get("message", "")) for body in receiver.bodies())
    assert {state for _, state, _ in desk.states()} == {"sent"}


def test_the_thread_delivers_and_stops(desk: Desk, receiver: Receiver) -> None:
    arrived = threading.Event()
    send = desk.notifications._routes[0].channel.send

    class Awaited:
        def send(self, message: dict[str, Any], now_s: int) -> None:
            send(message, now_s)
            arrived.set()

    desk.notifications._routes = [desk.notifications._routes[0]._replace(channel=Awaited())]
    desk.notifications.start()
    desk.tell("a")
    assert arrived.wait(10)
    desk.notifications.stop()
    assert len(receiver.got) == 1


def test_no_url_and_no_secret_is_stored_shown_or_logged(
    desk: Desk, receiver: Receiver, capsys: pytest.CaptureFixture[str], tmp_path: Path
) -> None:
    receiver.status = 500
    desk.tell("a", Severity.CRITICAL)
    for _ in range(4):
        desk.deliver(10_000)
    receiver.close()
    desk.tell("b", Severity.CRITICAL)
    desk.deliver()
    said = capsys.readouterr()
    everything = said.out + said.err + json.dumps(desk.notifications.deliveries(100))
    everything += (tmp_path / "node.db").read_bytes().decode("latin-1")
    assert TOKEN not in everything
    assert SECRET not in everything
    assert "ConnectError" in everything


NODE = """deployment = "deployment.json"
[[notifications.routes]]
name = "hook"
kind = "webhook"
url_env = "RMN_TEST_HOOK"
secret_env = "RMN_TEST_SECRET"
[[notifications.routes]]
name = "pager"
url_env = "RMN_TEST_APPRISE"
least = "critical"
"""


@pytest.mark.usefixtures("desk")
def test_the_verb_says_which_route_takes_a_message(
    receiver: Receiver, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    config = tmp_path / "node.toml"
    config.write_text(NODE)
    assert run(["notify", "test", "--config", str(config), "--json"]) == 0
    said = json.loads(capsys.readouterr().out)
    assert said == {"routes": [{"route": "hook", "result": "sent"}, {"route": "pager", "result": "sent"}]}
    assert len(receiver.got) == 2
    receiver.status = 403
    assert run(["notify", "test", "--config", str(config), "--route", "hook"]) == 1
    said_err = capsys.readouterr()
    assert "hook" in said_err.err
    assert TOKEN not in said_err.out + said_err.err
    assert run(["notify", "test", "--config", str(config), "--route", "fax"]) == 2
    config.write_text('deployment = "d.json"')
    assert run(["notify", "test", "--config", str(config)]) == 2


@pytest.mark.parametrize(
    ("routes", "said"),
    [
        ('name = "a"\nurl = "slack://x"', "unknown key"),
        ('name = "a"', "exactly one of url_env and url_file"),
        ('name = "a"\nkind = "webhook"\nurl_env = "X"', "exactly one of secret_env and secret_file"),
        ('name = "a"\nurl_env = "X"\nsecret_env = "Y"', "kind = apprise has no secret_env"),
        ('name = "A B"\nurl_env = "X"', "name"),
        ('name = "a"\nurl_env = "X"\n[[notifications.routes]]\nname = "a"\nurl_env = "X"', "given twice"),
    ],
)
def test_a_route_that_can_not_be_is_one_line(tmp_path: Path, routes: str, said: str) -> None:
    file = tmp_path / "node.toml"
    file.write_text(f'deployment = "d.json"\n[[notifications.routes]]\n{routes}')
    with pytest.raises(ConfigError, match=said) as caught:
        load_config(file)
    assert "\n" not in str(caught.value)


def test_missing_secrets_and_unknown_services_are_named_not_shown(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    file = tmp_path / "node.toml"
    file.write_text('deployment = "d.json"\n[[notifications.routes]]\nname = "a"\nurl_env = "RMN_TEST_URL"')
    config = load_config(file).notifications
    with pytest.raises(ConfigError, match=r"notifications\.routes\.a\.url_env = RMN_TEST_URL: not set"):
        open_routes(config, tmp_path)
    monkeypatch.setenv("RMN_TEST_URL", f"nonsense://{TOKEN}")
    with pytest.raises(ConfigError, match="no URL that Apprise knows") as caught:
        open_routes(config, tmp_path)
    assert TOKEN not in str(caught.value)


def test_a_job_that_does_not_run_in_time_is_counted_and_told() -> None:
    metrics, missed, release = Metrics(), threading.Event(), threading.Event()
    told: list[str] = []

    def note(job: str) -> None:
        told.append(job)
        missed.set()

    scheduler = every([Job("slow", 0.05, lambda: release.wait(30) and None)], metrics, note)
    try:
        assert missed.wait(10)
    finally:
        release.set()
        scheduler.shutdown()
    assert told[0] == "slow"
    assert metrics.jobs_missed.labels("slow")._value.get() >= 1
