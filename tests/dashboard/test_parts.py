"""A person stays where they are: the open part and the picked row outlive acts, refreshes and whatever is told next."""

from __future__ import annotations

import streamlit as st

from ccip_core.protocol.messages import Lane
from dashboard import words
from tests.dashboard.conftest import press, set_posture
from tests.rmn_service.conftest import BETA, GAMMA


def test_the_open_part_outlives_an_act_and_a_refresh(look, situation, table):
    situation.add_node()
    page = look("nodes", *situation.urls, token="alice-token", part=words.CONTROLS)
    set_posture(page, "withhold")
    assert page.query_params["part"] == words.CONTROLS
    assert page.session_state["part"] == words.CONTROLS
    page = look("nodes", *situation.urls, part=words.AUDIT)  # a link that somebody passed on
    assert "posture" in set(table(page, "number", "what")["what"])


def test_a_part_that_there_is_not_is_the_first(look, situation):
    situation.add_node()
    page = look("nodes", *situation.urls, part="<script>")
    assert page.session_state["part"] == words.ENDPOINTS
    assert "part" not in page.query_params


def test_another_page_begins_at_its_first_part(look, situation):
    situation.add_node()
    page = look("nodes", *situation.urls, part=words.AUDIT)
    page.switch_page("app_pages/curses.py").run()
    assert page.session_state["part"] == words.WAITING


def test_an_act_meets_the_incident_that_was_picked_though_others_were_told_since(look, situation, table):
    node = situation.add_node()
    situation.deliver()
    situation.forge()
    (first,) = node.http.get("/incidents").json()["incidents"]
    page = look("incidents", *situation.urls, token="alice-token")
    page.query_params["incident"] = first["id"]
    page.run()
    situation.ccip.now_ms += 60_000
    situation.forge(Lane(BETA, GAMMA))
    st.cache_data.clear()  # more than a second went by
    press(page, words.ACKNOWLEDGE)
    assert list(table(page, "severity", "acknowledged by")["acknowledged by"]) == ["", "alice"]
    said = {item["id"]: item["acknowledged_by"] for item in node.http.get("/incidents").json()["incidents"]}
    assert len(said) == 2
    assert said.pop(first["id"]) == "alice"
    assert [*said.values()] == [None]


def test_a_row_that_is_gone_gives_way_to_the_first(look, situation):
    situation.add_node()
    message = situation.deliver()
    page = look("messages", *situation.urls)
    page.query_params["message"] = "0x" + "00" * 32
    page.run()
    assert not page.exception
    assert "0x" + message.header.message_id.hex() in [one.value for one in page.code]
