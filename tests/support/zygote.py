"""A process that has loaded the whole program and forks: a start without its imports.

Most of the time of a start goes into reading modules. What is forked is a process of
its own, in a session of its own, with environment, folder and streams as it was told;
it runs the console script from its first line, and ends as Python ends.
"""

import gc
import json
import os
import random
import socket
import sys

import psycopg  # noqa: F401 - what an engine and a web server load when they begin

import server.app
import server.cli

LARGEST_ORDER = 1 << 18  # bytes: words and environment


def serve(line: socket.socket) -> list[str] | None:
    """Fork for each order: the words of the forked, ``None`` once nobody orders more.

    An order is JSON (``words``, ``environ``, ``cwd``) with three descriptors; its
    answer is a pid. ``{"pid"}`` asks for an exit status: null while it runs, and until
    that was told the pid is nobody else's.
    """
    gc.freeze()
    while True:
        said, streams, *_ = socket.recv_fds(line, LARGEST_ORDER, 3)
        if not said:
            return None
        order = json.loads(said)
        if "pid" in order:
            answer = _status(order["pid"])
        elif (answer := os.fork()) == 0:
            line.close()
            return _become(order, streams)
        for descriptor in streams:
            os.close(descriptor)
        line.send(json.dumps(answer).encode())


def _become(order: dict[str, object], streams: list[int]) -> list[str]:
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


def _status(pid: int) -> int | None:
    ended, status = os.waitpid(pid, os.WNOHANG)
    return os.waitstatus_to_exitcode(status) if ended else None


if __name__ == "__main__":
    told = serve(socket.socket(fileno=int(sys.argv[1])))
    if told is not None:
        sys.argv = ["vouchsafe", *told]
        server.cli.main()
