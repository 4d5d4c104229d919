"""Shares that only listed people hold."""
