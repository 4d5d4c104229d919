"""The overview page over no node, a quiet, an incident, a blind and a silent one."""

from __future__ import annotations

import socket

import pytest
import streamlit as st
from streamlit.testing.v1 import AppTest

from dashboard import words

PAGE = "dashboard/app_pages/overview.py"


@pytest.fixture
def look(monkeypatch, tmp_path, pytestconfig):
    def run(*urls):
        st.cache_data.clear()
        monkeypatch.setenv(words.NODES_VARIABLE, ",".join(urls))
        monkeypatch.chdir(tmp_path)
        page = AppTest.from_file(str(pytestconfig.rootpath / PAGE), default_timeout=30).run()
        assert not page.exception
        return page

    return run


def metrics(page):
    return {metric.label: metric.value for metric in page.metric}


def tables(page):
    return [table.value for table in page.dataframe]


def test_without_nodes_the_page_says_what_to_do(look):
    page = look()
    assert [info.value for info in page.info] == [words.NO_NODES]
    assert not page.metric


def test_a_quiet_network(look, serve, nodes):
    page = look(serve(nodes["quiet"]()), serve(nodes["quiet"]()))
    assert metrics(page) == {
        words.METRIC_NODES: "2 of 2",
        words.METRIC_LANES: "2 of 2",
        words.METRIC_INCIDENTS: "0",
        words.METRIC_CURSES: "0",
    }
    lanes, chains, said = tables(page)
    assert list(lanes["state"]) == ["quiet", "quiet"]
    assert list(chains["chain"]) == ["geth-testnet", "anvil-devnet"]
    assert list(said["posture"]) == ["curse", "curse"]
    captions = [caption.value for caption in page.caption]
    assert captions == [words.NO_INCIDENTS, words.NO_CURSES]


def test_an_incident_and_its_curse_are_shown_by_name(look, serve, nodes):
    page = look(serve(nodes["incident"]()), serve(nodes["incident"]()))
    assert metrics(page)[words.METRIC_LANES] == "1 of 2"
    assert metrics(page)[words.METRIC_CURSES] == "1"
    lanes, incidents, curses, *_ = tables(page)
    assert list(lanes["state"]) == ["cursed", "quiet"]
    assert incidents.loc[0, "nodes"] == "node 1, node 2"
    assert incidents.loc[0, "lanes"] == "geth-testnet → anvil-devnet"
    assert curses.loc[0, "chain"] == "anvil-devnet"
    assert curses.loc[0, "against"] == "geth-testnet"


def test_disagreeing_nodes_are_named_and_the_worst_is_shown(look, serve, nodes):
    page = look(serve(nodes["quiet"]()), serve(nodes["incident"]()))
    assert list(tables(page)[0]["state"]) == ["cursed", "quiet"]
    assert any("geth-testnet → anvil-devnet" in warning.value for warning in page.warning)


def test_a_blind_chain_is_not_quiet(look, serve, nodes):
    node = nodes["quiet"]()
    node["/chains"] = {
        "chains": [
            nodes["chain"](item["selector"], item["name"], blind="no new block for 40 s")
            for item in node["/chains"]["chains"]
        ]
    }
    node["/health"] = {"health": {"status": "blind", "blind": {"x": "no new block for 40 s"}}}
    page = look(serve(node))
    assert metrics(page)[words.METRIC_NODES] == "0 of 1"
    assert metrics(page)[words.METRIC_LANES] == "0 of 2"
    assert list(tables(page)[0]["state"]) == ["blind", "blind"]


def test_withheld_is_told_apart_from_watched(look, serve, nodes):
    node = nodes["quiet"]()
    source, dest = (item["selector"] for item in node["/chains"]["chains"])
    node["/lanes"] = {"lanes": [nodes["lane"](source, dest, incidents=["1a"])]}
    for withholds, state in ((True, "withheld"), (False, "watched")):
        node["/incidents"] = {"incidents": [nodes["incident_item"](reach="withhold", withholds=withholds)]}
        assert list(tables(look(serve(node)))[0]["state"]) == [state]


def test_a_silent_node_is_said_to_be_silent(look, serve, nodes):
    with socket.socket() as nobody:
        nobody.bind(("127.0.0.1", 0))
        silent = f"http://127.0.0.1:{nobody.getsockname()[1]}"
        page = look(serve(nodes["quiet"]()), silent)
        assert any(words.SILENT_NODES in warning.value for warning in page.warning)
        assert list(tables(page)[-1]["state"]) == ["fresh", "silent"]
        page = look(silent)
        assert [error.value for error in page.error] == [words.ALL_SILENT]
