"""A light load generator: one thread, raw sockets, keep-alive, requests made before.

Run as ``python -m bench.generator FILE``: FILE holds the order as JSON, the answers
come as JSON on standard output. It looks at no answer while it measures.
"""

import json
import selectors
import socket
import sys
import time
from collections import deque
from dataclasses import dataclass
from pathlib import Path

END = b"\r\n\r\n"
LENGTH = b"\r\ncontent-length:"
TIMEOUT_S = 60.0


@dataclass
class Sent:
    """One request: when it was due, and the answer as it came; seconds of one clock."""

    due: float
    answered: float = 0.0
    answer: bytes = b""


class Line:
    """A connection that carries one request at a time."""

    def __init__(self, host: str, port: int) -> None:
        self.socket = socket.create_connection((host, port), timeout=TIMEOUT_S)
        self.socket.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        self.sent: Sent | None = None

    def send(self, request: bytes, sent: Sent) -> None:
        """Small enough for the kernel's buffer: it does not block."""
        self.sent = sent
        self.socket.sendall(request)

    def receive(self) -> bool:
        """True once the answer is whole."""
        assert self.sent is not None
        piece = self.socket.recv(65536)
        if not piece:
            raise ConnectionError("the server closed the connection")
        self.sent.answer += piece
        if not _whole(self.sent.answer):
            return False
        self.sent.answered = time.perf_counter()
        self.sent = None
        return True


def _whole(answer: bytes) -> bool:
    head, found, body = answer.partition(END)
    if not found:
        return False
    length = head.lower().partition(LENGTH)[2].partition(b"\r\n")[0]
    return len(body) >= int(length)


def run(
    requests: list[bytes], *, host: str, port: int, lines: int, rate: float | None
) -> list[Sent]:
    """Send all: ``rate`` a second at fixed instants, or each as soon as a line is free.

    A request that finds no line free waits, and that counts: its time runs from the
    instant at which it was due.
    """
    free = deque(Line(host, port) for _ in range(lines))
    ready = selectors.DefaultSelector()
    for line in free:
        ready.register(line.socket, selectors.EVENT_READ, line)
    began, sent = time.perf_counter() + 0.05, list[Sent]()
    busy = 0
    while len(sent) < len(requests) or busy:
        wait = _send_what_is_due(requests, sent, free, began, rate)
        busy = lines - len(free)
        for key, _ in ready.select(wait):
            if key.data.receive():
                free.append(key.data)
        busy = lines - len(free)
    return sent


def _send_what_is_due(
    requests: list[bytes],
    sent: list[Sent],
    free: deque[Line],
    began: float,
    rate: float | None,
) -> float:
    """Seconds until the next one is due; no line may become free before that."""
    while free and len(sent) < len(requests):
        now = time.perf_counter()
        due = now if rate is None else began + len(sent) / rate
        if due > now:
            return due - now
        one = Sent(due)
        free.popleft().send(requests[len(sent)], one)
        sent.append(one)
    return TIMEOUT_S


def main() -> None:
    """Carry out the order in the file."""
    order = json.loads(Path(sys.argv[1]).read_text(encoding="utf-8"))
    requests = [_raw(order["host"], *one) for one in order["requests"]]
    began = time.perf_counter()
    sent = run(
        requests,
        host=order["host"],
        port=order["port"],
        lines=order["lines"],
        rate=order["rate"],
    )
    took = max(one.answered for one in sent) - min(one.due for one in sent)
    answers = [((one.answered - one.due) * 1000, *_read(one.answer)) for one in sent]
    cpu_s = time.process_time()
    told = {"took_s": took, "cpu_s": cpu_s, "began": began, "answers": answers}
    json.dump(told, sys.stdout)


def _raw(host: str, path: str, token: str, body: str) -> bytes:
    content = body.encode()
    lines = (
        f"POST {path} HTTP/1.1",
        f"Host: {host}",
        f"Authorization: Bearer {token}",
        "Content-Type: application/json",
        f"Content-Length: {len(content)}",
    )
    return "\r\n".join(lines).encode() + END + content


def _read(answer: bytes) -> tuple[int, str]:
    head, _, body = answer.partition(END)
    return int(head.split(b" ", 2)[1]), body.decode()


if __name__ == "__main__":
    main()
