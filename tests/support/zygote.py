"""A process that has loaded the whole program and forks: a start without its imports.

Most of the time of a start goes into reading modules. What is forked is a process of
its own, in a session of its own, with environment, folder and streams as it was told;
it runs the console script from its first line, and ends as Python ends.
"""

import gc
import json
import os
import random
import signal
import socket
import sys

import psycopg  # noqa: F401 - what an engine and a web server load when they begin

import server.app
import server.cli

LARGEST_ORDER = 1 << 18  # bytes: words and environment


def serve(line: socket.socket) -> list[str] | None:
    """Fork for each order: the words of the forked, ``None`` once nobody orders more.

    An order is JSON (``words``, ``environ``, ``cwd``) with three descriptors; the
    answers are ``{"pid"}``, and ``{"ended", "status"}`` when a process has ended.
    """
    signal.signal(signal.SIGCHLD, lambda *_: _bury(line))
    gc.freeze()
    while True:
        order, streams, *_ = socket.recv_fds(line, LARGEST_ORDER, 3)
        if not order:
            return None
        if (pid := os.fork()) == 0:
            line.close()
            return _become(json.loads(order), streams)
        for descriptor in streams:
            os.close(descriptor)
        line.send(json.dumps({"pid": pid}).encode())


def _become(order: dict[str, object], streams: list[int]) -> list[str]:
    signal.signal(signal.SIGCHLD, signal.SIG_DFL)
    os.setsid()
    os.chdir(str(order["cwd"]))
    for number, descriptor in enumerate(streams):
        os.dup2(descriptor, number)
        os.close(descriptor)
    environ, words = order["environ"], order["words"]
    assert isinstance(environ, dict)
    assert isinstance(words, list)
    os.environ.clear()
    os.environ.update(environ)
    random.seed()
    return words


def _bury(line: socket.socket) -> None:
    while True:
        try:
            pid, status = os.waitpid(-1, os.WNOHANG)
        except ChildProcessError:
            return
        if not pid:
            return
        code = os.waitstatus_to_exitcode(status)
        line.send(json.dumps({"ended": pid, "status": code}).encode())


if __name__ == "__main__":
    told = serve(socket.socket(fileno=int(sys.argv[1])))
    if told is not None:
        sys.argv = ["vouchsafe", *told]
        server.cli.main()
