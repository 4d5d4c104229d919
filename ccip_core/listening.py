"""A TCP port to serve on, and whether it is this machine's alone."""

from __future__ import annotations

import ipaddress
import socket


def bound_socket(host: str, port: int) -> socket.socket:
    """A socket bound to an address; port 0 takes any free one.

    Its protocol is named: asyncio turns Nagle's algorithm off only then, and with it on every second answer on a
    connection that is kept waits 40 ms for the other side's ACK.

    Raises:
        OSError: the address can't be had.
    """
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    listener = socket.socket(family, socket.SOCK_STREAM, socket.IPPROTO_TCP)
    try:
        listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        listener.bind((host, port))
    except OSError:
        listener.close()
        raise
    return listener


def is_loopback(host: str) -> bool:
    """Whether this name or address is this machine's own."""
    if host == "localhost":
        return True
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return False
