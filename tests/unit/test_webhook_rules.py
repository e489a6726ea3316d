"""Webhooks without rows: what an answer means, where they may lead, signatures."""

import socket
from datetime import timedelta

import pytest

from contact.webhooks import signing, targets, verdicts
from contact.webhooks.verdicts import Verdict
from core.errors import Invalid
from tests.support.receiver import signed_with

SECONDS, HOURS = timedelta(seconds=1), timedelta(hours=1)
PRIVATE = (
    "127.0.0.1",
    "10.1.2.3",
    "172.16.0.9",
    "192.168.1.1",
    "169.254.169.254",
    "100.64.0.1",
    "0.0.0.0",
    "224.0.0.1",
    "255.255.255.255",
    "::1",
    "::",
    "fe80::1",
    "fe80::1%eth0",
    "fec0::1",
    "fd00::1",
    "ff02::1",
    "::ffff:127.0.0.1",
    "::ffff:169.254.169.254",
    "::127.0.0.1",
    "64:ff9b::a00:1",
    "2002:7f00:1::",
    "2002:a9fe:a9fe::1",
)
PUBLIC = ("1.1.1.1", "8.8.8.8", "2606:4700:4700::1111", "::ffff:8.8.8.8")


@pytest.mark.parametrize("address", PRIVATE)
def test_a_private_address_is_seen_through_every_disguise(address: str):
    assert not targets.is_public(address)


@pytest.mark.parametrize("address", PUBLIC)
def test_a_public_address_is_one(address: str):
    assert targets.is_public(address)


@pytest.mark.parametrize(
    "url",
    [
        "http://hooks.example/in",
        "ftp://hooks.example/in",
        "https://user:word@hooks.example/in",
        "https://hooks.example/in#part",
        "https://127.0.0.1/in",
        "https://[::1]/in",
        "https://[::ffff:10.0.0.1]/in",
        "https:///in",
        "hooks.example",
        "https://hooks.example/" + "x" * 500,
        "https://hooks.example:99999/",
        "",
    ],
)
def test_an_address_that_would_not_do_is_refused(url: str):
    with pytest.raises(Invalid) as refused:
        targets.parse(url, anywhere=False)
    assert set(refused.value.fields) == {"url"}


def test_an_operator_may_allow_private_networks_but_no_other_scheme():
    for url in ("http://127.0.0.1:8080/in", "https://[::1]/in", "http://intranet/in"):
        assert targets.parse(url, anywhere=True).host
    with pytest.raises(Invalid):
        targets.parse("ftp://127.0.0.1/", anywhere=True)


def answering(monkeypatch: pytest.MonkeyPatch, *addresses: str) -> None:
    """The name has these addresses."""
    found = [
        (socket.AF_INET, socket.SOCK_STREAM, 6, "", (one, 443)) for one in addresses
    ]
    monkeypatch.setattr(socket, "getaddrinfo", lambda *_, **__: found)


def test_one_private_address_among_a_names_is_enough_to_refuse(monkeypatch):
    url = targets.parse("https://hooks.example/in", anywhere=False)
    answering(monkeypatch, "8.8.8.8", "10.0.0.1")
    with pytest.raises(targets.NotAllowed):
        targets.resolve(url, anywhere=False)
    assert targets.resolve(url, anywhere=True) == "8.8.8.8"
    answering(monkeypatch, "8.8.8.8")
    assert targets.resolve(url, anywhere=False) == "8.8.8.8"


@pytest.mark.parametrize("spelt", ["2130706433", "0x7f000001", "127.1"])
def test_a_number_that_means_this_machine_is_refused_when_it_is_connected_to(
    spelt: str,
):
    url = targets.parse(f"https://{spelt}/in", anywhere=False)
    with pytest.raises(targets.NotAllowed):
        targets.resolve(url, anywhere=False)


@pytest.mark.parametrize(
    ("status", "verdict"),
    [
        (200, Verdict.DELIVERED),
        (204, Verdict.DELIVERED),
        (302, Verdict.AGAIN),
        (400, Verdict.AGAIN),
        (404, Verdict.AGAIN),
        (410, Verdict.GONE),
        (429, Verdict.REST),
        (500, Verdict.AGAIN),
        (503, Verdict.REST),
        (None, Verdict.REST),
    ],
)
def test_an_answer_has_one_consequence(status: int | None, verdict: Verdict):
    assert verdicts.judge(status) is verdict


def test_pauses_grow_from_five_seconds_to_an_hour():
    failing, pauses = timedelta(0), []
    while failing < 3 * HOURS:
        pauses.append(verdicts.pause(failing))
        failing += pauses[-1]
    assert pauses[:5] == [5 * SECONDS, 5 * SECONDS, 10 * SECONDS, *pauses[3:5]]
    assert pauses[3:5] == [20 * SECONDS, 40 * SECONDS]
    assert pauses == sorted(pauses)
    assert pauses[-1] == HOURS


def test_a_signature_is_known_by_another_reading_of_the_standard():
    old, new = signing.fresh_secret(), signing.fresh_secret()
    body = b'{"type":"visit.published"}'
    sent = signing.headers([new, old], event_id="an-id", unix_s=1764000000, body=body)
    assert signed_with(old, sent, body)
    assert signed_with(new, sent, body)
    assert not signed_with(signing.fresh_secret(), sent, body)
    assert not signed_with(new, sent, body + b" ")
    assert not signed_with(new, {**sent, "webhook-timestamp": "1764000001"}, body)


def test_the_standards_own_example_is_signed_as_it_says():
    """The example of the reference libraries of Standard Webhooks."""
    sent = signing.headers(
        ["whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw"],
        event_id="msg_p5jXN8AQM9LWM0D4loKWxJek",
        unix_s=1614265330,
        body=b'{"test": 2432232314}',
    )
    expected = "v1,g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE="
    assert sent["webhook-signature"] == expected
