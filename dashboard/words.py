"""The English of the dashboard, in one place. Chains are called by name, states by the glossary's words."""

from __future__ import annotations

TITLE = "Risk Management Network"
OVERVIEW = "Overview"

NODES_VARIABLE = "RMN_DASHBOARD_NODES"
NO_NODES = f"No node to ask. Run `make demo`, or set {NODES_VARIABLE} to your nodes' addresses, separated by commas."
ALL_SILENT = "No node answers. What you would see here is unknown, not quiet: check that the nodes run."
SILENT_NODES = "Some nodes do not answer; what follows is what the others say."
NODES_DISAGREE = "The nodes do not agree on the state of: {lanes}. Shown is the worst that any of them says."

METRIC_NODES = "Nodes with fresh data"
METRIC_LANES = "Lanes open"
METRIC_INCIDENTS = "Open incidents"
METRIC_CURSES = "Curses"

LANES = "Lanes"
CHAINS = "Chains"
INCIDENTS = "Incidents"
CURSES = "Curses"
NODES = "Nodes"
NO_INCIDENTS = "No incident is open."
NO_CURSES = "Nothing is cursed."

LANE_STATES = {
    "quiet": "quiet: messages flow",
    "watched": "watched: an incident is open, blessings go on",
    "withheld": "withheld: nodes keep their signatures back",
    "blind": "blind: fresh data of a chain is missing",
    "cursed": "cursed: stopped on-chain",
}
"""From best to worst."""
LANE_COLOURS = {
    "quiet": "#0072B2",
    "watched": "#56B4E9",
    "withheld": "#E69F00",
    "blind": "#7A7A7A",
    "cursed": "#B3123B",
}
"""Okabe and Ito's palette (with a darker red): told apart by colour-blind people, and the words stand beside."""
