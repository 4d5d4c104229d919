"""Who sees and does what on the pages: tokens, roles, nodes that keep their reads, sessions that end."""

from __future__ import annotations

import pytest
import uvicorn

from dashboard import client, session, words
from tests.dashboard.conftest import set_posture


def labels(page):
    return {button.label for button in page.button}


@pytest.mark.parametrize("page", ["curses", "nodes", "incidents"])
def test_who_may_not_act_is_shown_no_button_for_it(page, look, situation):
    situation.add_node()
    situation.deliver()
    situation.forge()
    acts = {words.PROPOSE_BUTTON, words.APPROVE, words.SET_POSTURE, words.ACKNOWLEDGE, words.LABEL, words.DRILL}
    assert not labels(look(page, *situation.urls)) & acts
    assert not labels(look(page, *situation.urls, token="vera-token")) & acts
    assert labels(look(page, *situation.urls, token="alice-token")) & acts


def test_a_connection_is_left_before_a_node_closes_it():
    assert client.LIMITS.keepalive_expiry < uvicorn.Config("nobody").timeout_keep_alive


def test_nobodys_token_opens_nothing(look, situation):
    situation.add_node()
    page = look("overview", *situation.urls, token="nobodys-token")
    assert any("bearer token" in error.value for error in page.error)
    assert words.SIGN_IN in labels(page)
    assert not any("nobodys-token" in str(element.value) for element in (*page.error, *page.caption))


def test_a_session_ends_by_itself(look, situation, monkeypatch):
    situation.add_node()
    page = look("nodes", *situation.urls, token="alice-token")
    assert words.SET_POSTURE in labels(page)
    now_s = session.time.time()
    monkeypatch.setattr(session.time, "time", lambda: now_s + session.SESSION_S_MAX + 1)
    page.run()
    assert words.SET_POSTURE not in labels(page)
    assert words.SIGN_IN in labels(page)


def test_a_form_that_was_open_when_the_session_ended_does_nothing(look, situation, monkeypatch):
    node = situation.add_node()
    page = look("nodes", *situation.urls, token="alice-token")
    page.radio(key="posture").set_value("observe").run()
    page.text_input(key="posture_reason").set_value("too loud")
    page.text_input(key="posture_typed").set_value(words.LOWER_WORD)
    form = next(button for button in page.button if button.label == words.SET_POSTURE)
    now_s = session.time.time()
    monkeypatch.setattr(session.time, "time", lambda: now_s + session.SESSION_S_MAX + 1)
    form.click().run()
    assert node.http.get("/status").json()["status"]["posture"] == "curse"


def test_a_forged_role_in_the_session_is_refused_by_the_node(look, situation):
    node = situation.add_node()
    page = look("nodes", *situation.urls, token="vera-token")
    real = page.session_state["visitor"]
    page.session_state["visitor"] = real._replace(role="approver", may=real.may | {"set posture", "stop", "let go on"})
    page.run()
    set_posture(page, "observe")
    assert any("may look, not act" in error.value for error in page.error)
    assert node.http.get("/status").json()["status"]["posture"] == "curse"


def test_nodes_that_keep_their_reads_show_them_to_a_viewer_and_to_no_stranger(look, situation):
    situation.add_node(api='reads = "operators"')
    situation.deliver()
    page = look("overview", *situation.urls)
    assert [info.value for info in page.info] == [words.SIGN_IN_TO_READ]
    assert not page.metric
    page = look("overview", *situation.urls, token="vera-token")
    assert page.metric
    assert [one.value for one in page.success] == [words.ALL_QUIET.format(lanes=6)]
