"""`rmn`: one node, and the tools of an operator; one verb group a file."""

from rmn_service.cli.app import main, run

__all__ = ["main", "run"]
