"""Problem documents in the language that the request prefers."""

from typing import Any

import pytest
from sqlalchemy.exc import OperationalError

from core.words import Role
from server.app import create_app
from tests.api.conftest import Office
from tests.contract.test_languages import HAN
from tests.support.world import World

ZH = {"Accept-Language": "zh-CN,zh;q=0.9,en;q=0.5"}
JSON = "application/json"


def ask(office: Office, role: Role | None, method: str, path: str, **options: object):  # type: ignore[no-untyped-def]
    """An answer in Chinese, which says so."""
    client = office[role] if role else office.world.client_as(None)
    headers = {**client.headers, **ZH, **options.pop("headers", {})}  # type: ignore[dict-item]
    answer = client.client.open(path, method=method, headers=headers, **options)
    assert answer.headers["Content-Language"] == "zh"
    assert "Accept-Language" in answer.headers["Vary"]
    assert HAN.search(answer.json["title"])
    assert HAN.search(answer.json["detail"])
    assert (
        not answer.json["type"]
        .removeprefix("/problems/")
        .strip("abcdefghijklmnopqrstuvwxyz_0123456789")
    )
    return answer


@pytest.mark.parametrize(
    ("asked", "language"),
    [
        ("zh", "zh"),
        ("zh-CN", "zh"),
        ("zh-Hans", "zh"),
        ("zh-Hant-TW", "zh"),
        ("zh-TW;q=0.8, en;q=0.7", "zh"),
        ("en-GB, zh;q=0.9", "en"),
        ("zh;q=0.2, en;q=0.3", "en"),
        ("fr, zh;q=0.1", "zh"),
        ("zh;q=0, en", "en"),
        ("fr", "en"),
        ("zh, en", "zh"),
        ("en, zh", "en"),
        ("en;q=0, *", "zh"),
        ("ZH_cn", "zh"),
        ("*", "en"),
        ("", "en"),
    ],
)
def test_the_preferred_language_is_spoken(world: World, asked: str, language: str):
    headers = {"Accept-Language": asked}
    answer = world.app.test_client().get("/v1/me", headers=headers)
    assert (answer.status_code, answer.headers["Content-Language"]) == (401, language)
    assert bool(HAN.search(answer.json["detail"])) == (language == "zh")


def test_without_the_header_it_is_english(world: World):
    answer = world.app.test_client().get("/v1/me")
    assert answer.json["title"] == "Not logged in"
    assert answer.headers["Content-Language"] == "en"


def refusals(office: Office) -> list[tuple[int, Role | None, str, str, dict[str, Any]]]:
    """Status, role, method, path and what is sent: one for each way to be refused."""
    case, visit = office.street.case.id, office.street.visit.id
    nobody = "00000000-0000-0000-0000-000000000000"
    admin, dispatcher = Role.ADMIN, Role.DISPATCHER
    own, fence = "/v1/organisation", {"fence_m": 400}
    visits, again = "/v1/visits", f"/v1/cases/{case}/reopening"
    owed = {"open_minor": 500, "reason": "an_error"}
    large = {"data": "x" * 1_000_001, "content_type": JSON}
    other = {"json": fence, "headers": {"If-Match": '"x"'}}
    blind = {"json": fence, "headers": {"If-Match": ""}}
    return [
        (401, None, "GET", "/v1/me", {}),
        (403, Role.AUDITOR, "POST", "/v1/users", {"json": {}}),
        (404, dispatcher, "GET", f"/v1/cases/{nobody}", {}),
        (405, dispatcher, "DELETE", f"/v1/cases/{case}", {}),
        (409, admin, "POST", again, {"json": owed}),
        (412, admin, "PATCH", own, other),
        (415, admin, "PATCH", own, {"data": "x", "content_type": "text/html"}),
        (422, dispatcher, "POST", visits, {"json": {"people": 99}}),
        (428, admin, "PATCH", own, blind),
        (400, dispatcher, "POST", visits, {"data": "{", "content_type": JSON}),
        (413, dispatcher, "POST", f"/v1/visits/{visit}/cancellation", large),
    ]


def test_every_status_speaks_chinese(office: Office):
    for status, role, method, path, sent in refusals(office):
        answer = ask(office, role, method, path, **sent)
        assert answer.status_code == status, path


def test_nouns_and_fields_are_chinese_too(office: Office):
    nobody = "00000000-0000-0000-0000-000000000000"
    answer = ask(office, Role.DISPATCHER, "GET", f"/v1/cases/{nobody}")
    assert answer.json["detail"] == "没有此案件。"
    wrong = {"people": 99}
    answer = ask(office, Role.DISPATCHER, "POST", "/v1/visits", json=wrong)
    fields = answer.json["fields"]["json"]
    assert fields["people"] == ["须在1至4之间。"]
    assert fields["case_id"] == ["必填。"]


def test_tries_in_vain_are_told_in_chinese(office: Office):
    body = {
        "organisation": "x",
        "login": "nobody",
        "password": "wrong wrong wrong",
        "device_id": "00000000-0000-4000-8000-000000000000",
    }
    for _ in range(12):
        answer = ask(office, None, "POST", "/v1/auth/login", json=body)
    assert answer.status_code == 429
    assert f"{answer.json['retry_after_s']}秒后" in answer.json["detail"]


def test_what_fails_on_our_side_is_told_in_chinese(office: Office):
    app = create_app(office.world.app.extensions["vouchsafe"])

    @app.get("/v1/defect")
    def defect() -> str:
        raise ValueError("of the inside")

    @app.get("/v1/away")
    def away() -> str:
        raise OperationalError("SELECT 1", {}, Exception())

    for path, status in (("/v1/defect", 500), ("/v1/away", 503)):
        answer = app.test_client().get(path, headers=ZH)
        assert (answer.status_code, answer.headers["Content-Language"]) == (
            status,
            "zh",
        )
        assert HAN.search(answer.json["title"])
        assert "内容未保存" in answer.json["detail"]


def test_a_phone_is_refused_in_chinese(office: Office):
    office.world.channel(office.street.chen)
    path = f"/v1/mobile/visits/{office.street.visit.id}/departure"
    buddy = {"buddy_id": str(office.street.wu.id)}
    answer = ask(office, Role.COLLECTOR, "POST", path, json=office.world.act(**buddy))
    assert answer.status_code == 422
    assert answer.json["fields"] == {"buddy_id": ["走访同伴不能担任安全联系人。"]}
    assert answer.json["fallback"]
