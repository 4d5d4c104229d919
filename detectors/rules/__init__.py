"""Exact questions about one row, one file each."""
