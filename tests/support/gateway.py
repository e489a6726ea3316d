"""A gateway behind the webhook channel that can hang while it holds a message."""

import json
import threading
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

SECRET = "a-secret-of-the-gateway"


@dataclass
class Gateway:
    """Keeps what came; while ``answering`` is not set, nobody gets an answer."""

    answering: threading.Event = field(default_factory=threading.Event)
    came: list[dict[str, Any]] = field(default_factory=list)

    def __post_init__(self) -> None:
        gateway = self

        class Handler(BaseHTTPRequestHandler):
            def do_POST(self) -> None:
                length = int(self.headers["Content-Length"])
                gateway.came.append(json.loads(self.rfile.read(length)))
                gateway.answering.wait(60)
                try:
                    self.send_response(200)
                    self.send_header("Content-Length", "0")
                    self.end_headers()
                except ConnectionError:
                    self.close_connection = True  # who asked is dead

            def log_message(self, *_: object) -> None:
                """Quiet."""

        self.server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self.url = f"http://127.0.0.1:{self.server.server_port}/send"
        threading.Thread(target=self.server.serve_forever, daemon=True).start()

    def references(self) -> list[str]:
        """The reference of each message that came, in order, repeated ones too."""
        return [message["reference"] for message in list(self.came)]

    def close(self) -> None:
        """Let everybody go."""
        self.answering.set()
        self.server.shutdown()
        self.server.server_close()
