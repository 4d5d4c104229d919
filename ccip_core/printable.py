"""What strangers wrote (a chain, an endpoint, a file) as text that a terminal and a log can be shown."""

from __future__ import annotations


def printable(text: str) -> str:
    """One line without control characters: nothing in it moves a cursor, hides a word or ends the line."""
    return "".join(character for character in " ".join(text.split()) if character.isprintable())
