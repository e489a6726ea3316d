"""Event streams of a real web server: who hears what, and what they cost others."""

import json
import signal
import threading
from typing import Any

import pytest
import requests

from core.words import AlertKind, Role
from server.onlookers import MOST, OF_ONE_LOG_IN
from tests.support.make import PASSWORD, Make
from tests.support.phone import Phone
from tests.support.premises import Premises, until
from tests.support.street import Street
from tests.worker.test_lanes import Phone as HttpPhone

FIFTY = 50
DEVICE = "00000000-0000-4000-8000-00000000000"


class Listener:
    """A client of the stream that keeps what it hears, until the stream ends."""

    def __init__(self, premises: Premises, token: str, **headers: str) -> None:
        self.response = requests.get(
            f"{premises.base}/v1/alerts/stream",
            headers={"Authorization": f"Bearer {token}", **headers},
            stream=True,
            timeout=60,
        )
        self.heard: list[dict[str, Any]] = []
        self.ended = threading.Event()
        threading.Thread(target=self._listen, daemon=True).start()

    def _listen(self) -> None:
        event: dict[str, Any] = {}
        try:
            for line in self.response.iter_lines(1, decode_unicode=True):
                name, _, value = line.partition(": ")
                if line:
                    event[name] = value
                elif event:
                    self.heard.append(event)
                    event = {}
        except requests.RequestException:
            pass
        self.ended.set()

    @property
    def alerts(self) -> set[str]:
        """The ids of the alerts that changed."""
        named = [one["data"] for one in self.heard if one.get("event") == "alert"]
        return {json.loads(data)["alert_id"] for data in named}


@pytest.fixture
def street(premises: Premises, session) -> Street:
    return Street(Make(session, premises.clock), premises.database)


def token(premises: Premises, street: Street, user: Any, number: int = 1) -> str:
    """The access token of a log-in over HTTP."""
    body = {"organisation": street.organisation.slug, "login": user.login}
    body |= {"password": PASSWORD, "device_id": f"{DEVICE}{number}"}
    answer = requests.post(f"{premises.base}/v1/auth/login", json=body, timeout=60)
    return answer.json()["access_token"]


def listen(premises: Premises, street: Street, user: Any, **headers: str) -> Listener:
    """Looks on, and has been told to read everything first."""
    listener = Listener(premises, token(premises, street, user), **headers)
    assert listener.response.status_code == 200
    until("the first event", lambda: listener.heard)
    assert listener.heard[0]["event"] == "reload"
    return listener


def test_who_may_see_an_alert_hears_of_it_and_nobody_else(
    premises: Premises, street: Street
):
    other = street.make.organisation()
    stranger = street.make.user(other, Role.SAFETY_OFFICER)
    admin = street.make.user(street.organisation, Role.ADMIN)
    street.session.commit()
    premises.start("web")
    officer = listen(premises, street, street.officer, **{"Accept-Encoding": "gzip"})
    assert officer.response.headers["Content-Type"] == "text/event-stream"
    assert "Content-Encoding" not in officer.response.headers
    untold = listen(premises, street, admin)
    elsewhere = token_of(premises, other.slug, stranger)
    deaf = Listener(premises, elsewhere)
    Phone(street.make, street.chen).sos()
    street.session.commit()
    [alert] = street.alerts(AlertKind.SOS)
    street.session.commit()
    until("the officer hears", lambda: officer.alerts == {str(alert.id)})
    last = [one for one in officer.heard if "id" in one][-1]["id"]
    again = Listener(
        premises, token(premises, street, street.officer, 2), **{"Last-Event-ID": last}
    )
    until("resumed", lambda: again.alerts == {str(alert.id)})
    assert all(one["event"] == "alert" for one in again.heard if "event" in one)
    assert untold.alerts == deaf.alerts == set()


def token_of(premises: Premises, slug: str, user: Any) -> str:
    """The same in another organisation."""
    body = {"organisation": slug, "login": user.login, "password": PASSWORD}
    url = f"{premises.base}/v1/auth/login"
    answer = requests.post(url, json=body | {"device_id": f"{DEVICE}9"}, timeout=60)
    return answer.json()["access_token"]


def test_a_stream_ends_with_its_log_in_and_with_the_server(
    premises: Premises, street: Street
):
    web = premises.start("web")
    out = token(premises, street, street.officer)
    ending = Listener(premises, out)
    staying = listen(premises, street, street.dispatcher)
    headers = {"Authorization": f"Bearer {out}"}
    url = f"{premises.base}/v1/auth/logout"
    assert requests.post(url, headers=headers, timeout=60).ok
    assert ending.ended.wait(20)
    assert not staying.ended.is_set()
    web.signal(signal.SIGTERM)
    assert web.ends() == 0
    assert staying.ended.wait(20)


def test_streams_take_no_thread_of_anybody_else(premises: Premises, street: Street):
    phone = HttpPhone(premises, street)
    premises.start("web")
    tokens = [
        token(premises, street, user, number)
        for user in (street.officer, street.dispatcher, street.second_officer)
        for number in range(1, 6)
    ]
    listeners = [
        Listener(premises, one) for one in tokens for _ in range(OF_ONE_LOG_IN)
    ][:FIFTY]
    until("all look on", lambda: all(one.heard for one in listeners))
    phone.sos_within(2)
    assert premises.status("/healthz") == 200
    until("all hear", lambda: all(one.alerts for one in listeners))


def test_the_oldest_stream_of_a_log_in_makes_room_for_the_next(
    premises: Premises, street: Street
):
    premises.start("web")
    one_token = token(premises, street, street.officer)
    streams = [Listener(premises, one_token) for _ in range(OF_ONE_LOG_IN + 1)]
    assert streams[0].ended.wait(20)
    assert not any(one.ended.is_set() for one in streams[1:])
    assert MOST > FIFTY
