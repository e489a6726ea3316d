"""A gateway that drips one byte after another does not hold a sender for ever."""

import socket
import threading
import time
from datetime import UTC, datetime

import pytest

from contact.carriers import Outgoing, SendError, WebhookCarrier
from contact.carriers.verdicts import UNANSWERED
from contact.webhooks import line
from contact.webhooks.line import DEADLINE_S, Line
from core import ids
from core.words import Lane, MessageKind
from tests.support.gateway import SECRET, Gateway
from tests.support.premises import until

HEADER = b"HTTP/1.1 200 OK\r\nX-Slow: "
BODY = b"HTTP/1.1 200 OK\r\nContent-Length: 9999\r\n\r\n"


@pytest.fixture(params=[HEADER])
def dripping(request):
    """A server whose answer never ends: another byte every half second."""
    listener = socket.create_server(("127.0.0.1", 0))
    done = threading.Event()

    def drip() -> None:
        connection, _ = listener.accept()
        with connection:
            connection.sendall(request.param)
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


def an_sos() -> Outgoing:
    """A call for help on its way."""
    return Outgoing(
        reference=ids.new(),
        organisation_id=ids.new(),
        kind=MessageKind.ALERT_STEP,
        lane=Lane.SOS,
        recipient="+8613800000000",
        body="help",
        at=datetime(2026, 11, 24, tzinfo=UTC),
    )


def test_a_dripping_gateway_is_given_up_at_the_deadline(dripping: int):
    target, secret = f"http://127.0.0.1:{dripping}/", "a-secret-of-the-test"
    carrier = WebhookCarrier(target, secret, anywhere=True)
    message = an_sos()
    began = time.monotonic()
    with pytest.raises(SendError, match="in_time") as caught:
        carrier.send(message)
    assert not caught.value.permanent
    assert time.monotonic() - began < DEADLINE_S + 5


@pytest.mark.parametrize("dripping", [BODY], indirect=True)
def test_whoever_has_said_yes_has_said_it_whatever_drips_after(dripping: int):
    carrier = WebhookCarrier(f"http://127.0.0.1:{dripping}/", SECRET, anywhere=True)
    began = time.monotonic()
    assert carrier.send(an_sos()) == "HTTP 200"
    assert time.monotonic() - began < DEADLINE_S / 2


def test_of_one_that_never_answers_so_many_are_left_behind_and_others_are_served(
    gateway: Gateway, monkeypatch
):
    monkeypatch.setattr(line, "DEADLINE_S", 0.05)
    monkeypatch.setattr(line, "TIMEOUT_S", 60.0)  # so that none ends by itself
    carrier = WebhookCarrier(gateway.url, SECRET, anywhere=True)
    for _ in range(UNANSWERED):
        with pytest.raises(SendError, match="in_time"):
            carrier.send(an_sos())
    until("all of them hang", lambda: len(gateway.came) == UNANSWERED)
    for _ in range(5):
        with pytest.raises(SendError, match="unanswered") as caught:
            carrier.send(an_sos())
        assert not caught.value.permanent  # it is tried again
    assert len(gateway.came) == UNANSWERED
    monkeypatch.setattr(line, "DEADLINE_S", 60.0)
    events = Line(gateway.url, anywhere=True)  # of a webhook at the same host
    another = Gateway()
    another.answering.set()
    other = WebhookCarrier(another.url, SECRET, anywhere=True)
    assert other.send(an_sos()) == "HTTP 200"
    another.close()
    gateway.answering.set()
    assert events.post(b"{}", {}).status == 200
    until("it is served again", lambda: served(carrier))


def served(carrier: WebhookCarrier) -> bool:
    """True where the gateway takes a message."""
    try:
        return carrier.send(an_sos()) == "HTTP 200"
    except SendError:
        return False
