"""A real installation: keys, a database, processes that can be killed at any point."""

import os
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import requests
from sqlalchemy import update

from models import Installation
from models.sealed import ring
from server.runtime import fingerprint
from tests.support.clock import MORNING, FakeClock
from tests.support.databases import Database
from tests.support.forked import Forked

PATIENCE_S = 60.0
SCRIPT = ("-m", "server.cli")


def until(what: str, look: Callable[[], Any], *, seconds: float = PATIENCE_S) -> Any:
    """Look until something true is seen; fails with ``what`` when the time is over."""
    end = time.monotonic() + seconds
    while time.monotonic() < end:
        if seen := look():
            return seen
        time.sleep(0.02)
    raise AssertionError(f"not seen within {seconds:.0f} s: {what}")


class RunningClock(FakeClock):
    """What the processes' clock shows: it was morning when the test began."""

    def __init__(self) -> None:
        self.offset = MORNING - datetime.now(UTC)

    def now(self, session: object = None) -> datetime:
        """Runs at real speed."""
        return datetime.now(UTC) + self.offset

    def forward(self, **delta: float) -> datetime:
        """Only for processes that start afterwards, see ``Premises.forward``."""
        self.offset += timedelta(**delta)
        return self.now()


class Process:
    """One process in a group of its own; its words go to a file."""

    popen: "Forked | subprocess.Popen[bytes]"

    def __init__(
        self, command: list[str], environ: dict[str, str], log: Path, *, fresh: bool
    ) -> None:
        self.log = log
        with log.open("wb") as output:
            if tuple(command[:2]) == SCRIPT and not fresh:
                self.popen = Forked(command[2:], environ, output, output)
                return
            self.popen = subprocess.Popen(
                [sys.executable, *command],
                env=environ,
                stdin=subprocess.DEVNULL,
                stdout=output,
                stderr=output,
                start_new_session=True,
            )

    def said(self) -> str:
        """Everything that it wrote."""
        return self.log.read_text(encoding="utf-8")

    def signal(self, number: signal.Signals) -> None:
        """To it and to its children at once."""
        if self.popen.returncode is None:
            os.killpg(self.popen.pid, number)

    def kill(self) -> None:
        """kill -9, as when the machine goes dark."""
        self.signal(signal.SIGKILL)
        self.popen.wait(10)

    def ends(self, *, seconds: float = PATIENCE_S) -> int:
        """Its exit status, once it has ended by itself."""
        return self.popen.wait(seconds)


class Premises:
    """Home folder, keys and database of processes; ``close`` kills what still runs.

    ``fresh``: each of them is an interpreter of its own, as in production; else they
    are forked from one that has loaded the program, which spares seconds for each.
    """

    def __init__(self, database: Database, home: Path, *, fresh: bool = False) -> None:
        self.database, self.home, self.fresh = database, home, fresh
        self.clock = RunningClock()
        self.port = free_port()
        self.base = f"http://127.0.0.1:{self.port}"
        self.started: list[Process] = []
        self.environ = {
            **os.environ,
            "VOUCHSAFE_HOME": str(home),
            "VOUCHSAFE_KEYS": str(home / "keys.json"),
            "VOUCHSAFE_PORT": str(self.port),
            "VOUCHSAFE_PUBLIC_URL": self.base,
            "VOUCHSAFE_REQUESTS_PER_MINUTE": "0",
            "DATABASE_URL": database.url,
        }

    def install(self) -> "Premises":
        """Keys that fit the database; a demo's, so that its clock may be shifted."""
        self.write_keys(ring.keyring.dump())
        row = Installation(
            number=1,
            demo=True,
            clock_offset_s=self.clock.offset.total_seconds(),
            keyring_check=fingerprint(ring.keyring),
        )
        with self.database.sessions.begin() as session:
            session.add(row)
        return self

    def write_keys(self, text: str) -> None:
        """What the keys file holds."""
        keys = self.home / "keys.json"
        keys.write_text(text, encoding="utf-8")
        keys.chmod(0o600)

    def forward(self, **delta: float) -> None:
        """Time passes while no process runs: those that start now find it later."""
        self.clock.forward(**delta)
        offset = self.clock.offset.total_seconds()
        with self.database.sessions.begin() as session:
            session.execute(update(Installation).values(clock_offset_s=offset))

    def run(self, *command: str) -> Process:
        """Start Python with these arguments."""
        log = self.home / f"process{len(self.started)}.log"
        process = Process([*command], self.environ, log, fresh=self.fresh)
        self.started.append(process)
        return process

    def start(self, role: str) -> Process:
        """Start ``web``, ``worker`` or ``sentinel`` and wait until it works."""
        process = self.run(*SCRIPT, role)
        if role == "web":
            until("the web server answers", lambda: self.status("/healthz") == 200)
        else:
            until(f"{role} starts", lambda: f"{role} started" in process.said())
        return process

    def status(self, path: str, *, base: str | None = None) -> int:
        """HTTP status of a page; 0 where nobody answers."""
        try:
            return requests.get((base or self.base) + path, timeout=5).status_code
        except requests.RequestException:
            return 0

    def close(self) -> None:
        """Nothing outlives the test."""
        for process in self.started:
            process.kill()


def free_port() -> int:
    """A port of this machine that nobody listens on."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
        return port
