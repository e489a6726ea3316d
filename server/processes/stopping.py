"""Stop when asked: what is in hand is finished first; who asks twice insists."""

import os
import signal
import threading
from collections.abc import Callable

SIGNALS = (signal.SIGTERM, signal.SIGINT)


def when_asked(stop: Callable[[], object]) -> None:
    """Call ``stop`` at the first SIGTERM or SIGINT; a second one ends us at once."""

    def asked(_: int, __: object) -> None:
        for number in SIGNALS:
            signal.signal(number, _insisted)
        stop()

    for number in SIGNALS:
        signal.signal(number, asked)


def event() -> threading.Event:
    """Set at the first SIGTERM or SIGINT."""
    asked = threading.Event()
    when_asked(asked.set)
    return asked


def _insisted(number: int, _: object) -> None:
    """As if we had no handler: nothing is lost, a transaction in hand rolls back."""
    signal.signal(number, signal.SIG_DFL)
    os.kill(os.getpid(), number)
