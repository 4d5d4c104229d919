"""The report for people: one file that asks nobody for anything and that no history can write into."""

from __future__ import annotations

import base64
import hashlib
import json
from html.parser import HTMLParser
from typing import TYPE_CHECKING, Any

import pytest

from detectors.backtest import run_backtest
from detectors.backtest.html import in_words
from detectors.backtest.studies import Studies

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    import pandas as pd

    Write = Callable[..., Path]
    Event = Callable[..., dict[str, Any]]

HOSTILE = "</script><script>alert(1)</script><img src=https://evil.example/x onerror=alert(2)>"


class Page(HTMLParser):
    """What a browser would see."""

    def __init__(self, text: str) -> None:
        super().__init__()
        self.tags: list[tuple[str, dict[str, str | None]]] = []
        self.scripts: list[str] = []
        self.words = ""
        self._in_script = False
        self.feed(text)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append((tag, dict(attrs)))
        if tag == "script":
            self.scripts.append("")
            self._in_script = True

    def handle_endtag(self, tag: str) -> None:
        if tag == "script":
            self._in_script = False

    def handle_data(self, data: str) -> None:
        if self._in_script:
            self.scripts[-1] += data
        else:
            self.words += data

    @property
    def policy(self) -> dict[str, str]:
        content = next(a["content"] for t, a in self.tags if a.get("http-equiv") == "Content-Security-Policy")
        assert content is not None
        return dict(part.strip().split(" ", 1) for part in content.split(";"))


def report(path: Path) -> tuple[str, dict[str, Any]]:
    studies = Studies()
    result = run_backtest(path, on_judged=studies.hear)
    return studies.html(dict(result)), result


@pytest.fixture
def page(nomad_slice: pd.DataFrame, write: Write) -> Page:
    return Page(report(write(nomad_slice))[0])


def test_it_asks_no_host_for_anything(page: Page) -> None:
    assert not [
        (tag, name)
        for tag, attributes in page.tags
        for name in attributes
        if name in {"src", "href", "srcset", "action", "data", "poster", "background"} or name.startswith("on")
    ]
    assert not [tag for tag, _ in page.tags if tag in {"link", "iframe", "object", "embed", "base", "form"}]
    assert page.policy["default-src"] == "'none'"
    assert "http" not in " ".join(page.policy.values())


def test_only_its_own_script_may_run_and_none_from_text(page: Page) -> None:
    charts, script = page.scripts
    digest = base64.b64encode(hashlib.sha256(script.encode()).digest()).decode()
    assert page.policy["script-src"] == f"'sha256-{digest}'"
    assert "vegaEmbed" not in json.loads(charts)
    places = {attributes["id"] for _, attributes in page.tags if attributes.get("class") == "chart"}
    assert places == set(json.loads(charts))
    assert {"averted", "quarters", "delays", "sweep"} <= places


def test_it_says_in_words_what_was_found_saved_and_paid(page: Page) -> None:
    assert "1 of 1 attack in this history was detected." in page.words
    assert "nomad_replica_zero_root_exploit began 2022-08-01T21:32:31Z" in page.words
    assert "a curse 60 s later saves" in page.words
    assert "false signal" in page.words
    assert "false curse" in page.words


def test_a_hostile_history_stays_text(write: Write, event: Event) -> None:
    lie = {"event_id": HOSTILE, "tx_hash": HOSTILE, "receiver": HOSTILE, "label": "attack", "label_detail": HOSTILE}
    lines = [event("burn", 100, nonce="1"), event("release", 3000, nonce="1"), event("release", 9000, nonce="1", **lie)]
    text, result = report(write(lines, "<script>alert(3)<.csv"))
    assert HOSTILE in json.dumps(result["signals"])
    page = Page(text)
    assert len(page.scripts) == 2
    assert not [tag for tag, _ in page.tags if tag == "img"]
    assert HOSTILE in page.words
    assert "<script>alert(3)<.csv" in page.words
    assert not [script for script in page.scripts if "<script>" in script]
    assert "alert(1)" not in page.scripts[1]


def test_a_history_without_attacks_is_told_as_one(write: Write, event: Event) -> None:
    text, result = report(write([event("burn", 100), event("burn", 200)]))
    assert in_words(result)[0] == "The history labels nothing as an attack, so every signal counts as false."
    assert "It cost 0 false signals in 1 day" in Page(text).words
