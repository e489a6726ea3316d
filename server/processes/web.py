"""The web server: waitress, which reads whole requests before a thread sees them.

Slow or idle senders cost a socket and no thread, and what hangs costs a thread of its
own lane, so they keep no SOS waiting.
"""

import signal
import sys
from typing import Any

from waitress import serve as waitress_serve

from server.app import LARGEST_IMPORT
from server.lanes import Lanes
from server.settings import Settings

IDLE_S = 20  # a connection that sends nothing for so long is closed
CONNECTIONS = 2000


def serve(settings: Settings, app: Any) -> None:
    """Serve until SIGTERM or SIGINT; requests in hand are finished first."""
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(0))
    waitress_serve(
        app,
        host=settings.host,
        port=settings.port,
        max_request_body_size=LARGEST_IMPORT,
        channel_timeout=IDLE_S,
        connection_limit=CONNECTIONS,
        asyncore_use_poll=True,
        ident=None,
        # ours say who asks, see ``app``; without ours anybody could say anything
        clear_untrusted_proxy_headers=not settings.trusted_proxies,
        _dispatcher=Lanes(settings.threads, app.extensions["onlookers"]),
    )
