"""The webhook against a real HTTP server: signature, verdicts, no redirects."""

import hashlib
import hmac
import json
import threading
from collections.abc import Iterator
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from uuid import uuid4

import pytest

from contact.carriers import Outgoing, SendError, WebhookCarrier
from core.words import Lane, MessageKind

SECRET = "shared secret of the gateway"


@dataclass
class Receiver:
    """Answers with ``status`` and keeps what came."""

    status: int = 200
    headers: list[dict[str, str]] = field(default_factory=list)
    bodies: list[bytes] = field(default_factory=list)
    url: str = ""


@pytest.fixture
def receiver() -> Iterator[Receiver]:
    """A gateway on this machine."""
    state = Receiver()

    class Handler(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            state.headers.append(dict(self.headers))
            length = int(self.headers["Content-Length"])
            state.bodies.append(self.rfile.read(length))
            self.send_response(state.status)
            self.send_header("Location", state.url + "/elsewhere")
            self.send_header("Content-Length", "0")
            self.end_headers()

        def log_message(self, *_: object) -> None:
            """Quiet."""

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    state.url = f"http://127.0.0.1:{server.server_port}"
    thread = threading.Thread(target=server.serve_forever, daemon=True)
    thread.start()
    yield state
    server.shutdown()
    server.server_close()
    thread.join()


@pytest.fixture
def outgoing(clock) -> Outgoing:
    """An SOS on its way."""
    return Outgoing(
        reference=uuid4(),
        organisation_id=uuid4(),
        kind=MessageKind.ALERT_STEP,
        lane=Lane.SOS,
        recipient="+8613800001234",
        body="请立即打开应用",
        at=clock.now(),
    )


def test_the_receiver_can_check_the_signature_over_time_and_body(receiver, outgoing):
    assert (
        WebhookCarrier(receiver.url, SECRET, anywhere=True).send(outgoing) == "HTTP 200"
    )
    [body], [headers] = receiver.bodies, receiver.headers
    stamp, mac = headers["Vouchsafe-Signature"].split(",")
    assert stamp == f"t={int(outgoing.at.timestamp())}"
    signed = stamp.removeprefix("t=").encode() + b"." + body
    expected = hmac.new(SECRET.encode(), signed, hashlib.sha256).hexdigest()
    assert mac == f"v1={expected}"
    assert json.loads(body) == {
        "reference": str(outgoing.reference),
        "organisation_id": str(outgoing.organisation_id),
        "kind": "alert_step",
        "lane": "sos",
        "to": "+8613800001234",
        "body": "请立即打开应用",
    }


@pytest.mark.parametrize(
    ("status", "permanent"),
    [
        (301, False),
        (307, False),
        (400, True),
        (404, True),
        (408, False),
        (410, True),
        (429, False),
        (500, False),
        (503, False),
    ],
)
def test_a_verdict_is_permanent_or_not(receiver, outgoing, status, permanent):
    receiver.status = status
    with pytest.raises(SendError) as failure:
        WebhookCarrier(receiver.url, SECRET, anywhere=True).send(outgoing)
    assert failure.value.permanent is permanent
    assert failure.value.reason == f"HTTP {status}"
    assert len(receiver.bodies) == 1  # no redirect was followed


@pytest.mark.parametrize("status", [201, 202, 204])
def test_any_2xx_is_accepted(receiver, outgoing, status):
    receiver.status = status
    assert (
        WebhookCarrier(receiver.url, SECRET, anywhere=True).send(outgoing)
        == f"HTTP {status}"
    )


def test_nobody_there_is_a_temporary_failure_that_names_no_address(outgoing):
    carrier = WebhookCarrier("http://127.0.0.1:9/secret-path", SECRET, anywhere=True)
    with pytest.raises(SendError) as failure:
        carrier.send(outgoing)
    assert failure.value.permanent is False
    assert "secret-path" not in failure.value.reason


@pytest.mark.parametrize("target", ["ftp://host/x", "file:///etc/passwd", "host", ""])
def test_only_http_addresses_are_targets(outgoing, target):
    with pytest.raises(SendError):
        WebhookCarrier(target, SECRET, anywhere=True).send(outgoing)


def test_a_message_leaves_to_public_addresses_only(receiver, outgoing):
    port = receiver.url.rpartition(":")[2]
    for target in (
        receiver.url,
        f"https://127.0.0.1:{port}/in",
        f"https://localhost:{port}/in",
        f"https://2130706433:{port}/in",
        "https://169.254.169.254/latest",
    ):
        with pytest.raises(SendError, match="not_public") as failure:
            WebhookCarrier(target, SECRET, anywhere=False).send(outgoing)
        assert failure.value.permanent is False
    assert receiver.bodies == []
