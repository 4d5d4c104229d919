"""`ccip`: the local core on the command line, one verb a file."""

from ccip_core.cli.app import main

__all__ = ["main"]
