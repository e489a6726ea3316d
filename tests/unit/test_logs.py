"""Logs: whatever a library says is one JSON line too, without a value in it."""

import json
import subprocess
import sys
from typing import Any

import pytest

SERVED = """
import http.client, threading, waitress
def broken(environ, start_response):
    raise ValueError("13812345678")
server = waitress.create_server(broken, host="127.0.0.1", port=0)
threading.Thread(target=server.run, daemon=True).start()
asked = http.client.HTTPConnection("127.0.0.1", server.effective_port)
asked.request("GET", "/v1/users/secret-id")
asked.getresponse().read()
"""
POOLED = """
from sqlalchemy import create_engine
class Connection:
    def rollback(self): raise RuntimeError("13812345678")
    def close(self): pass
engine = create_engine("sqlite://", creator=Connection, _initialize=False)
engine.raw_connection().close()
"""
RETRIED = """
import requests
from urllib3.util import Retry
from requests.adapters import HTTPAdapter
with requests.Session() as http:
    http.mount("http://", HTTPAdapter(max_retries=Retry(1, backoff_factor=0)))
    try:
        http.get("http://127.0.0.1:9/secret-id?phone=13812345678")
    except requests.ConnectionError:
        pass
"""
OURS = """
import structlog
try:
    raise ValueError("13812345678")
except ValueError as error:
    structlog.get_logger("vouchsafe").error("not sent", exc_info=error)
"""


def said(script: str) -> list[dict[str, Any]]:
    """The lines that a process of its own has logged while it ran this."""
    begin = "from server.logs import configure\nconfigure()\n"
    done = subprocess.run(
        [sys.executable, "-c", begin + script],
        capture_output=True,
        text=True,
        check=True,
        timeout=60,
    )
    assert "secret-id" not in done.stderr
    assert "13812345678" not in done.stderr
    return [json.loads(line) for line in done.stderr.splitlines()]


def test_an_error_of_the_web_server_is_named_by_its_place():
    [line] = said(SERVED)
    assert (line["level"], line["logger"]) == ("error", "waitress")
    assert line["error"] == "ValueError"
    assert line["trace"][-1].endswith("broken")
    assert "waitress/channel.py" in line["place"]
    assert line["timestamp"].endswith("Z")


def test_an_error_of_the_pool_is_named_by_its_place():
    line = said(POOLED)[0]
    assert (line["level"], line["error"]) == ("error", "RuntimeError")
    assert line["logger"].startswith("sqlalchemy.pool")


def test_what_a_library_says_keeps_its_words_and_loses_its_values():
    [line] = said(RETRIED)
    assert (line["level"], line["logger"]) == ("warning", "urllib3.connectionpool")
    assert line["event"].startswith("Retrying (%r) after connection broken")


@pytest.mark.parametrize(
    ("call", "event", "numbers"),
    [
        ("warning('Task queue depth is %d', 5)", "Task queue depth is %d", [5]),
        ("warning('for %s', 'secret-id')", "for %s", None),
        ("error('all of secret-id')", "said by a library", None),
        ("log(35, 'level of its own %d', 1)", "level of its own %d", [1]),
    ],
)
def test_words_are_told_where_they_stand_apart_from_values(
    call: str, event: str, numbers: list[int] | None
):
    [line] = said(f"import logging; logging.getLogger('any').{call}")
    assert (line["event"], line.get("numbers")) == (event, numbers)


def test_our_own_errors_are_told_in_the_same_shape():
    [line] = said(OURS)
    assert (line["event"], line["error"]) == ("not sent", "ValueError")
