"""A system that takes events: it answers as its script says, and checks signatures."""

import base64
import hashlib
import hmac
import json
import threading
from collections.abc import Callable
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

Event = dict[str, Any]


@dataclass
class Receiver:
    """``answer`` gives the status for an event; ``came`` keeps them all in order."""

    answer: Callable[[Event], int] = lambda _: 204
    came: list[Event] = field(default_factory=list)
    headers: list[dict[str, str]] = field(default_factory=list)
    bodies: list[bytes] = field(default_factory=list)
    answering: threading.Event = field(default_factory=threading.Event)

    def __post_init__(self) -> None:
        receiver = self
        self.answering.set()

        class Handler(BaseHTTPRequestHandler):
            protocol_version = "HTTP/1.1"

            def do_POST(self) -> None:
                body = self.rfile.read(int(self.headers["Content-Length"]))
                event = json.loads(body)
                receiver.bodies.append(body)
                receiver.headers.append({k.lower(): v for k, v in self.headers.items()})
                receiver.came.append(event)
                receiver.answering.wait(60)
                try:
                    self.send_response(receiver.answer(event))
                    self.send_header("Location", receiver.url + "/elsewhere")
                    self.send_header("Content-Length", "0")
                    self.end_headers()
                except ConnectionError:
                    self.close_connection = True  # who asked is dead

            def log_message(self, *_: object) -> None:
                """Quiet."""

        self.server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self.server.daemon_threads = True
        self.url = f"http://127.0.0.1:{self.server.server_port}/in"
        threading.Thread(target=self.server.serve_forever, daemon=True).start()

    def close(self) -> None:
        """Let everybody go."""
        self.answering.set()
        self.server.shutdown()
        self.server.server_close()

    def numbers(self, subject: str | None = None) -> list[int]:
        """The numbers that came, in order; of one subject or of all."""
        of = [one["data"] for one in list(self.came)]
        return [
            one["number"]
            for one in of
            if subject in (None, f"{one['subject']}:{one['subject_id']}")
        ]


def signed_with(secret: str, headers: dict[str, str], body: bytes) -> bool:
    """Standard Webhooks 1.0, written down again from its specification."""
    content = b".".join(
        (headers["webhook-id"].encode(), headers["webhook-timestamp"].encode(), body)
    )
    key = base64.b64decode(secret.split("whsec_")[1])
    expected = base64.b64encode(hmac.digest(key, content, hashlib.sha256)).decode()
    given = headers["webhook-signature"].split(" ")
    return expected in [one.removeprefix("v1,") for one in given]
