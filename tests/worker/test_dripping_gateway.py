"""A gateway that drips one byte after another does not hold a sender for ever."""

import socket
import threading
import time
from datetime import UTC, datetime

import pytest

from contact.carriers import Outgoing, SendError, WebhookCarrier
from contact.webhooks.line import DEADLINE_S
from core import ids
from core.words import Lane, MessageKind


@pytest.fixture
def dripping():
    """A server whose answer never ends: a byte of a header every half second."""
    listener = socket.create_server(("127.0.0.1", 0))
    done = threading.Event()

    def drip() -> None:
        connection, _ = listener.accept()
        with connection:
            connection.sendall(b"HTTP/1.1 200 OK\r\nX-Slow: ")
            while not done.wait(0.5):
                try:
                    connection.sendall(b"a")
                except OSError:
                    return

    thread = threading.Thread(target=drip, daemon=True)
    thread.start()
    yield listener.getsockname()[1]
    done.set()
    listener.close()
    thread.join(5)


def test_a_dripping_gateway_is_given_up_at_the_deadline(dripping: int):
    target, secret = f"http://127.0.0.1:{dripping}/", "a-secret-of-the-test"
    carrier = WebhookCarrier(target, secret, anywhere=True)
    message = Outgoing(
        reference=ids.new(),
        organisation_id=ids.new(),
        kind=MessageKind.ALERT_STEP,
        lane=Lane.SOS,
        recipient="+8613800000000",
        body="help",
        at=datetime(2026, 11, 24, tzinfo=UTC),
    )
    began = time.monotonic()
    with pytest.raises(SendError, match="in time") as caught:
        carrier.send(message)
    assert not caught.value.permanent
    assert time.monotonic() - began < DEADLINE_S + 5
