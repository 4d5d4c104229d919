"""The node's HTTP API, as interfaces.md promises it: reads, `/blessings` for the DON, acts for operators.

    gate (rate, headers, body) ─▶ app (errors become one line) ─▶ one file a noun: its answers and its routes

Handlers are short: look under the service's lock, answer. Whatever a stranger sends gets a 4xx in one line, never a
5xx; when this node itself can't write its record it says 503. Nothing is done by GET.
"""
