"""Processes of the console script, forked from one that has loaded it already."""

import atexit
import json
import os
import signal
import socket
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Mapping, Sequence
from functools import cache
from pathlib import Path
from typing import IO, Any

ROOT = Path(__file__).parents[2]
LARGEST_ANSWER = 1 << 12
LOOK_S = 0.02


class Zygote:
    """The other end of ``tests.support.zygote``."""

    def __init__(self) -> None:
        self._line, theirs = socket.socketpair(socket.AF_UNIX, socket.SOCK_SEQPACKET)
        self._lock = threading.Lock()
        with theirs:
            self._process = subprocess.Popen(
                [sys.executable, "-m", "tests.support.zygote", str(theirs.fileno())],
                cwd=ROOT,
                pass_fds=[theirs.fileno()],
                start_new_session=True,
            )
        atexit.register(self._close)

    def _close(self) -> None:
        self._line.close()
        self._process.wait()

    def fork(self, order: Mapping[str, object], streams: Sequence[int]) -> int:
        """The pid of a process that does as ordered."""
        return self._asked(order, streams)

    def ended(self, pid: int, *, seconds: float) -> int | None:
        """The exit status; ``None`` if the process still runs after so long."""
        end = time.monotonic() + seconds
        while (status := self._asked({"pid": pid})) is None:
            if time.monotonic() >= end:
                return None
            time.sleep(LOOK_S)
        return status

    def _asked(self, order: Mapping[str, object], streams: Sequence[int] = ()) -> Any:
        with self._lock:
            socket.send_fds(self._line, [json.dumps(order).encode()], streams)
            said = self._line.recv(LARGEST_ANSWER)
        if not said:
            raise RuntimeError("the process that forks all others has died")
        return json.loads(said)


@cache
def zygote() -> Zygote:
    """One for each process of the tests."""
    return Zygote()


class Forked:
    """What ``subprocess.Popen`` is for a started one."""

    def __init__(
        self,
        words: Sequence[str],
        environ: Mapping[str, str],
        output: IO[bytes],
        errors: IO[bytes],
    ) -> None:
        order = {"words": words, "environ": dict(environ), "cwd": str(ROOT)}
        self.returncode: int | None = None
        with open(os.devnull, "rb") as nothing:
            streams = [one.fileno() for one in (nothing, output, errors)]
            self.pid = zygote().fork(order, streams)

    def poll(self) -> int | None:
        """Its exit status, ``None`` while it runs."""
        if self.returncode is None:
            self.returncode = zygote().ended(self.pid, seconds=0)
        return self.returncode

    def wait(self, timeout: float) -> int:
        """Its exit status; ``subprocess.TimeoutExpired`` if it still runs then."""
        if self.returncode is None:
            self.returncode = zygote().ended(self.pid, seconds=timeout)
        if self.returncode is None:
            raise subprocess.TimeoutExpired("vouchsafe", timeout)
        return self.returncode

    def send_signal(self, number: signal.Signals) -> None:
        """To it alone, if it still runs."""
        if self.poll() is None:
            os.kill(self.pid, number)

    def terminate(self) -> None:
        """Ask it to end."""
        self.send_signal(signal.SIGTERM)


def run(
    *words: str, environ: Mapping[str, str], timeout: float
) -> subprocess.CompletedProcess[str]:
    """A command to its end, and what it wrote."""
    with tempfile.TemporaryFile() as output, tempfile.TemporaryFile() as errors:
        process = Forked(words, environ, output, errors)
        try:
            status = process.wait(timeout)
        except subprocess.TimeoutExpired:
            os.killpg(process.pid, signal.SIGKILL)
            raise
        for file in (output, errors):
            file.seek(0)
        said = [file.read().decode() for file in (output, errors)]
    return subprocess.CompletedProcess(words, status, *said)
