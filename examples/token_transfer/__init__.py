"""Tokens that arrive with an instruction."""
