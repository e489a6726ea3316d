"""An HTTP provider on this machine that takes, refuses, hangs, drips, lies, repeats."""

import json
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer


@dataclass
class Provider:
    """Answers ``status`` and ``words`` to each request, and keeps what came."""

    status: int = 200
    words: bytes = b'{"id": "sm-1", "code": "OK"}'
    drips: bool = False
    came: list[tuple[dict[str, str], bytes]] = field(default_factory=list)
    answering: threading.Event = field(default_factory=threading.Event)
    url: str = ""

    @property
    def bodies(self) -> list[object]:
        """What came, as JSON."""
        return [json.loads(body) for _, body in self.came]


@contextmanager
def running() -> Iterator[Provider]:
    """One that answers; clear ``answering`` and it hangs."""
    state = Provider()
    state.answering.set()
    done = threading.Event()

    class Handler(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            length = int(self.headers["Content-Length"])
            state.came.append((dict(self.headers), self.rfile.read(length)))
            state.answering.wait(60)
            try:
                self.send_response(state.status)
                missing = 9 if state.drips else 0
                self.send_header("Content-Length", str(len(state.words) + missing))
                self.end_headers()
                self.wfile.write(state.words)
                while state.drips and not done.wait(0.5):
                    self.wfile.write(b" ")
            except OSError:
                self.close_connection = True  # who asked has gone

        def log_message(self, *_: object) -> None:
            """Quiet."""

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    server.daemon_threads = True
    state.url = f"http://127.0.0.1:{server.server_port}/v1/messages"
    thread = threading.Thread(target=server.serve_forever, daemon=True)
    thread.start()
    yield state
    done.set()
    state.answering.set()
    server.shutdown()
    server.server_close()
    thread.join()
