"""Sleep until there is work: LISTEN on PostgreSQL, a look at one number on SQLite."""

import sqlite3
import threading
from contextlib import closing

import psycopg
import structlog

from models import wake
from server.runtime import Runtime

log = structlog.get_logger("vouchsafe.worker")

LOOK_S = 0.1  # SQLite has no signal between processes, but it counts commits


class Waker:
    """Rings every bell of this process when another transaction notified.

    On SQLite when any other connection has committed: then the number changes that
    ``PRAGMA data_version`` tells, and whoever sleeps asks whether it was for him.
    """

    def __init__(
        self,
        runtime: Runtime,
        stopping: threading.Event,
        channel: str = wake.CHANNEL,
    ) -> None:
        self.runtime, self.stopping, self.channel = runtime, stopping, channel
        self.longest = wake.LONGEST_SLEEP_S
        self.bells: dict[str, threading.Event] = {}

    def start(self) -> None:
        """Begin to listen."""
        threading.Thread(target=self._listen, name="listen", daemon=True).start()

    def wait(self, name: str, longest_s: float) -> None:
        """Return after ``longest_s`` seconds, or as soon as there is a call."""
        bell = self.bells.setdefault(name, threading.Event())
        bell.wait(longest_s)
        bell.clear()

    def _ring(self) -> None:
        for bell in list(self.bells.values()):
            bell.set()

    def _listen(self) -> None:
        """Hold one connection of its own; when it breaks, polling carries on alone."""
        on_postgresql = self.runtime.engine.dialect.name == "postgresql"
        hear = self._hear if on_postgresql else self._look
        while not self.stopping.is_set():
            try:
                hear()
            except (psycopg.Error, sqlite3.Error) as error:
                log.warning("listening broke off", error=type(error).__name__)
                self.stopping.wait(1)

    def _look(self) -> None:
        with closing(self.runtime.engine.raw_connection()) as connection:
            cursor, seen = connection.cursor(), None
            while not self.stopping.wait(LOOK_S):
                [version] = cursor.execute("PRAGMA data_version").fetchone()
                if version != seen:
                    self._ring()
                seen = version

    def _hear(self) -> None:
        url = self.runtime.engine.url.set(drivername="postgresql")
        address = url.render_as_string(hide_password=False)
        with psycopg.connect(address, autocommit=True) as connection:
            connection.execute(f"LISTEN {self.channel}")
            while not self.stopping.is_set():
                for _ in connection.notifies(timeout=1, stop_after=1):
                    self._ring()
