"""``Idempotency-Key``: a creating POST that is sent again creates nothing more."""

import threading
from datetime import timedelta
from typing import Any

import pytest
from sqlalchemy import func, select

from accounts import repeats
from core.words import Role
from models import KeptAnswer, User
from tests.api.conftest import Office
from tests.support.world import Browser

KEY = "7f5f1a2e-1d5c-4b8e-9c61-0a2f"
NEW = {
    "login": "newcomer",
    "name": "新人",
    "phone": "+8613800001111",
    "role": "dispatcher",
    "password": "correct horse battery",
}


def create(client: Browser, key: str | None, **other: Any) -> Any:
    """A new user under this key."""
    headers = {**client.headers, **({"Idempotency-Key": key} if key else {})}
    return client.client.post("/v1/users", json={**NEW, **other}, headers=headers)


def count(office: Office) -> int:
    """How many users there are."""
    with office.world.database.sessions() as session:
        return session.scalar(select(func.count()).select_from(User)) or 0


def kept(office: Office) -> list[KeptAnswer]:
    """All kept answers."""
    with office.world.database.sessions() as session:
        return list(session.scalars(select(KeptAnswer)))


def test_the_same_key_and_body_get_the_same_answer_and_one_effect(office: Office):
    admin = office[Role.ADMIN]
    before = count(office)
    first = create(admin, KEY)
    again = [create(admin, key) for key in (KEY, f'"{KEY}"')]
    assert first.status_code == 201
    assert {(one.status_code, one.data) for one in again} == {(201, first.data)}
    assert count(office) == before + 1


def test_the_order_of_the_fields_is_no_difference(office: Office):
    admin = office[Role.ADMIN]
    first = create(admin, KEY)
    turned = dict(reversed(NEW.items()))
    headers = {**admin.headers, "Idempotency-Key": KEY}
    again = office.world.app.test_client().post(
        "/v1/users", json=turned, headers=headers
    )
    assert (again.status_code, again.data) == (201, first.data)


def test_the_same_key_with_another_body_is_refused(office: Office):
    admin = office[Role.ADMIN]
    create(admin, KEY)
    before = count(office)
    answer = create(admin, KEY, login="somebody-else")
    assert answer.status_code == 422
    assert "Idempotency-Key" in answer.json["fields"]
    assert count(office) == before


@pytest.mark.parametrize("key", ["", '""', "a b", "é", "x" * 201, 'a"b', "a\\b"])
def test_a_key_that_is_none_is_refused(office: Office, key: str):
    headers = {**office[Role.ADMIN].headers, "Idempotency-Key": key}
    client = office.world.app.test_client()
    assert client.post("/v1/users", json=NEW, headers=headers).status_code == 400


def test_a_key_counts_for_one_user_at_one_address(office: Office):
    admin, second = office[Role.ADMIN], office[Role.ADMIN]
    assert create(admin, KEY).status_code == 201
    assert (
        create(second, KEY).status_code == 409
    )  # the login is taken: no answer of his
    channel = {"kind": "console", "rank": 3}
    headers = {**admin.headers, "Idempotency-Key": KEY}
    client = office.world.app.test_client()
    made = client.post("/v1/channels", json=channel, headers=headers)
    assert made.status_code == 201


def test_what_failed_is_not_kept(office: Office):
    admin = office[Role.ADMIN]
    taken = office.user(Role.AUDITOR)
    assert create(admin, KEY, login=taken.login).status_code == 409
    assert create(admin, KEY).status_code == 201


def test_a_defect_after_the_effect_leaves_neither_effect_nor_answer(
    office: Office, monkeypatch: pytest.MonkeyPatch
):
    admin, before = office[Role.ADMIN], count(office)

    def broken(*_: object, **__: object) -> None:
        raise RuntimeError("a defect")

    with monkeypatch.context() as patched:
        patched.setattr(repeats, "keep", broken)
        assert create(admin, KEY).status_code == 500
    assert count(office) == before
    assert create(admin, KEY).status_code == 201


def test_whoever_lost_the_right_gets_no_kept_answer(office: Office):
    user = office.user(Role.ADMIN)
    admin = office.world.client_as(user)
    assert create(admin, KEY).status_code == 201
    user.role = Role.AUDITOR
    office.make.session.commit()
    assert create(admin, KEY).status_code == 403


def test_the_same_at_once_creates_once(office: Office):
    admin, before = office[Role.ADMIN], count(office)
    start, answers = threading.Barrier(4), []

    def send() -> None:
        client = office.world.app.test_client()
        headers = {**admin.headers, "Idempotency-Key": KEY}
        start.wait()
        answers.append(client.post("/v1/users", json=NEW, headers=headers))

    threads = [threading.Thread(target=send) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len({(one.status_code, one.data) for one in answers}) == 1
    assert answers[0].status_code == 201
    assert count(office) == before + 1


def test_without_a_key_nothing_is_kept_and_no_secret_ever(
    office: Office, monkeypatch: pytest.MonkeyPatch
):
    seen: list[object] = []
    admin = office[Role.ADMIN]
    assert create(admin, None).status_code == 201
    assert kept(office) == []
    without = repeats._without

    def watched(body: object) -> object:
        seen.append(without(body))
        return seen[-1]

    monkeypatch.setattr(repeats, "_without", watched)
    create(admin, KEY, login="another")
    assert len(seen) == 1
    assert NEW["password"] not in str(seen)
    [row] = kept(office)
    assert NEW["password"] not in str(row.answer)


def test_answers_are_kept_for_a_day(office: Office):
    admin, sessions = office[Role.ADMIN], office.world.database.sessions
    create(admin, KEY)
    end = kept(office)[0].created_at + repeats.KEPT
    with sessions.begin() as session:
        assert repeats.next_due(session) == end
        assert repeats.forget(session, now=end - timedelta(seconds=1)) == 0
        assert repeats.forget(session, now=end) == 1
        assert repeats.next_due(session) is None
    assert create(admin, KEY).status_code == 409  # his own login is taken by now
