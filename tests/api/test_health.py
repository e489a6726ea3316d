"""Is the process alive, can the installation work; and problems in general."""

import pytest
from sqlalchemy import text
from sqlalchemy.exc import OperationalError
from sqlalchemy.orm import sessionmaker

from models import ProcessPulse
from tests.support.street import Street
from tests.support.world import World

PROBLEM = "application/problem+json"


def test_a_process_that_answers_is_alive(world: World):
    answer = world.client_as(None).get("/healthz")
    assert (answer.status_code, answer.json) == (200, {"alive": True})


def test_without_a_worker_the_installation_is_not_ready(world: World):
    answer = world.client_as(None).get("/readyz")
    assert answer.status_code == 503
    assert answer.json == {
        "ready": False,
        "database": True,
        "schema": True,
        "worker": False,
    }


def test_a_workers_pulse_makes_it_ready_while_it_beats(world: World):
    now = world.clock.now()
    pulse = ProcessPulse(kind="worker", host="here", started_at=now, beat_at=now)
    world.make.session.add(pulse)
    client = world.client_as(None)
    ready = client.get("/readyz")
    assert (ready.status_code, ready.json["ready"]) == (200, True)
    world.clock.forward(minutes=10)
    assert client.get("/readyz").status_code == 503


def test_a_schema_that_is_behind_this_version_is_not_ready(world: World):
    behind = "UPDATE alembic_version SET version_num = '0001'"
    world.make.session.execute(text(behind))
    answer = world.client_as(None).get("/readyz")
    assert answer.status_code == 503
    assert (answer.json["database"], answer.json["schema"]) == (True, False)


def test_health_says_nothing_of_the_inside(world: World):
    for path in ("/healthz", "/readyz"):
        shown = world.client_as(None).get(path).get_data(as_text=True)
        assert "sqlite" not in shown
        assert "postgres" not in shown


def test_what_does_not_exist_is_a_problem_with_the_requests_id(world: World):
    client = world.client_as(None)
    missing = client.get("/v1/nothing")
    assert (missing.status_code, missing.mimetype) == (404, PROBLEM)
    assert missing.json["request_id"] == missing.headers["X-Request-Id"]
    wrong = client.put("/v1/visits", {})
    assert (wrong.status_code, wrong.mimetype) == (405, PROBLEM)
    assert set(wrong.headers["Allow"].split(", ")) >= {"GET", "POST"}


def test_an_id_that_is_none_is_not_found(world: World, street: Street):
    client = world.client_as(street.dispatcher)
    for word in ("7", "x" * 36, "%00", "..", f"{street.visit.id}x"):
        answer = client.get(f"/v1/visits/{word}")
        assert (answer.status_code, answer.mimetype) == (404, PROBLEM), word


def test_the_document_is_served(world: World):
    served = world.client_as(None).get("/openapi.json")
    assert served.json["openapi"].startswith("3.1")


def away(monkeypatch: pytest.MonkeyPatch) -> None:
    """The database does not answer any more."""

    def fails(*_: object, **__: object) -> None:
        raise OperationalError("SELECT 1", {}, Exception("gone"))

    monkeypatch.setattr(sessionmaker, "begin", fails)


@pytest.mark.parametrize(
    ("lang", "words"), [("zh", "请不要开门"), ("en", "Do not open")]
)
def test_without_a_database_a_borrower_is_told_not_to_open(
    world: World, monkeypatch: pytest.MonkeyPatch, lang: str, words: str
):
    client = world.client_as(None).client
    away(monkeypatch)
    page = client.post("/verify", data={"code": "ABCDE-FGHJK", "lang": lang})
    assert page.status_code == 503
    assert words in page.text
    assert "ABCDE" not in page.text


def test_without_a_database_the_desk_does_not_say_that_no_alert_is_open(
    world: World, monkeypatch: pytest.MonkeyPatch
):
    client = world.client_as(None).client
    away(monkeypatch)
    page = client.get("/safety?lang=en")
    assert page.status_code == 503
    assert "cannot be read" in page.text
    assert 'http-equiv="refresh"' in page.text
