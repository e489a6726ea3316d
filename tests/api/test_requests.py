"""What holds for every request: its lines in the log, whom it comes from."""

import io
import json
import sys
from dataclasses import replace

import pytest

from planning import cases
from server.app import create_app
from server.runtime import Runtime
from tests.api.conftest import Office
from tests.support.databases import Database
from tests.support.world import SETTINGS


@pytest.fixture
def runtime(office: Office, database: Database) -> Runtime:
    clock = office.world.clock
    return Runtime(SETTINGS, database.engine, database.sessions, clock)


def test_every_line_of_a_request_carries_its_id(
    office: Office, runtime: Runtime, monkeypatch
):
    def broken(*_: object, **__: object) -> None:
        raise RuntimeError("a defect")

    monkeypatch.setattr(cases, "page", broken)
    monkeypatch.setattr(sys, "stderr", io.StringIO())
    headers = office["dispatcher"].headers
    client = create_app(runtime).test_client()
    answer = client.get("/v1/cases", headers=headers)
    assert answer.status_code == 500
    written = sys.stderr.getvalue().splitlines()  # type: ignore[attr-defined]
    lines = [json.loads(line) for line in written]
    assert [line["event"] for line in lines] == ["unforeseen", "request"]
    assert {line["request_id"] for line in lines} == {answer.json["request_id"]}


@pytest.mark.parametrize(("proxies", "apart"), [(0, False), (1, True), (2, False)])
def test_behind_trusted_proxies_those_who_check_are_told_apart(
    runtime: Runtime, proxies: int, apart: bool
):
    settings = replace(SETTINGS, trusted_proxies=proxies)
    client = create_app(replace(runtime, settings=settings)).test_client()

    def check(source: str) -> str:
        headers, body = {"X-Forwarded-For": source}, {"code": "0000000000"}
        answer = client.post("/v1/verifications", json=body, headers=headers)
        return str(answer.json["answer"])

    told = [check("203.0.113.1") for _ in range(11)]
    assert told == ["unknown"] * 10 + ["too_many_tries"]
    assert (check("203.0.113.2") == "unknown") is apart
