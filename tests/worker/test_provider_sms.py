"""SMS by an HTTP provider that takes, refuses, hangs, drips and lies."""

import threading
import time
from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, datetime
from urllib.parse import parse_qs
from xml.etree import ElementTree

import pytest

from contact import carriers
from contact.carriers import HttpCarrier, Outgoing, SendError
from contact.providers import Provider as Form
from contact.providers import Settings
from contact.webhooks import line
from core import ids
from core.provider_words import Encoding
from core.words import ChannelKind, Lane, Language, MessageKind
from models import MessageChannel
from tests.support import provider as providers
from tests.support.premises import until
from tests.support.provider import Provider

SECRET = "Bearer the-key-of-the-provider"
JSON = Form({"to": "{to}", "text": "{text}", "ref": "{reference}"}, id_at="id")


@pytest.fixture
def provider() -> Iterator[Provider]:
    """One that answers as it should."""
    with providers.running() as found:
        yield found


def outgoing() -> Outgoing:
    """An SOS on its way."""
    return Outgoing(
        reference=ids.new(),
        organisation_id=ids.new(),
        kind=MessageKind.ALERT_STEP,
        lane=Lane.SOS,
        recipient="+8613800001234",
        body="请立即打开应用 & {to}",
        at=datetime(2026, 11, 24, tzinfo=UTC),
    )


def test_the_provider_gets_its_own_form_and_its_own_header(provider):
    sent = outgoing()
    note = HttpCarrier(provider.url, SECRET, JSON, anywhere=True).send(sent)
    assert (note, note.carrier_id) == ("HTTP 200", "sm-1")
    [(headers, _)] = provider.came
    assert headers["Authorization"] == SECRET
    assert headers["Content-Type"] == "application/json"
    assert provider.bodies == [
        {"to": sent.recipient, "text": sent.body, "ref": str(sent.reference)}
    ]


def test_a_call_is_asked_for_with_what_it_says(provider):
    channel = MessageChannel(
        organisation_id=ids.new(),
        kind=ChannelKind.VOICE,
        rank=0,
        target=provider.url,
        secret=SECRET,
        callback_secret="a-callback-secret",
        settings=Settings(Form({"to": "{to}", "twiml": "{document}"})).dump(),
    )
    carrier = carriers.for_channel(
        channel, folder=None, demo=False, anywhere=True, public_url="https://v.example"
    )
    sent = replace(outgoing(), digit="7", language=Language.ZH)
    carrier.send(sent)
    [body] = provider.bodies
    root = ElementTree.fromstring(body["twiml"].encode())
    [gather] = root
    assert gather[0].text == f"{sent.body}请按7接手此警报。"
    secret, _, rest = gather.attrib["action"].removeprefix("https://").partition("@")
    assert secret == "vouchsafe:a-callback-secret"
    assert rest == (
        f"v.example/v1/channels/{channel.id}/digits?reference={sent.reference}"
    )


def test_a_form_with_the_key_in_it_shows_no_header(provider):
    form = Form({"k": "{secret}", "to": "{to_digits}", "m": "{text}"}, Encoding.FORM)
    form = Form(form.body, Encoding.FORM, auth_header=None)
    note = HttpCarrier(provider.url, SECRET, form, anywhere=True).send(outgoing())
    assert note.carrier_id is None  # nobody told us where to look
    [(headers, body)] = provider.came
    assert "Authorization" not in headers
    assert parse_qs(body.decode()) == {
        "k": [SECRET],
        "to": ["8613800001234"],
        "m": ["请立即打开应用 & {to}"],
    }


@pytest.mark.parametrize(
    ("status", "words", "permanent"),
    [
        (200, b'{"code": "isv.MOBILE_NUMBER_ILLEGAL"}', True),
        (200, b'{"code": true}', False),
        (200, b"not JSON", False),
        (200, b"[" * 60_000, False),
        (202, b"", False),
        (429, b'{"code": "OK"}', False),
        (400, b'{"code": "OK"}', True),
        (503, b'{"code": "OK"}', False),
    ],
)
def test_a_yes_needs_its_status_and_its_word(provider, status, words, permanent):
    provider.status, provider.words = status, words
    strict = Form(JSON.body, id_at="id", ok_at="code", ok_words=("OK",))
    with pytest.raises(SendError) as refused:
        HttpCarrier(provider.url, SECRET, strict, anywhere=True).send(outgoing())
    assert refused.value.permanent is permanent
    assert "MOBILE" not in refused.value.reason
    assert len(provider.came) == 1


@pytest.mark.parametrize("words", [b"", b"null", b'{"id": ["sm"]}', b'{"id": "a b"}'])
def test_a_provider_that_does_not_name_it_has_taken_it_all_the_same(provider, words):
    provider.words = words
    note = HttpCarrier(provider.url, SECRET, JSON, anywhere=True).send(outgoing())
    assert (note, note.carrier_id) == ("HTTP 200", None)


def test_words_that_drip_cost_a_moment_and_not_the_message(provider, monkeypatch):
    monkeypatch.setattr(line, "WORDS_S", 0.3)
    provider.drips = True
    began, threads = time.monotonic(), threading.active_count()
    note = HttpCarrier(provider.url, SECRET, JSON, anywhere=True).send(outgoing())
    assert (note, note.carrier_id) == ("HTTP 200", None)
    assert time.monotonic() - began < line.DEADLINE_S / 2
    provider.drips = False

    def ended() -> bool:
        names = [one.name for one in threading.enumerate()]
        return names.count("within") == 0

    until("no reader is left", ended)
    assert threading.active_count() <= threads + 1  # the provider's own


def test_one_that_hangs_is_given_up_in_time_and_not_for_good(provider, monkeypatch):
    monkeypatch.setattr(line, "DEADLINE_S", 0.2)
    provider.answering.clear()
    with pytest.raises(SendError, match="in_time") as given_up:
        HttpCarrier(provider.url, SECRET, JSON, anywhere=True).send(outgoing())
    assert not given_up.value.permanent


def test_a_key_that_no_header_can_hold_is_a_failure_that_shows_nothing(provider):
    for secret in ("two\r\nX-Lines: yes", "钥匙" * 8):
        carrier = HttpCarrier(provider.url, secret, JSON, anywhere=True)
        with pytest.raises(SendError) as refused:
            carrier.send(outgoing())
        assert secret not in refused.value.reason
    assert provider.came == []
