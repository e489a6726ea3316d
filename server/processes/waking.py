"""Sleep until there is work: LISTEN on PostgreSQL, a short poll on SQLite."""

import threading

import psycopg
import structlog

from models import wake
from server.runtime import Runtime

log = structlog.get_logger("vouchsafe.worker")

POLL_S = 0.1  # SQLite has no signal between processes


class Waker:
    """Rings every bell of this process when another transaction notified."""

    def __init__(
        self,
        runtime: Runtime,
        stopping: threading.Event,
        channel: str = wake.CHANNEL,
    ) -> None:
        self.runtime, self.stopping, self.channel = runtime, stopping, channel
        self.listens = runtime.engine.dialect.name == "postgresql"
        self.longest = wake.LONGEST_SLEEP_S if self.listens else POLL_S
        self.bells: dict[str, threading.Event] = {}

    def start(self) -> None:
        """Begin to listen, where the database can call."""
        if self.listens:
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
        url = self.runtime.engine.url.set(drivername="postgresql")
        while not self.stopping.is_set():
            try:
                self._hear(url.render_as_string(hide_password=False))
            except psycopg.Error as error:
                log.warning("listening broke off", error=type(error).__name__)
                self.stopping.wait(1)

    def _hear(self, url: str) -> None:
        with psycopg.connect(url, autocommit=True) as connection:
            connection.execute(f"LISTEN {self.channel}")
            while not self.stopping.is_set():
                for _ in connection.notifies(timeout=1, stop_after=1):
                    self._ring()
