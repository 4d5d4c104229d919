"""Every page over an empty, a quiet, an incident and a blind node: it opens, and says what a person needs."""

from __future__ import annotations

import pytest

from dashboard import words

PAGES = ("overview", "messages", "incidents", "curses", "tokens", "nodes", "backtest")


@pytest.fixture(params=["empty", "quiet", "incident", "blind"])
def urls(request, situation):
    situation.add_node()
    if request.param != "empty":
        situation.deliver()
    if request.param == "incident":
        situation.forge()
    if request.param == "blind":
        situation.go_blind()
    return situation.urls


@pytest.mark.parametrize("page", PAGES)
def test_every_page_opens_in_every_situation(page, urls, look):
    shown = look(page, *urls)
    assert shown.title[0].value
    assert not any(words.ALL_SILENT in one.value for one in shown.error)


@pytest.mark.parametrize("page", PAGES[:-1])
def test_without_any_node_every_page_says_what_to_do(page, look):
    assert [one.value for one in look(page).info] == [words.NO_NODES]


def test_the_token_page_says_which_chain_does_not_answer(look, situation):
    situation.add_node()
    page = look("tokens", *situation.urls)
    assert "geth-testnet: its RPC can't be asked" in page.error[0].value
    assert words.TOKENS_ASK_CHAINS in [one.value for one in page.caption]


def test_a_message_is_found_and_its_journey_told(look, situation, table):
    situation.add_node()
    message = situation.deliver()
    page = look("messages", *situation.urls)
    assert "0x" + message.header.message_id.hex() in [one.value for one in page.code]
    steps = table(page, "step", "took s")
    assert list(steps["step"]) == ["sent", "final", "blessed", "committed", "executed (success)"]
    assert list(steps["done"]) == [True] * 5


def test_an_incident_page_names_the_rule_and_what_was_done(look, situation, table):
    situation.add_node()
    situation.deliver()
    situation.forge()
    page = look("incidents", *situation.urls)
    assert "unmatched_execution" in set(table(page, "detector", "severity")["detector"])
    done = table(page, "what", "against", "tx")
    assert set(done["chain"]) == {"geth-testnet", "anvil-devnet"}


def test_the_audit_log_is_checked_link_by_link(look, situation):
    situation.add_node()
    situation.deliver()
    situation.forge()
    page = look("nodes", *situation.urls, part=words.AUDIT)
    assert any("every link holds" in one.value for one in page.success)
