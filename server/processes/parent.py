"""One parent over web, worker and sentinel: restarts what dies, ends all."""

import os
import signal
import subprocess
import sys
import threading
import time
from pathlib import Path

import structlog

from server.processes import stopping

log = structlog.get_logger("vouchsafe.parent")

ROLES = ("web", "worker", "sentinel")
PAUSE_S = 1.0
PATIENCE_S = 15


class Parent:
    """Keeps one process of each role alive; their logs go to files under ``logs``."""

    def __init__(self, environ: dict[str, str], logs: Path, *, webs: int = 1) -> None:
        self.environ, self.logs = {**os.environ, **environ}, logs
        self.webs = webs
        self.children: dict[str, subprocess.Popen[bytes]] = {}
        self.stopping = threading.Event()

    def start(self) -> None:
        """Start all three and a thread that minds them."""
        self.logs.mkdir(parents=True, exist_ok=True)
        for role in ROLES:
            self._spawn(role)
        threading.Thread(target=self._mind, name="mind", daemon=True).start()

    def _spawn(self, role: str) -> None:
        with (self.logs / f"{role}.log").open("ab") as output:
            self.children[role] = subprocess.Popen(  # noqa: S603 - ours
                [sys.executable, "-m", "server.cli", role],
                env={**self.environ, **_metrics(self.environ, role, self.webs)},
                stdout=output,
                stderr=output,
                start_new_session=True,
            )

    def _mind(self) -> None:
        while not self.stopping.wait(PAUSE_S):
            for role, child in list(self.children.items()):
                if child.poll() is not None and not self.stopping.is_set():
                    log.error("a process died", role=role, status=child.returncode)
                    self._spawn(role)

    def stop(self) -> None:
        """Ask all to finish; after fifteen seconds insist."""
        self.stopping.set()
        for child in self.children.values():
            child.send_signal(signal.SIGTERM)
        end = time.monotonic() + PATIENCE_S
        for child in self.children.values():
            try:
                child.wait(max(0.1, end - time.monotonic()))
            except subprocess.TimeoutExpired:
                child.kill()
                child.wait()


def _metrics(environ: dict[str, str], role: str, webs: int) -> dict[str, str]:
    """Each process answers Prometheus at a port of its own: the webs come first."""
    host, _, port = environ.get("VOUCHSAFE_METRICS", "").rpartition(":")
    if not host:
        return {}
    before = {"web": 0, "worker": webs, "sentinel": webs + 1}[role]
    return {"VOUCHSAFE_METRICS": f"{host}:{int(port) + before}"}


def serve(environ: dict[str, str], logs: Path, *, webs: int) -> None:
    """Run until SIGTERM or SIGINT; ``webs``: how many processes web has."""
    parent = Parent(environ, logs, webs=webs)
    done = stopping.event()
    parent.start()
    done.wait()
    parent.stop()
