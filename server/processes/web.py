"""The web server: waitress, which reads whole requests before a thread sees them.

Slow or idle senders cost a socket and no thread, so they keep no SOS waiting.
"""

import signal
import sys
from typing import Any

from waitress import serve as waitress_serve

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
        threads=settings.threads,
        channel_timeout=IDLE_S,
        connection_limit=CONNECTIONS,
        asyncore_use_poll=True,
        ident=None,
    )
