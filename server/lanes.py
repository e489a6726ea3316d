"""Lanes of the web server: each kind of request has threads that no other can take.

What hangs or floods in one lane, a locked row or a thousand wrong passwords, costs the
others no thread: an SOS finds one that is free.
"""

from collections.abc import Iterable
from enum import StrEnum
from typing import Any

from waitress.task import ThreadedTaskDispatcher

from server.onlookers import MOST, Onlookers


class Kind(StrEnum):
    """Which threads serve a request."""

    SOS = "sos"
    WATCH = "watch"
    LOG_IN = "log_in"
    ORDINARY = "ordinary"
    STREAM = "stream"


# argon2 takes 20 to 50 ms of a core: two log-ins at a time leave room for the rest
BESIDE_ORDINARY = {Kind.SOS: 4, Kind.WATCH: 6, Kind.LOG_IN: 2}
TO_REFUSE = 2  # threads that tell whoever comes while all streams are taken
PATIENCE_S = 1.5  # for each lane; with web's own less than the parent's
SOS = "/v1/mobile/sos"
WATCH = "/v1/mobile/"
STREAMS = ("/v1/alerts/stream",)
LOG_INS = ("/v1/auth/login", "/safety/login")
CODES = ("/v1/account/", "/account/")  # a new password is hashed there


def kind(path: str) -> Kind:
    """Whose threads serve a request: by its path, before anything is read."""
    plain = "/" + path.strip("/")  # as waitress and Flask will read it
    if plain == SOS:
        return Kind.SOS
    if plain.startswith(WATCH):
        return Kind.WATCH
    if plain in STREAMS:
        return Kind.STREAM
    slow = plain in LOG_INS or plain.startswith(CODES)
    return Kind.LOG_IN if slow else Kind.ORDINARY


class Lanes:
    """Waitress's dispatcher, once for each lane."""

    def __init__(self, ordinary: int, onlookers: Onlookers) -> None:
        self.onlookers, self.leaving = onlookers, False
        self.pools = {kind: ThreadedTaskDispatcher() for kind in Kind}
        others = {Kind.ORDINARY: ordinary, Kind.STREAM: MOST + TO_REFUSE}
        for kind, threads in {**BESIDE_ORDINARY, **others}.items():
            self.pools[kind].set_thread_count(threads)

    def add_task(self, channel: Any) -> None:
        """Queue the channel's first request, which has been received whole."""
        if self.leaving:
            _say_farewell(channel)
        path = getattr(channel.requests[0], "path", "")  # unreadable ones have none
        self.pools[kind(path)].add_task(channel)

    def leave(self, channels: Iterable[Any]) -> None:
        """From now on each connection ends with the answer to what came by it.

        Streams end at once: whoever looks on asks elsewhere.
        """
        self.leaving = True
        self.onlookers.close()
        for channel in channels:
            _say_farewell(channel)

    def shutdown(self) -> None:
        """Requests in hand are finished, those that wait are cancelled."""
        for pool in self.pools.values():
            pool.set_thread_count(0)
        for pool in self.pools.values():
            pool.shutdown(timeout=PATIENCE_S)


def _say_farewell(channel: Any) -> None:
    """As if the client had asked for it: ``Connection: close`` in the last answer."""
    for request in list(channel.requests)[-1:]:
        request.headers["CONNECTION"] = "close"
