"""An incident can be taken away as a file and its evidence judged again, from the page."""

from __future__ import annotations

import json

import pytest

from dashboard import report, words
from dashboard.names import Names
from dashboard.pdf import incident_pdf
from dashboard.verify import verified


@pytest.fixture
def told(situation):
    node = situation.add_node()
    situation.deliver()
    situation.forge()
    (incident,) = node.http.get("/incidents").json()["incidents"]
    signals = node.http.get("/signals").json()["signals"]
    names = Names({chain["selector"]: chain["name"] for chain in node.http.get("/chains").json()["chains"]})
    return node, incident, signals, names


def test_the_exports_hold_what_was_seen_and_done_and_load_nothing(told):
    _, incident, signals, names = told
    html = report.incident_html(incident, signals, names)
    pdf = incident_pdf(incident, signals, names, "made by a test")
    assert pdf.startswith(b"%PDF-")
    assert b"/URI" not in pdf
    for text in (incident["id"], "geth-testnet → anvil-devnet", "unmatched_execution"):
        assert text in html
    assert "http" not in html


def test_hostile_text_stays_text_in_both(told):
    _, incident, signals, names = told
    hostile = {**incident, "summary": '<script>alert(1)</script> \N{PILE OF POO} → "x"'}
    assert "<script" not in report.incident_html(hostile, signals, names)
    assert incident_pdf(hostile, signals, names, "made by a test").startswith(b"%PDF-")


def test_a_long_incident_becomes_a_pdf_of_some_pages(told):
    _, incident, signals, names = told
    assert len(incident_pdf(incident, signals * 500, names, "made by a test")) < 1_000_000


def test_evidence_is_judged_again_and_a_changed_file_does_not_pass(told):
    node, _, signals, _ = told
    address = signals[0]["evidence"]
    text = report.bundle_text(node.http.get(f"/evidence/{address}").json())
    verdict = verified(text, address)
    assert verdict.follows, verdict.why
    assert verdict.facts["detector"] == signals[0]["detector"]
    other = json.loads(text)
    other["bundle"]["spoilt"] = True
    assert not verified(json.dumps(other), address).follows


@pytest.mark.usefixtures("told")
def test_the_page_says_that_the_evidence_follows(look, situation):
    page = look("incidents", *situation.urls)
    button = next(button for button in page.button if button.label == words.VERIFY_HERE)
    button.click().run()
    assert any(one.value.startswith("It follows") for one in page.success)
