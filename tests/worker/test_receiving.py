"""Bodies at a real web server: refused early, and never in plain on its disk."""

import json
import os
import socket
import time
from collections.abc import Iterator
from pathlib import Path

import jwt
import pytest
import requests

from core.words import Role
from models.sealed import ring
from server import sizes
from tests.support.make import PASSWORD, Make
from tests.support.premises import Premises, Process, until

PROBLEM = "application/problem+json"
PLACES = [
    ("POST", "/v1/mobile/sos", 1_000_000),
    ("POST", "/v1/auth/login", 1_000_000),
    ("POST", "/safety/login", 1_000_000),
    ("POST", "/no/such/place", 1_000_000),
    ("GET", "/v1/imports", 1_000_000),
    ("PUT", "/v1/badges/0190cd05-0000-7000-8000-000000000001/photo", 2_000_000),
    ("POST", "/v1/imports", 200_000_000),
]
NAMES = b"Wang Lei;13800000000;" * 390


@pytest.fixture
def web(premises: Premises, tmp_path: Path) -> Process:
    (tmp_path / "spool").mkdir()
    premises.environ["TMPDIR"] = str(tmp_path / "spool")
    return premises.start("web")


def call(premises: Premises, *lines: str) -> socket.socket:
    """A connection on which a request's head was sent."""
    connection = socket.create_connection(("127.0.0.1", premises.port), timeout=9)
    connection.sendall("\r\n".join([*lines, "Host: x", "", ""]).encode())
    return connection


def answer(connection: socket.socket) -> tuple[int, dict[str, object]]:
    """Status and document; whatever else is said comes first."""
    text = b""
    while piece := connection.recv(65536):
        text += piece
    head, _, body = text.partition(b"\r\n\r\n")
    assert PROBLEM.encode() in head, head
    return int(head.split()[1]), json.loads(body)


on_sqlite = pytest.mark.parametrize("database", ["sqlite"], indirect=True)


@on_sqlite  # nothing of this comes as far as a database
def test_what_says_that_it_is_too_large_is_refused_before_it_comes(
    web: Process, premises: Premises
):
    for method, path, most in PLACES:
        for extra in ([], ["Expect: 100-continue"]):
            length = f"Content-Length: {most + 1}"
            with call(premises, f"{method} {path} HTTP/1.1", length, *extra) as one:
                status, document = answer(one)
            assert (status, document["status"]) == (413, 413)
            assert document["type"] == "/problems/http_413"
            assert document["detail"] == f"At most {most:,} bytes are taken here."


@on_sqlite
def test_a_stranger_may_send_no_more_than_an_ordinary_body(
    web: Process, premises: Premises
):
    """And so may a token that we did not sign, or one that has expired."""
    ours = ring.keyring.secret("login_token")
    soon, past = (int(time.time()) + seconds for seconds in (60, -60))
    tokens = [
        jwt.encode({"exp": soon}, b"x" * 32, "HS256"),
        jwt.encode({"exp": past}, ours, "HS256"),
        jwt.encode({"exp": soon}, None, "none"),
    ]
    refused = [[], *([f"Authorization: Bearer {one}"] for one in tokens)]
    length = "Content-Length: 1000001"
    for extra in (*refused, ["Authorization: Basic x"], ["Expect: 100-continue"]):
        with call(premises, "POST /v1/imports HTTP/1.1", length, *extra) as one:
            status, document = answer(one)
        assert (status, document["type"]) == (401, "/problems/http_401")
        assert "Log in" in str(document["detail"])
    signed = f"Authorization: Bearer {jwt.encode({'exp': soon}, ours, 'HS256')}"
    with call(premises, "POST /v1/imports HTTP/1.1", length, signed) as one:
        one.settimeout(0.5)
        with pytest.raises(TimeoutError):  # it waits for the body
            one.recv(1)


@on_sqlite
def test_a_refusal_speaks_the_language_that_was_asked_for(
    web: Process, premises: Premises
):
    chinese = "Accept-Language: zh-CN"
    for path, size, title, detail in (
        ("/v1/auth/login", 1_000_001, "内容过大", "此处最多接受1,000,000字节。"),
        (
            *("/v1/imports", 1_000_001, "未登录"),
            "请先登录：如此大的内容须凭令牌提交。",
        ),
    ):
        length = f"Content-Length: {size}"
        with call(premises, f"POST {path} HTTP/1.1", length, chinese) as one:
            document = answer(one)[1]
        assert (document["title"], document["detail"]) == (title, detail)


@on_sqlite
def test_an_endless_body_is_refused_as_soon_as_it_is_too_large(
    web: Process, premises: Premises
):
    chunked = "Transfer-Encoding: chunked"
    sent, piece = 0, b"1000\r\n" + b"x" * 4096 + b"\r\n"
    with call(premises, "POST /v1/auth/login HTTP/1.1", chunked) as one:
        one.setblocking(False)
        end = time.monotonic() + 9
        while sent < 3_000_000 and time.monotonic() < end:
            try:
                sent += one.send(piece)
            except BlockingIOError:
                time.sleep(0.01)
            if sent > 1_000_000 and web_said(web):
                break
        one.setblocking(True)
        one.settimeout(9)
        one.shutdown(socket.SHUT_WR)
        assert answer(one)[0] == 413


def web_said(web: Process) -> bool:
    """It has refused something."""
    return '"event": "refused"' in web.said()


@on_sqlite
def test_who_sends_all_of_it_before_he_reads_sees_the_refusal(
    web: Process, premises: Premises
):
    url = f"{premises.base}/v1/mobile/sos"
    refused = requests.post(url, data=b"x" * 30_000_000, timeout=30)
    assert refused.status_code == 413
    assert refused.headers["Content-Type"] == PROBLEM
    assert refused.headers["X-Request-Id"] == refused.json()["request_id"]
    assert premises.status("/healthz") == 200


@on_sqlite
def test_what_cannot_be_read_is_answered_in_the_same_form(
    web: Process, premises: Premises
):
    for lines, expected in (
        (["GET /healthz HTTP/1.1", "no colon"], 400),
        (["POST /healthz HTTP/1.1", "Transfer-Encoding: gzip"], 501),
        (["GET /healthz HTTP/1.1", "A: " + "x" * 300_000], 431),
    ):
        with call(premises, *lines) as one:
            status, document = answer(one)
        assert (status, document["status"]) == (expected, expected)


def spooled(web: Process, folder: Path) -> Iterator[bytes]:
    """The files without a name that web has open in that folder."""
    descriptors = Path(f"/proc/{web.popen.pid}/fd")
    for one in descriptors.iterdir():
        if os.readlink(one).startswith(str(folder)):
            yield one.read_bytes()


def test_a_case_file_on_its_way_is_never_in_plain_on_the_disk(
    web: Process, premises: Premises, session, tmp_path: Path
):
    make = Make(session, premises.clock)
    organisation = make.organisation()
    user = make.user(organisation, Role.DISPATCHER)
    session.commit()
    body = {"organisation": organisation.slug, "login": user.login}
    body |= {"password": PASSWORD, "device_id": "0190cd05-0000-4000-8000-000000000001"}
    url = f"{premises.base}/v1/auth/login"
    token = requests.post(url, json=body, timeout=60).json()["access_token"]
    file = NAMES * 400
    with call(
        premises,
        "POST /v1/imports HTTP/1.1",
        f"Authorization: Bearer {token}",
        "Content-Type: text/csv",
        f"Content-Length: {len(file)}",
    ) as one:
        one.sendall(file[:-1])
        folder = tmp_path / "spool"
        [kept] = until("all is there", lambda: full(spooled(web, folder), len(file)))
        assert NAMES[:20] not in kept
        one.sendall(file[-1:])
        one.shutdown(socket.SHUT_WR)
        assert answer(one)[0] == 422  # it is not a case file
    assert len(file) > 3 * sizes.LARGEST_BODY
    until("nothing is left", lambda: not list(spooled(web, folder)))


def full(found: Iterator[bytes], size: int) -> list[bytes]:
    """Those that hold all but the last byte."""
    return [one for one in found if len(one) == size - 1]
