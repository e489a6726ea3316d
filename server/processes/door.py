"""The sockets of the web server: bound once, whoever serves behind them listens."""

import socket
from typing import Any

from core.errors import Misconfigured
from server.settings import Settings


def sockets(settings: Settings) -> list[socket.socket]:
    """Bound and not listening yet, so that nobody connects before he is served.

    One for each address that the host's name stands for; ``Misconfigured`` where
    somebody else listens already.
    """
    bound: list[socket.socket] = []
    try:
        for family, address in _addresses(settings):
            bound.append(socket.socket(family, socket.SOCK_STREAM))
            bound[-1].setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            if family == socket.AF_INET6:
                bound[-1].setsockopt(socket.IPPROTO_IPV6, socket.IPV6_V6ONLY, 1)
            bound[-1].bind(address)
    except OSError as error:
        close(bound)
        raise Misconfigured(
            f"Cannot listen on {settings.host}:{settings.port} "
            f"({error.strerror}): set VOUCHSAFE_HOST or VOUCHSAFE_PORT."
        ) from error
    return bound


def _addresses(
    settings: Settings,
) -> list[tuple[socket.AddressFamily, Any]]:
    found = socket.getaddrinfo(
        settings.host, settings.port, type=socket.SOCK_STREAM, flags=socket.AI_PASSIVE
    )
    return list({(family, address): None for family, _, _, _, address in found})


def close(bound: list[socket.socket]) -> None:
    """This process lets nobody in by them any more; others may."""
    for one in bound:
        one.close()
