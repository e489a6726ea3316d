"""The web server: waitress, which reads whole requests before a thread sees them.

Slow or idle senders cost a socket and no thread, and what hangs costs a thread of its
own lane, so they keep no SOS waiting. Whoever was let in is answered before it ends.
"""

import os
import socket
import threading
import time
from typing import Any

import structlog
from waitress import wasyncore
from waitress.channel import HTTPChannel
from waitress.server import BaseWSGIServer, create_server

from server import sizes
from server.lanes import Lanes
from server.processes.receiving import Channel
from server.settings import Settings

log = structlog.get_logger("vouchsafe.web")

IDLE_S = 20  # a connection that sends nothing for so long is closed
CONNECTIONS = 2000
ANSWERS = 2**26  # bytes that wait to be sent to one connection: never on disk
ROUND_S = 0.5  # the longest wait of one round; what arrives ends it
LINGER_S = 1.0  # once it leaves: for what open connections may be about to send
LEAVING_S = 7.0  # for what is in hand; with the lanes' patience less than the parent's


def serve(
    settings: Settings, app: Any, doors: list[socket.socket], asked: threading.Event
) -> None:
    """Serve until ``asked``; requests in hand are finished and answered.

    ``doors``: bound sockets, which other processes may share.
    """
    lanes, served = (
        Lanes(settings.threads, app.extensions["onlookers"]),
        dict[int, Any](),
    )
    create_server(
        app,
        map=served,
        sockets=doors,
        max_request_body_size=sizes.LARGEST_IMPORT + 1,  # less, by path: ``receiving``
        outbuf_overflow=ANSWERS,
        channel_timeout=IDLE_S,
        connection_limit=CONNECTIONS,
        ident=None,
        # ours say who asks, see ``app``; without ours anybody could say anything
        clear_untrusted_proxy_headers=not settings.trusted_proxies,
        _dispatcher=lanes,
    )
    for listener in _those(served, BaseWSGIServer):
        listener.channel_class = Channel
    log.info("web serves", pid=os.getpid())
    while not asked.is_set():
        _round(served)
    _leave(served, lanes)


def _round(served: dict[int, Any]) -> None:
    """Let in, read and send what can be now."""
    wasyncore.loop(ROUND_S, use_poll=True, map=served, count=1)


def _leave(served: dict[int, Any], lanes: Lanes) -> None:
    """The door closes; those inside are answered, and told to ask elsewhere.

    waitress itself would leave at once, and keep what was stored to itself.
    """
    for listener in _those(served, BaseWSGIServer):
        _close(listener)
    lanes.leave(_those(served, HTTPChannel))
    began = time.monotonic()
    while inside := _those(served, HTTPChannel):
        since = time.monotonic() - began
        if since > LEAVING_S or (since > LINGER_S and not any(map(_busy, inside))):
            break
        _round(served)
    lanes.shutdown()
    wasyncore.close_all(served)


def _close(listener: BaseWSGIServer) -> None:
    """Whoever stands at the door already comes in; its trigger, which wakes us, stays.

    Who connects between the last look and the end is refused: nothing of his was read.
    """
    for _ in range(listener.adj.backlog):
        listener.handle_accept()
    wasyncore.dispatcher.close(listener)


def _those(served: dict[int, Any], kind: type[Any]) -> list[Any]:
    return [one for one in served.values() if isinstance(one, kind)]


def _busy(channel: HTTPChannel) -> bool:
    """A request in hand, one that is still arriving, or an answer on its way out."""
    return bool(channel.requests or channel.request or channel.total_outbufs_len)
