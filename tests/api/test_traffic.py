"""gzip, CORS and the request limit: what plain traffic gets, and what never does."""

import gzip
from dataclasses import replace
from typing import Any

import pytest
from flask.testing import FlaskClient

from core.errors import Misconfigured
from core.words import Role
from server import settings
from server.app import create_app
from server.runtime import Runtime
from tests.api.conftest import Office
from tests.support.world import SETTINGS

GZIP = {"Accept-Encoding": "gzip, br"}
DESK = "https://desk.example"


def client(office: Office, **chosen: Any) -> FlaskClient:
    """A fresh app with these settings."""
    office.make.session.commit()
    database, clock = office.world.database, office.world.clock
    runtime = Runtime(
        replace(SETTINGS, **chosen), database.engine, database.sessions, clock
    )
    return create_app(runtime).test_client()


def test_a_large_answer_is_compressed_and_reads_the_same(office: Office):
    admin = office[Role.ADMIN]
    for _ in range(20):
        office.user(Role.AUDITOR)
    http = client(office)
    plain = http.get("/v1/users", headers=admin.headers)
    small = http.get("/v1/users", headers={**admin.headers, **GZIP})
    assert small.headers["Content-Encoding"] == "gzip"
    assert gzip.decompress(small.data) == plain.data
    assert len(small.data) < len(plain.data) / 2
    assert "Accept-Encoding" in small.headers["Vary"]
    assert small.headers["ETag"] == f"W/{plain.headers['ETag']}"
    held = {"If-None-Match": small.headers["ETag"]}
    again = http.get("/v1/users", headers={**admin.headers, **GZIP, **held})
    assert (again.status_code, again.data) == (304, b"")


def test_what_holds_secrets_is_never_compressed(office: Office):
    http = client(office)
    login = {
        "organisation": office.organisation.slug,
        "login": office.street.chen.login,
        "password": "correct horse battery",
        "device_id": "018f0000-0000-7000-8000-000000000001",
    }
    for answer in (
        http.post("/v1/auth/login", json=login, headers=GZIP),
        http.get("/v1/mobile/day", headers={**office["collector"].headers, **GZIP}),
        http.get("/safety/login", headers=GZIP),
        http.get("/verify", headers=GZIP),
        http.post("/verify", data={"code": "x" * 20}, headers=GZIP),
    ):
        assert answer.status_code == 200
        assert len(answer.data) > 300
        assert "Content-Encoding" not in answer.headers


def preflight(http: FlaskClient, path: str, origin: str = DESK) -> Any:
    """What a browser asks before it sends a token from another origin."""
    asks = {
        "Origin": origin,
        "Access-Control-Request-Method": "PUT",
        "Access-Control-Request-Headers": "authorization, if-match, idempotency-key",
    }
    return http.options(path, headers=asks)


def test_no_other_origin_may_call_unless_it_is_named(office: Office):
    path = f"/v1/visits/{office.street.visit.id}/visitors"
    closed, named = client(office), client(office, cors_origins=(DESK,))
    for http, origin in ((closed, DESK), (named, "https://evil.example")):
        answer = preflight(http, path, origin)
        assert "Access-Control-Allow-Origin" not in answer.headers


def test_a_named_origin_may_call_with_a_token_and_never_with_a_cookie(office: Office):
    http = client(office, cors_origins=(DESK,))
    path = f"/v1/visits/{office.street.visit.id}/visitors"
    answer = preflight(http, path)
    assert answer.headers["Access-Control-Allow-Origin"] == DESK
    allowed = answer.headers["Access-Control-Allow-Headers"].lower()
    for name in ("authorization", "if-match", "idempotency-key"):
        assert name in allowed
    assert "Access-Control-Allow-Credentials" not in answer.headers
    headers = {**office[Role.ADMIN].headers, "Origin": DESK}
    read = http.get("/v1/organisation", headers=headers)
    assert "ETag" in read.headers["Access-Control-Expose-Headers"]
    for page in ("/safety", "/verify", "/docs"):
        shown = http.get(page, headers={"Origin": DESK})
        assert "Access-Control-Allow-Origin" not in shown.headers


def test_who_asks_too_often_waits_and_nobody_else_does(office: Office):
    http = client(office, requests_per_minute=3)
    busy, other = office[Role.ADMIN].headers, office[Role.AUDITOR].headers
    told = [http.get("/v1/me", headers=busy) for _ in range(5)]
    assert [one.status_code for one in told] == [200, 200, 200, 429, 429]
    assert told[-1].mimetype == "application/problem+json"
    assert 1 <= int(told[-1].headers["Retry-After"]) <= 61
    assert http.get("/v1/me", headers=other).status_code == 200
    forged = {"Authorization": "Bearer a.b.c"}
    answers = [http.get("/v1/me", headers=forged).status_code for _ in range(5)]
    assert answers == [401, 401, 401, 429, 429]


def test_help_is_never_limited(office: Office):
    http = client(office, requests_per_minute=1)
    phone = office.world.phone_of(office.street.chen).headers
    chen = office["collector"].headers
    assert [http.get("/v1/me", headers=chen).status_code for _ in range(2)] == [
        200,
        429,
    ]
    for headers in (phone, chen):
        for _ in range(4):
            told = http.post("/v1/mobile/sos", json=office.world.act(), headers=headers)
            assert told.status_code == 201
    officer = office[Role.SAFETY_OFFICER].headers
    [alert, *_] = http.get("/v1/alerts", headers=officer).json["items"]
    for _ in range(4):
        taken = http.post(f"/v1/alerts/{alert['id']}/acknowledgement", headers=officer)
        assert taken.status_code in {200, 409}
        assert http.get("/healthz").status_code == 200
        assert http.get("/safety/login").status_code == 200
        check = http.post("/v1/verifications", json={"code": "0000000000"})
        assert check.status_code == 200


@pytest.mark.parametrize(
    "wrong",
    [
        {"VOUCHSAFE_CORS_ORIGINS": "*"},
        {"VOUCHSAFE_CORS_ORIGINS": "https://desk.example/app"},
        {"VOUCHSAFE_CORS_ORIGINS": "desk.example"},
        {"VOUCHSAFE_REQUESTS_PER_MINUTE": "many"},
        {"VOUCHSAFE_REQUESTS_PER_MINUTE": "-1"},
        {"VOUCHSAFE_PHOTOS": "/srv/photos"},
        {"VOUCHSAFE_THREADS": "21"},
    ],
)
def test_a_wrong_setting_stops_the_start(wrong: dict[str, str]):
    with pytest.raises(Misconfigured, match=next(iter(wrong))):
        settings.from_environment(wrong)


def test_the_settings_are_read():
    chosen = {
        "VOUCHSAFE_CORS_ORIGINS": f"{DESK}, http://127.0.0.1:5173",
        "VOUCHSAFE_REQUESTS_PER_MINUTE": "0",
    }
    read = settings.from_environment(chosen)
    assert read.cors_origins == (DESK, "http://127.0.0.1:5173")
    assert read.requests_per_minute == 0
    assert settings.from_environment({}).requests_per_minute == 1200
